import type { EventEvidence } from "./evidence.ts";
import { deviceStartMs } from "./power.ts";
import { toldWithin } from "./seek.ts";
import type { EvidenceItem } from "./table.ts";

/*
 * What the agent of a site found out and heard about an outage, as statements beside those of the rounds.
 *
 *   path.local        where the agent itself stands: its cable, its default route, its gateway
 *   path.trace        how far the path to a target answers; a statement for each of the first addresses
 *   device.rebooted   a device that began anew, also just after the outage; the first time of each
 *   device.ranOn      one that answers after the agent's machine began anew, and had not stopped itself
 *   power.onBattery, power.lowBattery   what the site's UPS said; the first of each
 */

/** How long after an outage a start of a device still tells of it, ms. */
const rebootWithinMs = 10 * 60_000;
/** How long a trap may precede the first round that was lost, ms: a UPS says first that its mains are gone. */
const trapBeforeMs = 5 * 60_000;
/** What an uptime and the begin of an outage may differ by without the device having run on, ms. */
const uptimeSlackMs = 60_000;
/** An agent looks at three addresses at a time; what it found at first is what the outage began with. */
const mostTraces = 3;

/** `events`: those of the site, in the order of `inOrder`. */
export function describeOwnWord(
  events: readonly EventEvidence[],
  startMs: number,
  endMs: number,
): EvidenceItem[] {
  const between = (type: string, fromMs: number, toMs: number) =>
    toldWithin(events, fromMs, toMs).filter((event) => event.type === type);
  const local = between("path.local", startMs, endMs)[0];
  const traces = firstOfEach(between("path.trace", startMs, endMs), "address").slice(0, mostTraces);
  const devices = firstOfEach(
    toldWithin(events, startMs, endMs + rebootWithinMs).filter((event) => deviceStartMs(event) !== null),
    "target",
  );
  const traps = (["power.onBattery", "power.lowBattery"] as const).flatMap((type) =>
    between(type, startMs - trapBeforeMs, endMs).slice(0, 1),
  );
  return [
    ...(local === undefined ? [] : [{ fact: localFact(local), target: null, detail: {} }]),
    ...traces.map(toTrace),
    ...devices.map((event) => toDevice(event, startMs)),
    ...traps.map((event) => ({
      fact: event.type,
      target: targetOf(event),
      detail: { timeMs: Math.round(event.timeMs) },
    })),
  ];
}

function toDevice(event: EventEvidence, startMs: number): EvidenceItem {
  const target = targetOf(event);
  const ranOn = event.type === "device.uptime" && deviceStartMs(event)! < startMs - uptimeSlackMs;
  return ranOn
    ? { fact: "device.ranOn", target, detail: {} }
    : { fact: "device.rebooted", target, detail: { timeMs: Math.round(event.timeMs) } };
}

/** The nearest thing that is wrong. */
function localFact({ detail }: EventEvidence): string {
  if (detail["carrier"] === false) return "local.unplugged";
  if (detail["hasDefaultRoute"] === false) return "local.noRoute";
  return detail["gatewayAnswers"] === false ? "local.gatewaySilent" : "local.fine";
}

function toTrace(event: EventEvidence): EvidenceItem {
  const { address = null, deepest = null, deepestHop = null, reached } = event.detail;
  const target = targetOf(event);
  if (reached === true) return { fact: "path.reaches", target, detail: { address } };
  return deepest === null
    ? { fact: "path.silent", target, detail: { address } }
    : { fact: "path.ends", target, detail: { deepest, hop: deepestHop, address } };
}

/** Full name of the target that the event is about. */
function targetOf({ site, detail }: EventEvidence): string | null {
  return typeof detail["target"] === "string" ? `${site}/${detail["target"]}` : null;
}

function firstOfEach(events: readonly EventEvidence[], key: string): EventEvidence[] {
  const seen = new Map<unknown, EventEvidence>();
  for (const event of events) {
    const which = event.detail[key];
    if (!seen.has(which)) seen.set(which, event);
  }
  return [...seen.values()];
}

/** An order of a site's events that no arrival can change. */
export function inOrder(a: EventEvidence, b: EventEvidence): number {
  return a.timeMs - b.timeMs || compare(a.type, b.type) || compare(textOf(a), textOf(b));
}

const textOf = ({ detail }: EventEvidence) =>
  JSON.stringify(Object.entries(detail).toSorted(([a], [b]) => compare(a, b)));

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
