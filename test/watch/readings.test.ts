import { describe, expect, it } from "vitest";
import type { Rounds } from "../../src/series/series-store.ts";
import { addReadings } from "../../src/watch/readings.ts";
import type { Reading } from "../../src/watch/readings.ts";

const snmp = (values: Record<string, (number | string | null)[]>, rest = {}): Rounds => ({
  key: "64.08.01/radio",
  kind: "snmp",
  timeMs: [60_000, 120_000],
  ok: [1, 1],
  values,
  ...rest,
});

function readingsOf(rounds: Rounds, sinceMs?: number): Reading[] {
  const readings: Reading[] = [];
  addReadings(readings, rounds, sinceMs);
  return readings;
}

describe("readings of a signal", () => {
  it("are those of the device's first signal by name, where it told it", () => {
    const values = {
      "signalDbm.vertical": [-70, -71],
      "rssiDbm.lte": [-60, null],
      "temperatureC.1": [40, 41],
    };
    expect(readingsOf(snmp(values))).toEqual([[60_000, -60]]);
    expect(readingsOf(snmp({ "temperatureC.1": [40, 41], signalQuality: [1, 2] }))).toEqual([]);
  });

  it("of a summary stand for all of its rounds, from the moment asked for on", () => {
    const rounds = snmp({ signalDbm: [-60, -75] }, { merged: [1, 3], spanMs: [0, 120_000] });
    const all: Reading[] = [
      [60_000, -60],
      [120_000, -75],
      [180_000, -75],
      [240_000, -75],
    ];
    expect(readingsOf(rounds)).toEqual(all);
    expect(readingsOf(rounds, 180_000)).toEqual(all.slice(2));
  });

  it("are none of other kinds", () => {
    expect(
      readingsOf({ key: "k", kind: "tcp", timeMs: [1], ok: [1], phase: [null], connectMs: [1] } as Rounds),
    ).toEqual([]);
  });
});
