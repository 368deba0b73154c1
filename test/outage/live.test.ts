import { describe, expect, it } from "vitest";
import { createTree } from "../../src/inventory/tree.ts";
import { findOutages } from "../../src/outage/find-outages.ts";
import { createLiveJudge } from "../../src/outage/live.ts";
import { defaultDetectOptions } from "../../src/outage/signal.ts";
import { atMs, evidenceOf, smallDistrict } from "../support/evidence.ts";
import type { Watched } from "../support/evidence.ts";

const [noc, hub, village, other] = ["64.08", "64.08.04", "64.08.04.2001", "64.08.04.2002"];
/** Agents that report each round as it is taken. */
const options = { ...defaultDetectOptions, heardWithinMs: 15_000 };
const cutS = 3_600;

/** The centre's rounds at 30 s, the agents' at 10 and 20 s of each minute; who is `cut` is not heard from 3,600 s on. */
function world({ cut = [], pings = [village, other], lost = [], hubLostS }: WorldOptions): Watched[] {
  const agent = (site: string, phaseS: number): Watched[] =>
    (["noc", "anchor"] as const).map((role) => ({
      key: `${site}/${role}`,
      role,
      phaseS,
      ...(cut.includes(site) ? { measured: [[0, cutS]] as [number, number][] } : {}),
    }));
  const ping = (site: string, bad: [number, number][]): Watched => ({
    key: `${noc}/below-${site}`,
    role: "site",
    of: site,
    phaseS: 30,
    bad,
  });
  return [
    { key: `${noc}/anchor`, role: "anchor", phaseS: 30 },
    ping(hub!, hubLostS === undefined ? [] : [[hubLostS, Infinity]]),
    ...pings.map((site) => ping(site!, lost.includes(site) ? [[cutS, Infinity]] : [])),
    ...agent(village!, 10),
    ...agent(other!, 20),
  ];
}

interface WorldOptions {
  cut?: (string | undefined)[];
  pings?: (string | undefined)[];
  lost?: (string | undefined)[];
  hubLostS?: number;
}

function verdictsAt(seconds: number, given: WorldOptions) {
  const { targets } = evidenceOf(seconds, world(given));
  const judge = createLiveJudge(targets, createTree(smallDistrict()), options);
  return Object.fromEntries(
    [...judge.at(atMs(seconds))].map(([site, { state, root }]) => [site, `${state} ${root}`]),
  );
}

