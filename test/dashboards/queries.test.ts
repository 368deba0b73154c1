import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dashboardFiles } from "../../dashboards/build.ts";
import type { Dashboard, Target } from "../../dashboards/lib/grafana.ts";
import { appWithData } from "../support/app-with-data.ts";
import type { AppWithData } from "../support/app-with-data.ts";
import { fromMs, kecamatan, nowMs, village } from "../support/day-of-data.ts";
import { ask as askOf, seenBy, viewOf as viewIn } from "./asking.ts";
import { frameOf, isOfType, longToWide } from "./infinity.ts";
import type { Row, View } from "./infinity.ts";
import { isQuery, queriesOf } from "./queries-of.ts";

/*
 * Every query of every dashboard, asked as Grafana and the plugin would ask it, of a real collector with a day of data.
 */

let collector: AppWithData;
beforeAll(async () => {
  collector = await appWithData();
});
afterAll(() => collector[Symbol.asyncDispose]());

const ask = (target: Target, view: View) => askOf(collector, target, view);
const viewOf = (dashboard: Dashboard, chosen: Record<string, string[]>, range = { fromMs, toMs: nowMs }) =>
  viewIn(collector, dashboard, chosen, range);

/** Columns for which no row has a value of the declared type, or any row has one of another type. */
function wrongColumns(target: Target, rows: readonly Row[]): string[] {
  return target.columns
    .filter(({ text, type }) => {
      const values = rows.map((row) => row[text]).filter((value) => (value ?? null) !== null);
      return values.length === 0 || !values.every((value) => isOfType(value, type));
    })
    .map(({ text }) => text);
}

/** Causes of the test's day, of the service and of links. The columns of the others may be empty: the bars leave them out. */
const causesOfTheDay = { service: ["power", "service"], links: ["power", "link"] };

/** Columns that are rightly empty: other causes, and what a filter demands to be empty. */
function mayBeEmpty({ columns, filterExpression, url }: Target): string[] {
  const causes = causesOfTheDay[url.startsWith("/v1/services/") ? "service" : "links"];
  return columns
    .filter(({ selector, text }) => {
      const cause = /byCause\.(\w+)$/.exec(selector)?.[1];
      const isOther = cause !== undefined && !causes.includes(cause);
      return isOther || filterExpression.split(" && ").includes(`${text} == null`);
    })
    .map(({ text }) => text);
}

/** Those that ask the API. */
const dashboards = dashboardFiles().filter(({ dashboard }) => queriesOf(dashboard).length > 0);

