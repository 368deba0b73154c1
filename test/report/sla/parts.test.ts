import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { Change } from "./one-village.ts";
import { writeWatch } from "../../support/watch.ts";
import { needs } from "../../support/needs.ts";
import {
  cut,
  dayMs,
  hourMs,
  link,
  october,
  openVillage,
  site,
  terms,
  up,
  writeRounds,
} from "./one-village.ts";
import { verify } from "./sla-world.ts";

const lacking = needs({ commands: ["python3"] });
const poppler = needs({ commands: ["pdftotext"] });
/** Eight hours on 10 October, and four on 25 October. */
const twice: Change[] = [
  ...cut,
  [october + 24 * dayMs, "down", "link"],
  [october + 24 * dayMs + 4 * hourMs, "up"],
];
const old = terms({ id: "old", to: "2026-10-15" });
const renewed = terms({ id: "new", from: "2026-10-16", slaRatio: 0.99, monthlyFeeIdr: 6_200_000 });
const changed = { contracts: [old, renewed], link: { contract: [{ id: "old" }, { id: "new" }] } };
const money = (fee: number, days: number, downH: number) =>
  Math.round((fee * (days / 31) * downH) / (days * 24));

describe("a contract that ends in the midst of a month", () => {
  it("is judged by its own days, and the one after it by the rest", async () => {
    using http = await openVillage(twice, changed);
    expect(await http.row()).toMatchObject([
      {
        contract: "old",
        from: "2026-09-30T16:00:00.000Z",
        to: "2026-10-15T16:00:00.000Z",
        monthS: (15 * dayMs) / 1000,
        serviceS: (15 * dayMs) / 1000,
        countedS: 8 * 3600,
        // 2 % of 15 days.
        allowedS: 25_920,
        verdicts: { missed: 1 },
        monthlyFeeIdr: Math.round((3_500_000 * 15) / 31),
        restitutionIdr: money(3_500_000, 15, 8),
      },
      {
        contract: "new",
        to: "2026-10-31T16:00:00.000Z",
        serviceS: (16 * dayMs) / 1000,
        countedS: 4 * 3600,
        // 1 % of 16 days: 3:50:24.
        allowedS: 13_824,
        verdicts: { missed: 1 },
        monthlyFeeIdr: 3_200_000,
        restitutionIdr: money(6_200_000, 16, 4),
      },
    ]);
    const [provider] = (await http.rows("&by=provider")).data;
    expect(provider).toMatchObject({ links: 1, countedS: 12 * 3600, allowedS: 25_920 + 13_824 });
    const lines = await http.explain();
    expect(lines).toContain("Bagian bulan: 1 Oktober 2026 – 15 Oktober 2026, 15 / 31 hari");
    expect(lines).toContain("Bagian bulan: 16 Oktober 2026 – 31 Oktober 2026, 16 / 31 hari");
    expect(lines).toContain("Biaya bulanan F: Rp6.200.000 x 16 / 31 = Rp3.200.000");
    expect(lines.at(-1)).toContain(`= Rp33.333`);
  });

  it("changes nothing of what was issued before, when its renewal is written down", async () => {
    using http = await openVillage(cut);
    expect(await http.issue()).toBe(201);
    // On 1 November: the old one gets its last day, and the link a second contract.
    const renewal = {
      contracts: [
        terms({ to: "2026-10-31" }),
        terms({ id: "c2", from: "2026-11-01", slaRatio: 0.99, monthlyFeeIdr: 5_000_000 }),
      ],
      link: { contract: [{ id: "c" }, { id: "c2" }] },
    };
    http.reload(renewal);
    expect((await http.rows()).meta.pending).toEqual([]);
    expect(await http.issue()).toBe(409);
    // Written over, the old one says another thing of the past, and that is told.
    http.reload({ contracts: [terms({ slaRatio: 0.99 })] });
    expect((await http.rows()).meta.pending).toMatchObject([{ link, reasons: ["terms"] }]);
    http.reload(renewal);
    const { data } = await http.get<{ data: { contract: string }[] }>("/api/v1/links");
    expect(data.map(({ contract }) => contract)).toEqual(["c2"]);
  });

  it("leaves a stretch without promise where none follows, and the link its time where it ends", async () => {
    using http = await openVillage(twice, { contracts: [old], link: { contract: [{ id: "old" }] } });
    expect(await http.row()).toMatchObject([
      { contract: "old", restitutionIdr: money(3_500_000, 15, 8) },
      { contract: null, verdicts: { none: 1 }, countedS: 4 * 3600, restitutionIdr: null, allowedS: null },
    ]);
    http.reload({ contracts: [terms()], link: { to: "2026-10-20" } });
    expect(await http.row()).toMatchObject([
      { contract: "c", to: "2026-10-20T16:00:00.000Z", countedS: 8 * 3600, notMeasuredS: 0 },
    ]);
    http.reload({ contracts: [terms()], link: { from: "2026-10-16" } });
    expect(await http.row()).toMatchObject([
      {
        serviceS: (16 * dayMs) / 1000,
        notMeasuredS: 0,
        verdicts: { met: 1 },
        restitutionIdr: money(3_500_000, 31, 4),
      },
    ]);
    http.reload({ contracts: [terms()], link: { to: "2026-09-30" } });
    expect(await http.row()).toEqual([]);
  });

  it.skipIf(lacking !== null)(
    `has a pack of evidence for each part, and none is given for both${lacking === null ? "" : `: ${lacking}`}`,
    async () => {
      using http = await openVillage(twice, changed);
      await writeRounds(http, twice);
      for (const isIssued of [false, true]) {
        if (isIssued) await http.issue();
        const packs = [await http.pack("&part=1"), await http.pack("&part=2")];
        const { status, said } = verify(packs.map(({ text }) => text));
        expect([status, said.length]).toEqual([0, 2]);
        const bad = [await http.pack(), await http.pack("&part=3"), await http.pack("&part=0")];
        expect(bad.map((each) => each.status)).toEqual([400, 400, 400]);
        expect(JSON.parse(bad[1]!.text)).toMatchObject({
          detail: `part: "3" is not allowed; expected 1 to 2: ${link} had as many contracts, or none for a while, in 2026-10`,
        });
      }
      const response = await http.request(`/api/v1/sla/${link}/evidence?period=2026-10&part=2`);
      expect(response.headers.get("Content-Disposition")).toContain(`bukti-${link}-2026-10-bagian-2.jsonl`);
    },
  );

  it("counts an outage over the change in each of its parts, and holds it whole against the threshold", async () => {
    const change = october + 15 * dayMs;
    const over: Change[] = [up, [change - 200_000, "down", "link"], [change + 150_000, "up"]];
    using http = await openVillage(over, changed);
    expect(await http.row()).toMatchObject([
      { countedS: 200, failures: 1 },
      { countedS: 150, failures: 0 },
    ]);
  });
});

