import { describe, expect, it } from "vitest";
import type { Contract } from "../../../src/inventory/contract.ts";
import { createWatch } from "../../../src/watch/watch.ts";
import { openTestHttp } from "../../support/http.ts";
import { icmpTarget, makeContract, makeInventory, makeLink, makeSite } from "../../support/inventory.ts";
import { inForceAt } from "../../../src/inventory/validity.ts";
import { needs } from "../../support/needs.ts";
import { addPartnerKey } from "../../support/partners.ts";
import { createWriter, icmpRounds } from "../../support/rounds.ts";
import { enrol } from "../../support/watch.ts";
import { testOptions } from "../../watch/delivery.ts";
import { verify } from "./sla-world.ts";

const lacking = needs({ commands: ["python3"] });
const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];
/** Midnight of New Year 2027, WITA; the link is cut off from four hours before it to five and a half after it. */
const newYearMs = Date.UTC(2026, 11, 31, 16);
const [fromMs, toMs] = [newYearMs - 4 * hourMs, newYearMs + 5.5 * hourMs];
const site = "64.08.01.2001";
const link = `${site}-1`;

/** A round each minute from both ends, half a minute beside the whole ones, through the watch; `second`: when another link was cut off, which else was up. */
async function measured(
  second?: readonly [fromMs: number, toMs: number],
  countsWhen: Contract["countsWhen"] = "link",
) {
  const village = makeSite(site, "Atas");
  const every = (role: "noc" | "site", at: string, id: string, of: string | null) => {
    const target = icmpTarget(at, id, role, { of, link: second === undefined ? null : link });
    return { ...target, probe: { ...target.probe, intervalS: 60 } };
  };
  const rule = { rule: "pro-rata", ceiling: 1, roundIdr: 1, rounding: "nearest" } as const;
  const http = await openTestHttp({
    inventory: {
      ...makeInventory({
        sites: [makeSite("64.08", "Kutai Contoh"), makeSite("64.08.01", "Hulu"), village],
        links: [
          makeLink(village, { contract: "c1" }),
          ...(second !== undefined ? [makeLink(village, { id: `${site}-2`, provider: "Satelit" })] : []),
        ],
        targets: [
          every("noc", site, "noc", null),
          every("site", "64.08", "to", site),
          ...(second !== undefined ? [{ ...every("noc", site, "noc-2", null), link: `${site}-2` }] : []),
        ],
      }),
      contracts: new Map([
        [
          "c1",
          makeContract({
            id: "c1",
            slaRatio: 0.99,
            thresholdS: 300,
            monthlyFeeIdr: 3_100_000,
            restitution: rule,
            countsWhen,
          }),
        ],
      ]),
    },
  });
  const { clock, state, series, batchLog, held } = http;
  clock.ms = newYearMs + dayMs;
  const errors: unknown[] = [];
  const watch = createWatch({
    inventory: () => held.inventory,
    state,
    series,
    now: () => clock.ms,
    options: testOptions,
    planAlerts: () => ({ alerts: [], messages: [] }),
    onMessages() {},
    onError: (error) => void errors.push(error),
  });
  const firstMs = newYearMs - 12 * hourMs + minuteMs / 2;
  const roundsOf = (key: string, [cutMs, backMs]: readonly [number, number] = [fromMs, toMs]) => {
    const replies = Array.from({ length: 24 * 60 }, (_, minute) => {
      const ms = firstMs + minute * minuteMs;
      return ms >= cutMs && ms < backMs ? [] : [20, 21];
    });
    return icmpRounds(key, firstMs, minuteMs, replies);
  };
  for (const [at, rounds] of [
    [site, [roundsOf(`${site}/noc`), ...(second === undefined ? [] : [roundsOf(`${site}/noc-2`, second)])]],
    ["64.08", [roundsOf("64.08/to")]],
  ] as const) {
    const write = createWriter(batchLog, await enrol(state, at, newYearMs - dayMs));
    await write(rounds, { lateFromMs: firstMs });
    watch.touched({ keys: rounds.map(({ key }) => key), fromMs: firstMs, rounds });
  }
  await watch.settle();
  await watch.stop();
  expect(errors).toEqual([]);
  clock.ms = newYearMs + 35 * dayMs;
  return http;
}

