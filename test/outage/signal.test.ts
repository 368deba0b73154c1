import { describe, expect, it } from "vitest";
import type { Run, TargetEvidence, Verdict } from "../../src/outage/evidence.ts";
import { defaultDetectOptions, signalOf } from "../../src/outage/signal.ts";
import type { DetectOptions, Question } from "../../src/outage/signal.ts";

/* Rounds each 60 s; times in seconds from a moment that ends in whole thousands. */
const intervalS = 60;
const epochMs = 1_763_769_600_000;

type Given = [firstS: number, lastS: number, verdict: Verdict, phase?: Run["phase"]];

const target = (given: readonly Given[], everyS = intervalS): TargetEvidence => ({
  key: "64.08/x",
  vantage: "64.08",
  role: "anchor",
  kind: "http",
  of: null,
  link: null,
  service: null,
  intervalMs: everyS * 1000,
  runs: given.map(([firstS, lastS, verdict, phase = null]) => ({
    verdict,
    phase,
    firstMs: epochMs + firstS * 1000,
    lastMs: epochMs + lastS * 1000,
    rounds: Math.round((lastS - firstS) / everyS) + 1,
  })),
});

interface Ask {
  nowS?: number;
  question?: Question;
  options?: Partial<DetectOptions>;
}

const signal = (given: readonly Given[], { nowS = 100_000, question = "path", options = {} }: Ask = {}) =>
  signalOf(target(given), question, epochMs + nowS * 1000, { ...defaultDetectOptions, ...options }).map(
    ({ startMs, endMs, value }) => [
      (startMs - epochMs) / 1000,
      (endMs - epochMs) / 1000,
      value.good ? "good" : "bad",
      ...(value.carried ? ["carried"] : []),
    ],
  );

describe("the signal of a target", () => {
  it("has its edges midway between the rounds that disagree, in whole seconds", () => {
    expect(
      signal([
        [0, 600, "ok"],
        [660, 900, "bad"],
        [960.9, 1_200, "ok"],
      ]),
    ).toEqual([
      [0, 630, "good"],
      [630, 930, "bad"],
      [930, 1_260, "good"],
    ]);
  });

  it("goes on for one interval after the last round before a gap, and begins anew after it", () => {
    expect(
      signal([
        [0, 600, "ok"],
        [1_200, 1_500, "ok"],
      ]),
    ).toEqual([
      [0, 660, "good"],
      [1_200, 1_560, "good"],
    ]);
  });

  it("takes two and a half intervals without a round for no gap yet, and a second more for one", () => {
    expect(
      signal([
        [0, 600, "ok"],
        [750, 900, "ok"],
      ]),
    ).toEqual([[0, 960, "good"]]);
    expect(
      signal([
        [0, 600, "ok"],
        [751, 900, "ok"],
      ]).length,
    ).toBe(2);
    expect(
      signal([
        [0, 600, "ok"],
        [750, 900, "bad"],
      ]),
    ).toEqual([
      [0, 675, "good"],
      [675, 960, "bad"],
    ]);
  });

  it("takes one lost round after good ones for weather, until the next one tells", () => {
    expect(
      signal([
        [0, 600, "ok"],
        [660, 660, "bad"],
        [720, 900, "ok"],
      ]),
    ).toEqual([[0, 960, "good"]]);
    expect(
      signal([
        [0, 600, "ok"],
        [660, 660, "bad"],
      ]),
    ).toEqual([[0, 720, "good"]]);
  });

  it("says nothing of a lost round beside a gap: the one that would have told is missing", () => {
    expect(
      signal([
        [0, 0, "bad"],
        [60, 600, "ok"],
      ]),
    ).toEqual([[60, 660, "good"]]);
    expect(
      signal([
        [0, 600, "ok"],
        [660, 660, "bad"],
        [1_200, 1_500, "ok"],
      ]),
    ).toEqual([
      [0, 660, "good"],
      [1_200, 1_560, "good"],
    ]);
  });

  it("takes two lost rounds for what they are, and as many as the options say", () => {
    const two: Given[] = [
      [0, 600, "ok"],
      [660, 720, "bad"],
      [780, 900, "ok"],
    ];
    expect(signal(two).map((step) => step[2])).toEqual(["good", "bad", "good"]);
    expect(signal(two, { options: { badRounds: 3 } })).toEqual([[0, 960, "good"]]);
    const one: Given[] = [
      [0, 600, "ok"],
      [660, 660, "bad"],
      [720, 900, "ok"],
    ];
    expect(signal(one, { options: { badRounds: 1 } }).map((step) => step[2])).toEqual([
      "good",
      "bad",
      "good",
    ]);
  });

  it("says nothing of a lost round that stands alone", () => {
    expect(signal([[0, 0, "bad"]])).toEqual([]);
    expect(
      signal([
        [0, 600, "ok"],
        [1_200, 1_200, "bad"],
        [1_800, 2_400, "ok"],
      ]),
    ).toEqual([
      [0, 660, "good"],
      [1_800, 2_460, "good"],
    ]);
  });

  it("counts lost rounds with changing phases together, and lets the longest phase speak", () => {
    const given: Given[] = [
      [0, 600, "ok"],
      [660, 660, "bad", "dns"],
      [720, 840, "bad", "connect"],
      [900, 900, "bad", "tls"],
    ];
    const [, bad] = signalOf(target(given), "path", epochMs + 10_000_000, defaultDetectOptions);
    expect(bad!.value).toEqual({ good: false, phase: "connect", carried: false, rounds: 5 });
    const even: Given[] = [
      [0, 0, "bad", "dns"],
      [60, 60, "bad", "connect"],
    ];
    expect(signalOf(target(even), "path", epochMs + 10_000_000, defaultDetectOptions)[0]!.value.phase).toBe(
      "dns",
    );
  });

  it("of an answer that was not the right one is good for the path and bad for the service", () => {
    const given: Given[] = [
      [0, 600, "ok"],
      [660, 900, "answered", "http"],
      [960, 1_200, "bad", "connect"],
    ];
    expect(signal(given).map((step) => step[2])).toEqual(["good", "bad"]);
    expect(signal(given, { question: "service" })).toEqual([
      [0, 630, "good"],
      [630, 1_260, "bad"],
    ]);
  });

  it("is carried to now while the silence is young, marked as such, and then no more", () => {
    const given: Given[] = [[0, 600, "ok"]];
    expect(signal(given, { nowS: 630 })).toEqual([[0, 630, "good"]].map((step) => [...step]));
    expect(signal(given, { nowS: 700 })).toEqual([
      [0, 660, "good"],
      [660, 700, "good", "carried"],
    ]);
    expect(signal(given, { nowS: 794 })).toEqual([
      [0, 660, "good"],
      [660, 794, "good", "carried"],
    ]);
    expect(signal(given, { nowS: 795 })).toEqual([[0, 660, "good"]]);
  });

  it("of a slow target is carried for as long as its gap allows", () => {
    const slow = target([[0, 7_200, "ok"]], 3_600);
    const at = (nowS: number) => signalOf(slow, "path", epochMs + nowS * 1000, defaultDetectOptions).length;
    expect([at(7_200 + 8_999), at(7_200 + 9_000)]).toEqual([2, 1]);
  });

  it("carries a bad one too, and a state that was never measured not at all", () => {
    expect(signal([[0, 600, "bad"]], { nowS: 700 })).toEqual([
      [0, 660, "bad"],
      [660, 700, "bad", "carried"],
    ]);
    expect(signal([], { nowS: 700 })).toEqual([]);
  });
});
