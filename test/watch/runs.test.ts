import { describe, expect, it } from "vitest";
import type { Rounds } from "../../src/series/series-store.ts";
import { addRounds } from "../../src/watch/runs.ts";

const verdicts = (rounds: Rounds) =>
  addRounds([], rounds, 30_000, 2.5).map(({ verdict, phase, rounds: count }) => [verdict, phase, count]);
const timeMs = [0, 30_000, 60_000, 90_000];

describe("rounds in run-length form", () => {
  it("take a round without a route as bad, and others that could not be sent as none", () => {
    const icmp = { key: "a/hub", kind: "icmp", timeMs, recv: [1, 0, 0, 1], rttUs: [1, 2] } as const;
    const sent = [1, 0, 0, 1];
    expect(verdicts({ ...icmp, sent, unsent: [null, "route", "route", null] } as unknown as Rounds)).toEqual([
      ["ok", null, 1],
      ["bad", "route", 2],
      ["ok", null, 1],
    ]);
    expect(verdicts({ ...icmp, sent, unsent: [null, "name", "local", null] } as unknown as Rounds)).toEqual([
      ["ok", null, 1],
      ["ok", null, 1],
    ]);
  });

  it.each([
    [5, 5, undefined],
    [5, 4, true],
    [10, 9, undefined],
    [10, 8, true],
    [60, 48, true],
    [3, 1, true],
  ])("of %i echoes of which %i came back are poor: %s", (sent, recv, weak) => {
    const rttUs = Array.from({ length: recv }, () => 900);
    const rounds: Rounds = { key: "a/hub", kind: "icmp", timeMs: [0], sent: [sent], recv: [recv], rttUs };
    expect(addRounds([], rounds, 30_000, 2.5).map((run) => [run.verdict, run.weak])).toEqual([["ok", weak]]);
  });

  it("take a summary as the rounds that it stands for, from a moment on", () => {
    const summary: Rounds = {
      key: "a/port",
      kind: "tcp",
      timeMs: [0, 300_000],
      ok: [1, 0],
      phase: [null, "timeout"],
      connectMs: [3, null],
      merged: [10, 2],
      spanMs: [270_000, 30_000],
    };
    expect(verdicts(summary)).toEqual([
      ["ok", null, 10],
      ["bad", "timeout", 2],
    ]);
    const late = addRounds([], summary, 30_000, 2.5, 100_000);
    expect(late.map(({ firstMs, lastMs, rounds }) => [firstMs, lastMs, rounds])).toEqual([
      [120_000, 270_000, 6],
      [300_000, 330_000, 2],
    ]);
  });

  it("know where a connection broke", () => {
    const tcp: Rounds = {
      key: "a/port",
      kind: "tcp",
      timeMs,
      ok: [1, 0, 0, 0],
      phase: [null, "dns", "timeout", "timeout"],
      connectMs: [3, null, null, null],
    };
    expect(verdicts(tcp)).toEqual([
      ["ok", null, 1],
      ["bad", "dns", 1],
      ["bad", "timeout", 2],
    ]);
  });
});
