import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { replay } from "../../src/replay/replay.ts";
import type { ReplayOptions } from "../../src/replay/replay.ts";
import { seededRandom, shuffled } from "../support/random.ts";
import { daysS, faults, tinyScenario, villages } from "./tiny-scenario.ts";

const options: ReplayOptions = {
  finalOnly: false,
  sendEveryMs: null,
  without: new Set(),
  onProgress: () => undefined,
};

async function replayed(change?: (lines: string[]) => readonly string[], given = options) {
  await using scenario = await tinyScenario(change);
  return replay(scenario.folder, given);
}

describe("a recorded scenario", () => {
  it("gives each fault with its cause, its edges within half a round", async () => {
    const { result, duplicates } = await replayed();
    expect(duplicates).toBe(0);
    const found = result.episodes.map(({ site, cause }) => `${site} ${cause}`);
    expect(found).toEqual([`${faults.link.site} access_link`, `${faults.power.site} power`]);
    for (const [index, fault] of [faults.link, faults.power].entries()) {
      expect(Math.abs(result.episodes[index]!.s - fault.s)).toBeLessThanOrEqual(30);
      expect(Math.abs(result.episodes[index]!.e - fault.e)).toBeLessThanOrEqual(30);
    }
    const [outage] = result.service_outages["lapor"]!;
    expect(Math.abs(outage![0] - faults.service.s)).toBeLessThanOrEqual(30);
    expect(result.passed_while_cut).toBe(0);
  });

  it("accounts for every second once", async () => {
    const { result } = await replayed();
    for (const site of villages) {
      const seconds = Object.entries(result.attribution_s[site]!["lapor"]!).filter(
        ([name]) => !name.startsWith("_"),
      );
      expect(seconds.reduce((sum, [, amount]) => sum + amount, 0)).toBe(daysS);
    }
    const { access_link: linkS } = result.attribution_s[faults.link.site]!["lapor"]!;
    expect(Math.abs(linkS! - (faults.link.e - faults.link.s))).toBeLessThanOrEqual(60);
  });

  it("tells live what the centre loses and the agent does not say, and takes it back", async () => {
    const { result } = await replayed();
    expect(result.live_downs.map(([site]) => site)).toEqual([faults.link.site, faults.power.site]);
    for (const [index, fault] of [faults.link, faults.power].entries()) {
      const [, known, until] = result.live_downs[index]!;
      // Two rounds of the centre, and one of the agent that does not come.
      expect(known - fault.s).toBeLessThanOrEqual(150);
      expect(until).toBeGreaterThanOrEqual(fault.e);
      expect(until - fault.e).toBeLessThanOrEqual(90);
    }
    const roots = result.incidents.map(([, , root]) => root);
    expect(roots).toEqual([faults.link.site, faults.power.site, "service:lapor"]);
  });

  it("gives the same final result whatever the order, and however often each record came", async () => {
    const once = await replayed(undefined, { ...options, finalOnly: true });
    const mixed = await replayed((lines) => shuffled([...lines, ...lines, ...lines], seededRandom(7)), {
      ...options,
      finalOnly: true,
    });
    expect(mixed.duplicates).toBe(2 * once.records);
    expect(JSON.stringify(mixed.result)).toBe(JSON.stringify(once.result));
  });

  it("finds no power cut without the machine's word, and no wrong cause either", async () => {
    const { result } = await replayed(undefined, {
      ...options,
      finalOnly: true,
      without: new Set(["power"]),
    });
    expect(result.episodes.map(({ cause }) => cause)).toEqual(["access_link", "unknown"]);
  });
});

describe("what cannot be replayed", () => {
  it.each([
    ["no JSON", "{", /records\.ndjson: line 3: /],
    ["another kind", '{"k":"x"}', /line 3: k: "x" is not allowed; expected "r" or "n"/],
    [
      "a missing field",
      '{"k":"n","a":"NOC","b":1,"p":1}',
      /line 3: q: \(missing\) is not allowed; expected a number/,
    ],
  ])("names the line and why: %s", async (_, bad, message) => {
    await using scenario = await tinyScenario((lines) => lines.toSpliced(2, 0, bad));
    expect(() => replay(scenario.folder, options)).toThrow(message);
  });

  it("names the site that the inventory does not know", async () => {
    await using scenario = await tinyScenario((lines) =>
      lines.map((line) => line.replace('"a":"D2"', '"a":"D9"')),
    );
    expect(() => replay(scenario.folder, options)).toThrow(
      /a: "D9" is not allowed; expected the id of a site/,
    );
  });

  it("says of a folder that it is no scenario", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sambung-empty-"));
    try {
      expect(() => replay(folder, options)).toThrow(/not a scenario: it has no inventory\.json/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
