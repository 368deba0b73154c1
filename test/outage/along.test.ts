import { describe, expect, it } from "vitest";
import type { Broke, Run } from "../../src/outage/evidence.ts";
import { findOutages } from "../../src/outage/find-outages.ts";
import { atMs, epochMs, evidenceOf, smallDistrict } from "../support/evidence.ts";
import type { Watched } from "../support/evidence.ts";

/*
 * The first village is cut off around second 1,800 to 3,600. It asks the centre at the beginning of each minute, the
 * kecamatan asks it half a minute later, and it checks the service at second 45.
 */
const v1 = "64.08.04.2001";
const toS = 7_200;

type Failures = [fromS: number, toS: number, phase: Broke][];

function checksOf(failures: Failures): Run[] {
  const runs: Run[] = [];
  for (let second = 45; second < toS; second += 60) {
    const phase = failures.find(([from, to]) => second >= from && second < to)?.[2] ?? null;
    const verdict = phase === null ? "ok" : "bad";
    const last = runs.at(-1);
    if (last?.verdict === verdict && last.phase === phase) {
      last.lastMs = atMs(second);
      last.rounds += 1;
    } else runs.push({ verdict, phase, firstMs: atMs(second), lastMs: atMs(second), rounds: 1 });
  }
  return runs;
}

/** What is held of the village and of the service from it: [state, cause, from, to]. */
function statesWith(cutS: [number, number], failures: Failures) {
  const watched: Watched[] = [
    { key: "64.08/anchor", role: "anchor", phaseS: 0 },
    { key: "64.08/lapor", role: "service", service: "lapor", kind: "http", phaseS: 10 },
    { key: "64.08.04/noc", role: "noc", phaseS: 0 },
    { key: "64.08.04/below", role: "site", of: v1, phaseS: 30, bad: [cutS] },
    { key: `${v1}/gw`, role: "gateway", phaseS: 0 },
    { key: `${v1}/noc`, role: "noc", phaseS: 0, bad: [cutS] },
    {
      key: `${v1}/lapor`,
      role: "service",
      service: "lapor",
      kind: "http",
      more: { runs: checksOf(failures) },
    },
  ];
  const { states } = findOutages(evidenceOf(toS, watched), smallDistrict());
  const of = (service: string) =>
    states
      .filter((one) => one.site === v1 && one.service === service && one.state !== "up")
      .map(({ state, cause, startMs, endMs }) => [
        state,
        cause,
        (startMs - epochMs) / 1000,
        endMs === null ? null : (endMs - epochMs) / 1000,
      ]);
  return { site: of(""), service: of("lapor") };
}

describe("a service that is lost with its site", () => {
  it("begins and ends with the site, whose edges more eyes tell", () => {
    // Lost are the rounds at 1,800 to 3,540 and 1,830 to 3,570: the site's edges lie midway between 1,770 and 1,800, and 3,570 and 3,600.
    const { site, service } = statesWith([1_790, 3_590], [[1_845, 3_590, "timeout"]]);
    expect(site).toEqual([["down", "link", 1_785, 3_585]]);
    // By its own checks it would have begun at 1,815 and ended at 3,615.
    expect(service).toEqual([["unreachable", "link", 1_785, 3_585]]);
  });

  it("keeps an edge of its own where its checks do not allow the site's", () => {
    const { service } = statesWith([1_790, 3_590], [[1_965, 3_590, "timeout"]]);
    expect(service).toEqual([["unreachable", "link", 1_935, 3_585]]);
  });

  it("ends with the last check that passed where the agent fell silent with the site, as in a power cut", () => {
    const silent: [number, number][] = [
      [0, 1_800],
      [3_600, toS],
    ];
    const watched: Watched[] = [
      { key: "64.08/anchor", role: "anchor", phaseS: 0 },
      { key: "64.08.04/noc", role: "noc", phaseS: 0 },
      { key: "64.08.04/below", role: "site", of: v1, phaseS: 30, bad: [[1_790, 3_590]] },
      { key: `${v1}/noc`, role: "noc", phaseS: 50, measured: silent },
      { key: `${v1}/lapor`, role: "service", service: "lapor", kind: "http", phaseS: 50, measured: silent },
    ];
    const { states } = findOutages(evidenceOf(toS, watched), smallDistrict());
    const lostFromS = (service: string) => {
      const cut = states.find((one) => one.site === v1 && one.service === service && one.state !== "up");
      return (cut!.startMs - epochMs) / 1000;
    };
    expect(lostFromS("")).toBe(1_800);
    // The check at 1,790 passed; the next one would have been at 1,850.
    expect(lostFromS("lapor")).toBe(1_800);
  });

  it("is not held for broken by one check that failed alone beside the site's outage", () => {
    const { service } = statesWith([1_790, 3_590], [[1_785, 3_650, "timeout"]]);
    expect(service).toEqual([["unreachable", "link", 1_785, 3_585]]);
  });

  it("is by itself what goes on failing, and a short outage of the site is not lost in it", () => {
    const { site, service } = statesWith([1_790, 1_890], [[1_785, 2_400, "timeout"]]);
    expect(site).toEqual([["down", "link", 1_785, 1_875]]);
    expect(service).toEqual([
      ["unreachable", "link", 1_785, 1_875],
      ["down", "unknown", 1_875, 2_415],
    ]);
  });

  it("is lost at names where those fail after the site is back, however long other checks timed out before", () => {
    const { service } = statesWith(
      [1_790, 3_590],
      [
        [1_785, 3_590, "timeout"],
        [3_590, 4_000, "dns"],
      ],
    );
    expect(service).toEqual([
      ["unreachable", "link", 1_785, 3_585],
      ["down", "dns", 3_585, 3_975],
    ]);
  });
});
