import { describe, expect, it } from "vitest";
import { bridgeHoles } from "../../src/outage/bridge.ts";
import { unknown, up } from "../../src/outage/judgement.ts";
import type { Judgement } from "../../src/outage/judgement.ts";
import { defaultDetectOptions, signalOf } from "../../src/outage/signal.ts";
import { findOutages } from "../../src/outage/find-outages.ts";
import { evidenceOf, smallDistrict } from "../support/evidence.ts";

const down: Judgement = { state: "down", cause: "link", confidence: "high", root: "a" };
const minute = 60_000;

/** Each value with the minutes that it lasts. */
function bridge(...stretches: [Judgement, number][]) {
  let atMs = 0;
  const steps = stretches.map(([value, minutes]) => ({
    startMs: atMs,
    endMs: (atMs += minutes * minute),
    value,
  }));
  return bridgeHoles(steps, minute, defaultDetectOptions).map(({ startMs, endMs, unseenMs, value }) => [
    startMs / minute,
    endMs / minute,
    unseenMs / minute,
    value.confidence,
  ]);
}

describe("a hole in an outage", () => {
  it("that two lost rounds left is part of it, and said to be inferred", () => {
    expect(bridge([up, 5], [down, 5], [unknown, 2], [{ ...down, confidence: "low" }, 5], [up, 5])).toEqual([
      [5, 17, 2, "low"],
    ]);
  });

  it("that is shorter than the outage on both sides of it is part of it", () => {
    expect(bridge([up, 5], [down, 40], [unknown, 30], [down, 31], [up, 5])).toEqual([[5, 106, 30, "high"]]);
    expect(bridge([down, 5], [unknown, 30], [down, 31], [up, 5])).toEqual([[0, 66, 30, "high"]]);
  });

  it.each<[string, [Judgement, number][]]>([
    [
      "is longer than a state is carried on, and than the outage before it",
      [
        [up, 5],
        [down, 5],
        [unknown, 6],
        [down, 50],
      ],
    ],
    [
      "is longer than a state is carried on, and than the outage after it",
      [
        [down, 50],
        [unknown, 6],
        [down, 5],
      ],
    ],
    [
      "is longer than an hour",
      [
        [down, 500],
        [unknown, 61],
        [down, 500],
      ],
    ],
    [
      "has another cause behind it",
      [
        [down, 5],
        [unknown, 2],
        [{ ...down, cause: "power" }, 5],
      ],
    ],
    [
      "has another place behind it",
      [
        [down, 5],
        [unknown, 2],
        [{ ...down, root: "b" }, 5],
      ],
    ],
    [
      "holds a good round",
      [
        [down, 5],
        [unknown, 1],
        [up, 1],
        [down, 5],
      ],
    ],
    [
      "comes after a good round",
      [
        [down, 5],
        [up, 1],
        [unknown, 1],
        [down, 5],
      ],
    ],
  ])("parts it where it %s", (_, stretches) => {
    expect(bridge(...stretches)).toHaveLength(2);
  });

  it("stays not measured as a state", () => {
    const cutS: [number, number] = [3_600, 7_200];
    const evidence = evidenceOf(9_000, [
      {
        key: "64.08.04.2001/noc",
        role: "noc",
        phaseS: 0,
        intervalS: 60,
        bad: [cutS],
        measured: [
          [0, 5_000],
          [5_160, 9_000],
        ],
      },
    ]);
    expect(signalOf(evidence.targets[0]!, "path", evidence.nowMs, defaultDetectOptions)).toHaveLength(4);
    const { outages, states } = findOutages(evidence, smallDistrict());
    expect(outages).toHaveLength(1);
    expect(outages[0]!.evidence).toContainEqual({
      fact: "hole.inferred",
      target: null,
      detail: { unseenMs: 120_000 },
    });
    expect(states.filter(({ service }) => service === "").map(({ state }) => state)).toEqual([
      "up",
      "down",
      "unknown",
      "down",
      "up",
    ]);
  });
});
