import { describe, expect, it } from "vitest";
import { createPlace } from "../../../src/report/create-reader.ts";
import { keepOutageRounds } from "../../../src/report/sla/outage-rounds.ts";
import { needs } from "../../support/needs.ts";
import { writeWatch } from "../../support/watch.ts";
import { cut, dayMs, link, november, october, openVillage, site, terms, writeRounds } from "./one-village.ts";
import { verify } from "./sla-world.ts";

const lacking = needs({ commands: ["python3"] });
type Http = Awaited<ReturnType<typeof openVillage>>;

const linesOf = (pack: string) =>
  pack
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown> & { type: string });

/** The records that figures and their proof are made of. */
const toldBy = (pack: string) =>
  linesOf(pack)
    .filter(({ type }) => !["clock", "ledger", "end"].includes(type))
    .map(({ prev: _prev, ...record }) => record);

const ownState = (fromMs: number) => ({
  site,
  link,
  service: "",
  replaceFromMs: fromMs,
  knownMs: fromMs,
  segments: [{ site, link, service: "", startMs: fromMs, endMs: null, state: "up" as const, cause: null }],
});

describe.skipIf(lacking !== null)(
  `the evidence of an issued month${lacking === null ? "" : `: ${lacking}`}`,
  () => {
    it.each<[string, Parameters<Http["reload"]>[0]]>([
      ["a second link was added", { second: { contract: null } }],
      ["the link moved to another parent and provider", { link: { provider: "Lain", parent: "64.08" } }],
      ["a target was renamed", { hub: "hub2" }],
      ["an area was renamed", { kecamatan: "Hulu Baru" }],
      ["the contract was renewed", { contracts: [terms({ slaRatio: 0.99, monthlyFeeIdr: 5_000_000 })] }],
      ["the clocks are of another zone", { more: { timeZone: "Asia/Jakarta" } }],
    ])("is the same after %s", async (_, next) => {
      using http = await openVillage(cut);
      await writeRounds(http, cut);
      expect(await http.issue()).toBe(201);
      const before = await http.pack();
      expect(verify([before.text]).said).toEqual([expect.stringMatching(/^OK: /)]);
      const files = async () => [
        await http.file("laporan-sla-2026-10.xlsx"),
        await http.file("laporan-sla-2026-10.csv"),
      ];
      const [report, arithmetic] = [await files(), await http.explain()];
      http.reload(next);
      // As the watch has it when a link gets states of its own.
      await writeWatch(http.state, { states: [ownState(http.clock.ms - dayMs)] });
      const after = await http.pack();
      expect(toldBy(after.text)).toEqual(toldBy(before.text));
      expect(
        toldBy(after.text)
          .filter(({ type }) => type === "rounds")
          .map(({ target }) => target),
      ).toEqual([`${site}/hub`, "64.08/to"]);
      expect(verify([after.text]).status).toBe(0);
      expect(await files()).toEqual(report);
      expect(await http.explain()).toEqual(arithmetic);
    });

    it("is there of a link that has ended and was taken out", async () => {
      using http = await openVillage(cut);
      await http.issue();
      const before = await http.pack();
      const gone = { ...http.held.inventory, links: new Map() };
      http.held.inventory = gone;
      http.clock.ms += 61_000;
      const after = await http.pack();
      expect([before.status, after.status]).toEqual([200, 200]);
      expect(toldBy(after.text)).toEqual(toldBy(before.text));
      expect((await http.explain()).at(-1)).toContain("Rp37.634");
      expect(await http.row()).toMatchObject([{ countedS: 8 * 3600, restitutionIdr: 37_634 }]);
    });

    it("has its rounds when those of the store are given up, though its target is called otherwise by then", async () => {
      using http = await openVillage(cut);
      await writeRounds(http, cut);
      await http.issue();
      const before = await http.pack();
      http.reload({ hub: "hub2" });
      const deps = {
        state: http.state,
        series: http.series,
        place: createPlace(() => http.held.inventory),
        nowMs: () => november + 60 * dayMs,
        settledMs: 3 * dayMs,
        rawMs: 60 * dayMs + (november - october),
      };
      while (await keepOutageRounds(deps)) continue;
      const kept = await http.state.outageRounds([`${site}/hub`, "64.08/to"], 0, 100_000);
      expect(new Set(kept.map(({ key }) => key))).toEqual(new Set([`${site}/hub`, "64.08/to"]));
      expect(before.status).toBe(200);
    });

    it("is refused when somebody changed what is stored", async () => {
      using http = await openVillage(cut);
      await http.issue();
      const kept = (await http.state.issuedEvidence("SLA-2026-10", link))!;
      expect(kept.targets.toSorted()).toEqual([`${site}/hub`, "64.08/to"]);
      const other = { link, site, targets: [], source: "[]" };
      const again = (await http.state.slaIssue("SLA-2026-10"))!;
      // The rows themselves cannot be changed, so that one is written which never was what the digest says.
      await http.state.addSlaIssue({ ...again, number: "SLA-2026-10-K1", correction: 1 }, [other], {
        id: "x",
        name: "x",
        address: null,
      });
      expect((await http.pack()).status).toBe(500);
    });
  },
);
