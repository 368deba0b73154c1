import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { edgesOf, tellingOf } from "../../../src/report/sla/borne-out.ts";
import type { Seen } from "../../../src/report/sla/borne-out.ts";
import { monthSpan } from "../../../src/inventory/local-time.ts";
import { openTestHttp } from "../../support/http.ts";
import type { TestHttp } from "../../support/http.ts";
import { icmpTarget, makeContract, makeInventory, makeLink, makeSite } from "../../support/inventory.ts";
import { needs } from "../../support/needs.ts";
import { createWriter, icmpRounds } from "../../support/rounds.ts";
import { enrol, makeOutage, segments, writeWatch } from "../../support/watch.ts";
import { verify } from "./sla-world.ts";

const lacking = needs({ commands: ["python3"] });
const site = "64.08.01.2001";
const link = `${site}-1`;
const { fromMs: monthMs, toMs } = monthSpan("2026-08", "Asia/Makassar")!;
const dayMs = 86_400_000;
/** From the 10th on, for as long as the case says. */
const beganMs = monthMs + 9 * dayMs;

interface Line extends Record<string, unknown> {
  type: string;
}

/** A link cut off for so long, measured each minute from both ends, and its pack in lines. */
async function packOf(lengthMs: number, measuredAt = ["64.08", site]): Promise<Line[]> {
  using http: TestHttp = await openTestHttp({
    inventory: {
      ...makeInventory({
        sites: [makeSite("64.08", "Kutai Contoh"), makeSite("64.08.01", "Hulu"), makeSite(site, "Atas")],
        links: [makeLink(makeSite(site, "Atas"), { contract: "c1" })],
        targets: [icmpTarget(site, "noc", "noc"), icmpTarget("64.08", "to", "site", { of: site })],
      }),
      contracts: new Map([
        ["c1", makeContract({ id: "c1", slaRatio: 0.99, thresholdS: 300, monthlyFeeIdr: 3_100_000 })],
      ]),
    },
  });
  http.clock.ms = toMs + 3 * dayMs;
  const states = segments(site, "", [
    [monthMs - dayMs, "up"],
    [beganMs, "down", "link"],
    [beganMs + lengthMs, "up"],
  ]);
  const outage = makeOutage({ site, link, startMs: beganMs, endMs: beganMs + lengthMs, root: site });
  await writeWatch(http.state, { states: [states], outages: [outage] });
  for (const at of measuredAt) {
    const firstMs = beganMs - 570_000;
    const replies = Array.from({ length: 60 }, (_, round) => {
      const ms = firstMs + round * 60_000;
      return ms >= beganMs && ms < beganMs + lengthMs ? [] : [20, 21];
    });
    const key = at === site ? `${site}/noc` : "64.08/to";
    const write = createWriter(http.batchLog, await enrol(http.state, at, monthMs));
    await write([icmpRounds(key, firstMs, 60_000, replies)]);
  }
  const response = await http.request(`/api/v1/sla/${link}/evidence?period=2026-08`);
  expect(response.status).toBe(200);
  const lines = (await response.text()).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Line);
}

/** The pack with its lines changed, and the chain made anew over them. */
function forge(lines: readonly Line[], change: (lines: Line[]) => Line[]): string {
  const changed = change(structuredClone([...lines]));
  let prev = "0".repeat(64);
  const written = changed.map((record) => {
    const line = JSON.stringify(
      record.type === "end" ? { prev, type: "end", lines: changed.length } : { ...record, prev },
    );
    prev = createHash("sha256").update(line).digest("hex");
    return line;
  });
  return `${written.join("\n")}\n`;
}

const each = (type: string, change: (line: Line) => Record<string, unknown>) => (lines: Line[]) =>
  lines.map((line) => (line.type === type ? ({ ...line, ...change(line) } as Line) : line));

