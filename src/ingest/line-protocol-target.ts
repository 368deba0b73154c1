import type { Kind } from "#wire/rounds-v1.ts";
import type { AgentTarget } from "#wire/targets-v1.ts";
import { configFor } from "../inventory/config-for.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { LineError } from "./line-protocol.ts";
import type { Point } from "./line-protocol.ts";

/*
 * Which target of the site a line tells of:
 *
 *   tag target=<id>        that one, whatever the measurement is called; what our generated configuration sets
 *   ping,url=<address>     the icmp target with that address
 *   dns_query,domain=<name>,server=<address>,record_type=<type>   the dns target that asks this
 *   agent_host=<address> or source=<address>   the snmp target with that address, in any measurement
 *
 * Without the tag `target` there has to be exactly one such target.
 */

/** Kinds of rounds that can be told truly from what Telegraf reports. */
export type TelegrafTarget = Extract<AgentTarget, { kind: "icmp" | "snmp" | "dns" }>;

export type FindTarget = (point: Point) => TelegrafTarget;

/** Looks up targets of a site; what is looked for is kept as long as the inventory stays. */
export function createTargetFinder(inventory: () => Inventory): (site: string) => FindTarget {
  let made: { inventory: Inventory; bySite: Map<string, FindTarget> } | null = null;
  return (site) => {
    const current = inventory();
    if (made === null || made.inventory !== current) made = { inventory: current, bySite: new Map() };
    const known = made.bySite.get(site);
    if (known !== undefined) return known;
    const find = finderOf(site, configFor(current, site));
    made.bySite.set(site, find);
    return find;
  };
}

function finderOf(site: string, targets: readonly AgentTarget[]): FindTarget {
  const byId = new Map(targets.map((target) => [target.id, target]));
  const byQuestion = Map.groupBy(targets, questionOf);
  return (point) => {
    const id = point.tags.get("target");
    if (id !== undefined) {
      const target = byId.get(id);
      if (target === undefined) throw new LineError(point.line, `target ${id} is none of site ${site}`);
      return asTelegraf(target, point.line);
    }
    const asked = questionIn(point);
    if (asked === null) {
      const told = `${point.measurement} is not taken here: expected ping, dns_query, what inputs.snmp makes, or the tag target`;
      throw new LineError(point.line, told);
    }
    const found = byQuestion.get(asked) ?? [];
    if (found.length === 1) return asTelegraf(found[0]!, point.line);
    const what = asked.replaceAll("\n", " ");
    throw new LineError(
      point.line,
      found.length === 0
        ? `no target of site ${site} is ${what}`
        : `${found.map((target) => target.id).join(", ")} are all ${what}: set the tag target`,
    );
  };
}

/** A target as its lines would name it without the tag. */
function questionOf(target: AgentTarget): string {
  switch (target.kind) {
    case "icmp":
    case "snmp":
      return `${target.kind}\n${target.address}`;
    case "dns":
      return `dns\n${target.name}\n${target.recordType}\n${target.resolver}`;
    default:
      return target.kind;
  }
}

function questionIn({ measurement, tags }: Point): string | null {
  if (measurement === "ping") return `icmp\n${tags.get("url")}`;
  if (measurement === "dns_query")
    return `dns\n${tags.get("domain")}\n${tags.get("record_type")}\n${tags.get("server")}`;
  const device = tags.get("agent_host") ?? tags.get("source");
  return device === undefined ? null : `snmp\n${device}`;
}

const takenKinds: readonly Kind[] = ["icmp", "snmp", "dns"];

function asTelegraf(target: AgentTarget, line: number): TelegrafTarget {
  if (takenKinds.includes(target.kind)) return target as TelegrafTarget;
  throw new LineError(line, `target ${target.id} is ${target.kind}, which Telegraf does not measure for us`);
}
