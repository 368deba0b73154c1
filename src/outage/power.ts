import type { Evidence, EventEvidence, TargetEvidence } from "./evidence.ts";
import type { Judgement } from "./judgement.ts";
import type { Signal } from "./signal.ts";
import { anyGood } from "./site-path.ts";
import type { SiteSignals } from "./site-path.ts";
import { wholeSecond } from "./signal.ts";
import { joinSteps } from "./steps.ts";
import type { Step } from "./steps.ts";

/*
 * Power cuts, told from the machine's own word once it is back: it began anew, nobody had stopped it, and in between it
 * took no round. Rows of methods.md §B3:
 *
 * | in the silence                                    | then                                                      |
 * | a device of the site started as well              | power, high                                               |
 * | others reached the site, or its devices ran on    | the agent's machine alone: nothing is known of the network |
 * | others did not reach it, or its UPS told of a cut | power, medium                                             |
 * | none of these, and it lasted 5 minutes or more    | power, low                                                |
 * | no word of a device, and the link is cut after it | link, low: one fault, of which the machine lost the beginning |
 */

/** Silence from which on a start that nobody asked for speaks for a cut of its own, ms (methods.md §B3). */
const longSilenceMs = 300_000;
/** How long after the machine's own start a device may answer for the first time, ms. */
const answersWithinMs = 10 * 60_000;
/** What the placing of a boot and the reading of an uptime may be wrong by together, ms. */
const slackMs = 30_000;
/** How long before the silence the UPS may tell that its mains are gone: as long as its battery lasts, ms. */
const batteryMs = 4 * 3_600_000;
/** Rounds of others that say something of the silence. */
const tellingRounds = 2;

interface Silence {
  /** Start of the last round before it and of the first one after it, epoch ms. */
  lastMs: number;
  nextMs: number;
}

interface SilenceContext {
  code: string;
  site: SiteSignals;
  /** What the site's own agent measures. */
  own: readonly TargetEvidence[];
  /** The site's own, in any order. */
  events: readonly EventEvidence[];
  fromMs: number;
  nowMs: number;
}

/** The site's steps with its power cuts in them. What is held for up by others' word stays. */
export function markPowerCuts(
  steps: readonly Step<Judgement>[],
  context: SilenceContext,
  alike: (a: Judgement, b: Judgement) => boolean,
): Step<Judgement>[] {
  const { code, site, own, events } = context;
  let marked = [...steps];
  for (const start of events.filter(isStartAfterCut)) {
    const silence = silenceBefore(own, start.timeMs);
    if (silence === null) continue;
    const confidence = weigh(silence, start, context);
    if (confidence === null) continue;
    const span = cutSpan(silence, start, site);
    const isLinks =
      confidence !== "high" && !saidOnBattery(events, silence) && isLinkCutAfter(steps, code, silence, site);
    const cut: Judgement = isLinks
      ? { state: "down", cause: "link", confidence: "low", root: code }
      : { state: "down", cause: "power", confidence, root: code };
    marked = lay(marked, cut, span);
    if (isLinks) marked = makeUnsure(marked, cut);
  }
  return joinSteps(marked, alike);
}

function isStartAfterCut({ type, detail }: EventEvidence): boolean {
  return type === "agent.start" && detail["hostBootChanged"] === true && detail["cleanStop"] === false;
}

/**
 * Starts of machines that tell of a silence which began before `sinceMs`, with its last round: what was judged without them
 * is to be judged again from there on.
 */
export function silencesFrom(
  { targets, events }: Pick<Evidence, "targets" | "events">,
  sinceMs: number,
): { start: EventEvidence; lastMs: number }[] {
  const starts = events.filter(isStartAfterCut);
  if (starts.length === 0) return [];
  const own = Map.groupBy(targets, ({ vantage }) => vantage);
  return starts.flatMap((start) => {
    const silence = silenceBefore(own.get(start.site) ?? [], start.timeMs);
    return silence === null || silence.lastMs >= sinceMs ? [] : [{ start, lastMs: silence.lastMs }];
  });
}

/**
 * The rounds around a start of the machine, by the targets that are asked most often: what is asked every five minutes goes
 * on through a cut that the others tell. null where there are none before or after it, or a run goes on through it.
 */