describe.skipIf(lacking !== null)(`the script${lacking === null ? "" : `: ${lacking}`}`, () => {
  let pack: Line[];
  beforeAll(async () => {
    pack = await packOf(600_000);
  });

  const said = (change: (lines: Line[]) => Line[]) => verify([forge(pack, change)]);

  it("tells figures that follow from outages that are borne out, and between which lengths", () => {
    const { status, beside } = said((lines) => lines);
    expect(status).toBe(0);
    expect(beside).toContain(
      "    the chain is whole; every figure was recomputed from the segments, exclusions and terms",
    );
    expect(beside).toContain(
      "    counted and short outages borne out by rounds that were lost: 1; by the silence of the site in a power cut: 0; not held against rounds, which are kept no more: 0",
    );
    // Rounds lie half a minute from the edges: the last answer 30 s before it, the first lost one 30 s after.
    expect(beside).toContain(
      "    outage 0 lasted 600.000 s; by its rounds from 540.000 to 660.000 s, their clocks wrong by 0.000 s at most",
    );
  });

  it("says where the threshold of the contract lies between those lengths", async () => {
    const { status, beside } = verify([forge(await packOf(330_000), (lines) => lines)]);
    expect(status).toBe(0);
    expect(beside.find((line) => line.includes("outage 0"))).toMatch(
      /: the threshold of 300 s lies between$/,
    );
  });

  it("refuses an outage in which rounds were answered", () => {
    const answered = (lines: Line[]) =>
      each("rounds", ({ sent, rounds }) => ({ recv: sent, answered: rounds }))(lines);
    expect(said(answered).said[0]).toContain("outage 0, edges");
    const edges = { start: [beganMs + 270_000, null], end: [null, beganMs + 330_000] };
    expect(said((lines) => each("outage", () => ({ edges }))(answered(lines))).said[0]).toMatch(
      /outage 0: .* answered in its midst/,
    );
  });

  it("refuses one answer from one end alone", () => {
    const one = (lines: Line[]) =>
      each("rounds", ({ recv, answered, seenFrom }) =>
        seenFrom === "site"
          ? {}
          : { recv: (recv as number[]).with(14, 2), answered: (answered as number) + 1 },
      )(lines);
    const edges = {
      start: [beganMs + 270_000, beganMs + 330_000],
      end: [beganMs + 570_000, beganMs + 630_000],
    };
    expect(said((lines) => each("outage", () => ({ edges }))(one(lines))).said[0]).toContain(
      "64.08/to, measured at 64.08, answered in its midst",
    );
  });

  it("refuses an outage without a round, unless it says that they are kept no more, and then says so", () => {
    const none = { start: [null, null], end: [null, null] };
    const without = (roundsKept: boolean) => (lines: Line[]) =>
      each("outage", () => ({ edges: none, roundsKept }))(
        lines.filter(({ type }) => !["rounds", "clock", "ledger"].includes(type)),
      );
    expect(said(without(true)).said[0]).toContain("outage 0: no round that was lost bears it out");
    const { status, beside } = said(without(false));
    expect(status).toBe(0);
    expect(beside.some((line) => line.endsWith("not held against rounds, which are kept no more: 1"))).toBe(
      true,
    );
  });

  it("refuses rounds of which the time is not known well enough, or by no clock", () => {
    const day = each("clock", () => ({ uncertaintyMs: dayMs }));
    expect(said(day).said[0]).toContain("its clocks are wrong by more than it lasted");
    const noClock = (lines: Line[]) => lines.filter(({ type }) => type !== "clock");
    expect(said(noClock).said[0]).toContain("no clock is told of");
  });

  it("refuses rows of the outage table that lie elsewhere, or tell of another cause", () => {
    const row = (change: Record<string, unknown>) =>
      each("outage", ({ table }) => ({ table: (table as object[]).map((one) => ({ ...one, ...change })) }));
    expect(said(row({ startMs: 0, endMs: 1 })).said[0]).toContain(
      "row out_1 of the table does not lie in it",
    );
    expect(said(row({ endMs: beganMs + dayMs })).said[0]).toContain("does not lie in it");
    expect(said(row({ cause: "power" })).said[0]).toContain("no row of the table says link");
    const causes = each("outage", () => ({ causes: [] }));
    expect(said(causes).said[0]).toContain("outage 0, causes");
  });

  it("is satisfied with one end, where nobody looks from the other", async () => {
    for (const end of ["64.08", site])
      expect(verify([forge(await packOf(600_000, [end]), (lines) => lines)]).status).toBe(0);
  });
});

describe("the rounds that tell of a link", () => {
  const seen = (role: Seen["target"]["role"], recv: number[], more: Partial<Seen["target"]> = {}): Seen => ({
    rounds: { key: role, kind: "icmp", timeMs: recv.map((_, at) => at * 60_000), sent: recv, recv },
    target: { role, link: null, of: null, ...more },
  });
  const good = [5, 5, 0, 0, 5];
  const told = (all: Seen[], more: { ownLink?: string; hubIsNoc?: boolean } = {}) =>
    tellingOf(all, { site, ownLink: null, hubIsNoc: false, ...more }).map(({ rounds }) => rounds.key);

  it("are those of the first layer that ever answers, and of who looks at the site", () => {
    const [noc, hub, service] = [seen("noc", good), seen("hub", good), seen("service", good)];
    const [mute, to] = [seen("noc", [0, 0, 0, 0, 0]), seen("site", good, { of: site })];
    expect(told([noc, hub, service, seen("gateway", good)])).toEqual(["noc"]);
    expect(told([mute, hub, service])).toEqual(["hub"]);
    expect(told([service])).toEqual(["service"]);
    expect(told([mute])).toEqual(["noc"]);
    expect(told([to, seen("site", good, { of: "64.08.02" }), noc, hub], { hubIsNoc: true })).toEqual([
      "site",
      "noc",
      "hub",
    ]);
  });

  it("are of a link that is tested by itself only those that are bound to it", () => {
    const all = [seen("noc", good), seen("hub", good, { link }), seen("hub", good, { link: "other" })];
    expect(told(all, { ownLink: link })).toEqual(["hub"]);
  });

  it("say between which moments it began and ended, also where they were merged", () => {
    const span = { fromMs: 90_000, toMs: 210_000 };
    const beside = { before: "up", after: "up" } as const;
    expect(edgesOf([seen("noc", good)], span, beside)).toEqual({
      start: [60_000, 120_000],
      end: [180_000, 240_000],
    });
    const { rounds, target } = seen("noc", [5, 0, 5]);
    const merged = { ...rounds, timeMs: [0, 120_000, 240_000], spanMs: [60_000, 60_000, 0] };
    expect(edgesOf([{ rounds: merged, target }], span, beside)).toEqual({
      start: [60_000, 120_000],
      end: [180_000, 240_000],
    });
    expect(edgesOf([seen("noc", good)], span, { before: "off", after: "unknown" })).toEqual({
      start: [90_000, 90_000],
      end: [180_000, null],
    });
    // What never answers does not tell when it was lost.
    const mute = seen("noc", [0, 0, 0, 0, 0]);
    mute.rounds.timeMs = mute.rounds.timeMs.map((ms) => ms + 10_000);
    expect(edgesOf([seen("noc", good), mute], span, beside)).toEqual({
      start: [60_000, 120_000],
      end: [180_000, 240_000],
    });
  });
});
