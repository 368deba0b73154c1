import type { Service } from "../inventory/inventory.ts";
import type { Tree } from "../inventory/tree.ts";
import { alongSite } from "./along.ts";
import { sharpenEdges } from "./edges.ts";
import { firstRoundMs } from "./evidence.ts";
import type { Broke, Evidence, TargetEvidence } from "./evidence.ts";
import type { Judgement, Judgements } from "./judgement.ts";
import { readResolvers } from "./resolvers.ts";
import { signalOf, wholeSecond } from "./signal.ts";
import type { DetectOptions, Signal } from "./signal.ts";
import { anyGood, knowsServicesAlone } from "./site-path.ts";
import type { SiteSignals } from "./site-path.ts";
import { absorbSlivers, joinSteps, overlay } from "./steps.ts";
import type { Step } from "./steps.ts";
import type { Cause, Confidence } from "./table.ts";
import { tally } from "./tally.ts";
import type { Tally } from "./tally.ts";

/** What is held of a service as seen from a site. */
export interface ServiceJudgement {
  state: "up" | "down" | "unknown";
  cause: Cause | null;
  confidence: Confidence;
  root: string | null;
  /** Down because of the site's own outage, which has a row of its own. */
  bySite: boolean;
  phase: Broke | null;
}

export interface ServiceView {
  site: string;
  service: string;
  steps: Step<ServiceJudgement>[];
  targets: TargetEvidence[];
}

const up: ServiceJudgement = {
  state: "up",
  cause: null,
  confidence: "high",
  root: null,
  bySite: false,
  phase: null,
};
const unknown: ServiceJudgement = {
  state: "unknown",
  cause: null,
  confidence: "high",
  root: null,
  bySite: false,
  phase: null,
};

/** Judges each service from each site that checks it, given how the sites themselves stand. */
export function judgeServices(
  evidence: Evidence,
  services: Iterable<Service>,
  signals: ReadonlyMap<string, SiteSignals>,
  judged: Judgements,
  tree: Tree,
  options: DetectOptions,
): ServiceView[] {
  const views: ServiceView[] = [];
  for (const service of services) {
    const checks = tree.order
      .map(({ code }) => ({ site: code, ...readChecks(evidence, code, service.id, options) }))
      .map((check) => ({
        ...check,
        steps: alongSite(check.steps, check.targets, judged.get(check.site) ?? []),
      }))
      .filter(({ targets }) => targets.length > 0);
    const control = checks.find(({ site }) => site === service.control);
    const elsewhere = tally(
      checks.filter((check) => check !== control).map((check) => ableSteps(check, judged, evidence)),
    );
    const isNameless = ({ good, phase }: Signal) => !good && phase === "dns";
    const resolvers = readResolvers(
      new Map(checks.map((check) => [check.site, ableSteps(check, judged, evidence, isNameless)])),
      tree,
      evidence,
    );
    for (const check of checks) {
      views.push({
        site: check.site,
        service: service.id,
        targets: check.targets,
        steps: judgeService(
          service,
          check,
          control,
          elsewhere,
          resolvers(check.site),
          knowsServicesAlone(signals.get(check.site)!),
          judged,
          evidence,
          options,
        ),
      });
    }
  }
  sharpenEdges<ServiceJudgement>(
    views.map(({ steps, targets }) => ({
      steps,
      targets,
      isGood: ({ verdict }) => verdict === "ok",
      // What the site's own outage takes along ends with that.
      isTold: ({ cause, bySite }) => cause === "service" && !bySite,
    })),
    options.poolsEdges,
  );
  return views;
}

interface Checks {
  site: string;
  targets: TargetEvidence[];
  steps: readonly Step<Signal>[];
}

/** The HTTP checks of a service decide; where there are none, its name look-ups and ports do. */
function readChecks(
  evidence: Evidence,
  site: string,
  service: string,
  options: DetectOptions,
): Omit<Checks, "site"> {
  const all = evidence.targets
    .filter(
      (target) =>
        target.vantage === site &&
        target.role === "service" &&
        target.service === service &&
        firstRoundMs(target) !== null,
    )
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const http = all.filter((target) => target.kind === "http");
  const steps = (targets: readonly TargetEvidence[]) =>
    anyGood(
      targets.map((target) => ({ target, steps: signalOf(target, "service", evidence.nowMs, options) })),
      evidence.fromMs,
      evidence.nowMs,
    );
  const names = all.filter((target) => target.kind !== "http");
  const inForce = http.filter((target) => target.retired !== true);
  if (inForce.length > 0 && names.length === 0) return { targets: http, steps: steps(http) };
  // Checks that were added later, or taken out, decide for their own time; names stand in for the rest.
  const decideFromMs = inForce
    .map((target) => wholeSecond(firstRoundMs(target)!))
    .reduce((a, b) => Math.min(a, b), Infinity);
  return {
    targets: inForce.length > 0 ? http : all,
    steps: layer(steps(http), steps(names), decideFromMs, evidence),
  };
}

