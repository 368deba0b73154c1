import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { slaRow } from "../../src/http/sla-rows.ts";
import type { Contract } from "../../src/inventory/contract.ts";
import { monthSpan } from "../../src/inventory/local-time.ts";
import { commandActor } from "../../src/state/audit.ts";
import type { StateSegment } from "../../src/outage/table.ts";
import { openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { makeDistrict } from "../support/inventory.ts";
import { makeOutage, segments, writeWatch } from "../support/watch.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** August 2026 in WITA; the clock of the tests stands in September. */
const { fromMs, toMs } = monthSpan("2026-08", "Asia/Makassar")!;
const contract: Contract = {
  id: "c1",
  provider: "Telkom",
  slaRatio: 0.99,
  period: "month",
  serviceHours: [],
  closedOnHolidays: false,
  countsWhen: "link",
  excludes: ["maintenance", "force-majeure", "power"],
  noticeHours: 72,
  thresholdS: 300,
  monthlyFeeIdr: 3_100_000,
  restitution: { rule: "below-sla", downtime: "whole", ceiling: 1, roundIdr: 1000, rounding: "down" },
  clause: "Pasal 7",
};
let http: TestHttp;

beforeEach(async () => {
  const inventory = makeDistrict();
  const links = new Map(
    [...inventory.links].map(([id, link]) => [
      id,
      id.startsWith("64.08.01") ? { ...link, contract: "c1" } : link,
    ]),
  );
  http = await openTestHttp({ inventory: { ...inventory, links, contracts: new Map([["c1", contract]]) } });
});
afterEach(() => http[Symbol.dispose]());

type Change = [number, StateSegment["state"], StateSegment["cause"]?];

async function write(site: string, changes: readonly Change[], knownMs = fromMs): Promise<void> {
  const state = { ...segments(site, "", changes), knownMs };
  await writeWatch(http.state, { states: [state] });
}

/** Ten hours cut off on the 10th, of which the last two were a power cut. */
const cut: Change[] = [
  [fromMs - dayMs, "up"],
  [fromMs + 9 * dayMs, "down", "link"],
  [fromMs + 9 * dayMs + 8 * hourMs, "down", "power"],
  [fromMs + 9 * dayMs + 10 * hourMs, "up"],
];

const rowOf = async (path: string, group: string) =>
  (await http.get(path)).data.find((row) => row.group === group)!;
const link = "64.08.01.2001-1";

describe("/sla", () => {
  it("accounts for a link's month by its contract", async () => {
    await write("64.08.01.2001", cut);
    await writeWatch(http.state, {
      outages: [
        makeOutage({
          site: "64.08.01.2001",
          startMs: fromMs + 9 * dayMs,
          endMs: fromMs + 9 * dayMs + 10 * hourMs,
        }),
      ],
    });
    const row = await rowOf("/api/v1/sla?period=2026-08", link);
    expect(row).toMatchObject({
      name: "Atas",
      site: "64.08.01.2001",
      contract: "c1",
      slaRatio: 0.99,
      serviceS: 31 * 86_400,
      countedS: 8 * 3600,
      excludedS: { power: 2 * 3600, maintenance: 0, "force-majeure": 0, customer: 0 },
      failures: 1,
      mttrS: 8 * 3600,
      allowedS: 26_784,
      budgetLeftS: 26_784 - 28_800,
      verdicts: { met: 0, missed: 1, open: 0, none: 0 },
      // 3,100,000 × 8 / 744 = 33,333.33…, cut to thousands.
      restitutionIdr: 33_000,
      coverageRatio: 1,
    });
    expect(row.outages).toMatchObject([
      { verdict: "counted", lengthS: 28_800, excludedS: { power: 7_200 }, outages: ["out_1"] },
    ]);
  });

  it("has a fault over hours without supply as one, and reads on for as long as it lasts", async () => {
    // Electricity from 12 to 18 o'clock; nothing answers from the 30th on for 47 days.
    const began = fromMs + 29 * dayMs - 6 * hourMs;
    const days = Array.from({ length: 47 }, (_, day): Change[] => [
      [began + day * dayMs, "off", "power"],
      [began + day * dayMs + 18 * hourMs, "down", "link"],
    ]).flat();
    const over = began + 47 * dayMs;
    await write("64.08.01.2001", [
      [fromMs - dayMs, "up"],
      ...days,
      [over, "off", "power"],
      [over + 18 * hourMs, "up"],
    ]);
    http.clock.ms = over + 3 * dayMs;
    const row = await rowOf("/api/v1/sla?period=2026-08", link);
    expect(row).toMatchObject({ countedS: 2 * 6 * 3600, expectedOffS: 42 * 3600, failures: 1 });
    expect(row).toMatchObject({ mttrS: 47 * 6 * 3600 });
    expect(row.outages).toMatchObject([{ lengthS: 47 * 6 * 3600 }]);
    const { data } = await http.get<{ data: string[] }>(`/api/v1/sla/${link}/explain?period=2026-08&lang=en`);
    // 47 days of 6 hours and the 46 nights between them.
    expect(data.find((line) => line.includes("length 1110:00:00 - 828:00:00"))).toContain("= 282:00:00");
    const next = await rowOf("/api/v1/sla?period=2026-09", link);
    expect(next).toMatchObject({ failures: 0 });
  });

  it("sums seconds and rupiah by provider and area, and averages nothing", async () => {
    await write("64.08.01.2001", cut);
    await write("64.08.01.2002", [[fromMs - dayMs, "up"]]);
    const hulu = await rowOf("/api/v1/sla?period=2026-08&by=kecamatan", "64.08.01");
    expect(hulu).toMatchObject({
      name: "Hulu",
      links: 3,
      // The kecamatan's own link was never measured, so that it may have been cut off as well.
      verdicts: { met: 1, missed: 1, open: 1, none: 0 },
      upS: (31 * 24 - 10 + 31 * 24) * 3600,
      countedS: 8 * 3600,
      notMeasuredS: 31 * 86_400,
      restitutionIdr: 33_000,
      monthlyFeeIdr: 9_300_000,
    });
    const all = await http.get("/api/v1/sla?period=2026-08&by=kabupaten");
    expect(all.data.map(({ group, links }) => [group, links])).toEqual([["64.08", 6]]);
    expect(all.data[0]).toMatchObject({ verdicts: { met: 1, missed: 1, open: 1, none: 3 } });
  });

  it("answers as /openapi.json says, field by field", async () => {
    await write("64.08.01.2001", cut);
    for (const by of ["link", "provider", "kecamatan", "kabupaten"]) {
      const { data } = await http.get(`/api/v1/sla?period=2026-08&by=${by}`);
      expect(data.length).toBeGreaterThan(0);
      for (const row of data) expect(slaRow.strict().safeParse(row).error).toBeUndefined();
    }
  });

  it("says of a month that lasts what is still to come", async () => {
    await write("64.08.01.2001", [[fromMs, "up"]]);
    const row = await rowOf("/api/v1/sla?period=2026-09", link);
    expect(row).toMatchObject({ countedS: 0, verdicts: { open: 1 } });
    expect(row.aheadS).toBe((monthSpan("2026-09", "Asia/Makassar")!.toMs - http.clock.ms) / 1000);
  });

  it("refuses what is no month that has begun", async () => {
    for (const period of ["2026-13", "2026", "2027-01", "august"]) {
      const response = await http.request(`/api/v1/sla?period=${period}`);
      expect([period, response.status]).toEqual([period, 400]);
    }
    expect((await http.request("/api/v1/sla")).status).toBe(400);
    expect((await http.request("/api/v1/sla?period=2026-08&by=village")).status).toBe(400);
  });

  it("shows its arithmetic line by line, in both languages", async () => {
    await write("64.08.01.2001", cut);
    const lines = async (lang: string) =>
      (await http.get<{ data: string[] }>(`/api/v1/sla/${link}/explain?period=2026-08&lang=${lang}`)).data;
    const id = await lines("id");
    expect(id).toContain("Agustus 2026 (sementara, belum diterbitkan)");
    expect(id).toContain("Waktu henti dihitung D = 8:00:00 = 8:00:00");
    expect(id).toContain("Sisa = yang diizinkan - D = 7:26:24 - 8:00:00 = -0:33:36");
    expect(id).toContain("Janji: tidak tercapai");
    expect(id).toContain("Restitusi = D / Z = 8:00:00 / 744:00:00 = 1,0752 % dari F");
    expect(id.at(-1)).toBe("Restitusi, dibulatkan ke kelipatan Rp1.000 ke bawah = Rp33.000");
    expect((await lines("en")).at(-1)).toBe("Restitution, rounded to a multiple of Rp1,000 down = Rp33,000");
    expect((await http.request("/api/v1/sla/none/explain?period=2026-08")).status).toBe(404);
  });

  it("names the tier that the availability fell below, also where another has the same fee, or none", async () => {
    const tiers = [
      { below: 0.999, fee: 0 },
      { below: 0.99, fee: 0.05 },
      { below: 0.95, fee: 0.05 },
    ];
    const restitution = { rule: "tiers", tiers, ceiling: 1, roundIdr: 1, rounding: "nearest" } as const;
    http.held.inventory = {
      ...http.held.inventory,
      contracts: new Map([["c1", { ...contract, restitution: { ...restitution, tiers: [...tiers] } }]]),
    };
    const formulaOf = async (lengthMs: number) => {
      await write("64.08.01.2001", [
        [fromMs - dayMs, "up"],
        [fromMs + dayMs, "down", "link"],
        [fromMs + dayMs + lengthMs, "up"],
      ]);
      const { data } = await http.get<{ data: string[] }>(
        `/api/v1/sla/${link}/explain?period=2026-08&lang=en`,
      );
      return data.find((line) => line.startsWith("Restitution = "));
    };
    expect(await formulaOf(hourMs / 2)).toBe("Restitution = A is below no tier: none = 0% of F");
    expect(await formulaOf(4 * hourMs)).toBe("Restitution = A is below 99.9% = 0% of F");
    expect(await formulaOf(dayMs)).toBe("Restitution = A is below 99% = 5% of F");
    expect(await formulaOf(2 * dayMs)).toBe("Restitution = A is below 95% = 5% of F");
  });

  it("says of an amount that unmeasured time could add to it", async () => {
    const last = async () =>
      (await http.get<{ data: string[] }>(`/api/v1/sla/${link}/explain?period=2026-08&lang=en`)).data.at(-1);
    const doubt =
      "(provisional: time that was not measured, or is still to come, could raise it to Rp3,100,000)";
    expect(await last()).toBe(`Restitution, rounded to a multiple of Rp1,000 down = Rp0 ${doubt}`);
    // Two hours without a measurement: the 7:26 that the promise allows cannot be used up by them.
    await write("64.08.01.2001", [
      [fromMs - dayMs, "up"],
      [fromMs + dayMs, "unknown"],
      [fromMs + dayMs + 2 * hourMs, "up"],
    ]);
    expect(await last()).toBe("Restitution, rounded to a multiple of Rp1,000 down = Rp0");
  });
});

describe("announced work", () => {
  const announce = (noticeMs: number) =>
    http.state.changeMaintenance(
      () => [
        {
          act: "made",
          source: "api",
          plan: {
            id: "mnt_1",
            link,
            fromMs: fromMs + 9 * dayMs,
            toMs: fromMs + 9 * dayMs + 4 * hourMs,
            repeat: null,
            untilMs: null,
            reason: "Ganti antena",
            author: "Telkom",
          },
        },
      ],
      fromMs + 9 * dayMs - noticeMs,
      commandActor("test"),
    );

  it("is taken out when it was announced in time, with who says so", async () => {
    await write("64.08.01.2001", cut);
    await announce(72 * hourMs);
    const row = await rowOf("/api/v1/sla?period=2026-08", link);
    expect(row).toMatchObject({ countedS: 4 * 3600, excludedS: { maintenance: 4 * 3600, power: 2 * 3600 } });
    expect(row.exclusions).toMatchObject([{ kind: "maintenance", reason: "Ganti antena", author: "Telkom" }]);
  });

  it("counts as an outage when the notice was a second too short", async () => {
    await write("64.08.01.2001", cut);
    await announce(72 * hourMs - 1000);
    const row = await rowOf("/api/v1/sla?period=2026-08", link);
    expect(row).toMatchObject({ countedS: 8 * 3600, excludedS: { maintenance: 0 }, exclusions: [] });
  });

  it("keeps its notice when the plan is ended afterwards", async () => {
    await write("64.08.01.2001", cut);
    await announce(72 * hourMs);
    await http.state.changeMaintenance(
      ([plan]) => {
        const { source: _source, knownMs: _known, ...rest } = plan!;
        return [{ act: "changed", source: "api", plan: { ...rest, untilMs: null, reason: "Antena baru" } }];
      },
      toMs,
      commandActor("test"),
    );
    const row = await rowOf("/api/v1/sla?period=2026-08", link);
    expect(row).toMatchObject({ excludedS: { maintenance: 4 * 3600 } });
    expect(row.exclusions).toMatchObject([{ reason: "Antena baru" }]);
  });
});

describe("an issued month", () => {
  const issue = async (month: string, key = http.adminKey) => {
    const response = await http.post("/api/v1/sla/issues", { month }, key);
    const body = (await response.json()) as { data?: Record<string, unknown>; code?: string };
    return { status: response.status, ...body };
  };

  it("keeps its figures when late data come, until a correction has a number of its own", async () => {
    await write("64.08.01.2001", cut);
    const first = await issue("2026-08");
    expect([first.status, first.data!.number, first.data!.by]).toEqual([201, "SLA-2026-08", "admin"]);
    expect(await issue("2026-08")).toMatchObject({ status: 409, code: "sla.unchanged" });

    // The agent's spool says, weeks later, that it was twelve hours.
    http.clock.ms += dayMs;
    await write(
      "64.08.01.2001",
      [...cut.slice(0, 2), [fromMs + 9 * dayMs + 12 * hourMs, "up"]],
      http.clock.ms,
    );
    http.clock.ms += 1000;
    const kept = await http.get("/api/v1/sla?period=2026-08");
    expect(kept.data.find(({ group }) => group === link)).toMatchObject({ countedS: 8 * 3600 });
    expect(kept.meta).toMatchObject({
      issue: { number: "SLA-2026-08" },
      pending: [
        {
          link,
          before: { countedS: 8 * 3600, restitutionIdr: 33_000 },
          after: { countedS: 12 * 3600, restitutionIdr: 50_000 },
        },
      ],
    });
    const now = await rowOf("/api/v1/sla?period=2026-08&figures=now", link);
    expect(now).toMatchObject({ countedS: 12 * 3600 });
    const said = await http.get<{ data: string[] }>(`/api/v1/sla/${link}/explain?period=2026-08`);
    expect(said.data[1]).toMatch(
      /^Agustus 2026 \(SLA-2026-08, diterbitkan 21 September 2026, 21\.59 WITA\)$/,
    );

    const second = await issue("2026-08");
    expect([second.status, second.data!.number, second.data!.correction]).toEqual([201, "SLA-2026-08-K1", 1]);
    const corrected = await http.get("/api/v1/sla?period=2026-08");
    expect(corrected.meta).toMatchObject({ issue: { number: "SLA-2026-08-K1" }, pending: [] });
    const { data } = await http.get("/api/v1/sla/issues");
    expect(data.map(({ number }) => number)).toEqual(["SLA-2026-08", "SLA-2026-08-K1"]);
    const { data: acts } = await http
      .request("/api/v1/audit", { key: http.adminKey })
      .then((response) => response.json() as Promise<{ data: { action: string; subject: string }[] }>);
    expect(acts.filter(({ action }) => action === "sla.issued").map(({ subject }) => subject)).toEqual([
      "SLA-2026-08-K1",
      "SLA-2026-08",
    ]);
  });

  it("can be had again by its number, when a correction has taken its place", async () => {
    await write("64.08.01.2001", cut);
    await issue("2026-08");
    http.clock.ms += dayMs;
    const later = [...cut.slice(0, 2), [fromMs + 9 * dayMs + 12 * hourMs, "up"]] satisfies Change[];
    await write("64.08.01.2001", later as Change[], http.clock.ms);
    http.clock.ms += 1000;
    await issue("2026-08");
    const of = async (path: string, number: string) =>
      http.get<{ data: never; meta: { issue: { number: string; digest: string }; pending: unknown[] } }>(
        `${path}?period=2026-08&issue=${number}`,
      );
    const countedOf = async (number: string) =>
      (await of("/api/v1/sla", number)).data as { group: string; countedS: number }[];
    const counted = (rows: { group: string; countedS: number }[]) =>
      rows.find(({ group }) => group === link)!.countedS;
    expect(counted(await countedOf("SLA-2026-08"))).toBe(8 * 3600);
    expect(counted(await countedOf("SLA-2026-08-K1"))).toBe(12 * 3600);
    const explained = (await of(`/api/v1/sla/${link}/explain`, "SLA-2026-08")).data as string[];
    expect(explained[1]).toContain("(SLA-2026-08, ");

    // The digest of the page is that of bytes that anybody can have.
    for (const { number, digest } of (await http.get("/api/v1/sla/issues")).data as never as {
      number: string;
      digest: string;
    }[]) {
      const response = await http.request(`/api/v1/sla/issues/${number}`);
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(digest);
      expect(response.headers.get("Content-Disposition")).toBe(`attachment; filename="${number}.json"`);
    }

    const name = async (path: string) =>
      (await http.request(path)).headers.get("Content-Disposition")?.split('"')[1];
    const report = "/api/v1/reports/laporan-sla-2026-08.csv";
    expect(await name(report)).toBe("laporan-sla-2026-08-K1.csv");
    expect(await name(`${report}?issue=SLA-2026-08`)).toBe("laporan-sla-2026-08.csv");
    const pack = `/api/v1/sla/${link}/evidence?period=2026-08`;
    expect(await name(pack)).toBe(`bukti-${link}-2026-08-K1.jsonl`);
    expect(await name(`${pack}&issue=SLA-2026-08`)).toBe(`bukti-${link}-2026-08.jsonl`);
    const first = await (await http.request(`${pack}&issue=SLA-2026-08`)).text();
    expect(first).toContain('"number":"SLA-2026-08",');

    for (const [path, status] of [
      ["/api/v1/sla?period=2026-08&issue=SLA-2026-08-K2", 404],
      ["/api/v1/sla?period=2026-07&issue=SLA-2026-08", 404],
      ["/api/v1/sla?period=2026-08&issue=2026-08", 400],
      ["/api/v1/sla?period=2026-08&issue=SLA-2026-08&figures=now", 400],
      [`${pack}&issue=SLA-2026-08-K2`, 404],
      [`${report}?issue=SLA-2026-08-K2`, 404],
      ["/api/v1/sla/issues/SLA-2026-08-K2", 404],
    ] as const)
      expect([path, (await http.request(path)).status]).toEqual([path, status]);
  });

  it("has the evidence as it was known then", async () => {
    await write("64.08.01.2001", cut);
    await issue("2026-08");
    const before = await (await http.request(`/api/v1/sla/${link}/evidence?period=2026-08`)).text();
    http.clock.ms += dayMs;
    await write("64.08.01.2001", [[fromMs - dayMs, "up"]], http.clock.ms);
    http.clock.ms += 1000;
    const after = await (await http.request(`/api/v1/sla/${link}/evidence?period=2026-08`)).text();
    expect(after).toBe(before);
    expect(before).toContain('"number":"SLA-2026-08"');
  });

  it("is refused before it is over for a day, for what is no month, and without the right", async () => {
    await write("64.08.01.2001", cut);
    http.clock.ms = toMs + dayMs - 1;
    expect(await issue("2026-08")).toMatchObject({ status: 409, code: "sla.early" });
    http.clock.ms = toMs + dayMs;
    expect(await issue("2026-8")).toMatchObject({ status: 422 });
    expect(await issue("2026-08", http.readKey)).toMatchObject({ status: 403 });
    expect((await issue("2026-08")).status).toBe(201);
  });

  it("is refused where nothing was measured", async () => {
    expect(await issue("2026-08")).toMatchObject({ status: 409, code: "sla.unmeasured" });
    expect((await http.get("/api/v1/sla/issues")).data).toEqual([]);
  });

  it("cannot be changed in the store", async () => {
    await write("64.08.01.2001", cut);
    await issue("2026-08");
    const again = {
      number: "SLA-2026-08",
      month: "2026-08",
      correction: 0,
      issuedMs: 1,
      by: "x",
      digest: "",
      figures: "",
    };
    await expect(http.state.addSlaIssue(again, [], commandActor("test"))).rejects.toThrow(
      "UNIQUE constraint failed",
    );
  });

  it("of two hands on one button has one number", async () => {
    await write("64.08.01.2001", cut);
    const answers = await Promise.all([issue("2026-08"), issue("2026-08"), issue("2026-08")]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409]);
  });
});