describe("a month's restitution from its rounds", () => {
  it("is what the contract says of an outage over New Year, in each of the two years", async () => {
    using http = await measured();
    const rowOf = async (period: string) =>
      (await http.get(`/api/v1/sla?period=${period}`)).data.find(({ group }) => group === link)!;
    // 3,100,000 × 4 / 744 = 16,666.67 and × 5.5 / 744 = 22,916.67.
    expect(await rowOf("2026-12")).toMatchObject({ countedS: 4 * 3600, failures: 1, restitutionIdr: 16_667 });
    expect(await rowOf("2027-01")).toMatchObject({
      countedS: 5.5 * 3600,
      failures: 0,
      restitutionIdr: 22_917,
    });
    const { data } = await http.get<{ data: string[] }>(`/api/v1/sla/${link}/explain?period=2027-01&lang=en`);
    expect(data).toContain("Downtime counted D = 5:30:00 = 5:30:00");
    expect(data.find((line) => line.startsWith("Restitution, rounded"))).toContain("= Rp22,917");
  });

  it.skipIf(lacking !== null)(
    `is borne out by them${lacking === null ? "" : `: ${lacking}`}`,
    async () => {
      using http = await measured();
      for (const period of ["2026-12", "2027-01"]) {
        const response = await http.request(`/api/v1/sla/${link}/evidence?period=${period}`);
        const { status, beside } = verify([await response.text()]);
        expect([status, ...beside.filter((line) => /restitution|outage 0/.test(line))]).toEqual([
          0,
          `    restitution Rp ${period === "2026-12" ? 16_667 : 22_917}`,
          "    outage 0 lasted 34200.000 s; by its rounds from 34140.000 to 34260.000 s, their clocks wrong by 0.000 s at most",
        ]);
      }
    },
    60_000,
  );

  it.skipIf(lacking !== null)(
    "is so of one of two links, by what tests that link alone",
    async () => {
      using http = await measured([0, 0]);
      const { data } = await http.get("/api/v1/sla?period=2027-01");
      const countedOf = (id: string) => data.find(({ group }) => group === id)!["countedS"];
      expect([countedOf(link), countedOf(`${site}-2`)]).toEqual([5.5 * 3600, 0]);
      const response = await http.request(`/api/v1/sla/${link}/evidence?period=2027-01`);
      const { status, beside } = verify([await response.text()]);
      expect(status).toBe(0);
      expect(beside.find((line) => line.includes("outage 0"))).toContain("from 34140.000 to 34260.000 s");
    },
    60_000,
  );

  it.skipIf(lacking !== null)(
    "is that of all links, where the contract speaks of them, and is borne out by what tests any of them",
    async () => {
      const both = [newYearMs - 2 * hourMs, newYearMs + 3 * hourMs] as const;
      using http = await measured(both, "allLinksOut");
      const { data } = await http.get("/api/v1/sla?period=2027-01");
      expect(data.find(({ group }) => group === link)).toMatchObject({ countedS: 3 * 3600 });
      const response = await http.request(`/api/v1/sla/${link}/evidence?period=2027-01`);
      const { status, beside } = verify([await response.text()]);
      expect(status).toBe(0);
      expect(beside.find((line) => line.includes("outage 0"))).toContain("from 17940.000 to 18060.000 s");
      // Its provider has the rounds of its own link, and what follows from these.
      const key = await addPartnerKey(http.state, "Telkom", http.clock.ms);
      const path = `/api/v1/partner/sla/${link}/evidence?period=2027-01`;
      const own = await (await http.request(path, { key })).text();
      expect(own).not.toContain(`${site}/noc-2`);
      expect(verify([own])).toMatchObject({ status: 0 });
    },
    60_000,
  );

  it.skipIf(lacking !== null)(
    "is borne out by what tested the link alone also when that link has ended, and once it is issued",
    async () => {
      using http = await measured([0, 0]);
      const { inventory } = http.held;
      const links = new Map(inventory.links);
      links.set(link, { ...links.get(link)!, to: "2027-01-20" });
      const now = inForceAt({ ...inventory, links, allLinks: links }, http.clock.ms);
      const targets = [...inventory.targets].filter(([, { link: of }]) => of !== link);
      http.held.inventory = {
        ...now,
        targets: new Map(targets),
        allTargets: [...inventory.targets.values()],
      };
      const pack = async () =>
        await (await http.request(`/api/v1/sla/${link}/evidence?period=2027-01`)).text();
      expect(verify([await pack()]).status).toBe(0);
      expect((await http.post("/api/v1/sla/issues", { month: "2027-01" })).status).toBe(201);
      const issued = await pack();
      expect(issued).toContain(`"target":"${site}/noc"`);
      expect(verify([issued]).status).toBe(0);
    },
    60_000,
  );
});
