import type { EventEvidence } from "../outage/evidence.ts";
import type { SiteRecord } from "./read-records.ts";

/*
 * What happened to a machine and its devices between two of its records, in the words in which an agent says it
 * (probes/agent.ts, probes/snmp): the records carry readings where an agent would send events.
 */

/** What is needed of the record before. */
export type MachineState = Pick<SiteRecord, "b" | "p" | "m" | "rt" | "ups">;

/** Uptime at which sysUpTime starts again at 0, s. */
const uptimeWrapS = 2 ** 32 / 100;
/** So near to it a smaller reading is the counter's wrap, s. */
const nearWrapS = 3_600;

export function eventsBetween(
  site: string,
  last: MachineState | null,
  { b, p, m, rt, ups }: MachineState,
  timeMs: number,
): EventEvidence[] {
  const events: EventEvidence[] = [];
  const isStart = last === null || last.b !== b || last.p !== p;
  if (isStart) {
    const detail = { hostBootChanged: last !== null && last.b !== b, cleanStop: false, hostUptimeS: m };
    // Just before its first round.
    events.push({ site, timeMs: timeMs - 1, type: "agent.start", detail });
  }
  const before = last?.rt ?? null;
  const router = (type: string) =>
    events.push({ site, timeMs, type, detail: { target: "router", uptimeS: rt! } });
  if (rt !== null && (isStart || before === null)) router("device.uptime");
  else if (rt !== null && rt < before! && before! < uptimeWrapS - nearWrapS) router("device.rebooted");
  if (ups === 1 && last?.ups !== 1)
    events.push({ site, timeMs, type: "power.onBattery", detail: { target: "ups", polled: true } });
  if (ups === 0 && last?.ups === 1)
    events.push({ site, timeMs, type: "power.onMains", detail: { target: "ups", polled: true } });
  return events;
}
