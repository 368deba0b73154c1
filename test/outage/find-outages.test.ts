import { describe, expect, it } from "vitest";
import { findOutages } from "../../src/outage/find-outages.ts";
import type { Evidence } from "../../src/outage/evidence.ts";
import type { Outage } from "../../src/outage/table.ts";
import { atMs, evidenceOf, smallDistrict } from "../support/evidence.ts";
import type { Watched } from "../support/evidence.ts";

const noc = "64.08";
const kec = "64.08.04";
const v1 = "64.08.04.2001";
const v2 = "64.08.04.2002";
const hour = 3_600;

type Spans = [number, number][];
/** Everything that measures in the district; `bad` and `measured` by target key. */
function district(
  change: { bad?: Record<string, Spans>; measured?: Record<string, Spans>; phase?: Watched["phase"] } = {},
): Watched[] {
  const all: Watched[] = [
    { key: `${noc}/gw`, role: "gateway" },
    { key: `${noc}/anchor`, role: "anchor" },
    { key: `${noc}/below-kec`, role: "site", of: kec },
    { key: `${noc}/lapor`, role: "service", service: "lapor", kind: "http" },
    { key: `${kec}/gw`, role: "gateway" },
    { key: `${kec}/hub`, role: "hub" },
    { key: `${kec}/noc`, role: "noc" },
    { key: `${kec}/below-v1`, role: "site", of: v1 },
    { key: `${kec}/below-v2`, role: "site", of: v2 },
    { key: `${kec}/lapor`, role: "service", service: "lapor", kind: "http" },
    ...[v1, v2].flatMap((code): Watched[] => [
      { key: `${code}/gw`, role: "gateway" },
      { key: `${code}/hub`, role: "hub" },
      { key: `${code}/noc`, role: "noc" },
      { key: `${code}/lapor`, role: "service", service: "lapor", kind: "http" },
    ]),
  ];
  return all.map((one) => ({
    ...one,
    phase: change.phase ?? (one.kind === "http" ? "connect" : null),
    ...(change.bad?.[one.key] === undefined ? {} : { bad: change.bad[one.key]! }),
    ...(change.measured?.[one.key] === undefined ? {} : { measured: change.measured[one.key]! }),
  }));
}

const find = (watched: Watched[], toS = 2 * hour, nowS = toS) =>
  findOutages(evidenceOf(toS, watched, nowS), smallDistrict());
const short = ({ site, service, cause, root, confidence }: Outage) => [
  site,
  service,
  cause,
  root,
  confidence,
];

function expectEdges(outage: Outage, startS: number, endS: number | null, withinS = 60): void {
  expect(Math.abs(outage.startMs - atMs(startS)) / 1000, "start").toBeLessThanOrEqual(withinS);
  if (endS === null) expect(outage.endMs).toBeNull();
  else expect(Math.abs(outage.endMs! - atMs(endS)) / 1000, "end").toBeLessThanOrEqual(withinS);
}

const cut: Spans = [[1800, 3600]];
const everythingAt = (code: string, ...ids: string[]) =>
  Object.fromEntries(ids.map((id) => [`${code}/${id}`, cut]));

