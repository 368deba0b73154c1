import type { EventEvidence, TargetEvidence } from "./evidence.ts";
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
    const cut: Judgement = { state: "down", cause: "power", confidence, root: code };
    marked = lay(marked, cut, cutSpan(silence, start, site));
  }
  return joinSteps(marked, alike);
}

function isStartAfterCut({ type, detail }: EventEvidence): boolean {
  return type === "agent.start" && detail["hostBootChanged"] === true && detail["cleanStop"] === false;
}

/**
 * The rounds around a start of the machine, by the targets that are asked most often: what is asked every five minutes goes
 * on through a cut that the others tell. null where there are none before or after it, or a run goes on through it.
 */
function silenceBefore(own: readonly TargetEvidence[], startMs: number): Silence | null {
  let lastMs = -Infinity;
  let nextMs = Infinity;
  for (const run of swiftestAround(own, startMs).flatMap(({ runs }) => runs)) {
    if (run.firstMs < startMs && run.lastMs >= startMs) return null;
    if (run.lastMs < startMs) lastMs = Math.max(lastMs, run.lastMs);
    else nextMs = Math.min(nextMs, run.firstMs);
  }
  return Number.isFinite(lastMs) && Number.isFinite(nextMs) ? { lastMs, nextMs } : null;
}

/** Of those that were asked before and after; all of them where what was asked changed meanwhile. */
function swiftestAround(own: readonly TargetEvidence[], startMs: number): readonly TargetEvidence[] {
  const around = own.filter(
    ({ runs }) => runs.length > 0 && runs[0]!.firstMs < startMs && runs.at(-1)!.lastMs >= startMs,
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
  const onBattery = events.some(
    ({ type, timeMs }) => type === "power.onBattery" && timeMs > lastMs - batteryMs && timeMs < nextMs,
  );
  const seen = seenByOthers(site, silence, fromMs, nowMs);
  if (seen.good || (starts.length > 0 && !onBattery)) return null;
  if (seen.bad || onBattery) return "medium";
  return nextMs - lastMs >= longSilenceMs ? "low" : null;
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
