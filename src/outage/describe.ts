import type { Service } from "../inventory/inventory.ts";
import type { Tree } from "../inventory/tree.ts";
import type { Broke, EventEvidence } from "./evidence.ts";
import type { Judgements } from "./judgement.ts";
import { describeOwnWord } from "./own-word.ts";
import { stepsWithin, toldWithin } from "./seek.ts";
import type { ServiceView } from "./services.ts";
import type { Signal } from "./signal.ts";
import type { Named, SiteSignals } from "./site-path.ts";
import type { Step } from "./steps.ts";
import type { EvidenceItem } from "./table.ts";

/** How long after an outage a start of the machine still tells of it, ms. */
const rebootWithinMs = 10 * 60_000;

/**
 * The statements that a site's outage rests on, in a fixed order. While it lasts they carry no figures, since a count that
 * grows with each round would make a revision of each. `events` are the site's own.
 */
export function describeOutage(
  site: SiteSignals,
  startMs: number,
  endMs: number,
  open: boolean,
  judged: Judgements,
  tree: Tree,
  events: readonly EventEvidence[],
): EvidenceItem[] {
  const items: EvidenceItem[] = [];
  const tell = (named: readonly Named[], name: (role: string) => string) => {
    for (const { target, steps } of named) {
      const seen = secondsOf(steps, startMs, endMs, (signal) => !signal.carried);
      if (!isTelling(seen.allS, target.intervalMs, startMs, endMs)) continue;
      const silent = seen.badS * 2 > seen.allS;
      const phase = silent ? phaseOf(steps, startMs, endMs) : null;
      const detail = {
        ...(phase === null ? {} : { phase }),
        ...(open ? {} : { silentS: seen.badS, measuredS: seen.allS }),
      };
      items.push({
        fact: `${name(target.role)}.${silent ? "silent" : "answers"}`,
        target: target.key,
        detail,
      });
    }
  };
  tell(site.gateway, () => "gateway");
  tell(site.hub, () => "hub");
  tell(
    site.outsideTargets.filter((one) => !site.hub.includes(one)),
    (role) => (role === "service" ? "outside" : role),
  );
  if (!heardWithin(site, startMs, endMs)) items.push({ fact: "agent.silent", target: null, detail: {} });
  tell(site.witnesses, () => "witness");
  const parent = tree.parentOf(site.code);
  if (parent !== null) {
    if (isMostlyDown(judged.get(parent) ?? [], startMs, endMs))
      items.push({ fact: "parent.down", target: null, detail: { site: parent } });
    items.push(...describeSiblings(site.code, parent, startMs, endMs, judged, tree));
  }
  items.push(...describeOwnWord(events, startMs, endMs));
  const reboot = toldWithin(events, startMs, endMs + rebootWithinMs).find(
    ({ type, detail }) => type === "agent.start" && detail.hostBootChanged === true,
  );
  if (reboot !== undefined)
    items.push({ fact: "host.rebooted", target: null, detail: { timeMs: Math.round(reboot.timeMs) } });
  return items;
}

/** The statements that a service's outage rests on: where the check broke, and how it stood elsewhere. */
export function describeServiceOutage(
  view: ServiceView,
  startMs: number,
  endMs: number,
  open: boolean,
  all: readonly ServiceView[],
  service: Service,
): EvidenceItem[] {
  const items: EvidenceItem[] = [];
  const phase = phaseOf(view.steps, startMs, endMs);
  for (const target of view.targets) {
    items.push({
      fact: "service.phase",
      target: target.key,
      detail: { phase, ...(open ? {} : { durationS: (endMs - startMs) / 1000 }) },
    });
  }
  const elsewhere = all.filter(
    (other) =>
      other.service === view.service && other.site !== view.site && isKnown(other.steps, startMs, endMs),
  );
  const control = elsewhere.find((other) => other.site === service.control);
  if (control !== undefined) {
    items.push({
      fact: isMostlyDown(control.steps, startMs, endMs) ? "service.control.failed" : "service.control.ok",
      target: null,
      detail: { site: control.site },
    });
  }
  const rest = elsewhere.filter((other) => other !== control);
  const failing = rest.filter((other) => isMostlyDown(other.steps, startMs, endMs)).length;
  if (failing > 0)
    items.push({
      fact: "service.elsewhere.failed",
      target: null,
      detail: { sites: failing, of: rest.length },
    });
  else if (rest.length > 0)
    items.push({ fact: "service.elsewhere.ok", target: null, detail: { of: rest.length } });
  return items;
}

function describeSiblings(
  code: string,
  parent: string,
  startMs: number,
  endMs: number,
  judged: Judgements,
  tree: Tree,
): EvidenceItem[] {
  const siblings = tree
    .childrenOf(parent)
    .filter((sibling) => sibling !== code && isKnown(judged.get(sibling) ?? [], startMs, endMs));
  if (siblings.length === 0) return [];
  const cut = siblings.filter((sibling) => isMostlyDown(judged.get(sibling) ?? [], startMs, endMs)).length;
  return [
    {
      fact: cut > 0 ? "siblings.cut" : "siblings.up",
      target: null,
      detail: cut > 0 ? { cut, of: siblings.length } : { of: siblings.length },
    },
  ];
}

function heardWithin(site: SiteSignals, startMs: number, endMs: number): boolean {
  return [...site.gateway, ...site.hub, ...site.outsideTargets].some(({ target, steps }) => {
    const { allS } = secondsOf(steps, startMs, endMs, (signal) => !signal.carried);
    return isTelling(allS, target.intervalMs, startMs, endMs);
  });
}

/** Two rounds, or half of a short outage: less is the edge of what was before or after. */
function isTelling(measuredS: number, intervalMs: number, startMs: number, endMs: number): boolean {
  return measuredS > 0 && measuredS * 1000 >= Math.min(2 * intervalMs, (endMs - startMs) / 2);
}

/** Whether anything is held of it in that time. One of which nobody knew is no witness, neither for nor against. */
function isKnown(
  steps: readonly Step<{ state: "up" | "down" | "unknown" }>[],
  startMs: number,
  endMs: number,
): boolean {
  return stepsWithin(steps, startMs, endMs).some(({ value }) => value.state !== "unknown");
}

function isMostlyDown(
  steps: readonly Step<{ state: "up" | "down" | "unknown" }>[],
  startMs: number,
  endMs: number,
): boolean {
  let downMs = 0;
  for (const step of stepsWithin(steps, startMs, endMs))
    if (step.value.state === "down") downMs += overlapMs(step, startMs, endMs);
  return downMs * 2 > endMs - startMs;
}

function secondsOf(
  steps: readonly Step<Signal>[],
  startMs: number,
  endMs: number,
  counts: (signal: Signal) => boolean,
): { allS: number; badS: number } {
  let allMs = 0;
  let badMs = 0;
  for (const step of stepsWithin(steps, startMs, endMs)) {
    const shared = counts(step.value) ? overlapMs(step, startMs, endMs) : 0;
    allMs += shared;
    if (!step.value.good) badMs += shared;
  }
  return { allS: allMs / 1000, badS: badMs / 1000 };
}

/** Where the check broke at first. */
function phaseOf(
  steps: readonly Step<{ phase: Broke | null }>[],
  startMs: number,
  endMs: number,
): Broke | null {
  return stepsWithin(steps, startMs, endMs).find(({ value }) => value.phase !== null)?.value.phase ?? null;
}

function overlapMs(step: { startMs: number; endMs: number }, startMs: number, endMs: number): number {
  return Math.max(0, Math.min(step.endMs, endMs) - Math.max(step.startMs, startMs));
}
