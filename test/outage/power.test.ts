import { describe, expect, it } from "vitest";
import type { EventEvidence } from "../../src/outage/evidence.ts";
import { findOutages } from "../../src/outage/find-outages.ts";
import { atMs, evidenceOf, smallDistrict } from "../support/evidence.ts";
import type { Watched } from "../support/evidence.ts";

const noc = "64.08";
const kec = "64.08.04";
const v1 = "64.08.04.2001";
const hour = 3_600;

type Spans = [number, number][];
const on = (fromS: number, toS: number): Spans => [
  [0, fromS],
  [toS, 2 * hour],
];

/** The village's agent took rounds but in [fromS, toS); who looks at it from the kecamatan saw `seen`. */
function village(fromS: number, toS: number, seen: Spans | null): Watched[] {
  const measured = on(fromS, toS);
  return [
    { key: `${noc}/gw`, role: "gateway" },
    { key: `${noc}/anchor`, role: "anchor" },
    { key: `${kec}/gw`, role: "gateway" },
    { key: `${kec}/hub`, role: "hub" },
    { key: `${kec}/noc`, role: "noc" },
    ...(seen === null
      ? []
      : [{ key: `${kec}/below-v1`, role: "site" as const, of: v1, ...(seen.length > 0 && { bad: seen }) }]),
    { key: `${v1}/gw`, role: "gateway", measured },
    { key: `${v1}/hub`, role: "hub", measured },
    { key: `${v1}/noc`, role: "noc", measured },
  ];
}

const event = (second: number, type: string, detail: EventEvidence["detail"], site = v1): EventEvidence => ({
  site,
  timeMs: atMs(second),
  type,
  detail,
});
const begunAnew = (second: number, cleanStop = false) =>
  event(second, "agent.start", { hostBootChanged: true, cleanStop });
const uptime = (second: number, uptimeS: number) => event(second, "device.uptime", { target: "rt", uptimeS });

const find = (watched: Watched[], events: EventEvidence[], site = v1) => {
  const table = findOutages({ ...evidenceOf(2 * hour, watched), events }, smallDistrict());
  return {
    outages: table.outages.map(({ cause, confidence, root, startMs, endMs }) => ({
      cause,
      confidence,
      root,
      startS: (startMs - atMs(0)) / 1000,
      endS: endMs === null ? null : (endMs - atMs(0)) / 1000,
    })),
    facts: table.outages.flatMap(({ evidence }) => evidence.map(({ fact }) => fact)),
    states: table.states.filter((state) => state.site === site && state.service === ""),
  };
};

