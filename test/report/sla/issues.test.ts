import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { changesBetween, readIssue } from "../../../src/report/sla/issues.ts";
import type { IssuedMonth } from "../../../src/report/sla/issues.ts";
import { makeOutage, segments, writeWatch } from "../../support/watch.ts";
import { needs } from "../../support/needs.ts";
import { cut, dayMs, hourMs, link, october, openVillage, site, terms } from "./one-village.ts";
import type { Change } from "./one-village.ts";

/* What of an issued month makes a correction, and what that says of itself. */

const poppler = needs({ commands: ["pdftotext"] });
const named = { contracts: [terms()], link: { circuitId: "1" } };
const split = {
  contracts: [terms({ to: "2026-10-15" }), terms({ id: "d", from: "2026-10-16" })],
  link: { contract: [{ id: "c" }, { id: "d" }] },
};
const pageOf = (file: Buffer) =>
  spawnSync("pdftotext", ["-layout", "-", "-"], { input: file, encoding: "utf8" }).stdout;

type Village = Awaited<ReturnType<typeof openVillage>>;

async function pendingOf(http: Village) {
  return (await http.rows()).meta.pending as Record<string, unknown>[];
}

/** The same outage, and the states, by another cause. */
async function correctCause(http: Village, cause: "rain" | "link", revision: number) {
  const changes = cut.map(([ms, state]): Change => (state === "down" ? [ms, state, cause] : [ms, state]));
  const states = { ...segments(site, "", changes), replaceFromMs: 0, knownMs: http.clock.ms };
  const [, { startMs, endMs }] = states.segments as [unknown, { startMs: number; endMs: number }];
  await writeWatch(http.state, {
    states: [states],
    outages: [makeOutage({ id: "out_0", site, link, root: site, startMs, endMs, cause, revision })],
  });
  http.clock.ms += 61_000;
}

describe("an issued month", () => {
  it("is corrected where its provider or circuit was wrong, which nothing measured has changed", async () => {
    using http = await openVillage(cut, named);
    expect(await http.issue()).toBe(201);
    for (const own of [{ circuitId: "2" }, { circuitId: "2", provider: "Icon+" }]) {
      http.reload({ contracts: [terms()], link: own });
      const [change] = await pendingOf(http);
      expect(change).toMatchObject({ link, reasons: ["identity"] });
      expect(change!["before"]).toEqual(change!["after"]);
    }
    expect(await http.issue()).toBe(201);
    expect(await pendingOf(http)).toEqual([]);
    expect(await http.row()).toMatchObject([{ provider: "Icon+" }]);
  });

  it("is corrected where a cause that its page tells was corrected", async () => {
    using http = await openVillage(cut, named);
    expect(await http.issue()).toBe(201);
    await correctCause(http, "rain", 2);
    expect(await pendingOf(http)).toMatchObject([{ link, reasons: ["causes"] }]);
    expect(await http.issue()).toBe(201);
    await correctCause(http, "link", 3);
    expect(await pendingOf(http)).toMatchObject([{ reasons: ["causes"] }]);
  });

  it("of before bounds had a lower end, and changes reasons, is read as it was meant", async () => {
    using http = await openVillage(cut, named);
    expect(await http.issue()).toBe(201);
    const signed = (await http.state.slaIssue("SLA-2026-10"))!;
    const told = JSON.parse(signed.figures) as IssuedMonth;
    const old = told.links.map(({ counts, judgement, ...row }) => {
      const { countedLeastMs: _counted, ...rest } = counts;
      const { least: _least, ...judged } = judgement;
      return { ...row, counts: rest, judgement: judged };
    });
    const change = { link, fromMs: 0, toMs: 1, before: null, after: null, contractChanged: true };
    const figures = JSON.stringify({ ...told, links: old, changes: [change] });
    const digest = createHash("sha256").update(figures).digest("hex");
    const { links, changes } = readIssue({ ...signed, figures, digest });
    expect(changesBetween(links, told.links)).toEqual([]);
    expect(changes).toMatchObject([{ link, reasons: ["terms"] }]);
    expect(links[0]!.counts.countedLeastMs).toBe(8 * hourMs);
  });

  it("whose contracts are divided otherwise says so, with one sum before and after", async () => {
    using http = await openVillage(cut);
    expect(await http.issue()).toBe(201);
    http.reload(split);
    const figures = { countedS: 8 * 3600, failures: 1, restitutionIdr: 37_634 };
    expect(await pendingOf(http)).toMatchObject([
      {
        link,
        from: new Date(october).toISOString(),
        to: new Date(october + 31 * dayMs).toISOString(),
        reasons: ["parts"],
        before: { ...figures, verdict: "met" },
        // 2 % of its 15 days.
        after: { ...figures, verdict: "missed" },
      },
    ]);
    http.reload({ contracts: [terms()], link: { to: "2026-10-20" } });
    expect(await pendingOf(http)).toMatchObject([{ link, reasons: ["days"] }]);
  });

  it.skipIf(poppler !== null)(
    `prints what was changed by hand${poppler === null ? "" : `: ${poppler}`}`,
    async () => {
      using http = await openVillage(cut);
      expect(await http.issue()).toBe(201);
      http.reload(split);
      expect(await http.issue()).toBe(201);
      const page = pageOf(await http.file("laporan-sla-2026-10.pdf"));
      expect(page).toContain("pembagian kontrak diubah");
      // One row of the link, with the same sum before and after.
      expect(page.match(/8:00:00 +8:00:00/g)).toHaveLength(1);
    },
  );
});

describe("a link with two contracts in the month", () => {
  const both: Change[] = [
    ...cut,
    [october + 24 * dayMs, "down", "link"],
    [october + 24 * dayMs + 8 * hourMs, "up"],
  ];

  it("is one link in every count of verdicts, and has in each row its part of the fee", async () => {
    using http = await openVillage(both, split);
    const { data } = await http.rows("&by=provider");
    expect(data[0]).toMatchObject({ links: 1, verdicts: { met: 0, missed: 1, open: 0, none: 0 } });
    const csv = (await http.file("laporan-sla-2026-10.csv")).toString("utf8").trimEnd().split("\r\n");
    const [names, ...rows] = csv.map((line) => line.split(","));
    const fees = rows.map((row) =>
      ["biaya_bulanan_rp", "biaya_bagian_rp"].map((name) => row[names!.indexOf(name)]),
    );
    const ofDays = (days: number) => String(Math.round((3_500_000 * days) / 31));
    expect(fees).toEqual([
      ["3500000", ofDays(15)],
      ["3500000", ofDays(16)],
    ]);
  });

  it.skipIf(poppler !== null)(
    `has its days on a line of their own in the report${poppler === null ? "" : `: ${poppler}`}`,
    async () => {
      using http = await openVillage(both, split);
      const page = pageOf(await http.file("laporan-sla-2026-10.pdf"));
      expect(page).toMatch(/tidak tercapai \/ belum dapat dipastikan +0 ?\/ ?1 ?\/ ?0/);
      expect(page).toMatch(/^ *64\.08\.01\.2001-1 +Atas/m);
      expect(page).toMatch(/^ *1 Okt – 15 Okt/m);
    },
  );
});