describe("sums by provider", () => {
  it("are of what has a promise, as far as contracts are spoken of", async () => {
    using http = await openVillage(cut, { second: { provider: "Telkom", contract: null } });
    const states = (of: string, changes: Change[]) => ({
      site,
      link: of,
      service: "",
      replaceFromMs: changes[0]![0],
      knownMs: 1,
      segments: changes.map(([startMs, state, cause = null], at) => ({
        site,
        link: of,
        service: "",
        startMs,
        endMs: changes[at + 1]?.[0] ?? null,
        state,
        cause,
      })),
    });
    await writeWatch(http.state, {
      states: [
        states(link, [up]),
        states(`${site}-2`, [up, [october + dayMs, "down", "link"], [october + 21 * dayMs, "up"]]),
      ],
    });
    const [telkom] = (await http.rows("&by=provider")).data;
    expect(telkom).toMatchObject({
      links: 2,
      verdicts: { met: 1, none: 1 },
      // What was measured is of both.
      countedS: 20 * 86_400,
      contractRatio: 1,
      promisedServiceS: 31 * 86_400,
      promisedCountedS: 0,
      budgetLeftS: 0.02 * 31 * 86_400,
      restitutionIdr: 0,
    });
  });
});

describe("a clause", () => {
  it("that counts only outages of all links together takes the state of the site", async () => {
    const one = terms({ countsWhen: "allLinksOut" });
    using http = await openVillage(cut, { contracts: [one], second: {} });
    const own = (of: string, changes: Change[]) => ({
      site,
      link: of,
      service: "",
      replaceFromMs: changes[0]![0],
      knownMs: 1,
      segments: changes.map(([startMs, state, cause = null], at) => ({
        site,
        link: of,
        service: "",
        startMs,
        state,
        cause,
        endMs: changes[at + 1]?.[0] ?? null,
      })),
    });
    await writeWatch(http.state, {
      // Down for two days, of which the site was out for eight hours.
      states: [
        own(link, [up, [october + 9 * dayMs, "down", "link"], [october + 11 * dayMs, "up"]]),
        own(`${site}-2`, [up]),
      ],
    });
    expect(await http.row()).toMatchObject([{ countedS: 8 * 3600 }]);
    expect(await http.explain()).toContain("Hanya gangguan yang memutus semua tautan lokasi ini");
    http.reload({ contracts: [terms()], second: {} });
    expect(await http.row()).toMatchObject([{ countedS: 48 * 3600 }]);
  });

  it("of three days counts no shorter outage, and bounds say what may come of one", async () => {
    const days = (length: number): Change[] => [
      up,
      [october + 9 * dayMs, "down", "link"],
      [october + (9 + length) * dayMs, "up"],
    ];
    const contracts = [terms({ thresholdS: 259_200 })];
    using short = await openVillage(days(3), { contracts });
    expect(await short.row()).toMatchObject([{ countedS: 0, countedMostS: 0, verdicts: { met: 1 } }]);
    using long = await openVillage(days(4), { contracts });
    expect(await long.row()).toMatchObject([{ countedS: 4 * 86_400, verdicts: { missed: 1 } }]);
    using silent = await openVillage(
      [
        up,
        [october + 9 * dayMs, "down", "link"],
        [october + 11 * dayMs, "unknown"],
        [october + 13 * dayMs, "up"],
      ],
      { contracts },
    );
    expect(await silent.row()).toMatchObject([
      {
        countedS: 0,
        countedMostS: 4 * 86_400,
        verdicts: { open: 1 },
        restitutionIdr: 0,
        restitutionMostIdr: 451_613,
      },
    ]);
    const lines = await silent.explain();
    expect(lines).toContain(
      "paling banyak, bila semua yang tidak terukur atau belum berlalu putus: D = 96:00:00",
    );
    expect(lines.at(-1)).toContain("dapat menambahnya sampai Rp451.613");
  });

  it("that owes nothing on holidays is provisional in a year of which none are entered, and cannot be issued", async () => {
    const contracts = [terms({ closedOnHolidays: true })];
    const holiday = (day: string) => ({ holidays: new Map([[day, { kind: "libur" as const, name: "L" }]]) });
    using http = await openVillage(cut, { contracts, more: holiday("2025-12-25") });
    expect(await http.row()).toMatchObject([{ yearsWithoutHolidays: [2026] }]);
    expect(await http.explain()).toContain(
      "SEMENTARA: hari libur belum dicatat (holidays.csv) untuk tahun 2026",
    );
    expect(await http.issue()).toBe(409);
    http.reload({ contracts, more: holiday("2026-12-25") });
    expect(await http.row()).toMatchObject([{ yearsWithoutHolidays: [] }]);
    expect(await http.issue()).toBe(201);
  });

  it.skipIf(poppler !== null)(
    `that owes nothing on holidays makes the page say that they are missing${poppler === null ? "" : `: ${poppler}`}`,
    async () => {
      using http = await openVillage(cut, { contracts: [terms({ closedOnHolidays: true })] });
      const file = await http.file("laporan-sla-2026-10.pdf");
      const { stdout } = spawnSync("pdftotext", ["-", "-"], { input: file, encoding: "utf8" });
      expect(stdout.replaceAll(/\s+/g, " ")).toContain("Hari libur tahun 2026 belum dicatat (holidays.csv)");
    },
  );
});