describe("a machine that began anew without having been stopped", () => {
  const cut: [number, number] = [1_800, 3_600];

  it("lost its power with the router that started in the silence as well, from and to its rounds", () => {
    const { outages, facts, states } = find(village(...cut, null), [begunAnew(3_590), uptime(3_640, 55)]);
    expect(outages).toMatchObject([{ cause: "power", confidence: "high", root: v1 }]);
    const { startS, endS } = outages[0]!;
    expect(Math.abs(startS - 1_800)).toBeLessThanOrEqual(30);
    expect(endS! - 3_600).toBeGreaterThanOrEqual(0);
    expect(endS! - 3_600).toBeLessThanOrEqual(60);
    expect(facts).toEqual(expect.arrayContaining(["agent.silent", "device.rebooted", "host.rebooted"]));
    expect(states.map(({ state }) => state)).toEqual(["up", "down", "up"]);
  });

  it("had power again when its uptime says so, however late its agent began", () => {
    const late = event(3_590, "agent.start", { hostBootChanged: true, cleanStop: false, hostUptimeS: 1_190 });
    const { outages, states } = find(village(...cut, null), [late, uptime(3_640, 1_240)]);
    expect(outages).toMatchObject([{ cause: "power", confidence: "high" }]);
    expect(Math.abs(outages[0]!.endS! - 2_400)).toBeLessThanOrEqual(60);
    expect(states.map(({ state }) => state)).toEqual(["up", "down", "unknown", "up"]);
    const before = { ...late, detail: { ...late.detail, hostUptimeS: 9_000 } };
    expect(find(village(...cut, null), [before, uptime(3_640, 55)]).outages[0]!.endS).toBeGreaterThan(3_500);
  });

  it("rebooted alone when the router ran on, and nothing is held against the village", () => {
    const { outages, states } = find(village(...cut, null), [begunAnew(3_590), uptime(3_640, 90_000)]);
    expect(outages).toEqual([]);
    expect(states.map(({ state }) => state)).toEqual(["up", "unknown", "up"]);
  });

  it("rebooted alone when others reached the village all the while", () => {
    expect(find(village(...cut, []), [begunAnew(3_590)]).outages).toEqual([]);
  });

  it.each([
    ["others did not reach it", village(...cut, [cut]), [], "medium"],
    [
      "its UPS had told of a cut",
      village(...cut, null),
      [event(900, "power.onBattery", { target: "ups" })],
      "medium",
    ],
    ["it was silent for long, and nobody else can tell", village(...cut, null), [], "low"],
  ] as const)("lost its power when %s", (_name, watched, more, confidence) => {
    const { outages } = find([...watched], [begunAnew(3_590), ...more]);
    expect(outages).toMatchObject([{ cause: "power", confidence, root: v1 }]);
  });

  it("lost its power though what is on the UPS ran on", () => {
    const onBattery = event(900, "power.onBattery", { target: "ups" });
    const events = [begunAnew(3_590), uptime(3_640, 90_000), onBattery];
    expect(find(village(...cut, null), events).outages).toMatchObject([
      { cause: "power", confidence: "medium" },
    ]);
  });

  it("says too little when it was silent for two minutes and nobody else can tell", () => {
    expect(find(village(1_800, 1_980, null), [begunAnew(1_970)]).outages).toEqual([]);
  });

  it.each([200, 300, 420])(
    "lost its power for %i s though a check each five minutes went on through it",
    (cutS) => {
      const [fromS, toS] = [1_830, 1_830 + cutS];
      const slow: Watched = {
        key: `${v1}/lapor`,
        role: "service",
        service: "lapor",
        kind: "http",
        intervalS: 300,
        phaseS: 20,
        measured: on(fromS, toS),
      };
      const watched = [...village(fromS, toS, null), slow];
      const events = [begunAnew(toS - 5), uptime(toS + 40, 55)];
      expect(find(watched, events).outages).toMatchObject([{ cause: "power", confidence: "high" }]);
    },
  );

  it("lost its power also where what it is asked was changed meanwhile", () => {
    const watched = village(...cut, null).filter(({ key }) => !key.startsWith(v1));
    const own = (id: string, span: [number, number]): Watched => ({
      key: `${v1}/${id}`,
      role: "noc",
      measured: [span],
    });
    const both = [own("noc", [0, cut[0]]), own("noc2", [cut[1], 2 * hour])];
    const events = [begunAnew(3_590), uptime(3_640, 55)];
    expect(find([...watched, ...both], events).outages).toMatchObject([{ cause: "power" }]);
  });

  it("came back to a link that was cut all the while: one fault, where no device says that its power was gone", () => {
    const watched = village(...cut, [[1_800, 5_400]]).map((one) =>
      one.key === `${v1}/hub` || one.key === `${v1}/noc` ? { ...one, bad: [[3_600, 5_400]] as Spans } : one,
    );
    expect(find(watched, [begunAnew(3_590)]).outages).toMatchObject([{ cause: "link", confidence: "low" }]);
    const causes = find(watched, [begunAnew(3_590), uptime(3_640, 55)]).outages.map(({ cause }) => cause);
    expect(causes).toEqual(["power", "link"]);
    const onBattery = event(900, "power.onBattery", { target: "ups" });
    expect(find(watched, [begunAnew(3_590), onBattery]).outages[0]).toMatchObject({ cause: "power" });
  });

  it("was switched off by somebody when it had stopped cleanly", () => {
    expect(find(village(...cut, null), [begunAnew(3_590, true), uptime(3_640, 55)]).outages).toEqual([]);
  });

  it("makes its village the root of what the villages below it lose", () => {
    const gone = on(1_800, 3_600);
    const watched: Watched[] = [
      ...village(0, 0, null).filter(({ key }) => !key.startsWith(kec) && !key.startsWith(v1)),
      { key: `${kec}/hub`, role: "hub", measured: gone },
      { key: `${kec}/noc`, role: "noc", measured: gone },
      { key: `${v1}/gw`, role: "gateway" },
      { key: `${v1}/hub`, role: "hub", bad: [[1_800, 3_600]] },
      { key: `${v1}/noc`, role: "noc", bad: [[1_800, 3_600]] },
    ];
    const at = { site: kec };
    const events = [begunAnew(3_590), uptime(3_640, 55)].map((one) => ({ ...one, ...at }));
    const table = findOutages({ ...evidenceOf(2 * hour, watched), events }, smallDistrict());
    expect(table.outages.map(({ site, cause, root }) => [site, cause, root]).sort()).toEqual([
      [kec, "power", kec],
      [v1, "hub", kec],
    ]);
  });

  it("is not what the village lost once it had been back", () => {
    const bad: Spans = [[3_660, 3_730]];
    const watched = village(...cut, null).map((one) =>
      one.key.startsWith(v1) ? { ...one, bad, intervalS: 20 } : one,
    );
    const { outages } = find(watched, [begunAnew(3_590), uptime(3_640, 55)]);
    expect(outages.map(({ cause }) => cause)).toEqual(["power", "unknown"]);
  });

  it("tells the same in whatever order it was heard", () => {
    const evidence = evidenceOf(2 * hour, village(...cut, [cut]));
    const events = [begunAnew(3_590), uptime(3_640, 55), begunAnew(5_000)];
    const table = findOutages({ ...evidence, events }, smallDistrict());
    const targets = evidence.targets.toReversed();
    expect(table.outages).toHaveLength(1);
    expect(findOutages({ ...evidence, targets, events: events.toReversed() }, smallDistrict())).toEqual(
      table,
    );
  });
});
