import type { Link } from "../inventory/inventory.ts";
import type { Tree } from "../inventory/tree.ts";
import { firstRoundMs } from "./evidence.ts";
import type { Evidence, TargetEvidence } from "./evidence.ts";
import { chooseOutside } from "./outside.ts";
import { chooseProofs, heedPassed } from "./passed.ts";
import { signalOf } from "./signal.ts";
import type { DetectOptions, Signal } from "./signal.ts";
import { overlay } from "./steps.ts";
import type { Step } from "./steps.ts";

/** Everything that is known of one site's way to the world, each as steps over time. */
export interface SiteSignals {
  code: string;
  gateway: Named[];
  /** Of its primary link. */
  hub: Named[];
  /** Those of its targets beyond itself that test one link of it, whichever. */
  bound: Named[];
  /** Whether anything beyond the hub answers: NOC and public anchors; without them the hub, without that the services. Checks that pass count beside them. */
  outside: Step<Signal>[];
  outsideTargets: Named[];
  /** The public addresses among them. */
  anchors: Named[];
  /** What others see of the site's gateway. */
  witnesses: Named[];
  /** Start of the last round of the site's own agent; null: never heard. */
  lastHeardMs: number | null;
  /** Shortest interval of the agent's own targets; 0 without any. */
  shortestIntervalMs: number;
  /** Start of the first round of or about the site. */
  firstMs: number | null;
}

export interface Named {
  target: TargetEvidence;
  steps: Step<Signal>[];
}

/** Sorts the evidence by the site it tells of. */
export function readSignals(
  evidence: Evidence,
  tree: Tree,
  options: DetectOptions,
): Map<string, SiteSignals> {
  const targets = [...evidence.targets].sort((a, b) => (a.key < b.key ? -1 : 1));
  const own = Map.groupBy(targets, (target) => target.vantage);
  const about = Map.groupBy(
    targets.filter((target) => target.role === "site"),
    (target) => target.of ?? "",
  );
  return new Map(
    tree.order.map(({ code }) => [
      code,
      readSite(code, own.get(code) ?? [], about.get(code) ?? [], tree, evidence, options),
    ]),
  );
}

function readSite(
  code: string,
  own: readonly TargetEvidence[],
  about: readonly TargetEvidence[],
  tree: Tree,
  evidence: Evidence,
  options: DetectOptions,
): SiteSignals {
  const { nowMs } = evidence;
  const named = (targets: readonly TargetEvidence[]): Named[] =>
    targets
      .filter((target) => firstRoundMs(target) !== null && target.answeredMs !== null)
      .map((target) => ({ target, steps: signalOf(target, "path", nowMs, options) }));
  const ownNamed = named(own);
  const ofRole = (...roles: TargetEvidence["role"][]) =>
    ownNamed.filter(({ target }) => roles.includes(target.role));
  const links = tree.linksOf(code);
  const hubs = ofRole("hub");
  const hub = hubs.filter(({ target }) => target.link === null || target.link === links[0]?.id);
  const outside = new Set(chooseOutside(own, tree.parentOf(code), tree));
  const outsideTargets = ownNamed.filter(({ target }) => outside.has(target));
  const spoken = own.flatMap((target) => target.runs.map((run) => run.lastMs));
  const witnesses = named(about);
  // A site that no agent measures at and that has never answered others is planned, and not cut off.
  const begun = [
    ...own.flatMap((target) => firstRoundMs(target) ?? []),
    ...witnesses.map(({ target }) => target.answeredMs ?? firstRoundMs(target)!),
  ];
  const shortestIntervalMs =
    own.length === 0 ? 0 : own.map((target) => target.intervalMs).reduce((a, b) => Math.min(a, b));
  return {
    code,
    gateway: ofRole("gateway"),
    hub,
    bound: [...ofRole("noc", "anchor"), ...hubs, ...ofRole("service")].filter(
      ({ target }) => target.link !== null,
    ),
    outside: heedPassed(
      anyWay(outsideTargets, links, evidence),
      chooseProofs(own, [...outside]),
      tree.parentOf(code) === null,
      shortestIntervalMs,
    ),
    outsideTargets,
    anchors: outsideTargets.filter(({ target }) => target.role === "anchor"),
    witnesses,
    lastHeardMs: spoken.length === 0 ? null : spoken.reduce((a, b) => Math.max(a, b)),
    shortestIntervalMs,
    firstMs: begun.length === 0 ? null : begun.reduce((a, b) => Math.min(a, b)),
  };
}

/** Whether nothing but services stands for the world beyond a site: then a dead service and a dead link look alike. */
export function knowsServicesAlone({ outsideTargets }: SiteSignals): boolean {
  return outsideTargets.every(({ target }) => target.role === "service");
}

/** Where some link of a site is not tested, silence leaves open whether it carries the site: then only what is good is told. */
export function anyWay(
  targets: readonly Named[],
  links: readonly Link[],
  { fromMs, nowMs }: Pick<Evidence, "fromMs" | "nowMs">,
): Step<Signal>[] {
  const steps = anyGood(targets, fromMs, nowMs);
  return speaksForAll(targets, links) ? steps : steps.filter(({ value }) => value.good);
}

/** Whether nothing is left when all of them are silent: each of the site's links is tested, or whichever is in use. */
function speaksForAll(targets: readonly Named[], links: readonly Link[]): boolean {
  if (links.length < 2 || targets.some(({ target }) => target.link === null)) return true;
  return links.every(({ id }) => targets.some(({ target }) => target.link === id));
}

/**
 * Good where any target is, measured before carried; bad where all that speak are. One that was tried on the way says more
 * than one to which this machine had no route.
 */
export function anyGood(targets: readonly Named[], fromMs: number, nowMs: number): Step<Signal>[] {
  const steps = overlay(
    targets.map(({ steps: list }) => list),
    fromMs,
    nowMs,
    (values) => {
      const spoken = values.filter((value) => value !== undefined);
      const measured = spoken.filter((value) => !value.carried);
      const heard = measured.length > 0 ? measured : spoken;
      return heard.find(({ good }) => good) ?? heard.find(({ phase }) => phase !== "route") ?? heard[0];
    },
    (a, b) => a?.good === b?.good && a?.carried === b?.carried && a?.phase === b?.phase,
  );
  return steps.filter((step): step is Step<Signal> => step.value !== undefined);
}