describe.each(dashboards.map(({ path, dashboard }) => [path, dashboard] as const))(
  "%s",
  (_path, dashboard) => {
    it.each(queriesOf(dashboard).map(({ of, ...rest }) => [of, rest] as const))(
      "%s gets rows with the columns that it names",
      async (_of, { target, ...panel }) => {
        const view = seenBy(await viewOf(dashboard, { site: [village] }), panel);
        const { status, body } = await ask(target, view);
        expect({ status, body: status === 200 ? null : body }).toEqual({ status: 200, body: null });
        const rows = frameOf(target, body, view);
        expect(rows.length).toBeGreaterThan(0);
        const optional = mayBeEmpty(target);
        expect(wrongColumns(target, rows).filter((name) => !optional.includes(name))).toEqual([]);
      },
    );

    const series = queriesOf(dashboard).filter(({ target }) => target.format === "timeseries");
    it.each(series.map(({ of, ...rest }) => [of, rest] as const))(
      "%s becomes series",
      async (_of, { target, ...panel }) => {
        const view = seenBy(await viewOf(dashboard, { site: [village] }), panel);
        const { body } = await ask(target, view);
        const { times, series: lines } = longToWide(target, frameOf(target, body, view));
        expect(times.length).toBeGreaterThan(1);
        expect(lines.size).toBeGreaterThan(0);
        // No panel is made to draw more points than it has pixels for.
        expect(times.length).toBeLessThanOrEqual(500);
      },
    );

    it.each(["1h", "6h", "2d", "7d", "30d", "180d"])("answers every query over %s", async (length) => {
      const days = Number(length.slice(0, -1)) / (length.endsWith("h") ? 24 : 1);
      const view = await viewOf(
        dashboard,
        { site: [village] },
        { fromMs: nowMs - days * 86_400_000, toMs: nowMs },
      );
      const answers = await Promise.all(
        queriesOf(dashboard).map(async ({ of, target, ...panel }) => {
          const { status, body } = await ask(target, seenBy(view, panel));
          return { of, status, truncated: (body as { meta?: { truncated: boolean } }).meta?.truncated };
        }),
      );
      expect(answers.filter(({ status, truncated }) => status !== 200 || truncated === true)).toEqual([]);
    });

    const variables = dashboard.templating.list.filter(isQuery).map(({ name }) => name);
    it.each(variables)(
      "answers every query with no rows, and no error, where %s has no value",
      async (name) => {
        const view = await viewOf(dashboard, { site: [village] });
        const empty = { ...view, variables: { ...view.variables, [name]: [] } };
        for (const { of, target, ...panel } of queriesOf(dashboard)) {
          const { status, body } = await ask(target, seenBy(empty, panel));
          expect({ of, status, body: status === 200 ? null : body }).toEqual({ of, status: 200, body: null });
          expect(Array.isArray(frameOf(target, body, empty)), of).toBe(true);
        }
      },
    );

    it("uses every parameter that it sends", async () => {
      const view = await viewOf(dashboard, { site: [village] });
      const refused = await Promise.all(
        queriesOf(dashboard).map(({ target, ...panel }) => {
          const params = [...target.url_options.params, { key: "noSuchParameter", value: "1" }];
          return ask({ ...target, url_options: { ...target.url_options, params } }, seenBy(view, panel));
        }),
      );
      // The API refuses parameters that it does not know, so that a misspelt one cannot pass for one that has no effect.
      expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([400]));
    });
  },
);

describe("a site at which nothing is measured", () => {
  const site = dashboards.find(({ dashboard }) => dashboard.uid === "sambung-site")!.dashboard;
  const empty = "64.08.06.2001";
  const all = queriesOf(site);

  it.each(all.map(({ of, target }) => [of, target] as const))(
    "%s is empty and not an error",
    async (_of, target) => {
      const { status } = await ask(target, await viewOf(site, { site: [empty] }));
      expect(status).toBe(200);
    },
  );
});

