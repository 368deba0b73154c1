import { describe, expect, it } from "vitest";
import { engineTimeWrapS, findReboot, sysUpTimeWrapS } from "../../../probes/snmp/reboots.ts";
import type { UptimeReading } from "../../../probes/snmp/reboots.ts";

const at = (monoS: number, uptimeS: number, wrapsAtS = sysUpTimeWrapS): UptimeReading => ({
  monoMs: monoS * 1000,
  uptimeS,
  wrapsAtS,
});

const dayS = 86_400;

describe("a reboot", () => {
  it.each<[string, UptimeReading, UptimeReading, number]>([
    ["between two polls", at(1000, 50_000), at(1030, 12), 12],
    ["of a device that had only just started", at(1000, 25), at(1030, 5), 5],
    ["seen after a long cut, the uptime higher than before", at(1000, 10), at(1000 + 3600, 1800), 1800],
    ["close to the wrap", at(1000, sysUpTimeWrapS - 5000), at(1030, 10), 10],
    ["by snmpEngineTime", at(1000, 9_000, engineTimeWrapS), at(1030, 20, engineTimeWrapS), 20],
  ])("%s is told", (_what, before, now, uptimeS) => {
    expect(findReboot("rt", before, now)).toEqual({
      type: "device.rebooted",
      detail: { target: "rt", uptimeS },
    });
  });

  it.each<[string, UptimeReading | null, UptimeReading]>([
    ["the first reading", null, at(1000, 12)],
    ["an ordinary round", at(1000, 50_000), at(1030, 50_030)],
    ["the wrap after 497 days", at(1000, sysUpTimeWrapS - 10), at(1030, 20)],
    ["the wrap during a cut of three days", at(0, sysUpTimeWrapS - dayS), at(3 * dayS, 2 * dayS)],
    ["a clock that is a little slow", at(1000, 50_000), at(1030, 50_021)],
    ["a crystal that loses 0.5 % in a day", at(0, 100), at(dayS, 100 + 0.995 * dayS)],
    ["an uptime set back by a few seconds", at(1000, 50_000), at(1030, 49_995)],
    ["a counter that stands still", at(1000, 4711), at(1000 + 2 * dayS, 4711)],
    ["another counter than before", at(1000, 50_000), at(1030, 12, engineTimeWrapS)],
  ])("%s is none", (_what, before, now) => {
    expect(findReboot("rt", before, now)).toBeNull();
  });
});