describe("finding outages", () => {
  it("finds none where all is well, and says that every site is up", () => {
    const table = find(district());
    expect(table.outages).toEqual([]);
    const open = table.states.filter(({ endMs }) => endMs === null);
    expect(open.map(({ state }) => state)).toEqual(open.map(() => "up"));
    expect(open.length).toBe(8);
  });

  it("names a village's link when its own gateway answers, its parent does not, and its neighbour is fine", () => {
    const table = find(
      district({ bad: { ...everythingAt(v1, "hub", "noc", "lapor"), [`${kec}/below-v1`]: cut } }),
    );
    expect(table.outages.map(short)).toEqual([[v1, null, "link", v1, "high"]]);
    expectEdges(table.outages[0]!, 1800, 3600);
    expect(table.outages[0]!.link).toBe(`l-${v1}`);
    expect(table.outages[0]!.evidence.map(({ fact }) => fact)).toEqual([
      "gateway.answers",
      "hub.silent",
      "noc.silent",
      "witness.silent",
      "siblings.up",
    ]);
  });

  it("names the kecamatan's link as the root of what its villages lose", () => {
    const bad = {
      ...everythingAt(kec, "hub", "noc", "lapor"),
      ...everythingAt(v1, "noc", "lapor"),
      ...everythingAt(v2, "noc", "lapor"),
      [`${noc}/below-kec`]: cut,
    };
    const table = find(district({ bad }));
    expect(table.outages.map(short).sort()).toEqual([
      [kec, null, "link", kec, "high"],
      [v1, null, "backhaul", kec, "high"],
      [v2, null, "backhaul", kec, "high"],
    ]);
    const states = table.states
      .filter(({ service, state }) => service === "" && state !== "up")
      .map(({ site, state }) => [site, state]);
    expect(states).toEqual([
      [kec, "down"],
      [v1, "unreachable"],
      [v2, "unreachable"],
    ]);
  });

  it("names the hub when nobody reaches it, neither from above nor from below", () => {
    const dead = ["hub", "noc", "lapor"];
    const silent = {
      measured: Object.fromEntries(
        ["gw", "hub", "noc", "below-v1", "below-v2", "lapor"].map((id) => [
          `${kec}/${id}`,
          [
            [0, 1800],
            [3600, 9999],
          ] as Spans,
        ]),
      ),
    };
    const table = find(
      district({
        bad: { ...everythingAt(v1, ...dead), ...everythingAt(v2, ...dead), [`${noc}/below-kec`]: cut },
        ...silent,
      }),
    );
    expect(table.outages.map(short).sort()).toEqual([
      [kec, null, "hub", kec, "high"],
      [v1, null, "hub", kec, "medium"],
      [v2, null, "hub", kec, "medium"],
    ]);
  });

  it("names the service when the control vantage sees it fail too, and not the network", () => {
    const bad = Object.fromEntries([noc, kec, v1, v2].map((code) => [`${code}/lapor`, cut]));
    const table = find(district({ bad }));
    expect(table.outages.map(short).sort()).toEqual(
      [noc, kec, v1, v2].map((code) => [code, "lapor", "service", "service:lapor", "high"]),
    );
  });

  it.each([
    ["alone", [noc]],
    ["with one of three others", [noc, v1]],
  ])("does not accuse the service because the control vantage does not reach it, %s", (_, places) => {
    const bad = Object.fromEntries(places.map((code) => [`${code}/lapor`, cut]));
    expect(find(district({ bad })).outages.map(short)).toEqual(
      places.map((code) => [code, "lapor", "unknown", code, "low"]),
    );
  });

  it("believes the control vantage where hardly anybody else can tell", () => {
    const others = [kec, v1, v2].map((code) => `${code}/lapor`);
    const watched = district({ bad: { [`${noc}/lapor`]: cut } });
    const without = (keys: string[]) => find(watched.filter(({ key }) => !keys.includes(key)));
    expect(without(others).outages.map(short)).toEqual([
      [noc, "lapor", "service", "service:lapor", "medium"],
    ]);
    expect(without(others.slice(1)).outages.map(short)).toEqual([
      [noc, "lapor", "service", "service:lapor", "high"],
    ]);
  });

  it("names DNS when names fail from one site alone", () => {
    const table = find(district({ bad: { [`${v1}/lapor`]: cut }, phase: "dns" }));
    expect(table.outages.map(short)).toEqual([[v1, "lapor", "dns", v1, "medium"]]);
  });

  it("leaves a village that is cut off its own cause while names fail at the control vantage alone", () => {
    const bad = {
      [`${noc}/lapor`]: cut,
      ...everythingAt(v1, "hub", "noc", "lapor"),
      [`${kec}/below-v1`]: cut,
    };
    const { states } = find(district({ bad, phase: "dns" }));
    const lost = states.filter(({ service, cause }) => service === "lapor" && cause !== null);
    expect(lost.map(({ site, cause }) => [site, cause]).sort()).toEqual([
      [noc, "dns"],
      [v1, "link"],
    ]);
  });

  it("says unknown of a service that fails from one site for no reason it can see", () => {
    const table = find(district({ bad: { [`${v1}/lapor`]: cut } }));
    expect(table.outages.map(short)).toEqual([[v1, "lapor", "unknown", v1, "low"]]);
    expect(table.outages[0]!.evidence.map(({ fact }) => fact)).toEqual([
      "service.phase",
      "service.control.ok",
      "service.elsewhere.ok",
    ]);
  });

  it("says that nothing outside answers when the only vantage sees nothing at all", () => {
    const watched: Watched[] = [
      { key: `${noc}/host`, role: "device" },
      {
        key: `${noc}/lapor`,
        role: "service",
        service: "lapor",
        kind: "http",
        bad: [[0, 9999]],
        phase: "dns",
      },
      {
        key: `${noc}/lapor-dns`,
        role: "service",
        service: "lapor",
        kind: "dns",
        bad: [[0, 9999]],
        phase: "dns",
      },
    ];
    const table = find(watched);
    expect(table.outages.map(short)).toEqual([[noc, null, "link", noc, "low"]]);
    expect(table.outages[0]!.evidence).toEqual([
      { fact: "outside.silent", target: `${noc}/lapor`, detail: { phase: "dns" } },
      { fact: "outside.silent", target: `${noc}/lapor-dns`, detail: { phase: "dns" } },
    ]);
    expect(
      table.states.filter(({ service }) => service === "lapor").map(({ state, cause }) => [state, cause]),
    ).toEqual([["unreachable", "link"]]);
  });

  it("accuses nobody when a name is still known, and the only check of the only vantage gets no connection", () => {
    const watched: Watched[] = [
      { key: `${noc}/gw`, role: "gateway" },
      { key: `${noc}/lapor`, role: "service", service: "lapor", kind: "http", bad: cut, phase: "connect" },
      { key: `${noc}/lapor-dns`, role: "service", service: "lapor", kind: "dns" },
    ];
    expect(find(watched).outages.map(short)).toEqual([[noc, "lapor", "unknown", noc, "low"]]);
    const answered = watched.map((one) => ({
      ...one,
      ...(one.kind === "http" ? { phase: "http" as const } : {}),
    }));
    expect(find(answered).outages.map(short)).toEqual([[noc, "lapor", "service", "service:lapor", "medium"]]);
  });

  it("gives one fault of names one cause at every vantage", () => {
    const bad = Object.fromEntries([noc, v1, v2].map((code) => [`${code}/lapor`, cut]));
    const table = find(district({ bad, phase: "dns" }).filter(({ key }) => key !== `${kec}/lapor`));
    expect(table.outages.map(short).sort()).toEqual(
      [noc, v1, v2].map((code) => [code, "lapor", "service", "service:lapor", "high"]),
    );
  });

  it("does not take one lost round for an outage, and two for one", () => {
    expect(find(district({ bad: { [`${v1}/noc`]: [[1800, 1860]] } })).outages).toEqual([]);
    expect(find(district({ bad: { [`${v1}/noc`]: [[1800, 1920]] } })).outages.length).toBe(1);
  });
});

