import type { AgentTarget } from "#wire/targets-v1.ts";
import type { Inventory, Target } from "./inventory.ts";
import { fillMacros } from "./macros.ts";
import { createPrivateCheck } from "./private-address.ts";
import { toProbe } from "./probe.ts";
import { readTemplate } from "./templates.ts";
import type { Template } from "./templates.ts";
import { createTree } from "./tree.ts";
import type { Tree } from "./tree.ts";
import type { Entry } from "./yaml-entry.ts";
import { allLinksOf } from "./validity.ts";

/** Most targets of one site: what an agent accepts in its configuration. */
const targetsPerSite = 2_000;
/**
 * Most that the agent of one site is asked for in a second: echo requests, and rounds of the other kinds. A set-top box
 * behind a satellite does a hundredth of it.
 */
const perSecond = { icmp: 2_000, others: 200 } as const;

/**
 * Makes the targets of the inventory (which has none yet) from the templates, in the order of the file: `targets` are
 * measured, and `allTargets` has as well what tests a link that has ended or is to come.
 */
export function readTargets(
  entries: readonly Entry[],
  inventory: Inventory,
): Required<Pick<Inventory, "targets" | "allTargets">> {
  const allTargets: Target[] = [];
  const around = { inventory, tree: createTree(inventory), isPrivateHost: createPrivateCheck() };
  const made = new Map<string, { target: Target; line: number }>();
  const counts = new Map<string, number>();
  const rates = new Map<string, number>();
  for (const entry of entries) {
    const template = readTemplate(entry, inventory);
    if (template === null) continue;
    for (const target of expand(template, around)) {
      allTargets.push(target);
      // What tests a link alone is measured as long as there is that link.
      if (target.link !== null && !inventory.links.has(target.link)) continue;
      const earlier = made.get(target.key);
      if (earlier !== undefined) {
        entry.refuse("id", `another id: line ${earlier.line} makes ${target.key} already`);
        break;
      }
      const count = (counts.get(target.site) ?? 0) + 1;
      if (count === targetsPerSite + 1) {
        entry.refuse("id", `at most ${targetsPerSite} targets for ${target.site}`);
      }
      counts.set(target.site, count);
      if (isTooMuch(target, rates)) {
        const [allowed, what] =
          target.probe.kind === "icmp"
            ? [perSecond.icmp, "echo requests (count / intervalS)"]
            : [perSecond.others, "rounds of kinds other than icmp"];
        entry.refuse("intervalS", `at most ${allowed} ${what} a second for all targets of ${target.site}`);
        break;
      }
      made.set(target.key, { target, line: entry.line });
    }
  }
  return { targets: new Map([...made].map(([key, { target }]) => [key, target])), allTargets };
}

/** Adds the target to what its site measures in a second; true when that is beyond what an agent is asked for. */
function isTooMuch({ site, probe }: Target, rates: Map<string, number>): boolean {
  const isIcmp = probe.kind === "icmp";
  const key = `${site} ${isIcmp ? "icmp" : "others"}`;
  const rate = (rates.get(key) ?? 0) + (isIcmp ? probe.count : 1) / probe.intervalS;
  rates.set(key, rate);
  return rate > (isIcmp ? perSecond.icmp : perSecond.others);
}

interface Surroundings {
  inventory: Inventory;
  tree: Tree;
  isPrivateHost: (host: string) => boolean;
}

/**
 * An agent stands inside a network that others do not see into. A service's check leads to private addresses only where
 * the inventory says that the service is there; devices, gateways and hubs are private by nature, and so is the resolver
 * that a name is asked of.
 */
function isWhereItMayBe(
  probe: AgentTarget,
  { entry, service }: Template,
  isPrivateHost: (host: string) => boolean,
): boolean {
  if (service === null || service.private) return true;
  const [field, host] = hostOf(probe);
  if (!isPrivateHost(host)) return true;
  // The url of the service itself is told of in its own file.
  if (field === "url" && entry.data.url === undefined) return true;
  const allowed = `an address that is public, or private: true at service ${service.id} in services.yaml`;
  entry.refuse(field, allowed, JSON.stringify(field === "url" ? entry.data.url : host));
  return false;
}

function hostOf(probe: AgentTarget): [field: string, host: string] {
  if (probe.kind === "http") return ["url", new URL(probe.url).hostname];
  return probe.kind === "dns" ? ["name", probe.name] : ["address", probe.address];
}

function* expand(template: Template, around: Surroundings): Generator<Target> {
  for (const site of template.sites) {
    const isFamily = template.of === "children";
    const watched = isFamily ? around.tree.childrenOf(site) : [template.of];
    for (const of of watched) {
      const id = isFamily ? `${template.id}-${of}` : template.id;
      const target = makeTarget(template, site, of, id, around);
      if (target !== null) yield target;
    }
  }
}

function makeTarget(
  template: Template,
  site: string,
  of: string | null,
  id: string,
  { inventory, tree, isPrivateHost }: Surroundings,
): Target | null {
  const { entry, role, link, service } = template;
  if (of === site) {
    entry.refuse("of", `another site than ${site}, which measures`);
    return null;
  }
  const owner = link === null ? undefined : allLinksOf(inventory).get(link)?.site;
  if (owner !== undefined && owner !== site && owner !== of) {
    entry.refuse("link", `a link of ${of === null ? site : `${site} or ${of}`}`);
    return null;
  }
  const addresses: Record<string, unknown> = {};
  for (const key of ["address", "resolver"]) {
    const value = entry.data[key];
    if (typeof value !== "string") {
      addresses[key] = value;
      continue;
    }
    const filled = fillMacros(value, { site, of, link }, inventory, tree);
    if (!filled.ok) {
      if (!template.skips) entry.refuse(key, filled.why);
      return null;
    }
    addresses[key] = filled.text;
  }
  const probe = toProbe(template, site, id, addresses);
  if (probe === null || !isWhereItMayBe(probe, template, isPrivateHost)) return null;
  return { key: `${site}/${id}`, site, role, of, link, service: service?.id ?? null, probe };
}