/** The checks where they spoke, the names elsewhere; from `decideFromMs` on the checks alone. */
function layer(
  checks: Step<Signal>[],
  names: Step<Signal>[],
  decideFromMs: number,
  { fromMs, nowMs }: Evidence,
): Step<Signal>[] {
  const boundary: Step<Signal>[] =
    decideFromMs < Infinity ? [{ startMs: decideFromMs, endMs: nowMs, value: silent }] : [];
  const layered = overlay(
    [checks, names, boundary],
    fromMs,
    nowMs,
    ([check, name, decided]) =>
      decided !== undefined ? check : check === undefined || check.carried ? (name ?? check) : check,
    (a, b) => a?.good === b?.good && a?.carried === b?.carried && a?.phase === b?.phase,
  );
  return layered.filter((step): step is Step<Signal> => step.value !== undefined);
}

/** Marks a stretch; what it says is never read. */
const silent: Signal = { good: true, phase: null, carried: true, rounds: 0 };

function judgeService(
  service: Service,
  check: Checks,
  control: Checks | undefined,
  elsewhere: readonly Step<Tally>[],
  resolver: readonly Step<string>[],
  servicesAlone: boolean,
  judged: Judgements,
  evidence: Evidence,
  { badRounds }: DetectOptions,
): Step<ServiceJudgement>[] {
  const siteSteps = judged.get(check.site) ?? [];
  const controlSite = judged.get(service.control) ?? [];
  const lists: (readonly Step<Signal | Judgement | Tally | string>[])[] = [
    check.steps,
    siteSteps,
    control?.steps ?? [],
    controlSite,
    elsewhere,
    resolver,
  ];
  const firstMs = check.targets.map((target) => firstRoundMs(target)!).reduce((a, b) => Math.min(a, b));
  const steps = overlay(
    lists,
    Math.max(evidence.fromMs, Math.floor(firstMs / 1000) * 1000),
    evidence.nowMs,
    ([own, site, controlSignal, controlAt, others, resolverAt]) =>
      judgeServiceMoment(
        {
          own: own as Signal | undefined,
          site: site as Judgement | undefined,
          control: controlSignal as Signal | undefined,
          controlSite: controlAt as Judgement | undefined,
          others: (others as Tally | undefined) ?? { able: 0, failing: 0 },
          resolver: resolverAt as string | undefined,
          servicesAlone,
        },
        service,
        check.site,
      ),
    same,
  );
  const intervalMs = check.targets.map((target) => target.intervalMs).reduce((a, b) => Math.max(a, b));
  const settled = dropLoneChecks(steps, (badRounds - 0.5) * intervalMs);
  return absorbSlivers(settled, 2 * intervalMs, mayAbsorb, same);
}

/**
 * A check that failed alone beside the site's own outage is weather, as anywhere else: fewer than `badRounds` of them last no
 * longer than `mostMs`, half an interval less than that many.
 */
function dropLoneChecks(steps: readonly Step<ServiceJudgement>[], mostMs: number): Step<ServiceJudgement>[] {
  const isBeside = (at: number, other: number) => {
    const [one, two] = [steps[Math.min(at, other)], steps[Math.max(at, other)]];
    return steps[other]?.value.bySite === true && one!.endMs === two!.startMs;
  };
  return joinSteps(
    steps.map((step, index) => {
      const { state, bySite, cause } = step.value;
      const isAlone = state === "down" && !bySite && (cause === "unknown" || cause === "dns");
      if (!isAlone || step.endMs - step.startMs > mostMs) return step;
      return isBeside(index, index - 1) || isBeside(index, index + 1) ? { ...step, value: up } : step;
    }),
    same,
  );
}

interface Moment {
  own: Signal | undefined;
  site: Judgement | undefined;
  control: Signal | undefined;
  controlSite: Judgement | undefined;
  /** All places but the control vantage. */
  others: Tally;
  /** Site whose resolver gives this place and its neighbours no names; undefined: no other place has the same trouble. */
  resolver: string | undefined;
  /** The site measures nothing beyond itself but services. */
  servicesAlone: boolean;
}