describe("what the panels would show", () => {
  const find = (uid: string) => dashboards.find(({ dashboard }) => dashboard.uid === uid)!.dashboard;
  const query = (dashboard: Dashboard, of: string) =>
    queriesOf(dashboard).find((candidate) => candidate.of === of)!;
  const rowsOf = async (uid: string, of: string) => {
    const dashboard = find(uid);
    const { target, ...panel } = query(dashboard, of);
    const view = seenBy(await viewOf(dashboard, { site: [village] }), panel);
    return frameOf(target, (await ask(target, view)).body, view);
  };

  it("counts every site of the district once", async () => {
    const rows = await rowsOf("sambung-district-en", "panel Sites by state");
    expect(rows.length).toBe(collector.inventory.sites.size);
    const down = rows.filter(({ state }) => state === "down").map(({ site }) => site);
    expect(down).toEqual([kecamatan]);
  });

  it("lists only the outages that still last", async () => {
    const rows = await rowsOf("sambung-district-en", "panel Open outages");
    expect(rows).toMatchObject([
      { id: "out_cut", site: kecamatan, service: null, causeText: "Link down", durationS: 7200 },
      { id: "out_seen", site: kecamatan, service: "lapor" },
    ]);
  });

  it("lists agents with what they still hold, and no revoked ones", async () => {
    const rows = await rowsOf("sambung-district-en", "panel Agents and their backlog");
    expect(rows).toMatchObject([{ id: "ag_village1", site: village, openRounds: 240, lostRounds: 40 }]);
  });

  it("offers the kecamatan and nothing else as kecamatan", async () => {
    const rows = await rowsOf("sambung-district", "variable kecamatan");
    expect(rows.length).toBe(18);
  });

  it("splits the time without the service by cause, to the second", async () => {
    const [bar] = await rowsOf("sambung-site", "panel Waktu tidak tersedia menurut penyebab");
    expect(bar).toMatchObject({ group: village, power: 7200, service: 1800 });
    const [figures] = await rowsOf("sambung-site", "panel Ketersediaan layanan dari lokasi ini");
    // The last minute and a half is only carried on from the last round.
    expect(figures).toMatchObject({ unavailableS: 9000, notMeasuredS: 90 });
  });

  it("reads the uptime of the device alone", async () => {
    const rows = await rowsOf("sambung-site", "panel Lama menyala perangkat (SNMP)");
    expect(new Set(rows.map(({ target }) => target))).toEqual(new Set([`${village}/rt`]));
  });

  it("lists what changed in the last hour, whatever range is chosen", async () => {
    const rows = await rowsOf("sambung-district-en", "panel What changed in the last hour");
    expect(rows).toMatchObject([
      { site: "64.08.07", before: "up", state: "degraded", causeText: "Congestion" },
    ]);
  });

  it("puts the link that was cut below the others", async () => {
    const rows = await rowsOf("sambung-district", "panel Tautan terburuk");
    const worst = rows.toSorted((a, b) => Number(a.availabilityRatio) - Number(b.availabilityRatio))[0];
    // Twenty minutes that were mended, and the last two hours.
    expect(worst).toMatchObject({ group: "kecamatan-fo", downS: 8_400, outages: 2, mttrS: 1_200 });
  });

  it("holds the month of a link against its contract", async () => {
    const rows = await rowsOf("sambung-links", "panel SLA tautan bulan ini sejauh ini");
    const of = (link: string) => rows.find(({ group }) => group === link);
    // The contract takes a cut of the power out, and counts outages beyond five minutes: of 2 % of thirty days.
    expect(of("desa-radio")).toMatchObject({ slaRatio: 0.98, promisedCountedS: 0, missed: 0 });
    expect(of("kecamatan-fo")).toMatchObject({
      promisedCountedS: 8_400,
      budgetLeftS: 51_840 - 8_400,
      failures: 2,
    });
    expect(of("mekar-baru-leo")).toMatchObject({ slaRatio: null, budgetLeftS: null });
  });

  it("adds the account of all agents up", async () => {
    const [agent] = await rowsOf("sambung-agents", "panel Seluruh agen");
    const { producedRounds, storedRounds, openRounds, thinnedRounds, lostRounds } = agent as Record<
      string,
      number
    >;
    expect(producedRounds).toBe(storedRounds! + openRounds! + thinnedRounds! + lostRounds!);
    expect(await rowsOf("sambung-agents", "panel Kiriman yang belum tiba")).toEqual([
      { fromSeq: 21, toSeq: 21 },
    ]);
  });

  it("offers the sites of the chosen kecamatan, itself included", async () => {
    const site = find("sambung-site");
    const { target } = query(site, "variable site");
    const view = await viewOf(site, { site: [village], kecamatan: [kecamatan] });
    const rows = frameOf(target, (await ask(target, view)).body, view);
    expect(rows[0]).toMatchObject({ __value: kecamatan });
    expect(rows.map((row) => row.__value)).toContain(village);
    expect(rows.length).toBeLessThan(collector.inventory.sites.size / 2);
  });

  it("draws traffic by the interface's own name, in bits a second", async () => {
    const rows = await rowsOf("sambung-site", "panel Lalu lintas antarmuka (SNMP)");
    expect(new Set(rows.map((row) => row.interface))).toEqual(new Set(["ether1"]));
    const measured = rows.filter(({ in_bps: bits }) => bits !== null);
    for (const { in_bps: bits } of measured) expect(bits).toBeCloseTo(2_000_000, -2);
  });

  it("leaves a gap where nothing was measured", async () => {
    const rows = await rowsOf("sambung-site", "panel Kehilangan paket");
    const gaps = rows.filter((row) => row.target === `${village}/gw` && row.loss_ratio === null);
    // Two hours without power and one that the agent still holds, in steps of five minutes.
    expect(gaps.length).toBe(36);
  });
});