function silenceBefore(own: readonly TargetEvidence[], startMs: number): Silence | null {
  let lastMs = -Infinity;
  let nextMs = Infinity;
  for (const { runs, beforeMs } of swiftestAround(own, startMs)) {
    if (beforeMs !== undefined && beforeMs < startMs) lastMs = Math.max(lastMs, beforeMs);
    for (const run of runs) {
      if (run.firstMs < startMs && run.lastMs >= startMs) return null;
      if (run.lastMs < startMs) lastMs = Math.max(lastMs, run.lastMs);
      else nextMs = Math.min(nextMs, run.firstMs);
    }
  }
  return Number.isFinite(lastMs) && Number.isFinite(nextMs) ? { lastMs, nextMs } : null;
}

/** Of those that were asked before and after; all of them where what was asked changed meanwhile. */
function swiftestAround(own: readonly TargetEvidence[], startMs: number): readonly TargetEvidence[] {
  const around = own.filter(
    ({ runs, beforeMs }) =>
      runs.length > 0 && (beforeMs ?? runs[0]!.firstMs) < startMs && runs.at(-1)!.lastMs >= startMs,
  );
  const shortestMs = around.reduce((least, { intervalMs }) => Math.min(least, intervalMs), Infinity);
  return around.length === 0 ? own : around.filter(({ intervalMs }) => intervalMs === shortestMs);
}

function weigh(
  silence: Silence,
  start: EventEvidence,
  { site, events, fromMs, nowMs }: SilenceContext,
): Judgement["confidence"] | null {
  const { lastMs, nextMs } = silence;
  const starts = deviceStarts(events, start.timeMs, start.timeMs + answersWithinMs);
  if (starts.some((ms) => ms > lastMs - slackMs && ms < nextMs + slackMs)) return "high";
  const onBattery = saidOnBattery(events, silence);
  const seen = seenByOthers(site, silence, fromMs, nowMs);
  if (seen.good || (starts.length > 0 && !onBattery)) return null;
  if (seen.bad || onBattery) return "medium";
  return nextMs - lastMs >= longSilenceMs ? "low" : null;
}

/** Its UPS told of a cut. */
const saidOnBattery = (events: readonly EventEvidence[], { lastMs, nextMs }: Silence) =>
  events.some(
    ({ type, timeMs }) => type === "power.onBattery" && timeMs > lastMs - batteryMs && timeMs < nextMs,
  );

/** What goes on from a cut of low confidence is one outage with it, and no surer. */
function makeUnsure(steps: readonly Step<Judgement>[], cut: Judgement): Step<Judgement>[] {
  return steps.map((step, index) => {
    const before = steps[index - 1];
    const goesOn = before?.value === cut && before.endMs === step.startMs && step.value.cause === cut.cause;
    return goesOn ? { ...step, value: cut } : step;
  });
}

/** The machine came back to a link that was cut, and stayed so for longer than a router boots. */
function isLinkCutAfter(
  steps: readonly Step<Judgement>[],
  code: string,
  { nextMs }: Silence,
  { shortestIntervalMs }: SiteSignals,
): boolean {
  // The silence ends where its witnesses say so, a round later at most.
  const soonMs = nextMs + 2 * shortestIntervalMs;
  const after = steps.find(({ startMs, endMs }) => startMs <= soonMs && endMs > soonMs);
  if (after === undefined || after.endMs < nextMs + bootRounds * shortestIntervalMs) return false;
  return after.value.cause === "link" && after.value.root === code;
}

/** When the devices that told their uptime in [fromMs, toMs) had started, epoch ms. */
function deviceStarts(events: readonly EventEvidence[], fromMs: number, toMs: number): number[] {
  return events.flatMap((event) => {
    const startMs = deviceStartMs(event);
    return startMs !== null && event.timeMs >= fromMs && event.timeMs < toMs ? [startMs] : [];
  });
}

/** null: the event is not about a device's uptime. */
export function deviceStartMs({ type, timeMs, detail }: EventEvidence): number | null {
  const { uptimeS } = detail;
  const tells = type === "device.rebooted" || type === "device.uptime";
  return tells && typeof uptimeS === "number" ? timeMs - uptimeS * 1000 : null;
}

