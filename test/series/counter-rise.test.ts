import { describe, expect, it } from "vitest";
import { counterRise } from "../../src/series/counter-rise.ts";
import type { SnmpRounds } from "../../src/series/series-store.ts";

const wrap32 = 2 ** 32;

/** Polls each 60 s. */
function polls(values: SnmpRounds["values"]): SnmpRounds {
  const count = Object.values(values)[0]!.length;
  return {
    key: "64.08/rt",
    kind: "snmp",
    timeMs: Array.from({ length: count }, (_, i) => i * 60_000),
    ok: Array.from({ length: count }, () => 1),
    values,
  };
}

const rate = (name: string, values: SnmpRounds["values"]) => {
  const rounds = polls(values);
  const { rise, overMs } = counterRise(rounds, name, { from: 0, to: rounds.timeMs.length });
  return overMs === 0 ? null : (rise * 1000) / overMs;
};

describe("the rate of a counter", () => {
  it("is its rise over the time between polls", () => {
    expect(rate("ifInOctets.2", { "ifInOctets.2": [0, 6_000, 12_000] })).toBe(100);
  });

  it("adds what a 32-bit counter lost at its end where sysUpTime says that the device ran on", () => {
    const values = { "ifInOctets.2": [wrap32 - 3_000, 3_000], sysUpTime: [50_000, 56_000] };
    expect(rate("ifInOctets.2", values)).toBe(100);
  });

  it("takes a fall after a restart for no traffic at all, and so the rise after one", () => {
    const fell = { "ifInOctets.2": [900_000, 3_000], sysUpTime: [9_000_000, 1_000] };
    expect(rate("ifInOctets.2", fell)).toBeNull();
    const rose = { "ifInOctets.2": [1_000, 3_000], sysUpTime: [9_000_000, 1_000] };
    expect(rate("ifInOctets.2", rose)).toBeNull();
  });

  it("knows that sysUpTime itself begins anew after 497 days", () => {
    const values = { "ifInOctets.2": [0, 6_000], sysUpTime: [wrap32 - 2_000, 4_000] };
    expect(rate("ifInOctets.2", values)).toBe(100);
  });

  it("does not guess where the device does not say, or the counter has 64 bits", () => {
    expect(rate("ifInOctets.2", { "ifInOctets.2": [900_000, 3_000] })).toBeNull();
    const wide = { "ifHCInOctets.2": [900_000, 3_000], sysUpTime: [50_000, 56_000] };
    expect(rate("ifHCInOctets.2", wide)).toBeNull();
  });

  it("leaves out polls without an answer, and is exact beyond 2^53", () => {
    const values = { "ifHCInOctets.2": ["18446744073709540000", null, "18446744073709552000"] };
    expect(rate("ifHCInOctets.2", values)).toBe(100);
  });
});