/**
 * design.md §6: what the control vantage and most of the others saw fail is the service's; the rest of a failed stretch
 * goes by the site's own outage; what is left broke between the site and the service. Where the control vantage is itself cut off from the
 * world its check says nothing, and whoever's path leads through it fails with it.
 */
export function judgeServiceMoment(moment: Moment, service: Service, site: string): ServiceJudgement {
  const { own, site: siteAt, control, controlSite } = moment;
  const cutOff = siteAt?.state === "down";
  if (own === undefined && !cutOff) return unknown;
  if (own?.good === true && !(own.carried && cutOff)) return up;
  const phase = own?.phase ?? null;
  const controlCutOff = controlSite?.state === "down";
  // Names that fail everywhere are the service's zone; names that fail at the control vantage alone, its resolver, of
  // which a place that is cut off knows nothing: there its own cause stands.
  const isResolver = (control?.phase ?? phase) === "dns" && !mostOthersFail(moment);
  if (!controlCutOff && isServicesOwn(moment) && !(isResolver && cutOff)) {
    const cause = isResolver ? "dns" : "service";
    const isOnlyWitness = site === service.control && moment.others.able === 0;
    // A resolver may answer from memory: that a name is known and no connection comes about proves neither side's fault.
    if (isOnlyWitness && moment.servicesAlone && (phase === "connect" || phase === "timeout")) {
      return { state: "down", cause: "unknown", confidence: "low", root: site, bySite: false, phase };
    }
    // Names that fail at the control vantage and at some others may yet fail everywhere.
    const isOpen = cause === "dns" && moment.others.failing > 0;
    const confidence = isOnlyWitness || isOpen ? "medium" : "high";
    return { state: "down", cause, confidence, root: `service:${service.id}`, bySite: false, phase };
  }
  if (cutOff)
    return {
      state: "down",
      cause: siteAt.cause,
      confidence: siteAt.confidence,
      root: siteAt.root,
      bySite: true,
      phase,
    };
  if (controlCutOff && site !== service.control) {
    return {
      state: "down",
      cause: "backhaul",
      confidence: "medium",
      root: controlSite.root,
      bySite: false,
      phase,
    };
  }
  if (phase === "dns") {
    const root = moment.resolver ?? site;
    return { state: "down", cause: "dns", confidence: "medium", root, bySite: false, phase };
  }
  return { state: "down", cause: "unknown", confidence: "low", root: site, bySite: false, phase };
}

/**
 * The control vantage sees it fail, and is not alone with that: where at least two others can tell and no more than half of
 * them do, it is the way from those that fail (methods.md §D7: not that our own centre could not reach it). Without a word
 * from the control the others decide by themselves.
 */
function isServicesOwn(moment: Moment): boolean {
  const { control, others } = moment;
  if (control === undefined) return mostOthersFail(moment);
  return !control.good && (others.able < 2 || mostOthersFail(moment));
}

/** At least two sites beside the control vantage that are not cut off, and more than half of them, see it fail. */
function mostOthersFail({ others }: Moment): boolean {
  return others.failing >= 2 && others.failing * 2 > others.able;
}

/** Where a place could check, being connected itself, and what it saw. */
function ableSteps(
  check: Checks,
  judged: Judgements,
  evidence: Evidence,
  isFailing: (own: Signal) => boolean = ({ good }) => !good,
): Step<{ failing: boolean }>[] {
  const lists: (readonly Step<Signal | Judgement>[])[] = [check.steps, judged.get(check.site) ?? []];
  const steps = overlay(
    lists,
    evidence.fromMs,
    evidence.nowMs,
    ([own, site]) =>
      isAble(own as Signal | undefined, site as Judgement | undefined) && {
        failing: isFailing(own as Signal),
      },
    (a, b) => (a === false ? b === false : b !== false && a.failing === b.failing),
  );
  return steps.filter((step): step is Step<{ failing: boolean }> => step.value !== false);
}

function isAble(own: Signal | undefined, site: Judgement | undefined): own is Signal {
  return own !== undefined && site?.state !== "down";
}

function same(a: ServiceJudgement, b: ServiceJudgement): boolean {
  return (
    a.state === b.state &&
    a.cause === b.cause &&
    a.root === b.root &&
    a.bySite === b.bySite &&
    a.phase === b.phase &&
    a.confidence === b.confidence
  );
}

/** What is explained is not made unexplained by a longer neighbour of which nobody knows the reason. */
function mayAbsorb(sliver: ServiceJudgement, neighbour: ServiceJudgement): boolean {
  return sliver.state === neighbour.state && (neighbour.cause !== "unknown" || sliver.cause === "unknown");
}