describe("silence", () => {
  const gone = (code: string, fromS: number) =>
    Object.fromEntries(
      ["gw", "hub", "noc", "lapor", "below-v1", "below-v2"].map((id) => [
        `${code}/${id}`,
        [[0, fromS]] as Spans,
      ]),
    );

  it("of a village whose gateway others still reach is the agent's, and no outage", () => {
    const table = find(district({ measured: gone(v1, 1800) }));
    expect(table.outages).toEqual([]);
    expect(table.states.filter(({ site, service }) => site === v1 && service === "").at(-1)).toMatchObject({
      state: "up",
      cause: "agent",
      endMs: null,
    });
    expect(
      table.states.filter(({ site, service }) => site === v1 && service === "lapor").at(-1),
    ).toMatchObject({ state: "unknown" });
  });

  it("of a village that others cannot reach either is an outage of unknown cause", () => {
    const table = find(district({ measured: gone(v1, 1800), bad: { [`${kec}/below-v1`]: [[1800, 9999]] } }));
    expect(table.outages.map(short)).toEqual([[v1, null, "unknown", v1, "low"]]);
    expectEdges(table.outages[0]!, 1800, null, 75);
    expect(table.outages[0]!.evidence.map(({ fact }) => fact)).toEqual([
      "agent.silent",
      "witness.silent",
      "siblings.up",
    ]);
  });

  it("below a kecamatan that is down is the kecamatan's fault", () => {
    const table = find(
      district({
        measured: { ...gone(kec, 1800), ...gone(v1, 1800), ...gone(v2, 1800) },
        bad: { [`${noc}/below-kec`]: [[1800, 9999]] },
      }),
    );
    expect(table.outages.map(short).sort()).toEqual([
      [kec, null, "unknown", kec, "low"],
      [v1, null, "backhaul", kec, "low"],
      [v2, null, "backhaul", kec, "low"],
    ]);
  });

  it("without a witness is unknown, never down, and only after a while", () => {
    const alone = district().filter(({ key }) => key.startsWith(`${v1}/`));
    const states = (nowS: number) => find(alone, hour, nowS).states.filter(({ service }) => service === "");
    expect(states(hour + 120).map(({ state }) => state)).toEqual(["up"]);
    expect(states(hour + 300).map(({ state }) => state)).toEqual(["up", "unknown"]);
    expect(find(alone, hour, hour + 300).outages).toEqual([]);
  });

  it("does not overrule an agent that was heard a moment ago", () => {
    const watched = district({ measured: gone(v1, 7170), bad: { [`${kec}/below-v1`]: [[7000, 9999]] } });
    expect(find(watched, 2 * hour, 2 * hour).outages).toEqual([]);
    expect(find(watched, 2 * hour + 180, 2 * hour + 180).outages.length).toBe(1);
  });

  it("says nothing of sites that nobody ever measured", () => {
    const table = find(district().filter(({ key }) => key.startsWith(`${noc}/`) && !key.includes("below")));
    expect(new Set(table.states.map(({ site }) => site))).toEqual(new Set([noc]));
  });
});