describe("live verdicts", () => {
  it.each<[string, number, WorldOptions, Record<string, string>]>([
    ["nothing is wrong", cutS + 300, {}, {}],
    ["silent, one round lost", cutS + 59, { cut: [village], lost: [village] }, {}],
    [
      "silent, two rounds lost",
      cutS + 95,
      { cut: [village], lost: [village] },
      { [village!]: `down ${village}` },
    ],
    ["silent, and others reach it: the agent alone", cutS + 600, { cut: [village] }, {}],
    [
      "silent with a sibling, one round of both lost",
      cutS + 50,
      { cut: [village, other], lost: [village, other] },
      { [village!]: `down ${village}`, [other!]: `down ${other}` },
    ],
    ["silent, nobody can ask, not for long", cutS + 120, { cut: [village], pings: [] }, {}],
    [
      "silent, nobody can ask, for longer than chance explains",
      cutS + 150,
      { cut: [village], pings: [] },
      { [village!]: `suspected ${village}` },
    ],
    [
      "one round of the hub and of what hangs on it lost: all of it at once",
      cutS + 35,
      { cut: [village, other], pings: [village], lost: [village], hubLostS: cutS },
      { [hub!]: `down ${hub}`, [village!]: `unreachable ${hub}`, [other!]: `unreachable ${hub}` },
    ],
    ["a hub that answers no echo, and forwards", cutS + 600, { pings: [village, other], hubLostS: cutS }, {}],
  ])("%s", (_, seconds, given, expected) => {
    expect(verdictsAt(seconds, given)).toEqual(expected);
  });

  it("suspects nobody when it is the collector that does not hear", () => {
    const watched = world({}).map((one) => ({ ...one, measured: [[0, cutS]] as [number, number][] }));
    const { targets } = evidenceOf(cutS + 1_200, watched);
    const judge = createLiveJudge(targets, createTree(smallDistrict()), options);
    expect([...judge.at(atMs(cutS + 1_200))]).toEqual([]);
  });

  it("suspects nobody as soon as the centre is overdue with most agents, one that missed a round just before included", () => {
    const until = (end: number) => (one: Watched) => ({ ...one, measured: [[0, end]] as [number, number][] });
    const watched = world({ pings: [] }).map((one) =>
      until(one.key.startsWith(village!) ? cutS - 60 : cutS)(one),
    );
    const seconds = cutS + 110;
    const { targets } = evidenceOf(seconds, watched);
    const judge = createLiveJudge(targets, createTree(smallDistrict()), options);
    expect([...judge.at(atMs(seconds))]).toEqual([]);
  });

  it("suspects nobody of a silence in which the collector did not run", () => {
    const { targets } = evidenceOf(cutS + 600, world({ cut: [village], pings: [] }));
    const judge = createLiveJudge(targets, createTree(smallDistrict()), options, {
      listeningSinceMs: atMs(cutS + 550),
    });
    expect([...judge.at(atMs(cutS + 600))]).toEqual([]);
  });

  it("changes nothing of what is accounted: the table tells suspects apart", () => {
    const evidence = evidenceOf(cutS + 600, world({ cut: [village], pings: [] }));
    const { outages, suspects, states } = findOutages(evidence, smallDistrict(), options);
    expect(outages).toEqual([]);
    expect(suspects.map(({ site, cause, confidence }) => [site, cause, confidence])).toEqual([
      [village, "unknown", "low"],
    ]);
    expect(states.findLast(({ site, service }) => site === village && service === "")!.state).toBe("unknown");
  });

  it("are not said beside the table's own open row of the same place", () => {
    const evidence = evidenceOf(cutS + 600, world({ cut: [village], lost: [village] }));
    const { outages, suspects } = findOutages(evidence, smallDistrict(), options);
    expect(outages.map(({ site, endMs }) => [site, endMs])).toEqual([[village, null]]);
    expect(suspects).toEqual([]);
  });

  it("say that the UPS runs on its battery, until it says otherwise", () => {
    const evidence = evidenceOf(cutS + 600, world({ cut: [village], pings: [] }));
    const say = (type: string, second: number) => ({
      site: village!,
      timeMs: atMs(second),
      type,
      detail: { target: "ups" },
    });
    const factsAfter = (...events: ReturnType<typeof say>[]) =>
      findOutages({ ...evidence, events }, smallDistrict(), options).suspects.flatMap((row) =>
        row.evidence.map(({ fact }) => fact),
      );
    const onBattery = say("power.onBattery", cutS - 30);
    expect(factsAfter(onBattery)).toEqual(["silence.suspected", "power.onBattery"]);
    expect(factsAfter(onBattery, say("power.onMains", cutS - 10))).toEqual(["silence.suspected"]);
  });

  it.each([
    ["sends each round at once", { silenceMs: 61_000, spreadMs: 500, stepMs: 60_000 }, 183],
    ["collects rounds for five minutes", { silenceMs: 330_000, spreadMs: 30_000, stepMs: 300_000 }, 990],
  ])("hold an agent for silent by its own rhythm: one that %s", (_, rhythm, suspectedAfterS) => {
    const isSuspected = (silentS: number) => {
      // The village's last round began at 3,550 s.
      const nowS = cutS - 50 + silentS;
      const evidence = evidenceOf(nowS, world({ cut: [village], pings: [] }));
      const rhythms = new Map([[village!, rhythm]]);
      return findOutages({ ...evidence, rhythms }, smallDistrict()).suspects.length > 0;
    };
    expect([isSuspected(suspectedAfterS - 2), isSuspected(suspectedAfterS)]).toEqual([false, true]);
  });
});
