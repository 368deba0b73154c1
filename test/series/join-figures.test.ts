import fc from "fast-check";
import { expect, it } from "vitest";
import type { Figures } from "../../src/series/figures.ts";
import { figuresOf } from "../../src/series/figures.ts";
import { joinFigures } from "../../src/series/join-figures.ts";
import type { Rounds } from "../../src/series/series-store.ts";
import { decodeTier, encodeTier } from "../../src/series/tier-block.ts";
import { day0Ms, hourMs } from "./samples.ts";

const stepMs = hourMs;

/** A poll, a check or a round of echoes in the hour; no two in one second, so that one is the last. */
const rounds = fc.uniqueArray(
  fc.record({ second: fc.integer({ min: 0, max: 3_599 }), value: fc.integer({ min: -5, max: 2 ** 40 }) }),
  { minLength: 2, maxLength: 12, selector: ({ second }) => second },
);
type Round = { second: number; value: number };
const kinds = fc.constantFrom("snmp", "http", "icmp");

function toRounds(kind: "snmp" | "http" | "icmp", all: readonly Round[]): Rounds {
  const sorted = all.toSorted((a, b) => a.second - b.second);
  const timeMs = sorted.map(({ second }) => day0Ms + second * 1000 + 137);
  const values = sorted.map(({ value }) => (value < 0 ? null : value));
  const name = { key: "64.08/x", timeMs };
  if (kind === "icmp") {
    const rttUs = sorted.map(({ value }) => 1 + (Math.abs(value) % 900_000));
    return { ...name, kind, sent: sorted.map(() => 1), recv: sorted.map(() => 1), rttUs };
  }
  const ok = sorted.map(({ value }): 0 | 1 => (value < 0 ? 0 : 1));
  if (kind === "snmp") return { ...name, kind, ok, values: { "ifOperStatus.2": values } };
  const ms = sorted.map(({ second }) => second + 1);
  return {
    ...name,
    kind,
    ok,
    phase: ok.map((passed) => (passed === 1 ? null : "tls")),
    status: ok.map(() => null),
    dnsMs: ms,
    connectMs: ms,
    tlsMs: ms,
    ttfbMs: ms,
    totalMs: ms,
    certExpiresS: values,
  };
}

function figuresIn(all: Rounds): Figures {
  const [step] = [...figuresOf(all, { fromMs: day0Ms, toMs: day0Ms + stepMs, stepMs })];
  return step!.figures;
}

/** As the store gives them back. */
function kept(kind: "snmp" | "http" | "icmp", figures: Figures): Figures {
  const steps = [{ startMs: day0Ms, figures }];
  const data = encodeTier([{ series: 1, kind, steps, runs: [] }], day0Ms, stepMs);
  return decodeTier(data, day0Ms, stepMs, () => true)[0]!.steps[0]!.figures;
}

it("is the same whatever the parts are, and in whatever order they come: figures of all the rounds together", () => {
  fc.assert(
    fc.property(kinds, rounds, fc.array(fc.nat(4)), fc.array(fc.nat()), (kind, all, cuts, keys) => {
      const groups = Map.groupBy(all, (_, at) => cuts[at % Math.max(1, cuts.length)] ?? 0);
      const parts = [...groups.values()].map((own) => kept(kind, figuresIn(toRounds(kind, own))));
      const shuffled = parts
        .map((part, at) => ({ part, key: keys[at] ?? at }))
        .sort((a, b) => a.key - b.key)
        .map(({ part }) => part);
      const { objects, ...whole } = kept(kind, figuresIn(toRounds(kind, all)));
      const { objects: joinedObjects, ...joined } = joinFigures(shuffled);
      expect(joined).toEqual(whole);
      // How much a counter rose between two polls of different parts is not known to either.
      for (const [name, { last, lastAtS }] of Object.entries(objects))
        expect(joinedObjects[name]).toMatchObject({ last, lastAtS });
      expect(kept(kind, { ...joined, objects: joinedObjects })).toEqual({
        ...joined,
        objects: joinedObjects,
      });
    }),
  );
});

it("does not depend on the order of two that were read in one second", () => {
  const parts = [3, 9, 5].map((value) => figuresIn(toRounds("snmp", [{ second: 7, value }])));
  for (const some of [parts, parts.toReversed()])
    expect(joinFigures(some).objects["ifOperStatus.2"]!.last).toBe(9);
});