describe("the table", () => {
  it("is the same whatever the order of the evidence", () => {
    const bad = {
      ...everythingAt(kec, "hub", "noc", "lapor"),
      ...everythingAt(v1, "noc", "lapor"),
      ...everythingAt(v2, "noc", "lapor"),
      [`${noc}/below-kec`]: cut,
    };
    const evidence = evidenceOf(2 * hour, district({ bad }));
    const expected = JSON.stringify(findOutages(evidence, smallDistrict()));
    let seed = 7;
    for (let i = 0; i < 50; i++) {
      const shuffled = evidence.targets
        .map((target) => ({ target, rank: (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ target }) => target);
      expect(JSON.stringify(findOutages({ ...evidence, targets: shuffled }, smallDistrict()))).toBe(expected);
    }
  });

  it("keeps to whole seconds where names and checks share a service, whenever their rounds begin", () => {
    const fault: Spans = [[1_800, 3_600]];
    for (const shiftMs of [0, 337, 501, 999]) {
      const evidence = evidenceOf(2 * hour, [
        { key: `${noc}/anchor`, role: "anchor" },
        { key: `${noc}/lapor-dns`, role: "service", service: "lapor", kind: "dns", phase: "dns", bad: fault },
        {
          key: `${noc}/lapor`,
          role: "service",
          service: "lapor",
          kind: "http",
          phase: "dns",
          bad: fault,
          measured: [[600, 9_999]],
        },
      ]);
      const later = (ms: number) => ms + shiftMs;
      const targets = evidence.targets.map((target) => ({
        ...target,
        runs: target.runs.map((run) => ({ ...run, firstMs: later(run.firstMs), lastMs: later(run.lastMs) })),
      }));
      const { states, outages } = findOutages({ ...evidence, targets }, smallDistrict());
      const edges = [...states, ...outages].flatMap(({ startMs, endMs }) => [startMs, endMs ?? 0]);
      expect(
        edges.filter((ms) => ms % 1000 !== 0),
        `rounds at .${shiftMs} s`,
      ).toEqual([]);
      const lapor = states.filter(({ service }) => service === "lapor");
      expect(lapor.map(({ state }) => state)).toEqual(["up", "down", "up"]);
      expect(outages.length).toBe(1);
    }
  });

  it("covers every second of each site from its first round to now, without holes or overlaps", () => {
    const evidence: Evidence = evidenceOf(
      2 * hour,
      district({
        bad: { ...everythingAt(v1, "hub", "noc", "lapor") },
        measured: {
          [`${v2}/noc`]: [
            [0, 600],
            [5000, 6000],
          ],
        },
      }),
    );
    const { states } = findOutages(evidence, smallDistrict());
    const views = Map.groupBy(states, ({ site, service }) => `${site}|${service}`);
    for (const [view, segments] of views) {
      for (const [index, segment] of segments.entries()) {
        expect(segment.startMs % 1000, view).toBe(0);
        if (index > 0) expect(segment.startMs, view).toBe(segments[index - 1]!.endMs);
      }
      expect(segments.at(-1)!.endMs, view).toBeNull();
    }
  });

  it("takes what this machine has no route to for cut off, unless its parent's gateway answers", () => {
    const routeless = (ids: string[]) =>
      find(
        district({
          bad: { ...everythingAt(v1, ...ids), ...(ids.includes("hub") ? { [`${kec}/below-v1`]: cut } : {}) },
          phase: "route",
        }),
      );
    expect(routeless(["hub", "noc", "lapor"]).outages.map(short)).toEqual([[v1, null, "link", v1, "high"]]);
    // Its neighbour at the parent still reaches the village, so that the agent's routes are all that is wrong.
    const { outages, states } = routeless(["noc", "lapor"]);
    expect(outages.filter(({ service }) => service === null)).toEqual([]);
    const own = states.filter(({ site, service }) => site === v1 && service === "");
    expect(own.map(({ state, cause }) => [state, cause])).toEqual([
      ["up", null],
      ["up", "agent"],
      ["up", null],
    ]);
  });

  it("hears no witness that has no route to the site", () => {
    const bad = { [`${kec}/below-v1`]: [[0, 2 * hour]] as Spans };
    const silent: Spans = [[0, 1800]];
    const measured = Object.fromEntries(["gw", "hub", "noc", "lapor"].map((id) => [`${v1}/${id}`, silent]));
    expect(find(district({ bad, measured })).outages.map(short)).toEqual([[v1, null, "unknown", v1, "low"]]);
    expect(find(district({ bad, measured, phase: "route" })).outages).toEqual([]);
  });

  it("tells what the agent found out beside what its rounds say, the same in any order", () => {
    const evidence = evidenceOf(
      2 * hour,
      district({ bad: { ...everythingAt(v1, "hub", "noc", "lapor"), [`${kec}/below-v1`]: cut } }),
    );
    const event = (
      second: number,
      type: string,
      detail: Evidence["events"][number]["detail"],
      site = v1,
    ) => ({
      site,
      timeMs: atMs(second),
      type,
      detail,
    });
    const trace = { target: "hub", address: "10.0.0.1", reached: false, deepest: "10.8.1.1", deepestHop: 1 };
    const local = { carrier: true, hasDefaultRoute: true, gatewayAnswers: true };
    const events = [
      event(1_700, "power.onBattery", { target: "ups" }),
      event(1_850, "path.local", local),
      event(1_860, "path.trace", trace),
      event(1_870, "path.trace", {
        ...trace,
        target: "noc",
        address: "10.0.0.2",
        deepest: null,
        deepestHop: 0,
      }),
      // Of another site, of an address told already, and long over.
      event(1_860, "path.trace", trace, v2),
      event(2_400, "path.trace", { ...trace, deepest: null, deepestHop: 0 }),
      event(6_000, "device.rebooted", { target: "rt", uptimeS: 3 }),
      event(3_700, "device.rebooted", { target: "rt", uptimeS: 3 }),
    ];
    const told = [events, events.toReversed()].map((all) =>
      findOutages({ ...evidence, events: all }, smallDistrict()).outages.map((outage) => outage.evidence),
    );
    expect(told[0]).toEqual(told[1]);
    expect(told[0]![0]!.slice(5)).toEqual([
      { fact: "local.fine", target: null, detail: {} },
      {
        fact: "path.ends",
        target: `${v1}/hub`,
        detail: { deepest: "10.8.1.1", hop: 1, address: "10.0.0.1" },
      },
      { fact: "path.silent", target: `${v1}/noc`, detail: { address: "10.0.0.2" } },
      { fact: "device.rebooted", target: `${v1}/rt`, detail: { timeMs: atMs(3_700) } },
      { fact: "power.onBattery", target: `${v1}/ups`, detail: { timeMs: atMs(1_700) } },
    ]);
  });
});