function seenByOthers(
  { witnesses }: SiteSignals,
  { lastMs, nextMs }: Silence,
  fromMs: number,
  nowMs: number,
): { good: boolean; bad: boolean } {
  const intervalMs = witnesses.reduce((least, { target }) => Math.min(least, target.intervalMs), Infinity);
  const steps = anyGood(witnesses, fromMs, nowMs).filter(({ value }) => !value.carried);
  const spentMs = (isGood: (signal: Signal) => boolean) =>
    steps
      .filter(({ value }) => value.phase !== "route" && isGood(value))
      .reduce(
        (sum, step) => sum + Math.max(0, Math.min(step.endMs, nextMs) - Math.max(step.startMs, lastMs)),
        0,
      );
  const tellingMs = tellingRounds * intervalMs;
  const badMs = spentMs(({ good }) => !good);
  // The edges of the cut are seen as good from elsewhere, by half a round each.
  return { good: spentMs(({ good }) => good) > badMs + tellingMs, bad: badMs >= tellingMs };
}

/** Rounds in which the router of a site may still be booting while its agent measures again. */
const bootRounds = 4;

/**
 * The cut begins midway between the last round and the one that did not come, and ends midway before the first one that got
 * out: the router may take longer to boot than the agent's machine. A machine that ran long before its agent did tells its
 * own start by its uptime.
 */
function cutSpan(
  { lastMs, nextMs }: Silence,
  start: EventEvidence,
  { outsideTargets, shortestIntervalMs }: SiteSignals,
): { startMs: number; endMs: number } {
  const latestMs = nextMs + bootRounds * shortestIntervalMs;
  const outMs = outsideTargets
    .flatMap(({ target }) => target.runs.filter(({ verdict }) => verdict !== "bad"))
    .map(({ firstMs }) => firstMs)
    .filter((ms) => ms >= nextMs && ms <= latestMs)
    .reduce((a, b) => Math.min(a, b), Infinity);
  const backMs = (outMs === Infinity ? nextMs : outMs) - shortestIntervalMs / 2;
  const { hostUptimeS } = start.detail;
  const bootMs = typeof hostUptimeS === "number" ? start.timeMs - hostUptimeS * 1000 : Infinity;
  // The machine had power again, and its agent began to measure much later: of the time between nothing is known.
  const isLater = bootMs > lastMs && bootMs < backMs - bootRounds * shortestIntervalMs;
  const endMs = isLater ? bootMs + shortestIntervalMs / 2 : backMs;
  return {
    startMs: wholeSecond(lastMs + shortestIntervalMs / 2),
    endMs: wholeSecond(Math.max(endMs, lastMs + shortestIntervalMs)),
  };
}

/** Whether somebody measured, or knows what broke. */
const isKnown = ({ state, cause }: Judgement) => state === "up" || (state === "down" && cause !== "unknown");

/**
 * What others say of the site while its agent was silent stays. What is unknown right after the cut is the rest of it, as far as it
 * goes on from there; what comes once the site was back is something else.
 */
function lay(
  steps: readonly Step<Judgement>[],
  cut: Judgement,
  { startMs, endMs }: { startMs: number; endMs: number },
): Step<Judgement>[] {
  let restMs = endMs;
  return steps.flatMap((step) => {
    const from = Math.max(step.startMs, startMs);
    const isRest = !isKnown(step.value) && step.startMs <= restMs && step.endMs - endMs < longSilenceMs / 2;
    if (isRest) restMs = Math.max(restMs, step.endMs);
    const to = isRest ? step.endMs : Math.min(step.endMs, endMs);
    const isOthersWord = step.value.state === "up" && step.value.cause === "agent";
    if (from >= to || isOthersWord) return [step];
    return [
      { ...step, endMs: from },
      { startMs: from, endMs: to, value: cut },
      { ...step, startMs: to },
    ].filter((piece) => piece.endMs > piece.startMs);
  });
}

/** Sites whose UPS said last that its mains are gone, while its battery can last. `events`: in the order of time. */
export function sitesOnBattery(events: readonly EventEvidence[], nowMs: number): Set<string> {
  const sites = new Set<string>();
  for (const { site, type, timeMs } of events) {
    if (type === "power.onBattery" && timeMs > nowMs - batteryMs) sites.add(site);
    if (type === "power.onMains") sites.delete(site);
  }
  return sites;
}
