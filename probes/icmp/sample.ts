import type { Unsent } from "#wire/rounds-v1.ts";
import type { IcmpSample } from "../probe.ts";

/** A round of which nothing was sent. */
export function notMeasured(unsent: Unsent): IcmpSample {
  return { kind: "icmp", sent: 0, recv: 0, rttUs: [], unsent, lossRun: 0 };
}
