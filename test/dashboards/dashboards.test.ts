import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dashboardFiles, generatedFolder } from "../../dashboards/build.ts";
import { layout } from "../../dashboards/lib/layout.ts";
import { causeMeanings, stateMeanings } from "../../dashboards/lib/meaning.ts";
import { languages, sayIn } from "../../dashboards/lib/say.ts";
import { stateValues } from "../../src/http/rows.ts";
import { causes } from "../../src/outage/table.ts";
import type { SiteState } from "../../src/outage/table.ts";
import { createWords } from "../../src/report/words.ts";
import { frameOf, longToWide } from "./infinity.ts";
import { metricsIn } from "./promql.ts";
import { isApi, isLabel, isPanel, isProm, isQuery, queriesOf } from "./queries-of.ts";

/*
 * What can be known of the dashboards without an API: the files are what the builders make, and each is one that
 * Grafana takes as it is meant (the useful rules of grafana/dashboard-linter).
 */

const files = dashboardFiles();
/** Units of Grafana's list that we use: an unknown one is shown as a suffix instead of refused. */
const units = new Set([
  "decbytes",
  "none",
  "short",
  "s",
  "ms",
  "percentunit",
  "timeticks",
  "dateTimeAsLocal",
  "dateTimeFromNow",
  "bytes",
  "bps",
  "pps",
  "cps",
  "reqps",
  "dBm",
  "dB",
  "currencyIDR",
]);

describe("the files", () => {
  it("are what the builders make (npm run dashboards)", () => {
    const onDisk = globSync("**/*.json", { cwd: generatedFolder }).toSorted();
    expect(onDisk).toEqual(files.map(({ path }) => path).toSorted());
    for (const { path, text } of files) expect(readFileSync(join(generatedFolder, path), "utf8")).toBe(text);
  });

  it("are made the same each time", () => {
    expect(dashboardFiles()).toEqual(files);
  });

  it("have uids of their own, and the same panels in both languages", () => {
    const uids = files.map(({ dashboard }) => dashboard.uid);
    expect(new Set(uids).size).toBe(files.length);
    const shape = (language: string, name: string) =>
      files
        .find(({ dashboard, path }) => dashboard.tags.includes(language) && path.endsWith(`${name}.json`))!
        .dashboard.panels.map(({ id, type, gridPos }) => ({ id, type, gridPos }));
    for (const name of ["district", "site", "links", "complaints", "agents", "collector"])
      expect(shape("en", name)).toEqual(shape("id", name));
  });

  it("link only to dashboards that exist", () => {
    const uids = new Set(files.map(({ dashboard }) => dashboard.uid));
    const links = files.flatMap(({ text }) =>
      [...text.matchAll(/"\/d\/([^/"]+)\//g)].map((match) => match[1]!),
    );
    expect(links.length).toBeGreaterThanOrEqual(files.length);
    expect(links.filter((uid) => !uids.has(uid))).toEqual([]);
  });
});

describe.each(files.map(({ path, dashboard, text }) => [path, dashboard, text] as const))(
  "%s",
  (_path, dashboard, text) => {
    const panels = dashboard.panels.filter(isPanel);

    it("is a classic dashboard that nobody edits in place", () => {
      expect(dashboard).toMatchObject({ schemaVersion: 41, editable: false });
      expect(dashboard).not.toHaveProperty("id");
      expect(dashboard.description).not.toBe("");
    });

    it("numbers its panels once each and places them without overlap, inside the grid", () => {
      const ids = dashboard.panels.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      const cells = dashboard.panels.flatMap(({ id, gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, at) => ({ id, x: x + (at % w), y: y + Math.floor(at / w) })),
      );
      const shared = [...Map.groupBy(cells, ({ x, y }) => `${x},${y}`).values()].filter(
        ({ length }) => length > 1,
      );
      expect(shared).toEqual([]);
      expect(cells.filter(({ x }) => x >= 24)).toEqual([]);
    });

    it("says of every panel what it shows, and in which unit", () => {
      expect(panels.length).toBeGreaterThan(5);
      expect(panels.filter(({ title, description }) => title === "" || description.length < 20)).toEqual([]);
      const used = panels.flatMap(({ fieldConfig }) => [
        fieldConfig.defaults.unit,
        ...fieldConfig.overrides.flatMap(({ properties }) =>
          properties.filter(({ id }) => id === "unit").map(({ value }) => String(value)),
        ),
      ]);
      expect(used.filter((unit) => !units.has(unit))).toEqual([]);
    });

    it("asks through the data source variable, all of it the same kind, and by the backend parser", () => {
      const [variable] = dashboard.templating.list;
      expect(variable).toMatchObject({ name: "datasource", type: "datasource" });
      const kinds = panels.flatMap(({ datasource, targets }) => [
        datasource.type,
        ...targets.map((target) => target.datasource.type),
      ]);
      expect(new Set(kinds)).toEqual(new Set([variable!.query]));
      expect(new Set(panels.map(({ datasource }) => datasource.uid))).toEqual(new Set(["${datasource}"]));
      expect(panels.filter(({ targets }) => targets.length === 0)).toEqual([]);
      const wrong = queriesOf(dashboard).filter(
        ({ target }) =>
          target.datasource.uid !== "${datasource}" ||
          target.parser !== "backend" ||
          !target.url.startsWith("/v1/") ||
          target.columns.length === 0,
      );
      expect(wrong).toEqual([]);
    });

    it("uses only variables that it has, each before the variables that depend on it", () => {
      const builtIn = /^(__.*|datasource)$/;
      const names = dashboard.templating.list.map(({ name }) => name);
      const used = (json: string) =>
        [...json.matchAll(/\$\{([A-Za-z_]+)[^}]*\}/g)]
          .map((match) => match[1]!)
          .filter((name) => !builtIn.test(name));
      const repeats = panels.flatMap(({ repeat }) => repeat ?? []);
      expect([...used(text), ...repeats].filter((name) => !names.includes(name))).toEqual([]);
      for (const [index, variable] of dashboard.templating.list.entries()) {
        const earlier = names.slice(0, index);
        expect(used(JSON.stringify(variable)).filter((name) => !earlier.includes(name))).toEqual([]);
      }
    });

    it("writes several values as a comma list, never in Grafana's glob form", () => {
      const multi = dashboard.templating.list.filter(isQuery).filter((variable) => variable.multi);
      const queries = JSON.stringify(queriesOf(dashboard));
      expect(multi.filter(({ name }) => queries.includes(`\${${name}}`))).toEqual([]);
    });

    it("overrides only columns that its queries have", () => {
      const missing = panels
        .filter(({ transformations }) => transformations === undefined)
        .filter(({ targets }) => targets.every(isApi))
        .flatMap(({ title, targets, fieldConfig }) => {
          const columns = targets
            .filter(isApi)
            .flatMap((target) => target.columns.map((column) => column.text));
          return fieldConfig.overrides
            .filter(({ matcher }) => matcher.id === "byName" && !columns.includes(matcher.options))
            .map(({ matcher }) => `${title}: ${matcher.options}`);
        });
      expect(missing).toEqual([]);
    });
  },
);

describe("queries of Prometheus, by the rules of grafana/dashboard-linter", () => {
  const own = files.filter(({ dashboard }) => dashboard.templating.list[0]?.query === "prometheus");
  const targets = own.flatMap(({ dashboard }) =>
    dashboard.panels.filter(isPanel).flatMap((panel) => panel.targets.filter(isProm)),
  );
  /** What Prometheus makes itself, and a rule without a target, have no job. */
  const withoutJob = ["ALERTS"];

  it("are of one dashboard, and choose job and instance", () => {
    expect(own.map(({ dashboard }) => dashboard.uid)).toEqual(["sambung-collector", "sambung-collector-en"]);
    for (const { dashboard } of own) {
      expect(dashboard.templating.list.filter(isLabel)).toMatchObject([
        { name: "job", label: "Job", multi: true, includeAll: true, allValue: ".+", refresh: 2 },
        { name: "instance", label: "Instance", multi: true, includeAll: true, allValue: ".+", refresh: 2 },
      ]);
    }
    const bare = targets.flatMap(({ expr }) =>
      [...expr.matchAll(/(\w+)\{([^}]*)\}/g)]
        .filter(
          ([, name, labels]) =>
            !withoutJob.includes(name!) && labels!.includes('job=~"$job",instance=~"$instance"') === false,
        )
        .map(([whole]) => whole),
    );
    expect(bare).toEqual([]);
  });

  it("ask rates of counters alone, over an interval that fits the scrapes", () => {
    for (const { expr } of targets) {
      const counters = [...expr.matchAll(/\w+_(total|bucket)\b/g)].length;
      const rates = [...expr.matchAll(/rate\(\w+_(total|bucket)\{[^}]*\}\[\$__rate_interval\]\)/g)].length;
      expect([expr, rates]).toEqual([expr, counters]);
      expect(/\[(?!\$__rate_interval)/.test(expr)).toBe(false);
    }
  });

  it("name only metrics that the collector has", () => {
    const documented = [
      ...readFileSync(join(import.meta.dirname, "../../docs/metrics.md"), "utf8").matchAll(/^\| `(\w+)`/gm),
    ].map((match) => match[1]!);
    const named = new Set(targets.flatMap(({ expr }) => metricsIn(expr)));
    const foreign = [...named].filter(
      (name) => !documented.includes(name) && !/^(process|nodejs)_/.test(name),
    );
    expect(foreign.toSorted()).toEqual(["ALERTS", "sambung_http_request_duration_seconds_bucket", "up"]);
  });
});

describe("layout", () => {
  it("refuses a line that is wider than the grid", () => {
    const panel = files[0]!.dashboard.panels.find(isPanel)!;
    expect(() =>
      layout([
        {
          height: 4,
          panels: [
            { width: 20, panel },
            { width: 5, panel },
          ],
        },
      ]),
    ).toThrow("25 columns wide");
  });
});

describe("words", () => {
  it.each(languages)("are those of the API (%s)", (language) => {
    const say = sayIn(language);
    const words = createWords(language, "Asia/Makassar");
    expect(stateMeanings(say).map(({ word, text }) => [word, text])).toEqual(
      Object.entries(stateValues)
        .toSorted(([, a], [, b]) => a - b)
        .map(([state]) => [state, words.state(state as SiteState)]),
    );
    expect(new Map(causeMeanings(say).map(({ word, text }) => [word, text]))).toEqual(
      new Map(causes.map((cause) => [cause as string, words.cause(cause)])),
    );
  });
});

describe("devices of one site", () => {
  const times = ["2026-11-22T00:00:00.000Z", "2026-11-22T00:05:00.000Z"];
  const body = {
    data: times.flatMap((time) =>
      ["64.08.05/rt", "64.08.05/radio"].map((target, at) => {
        const names = { interface: "ether1", object: "signalDbm.1" };
        const columns = ["in_bps", "out_bps", "in_errors_per_s", "out_errors_per_s", "value"];
        const more = ["in_discards_per_s", "out_discards_per_s", "snmp.sysUpTime"];
        return {
          time,
          target,
          ...names,
          ...Object.fromEntries([...columns, ...more].map((name) => [name, at + 1])),
        };
      }),
    ),
  };
  const site = files.find(({ dashboard }) => dashboard.uid === "sambung-site")!.dashboard;
  const queries = queriesOf(site).filter(({ of }) => of.includes("SNMP"));

  it.each(queries.map(({ of, target }) => [of, target] as const))(
    "have lines of their own in %s",
    (_of, target) => {
      const view = { fromMs: 0, toMs: 1, variables: { site: ["64.08.05"] } };
      const { series } = longToWide(target, frameOf(target, body, view));
      const columns = target.columns.filter(({ type }) => type === "number").length;
      expect([...series.values()].filter((values) => values.every((value) => value === 1)).length).toBe(
        columns,
      );
      expect([...series.values()].filter((values) => values.every((value) => value === 2)).length).toBe(
        columns,
      );
    },
  );

  it("are named by the device and the interface", () => {
    const labels = site.panels
      .filter(isPanel)
      .filter(({ targets }) => targets.some((each) => isApi(each) && each.url === "/v1/interfaces"))
      .flatMap(({ fieldConfig }) =>
        fieldConfig.overrides.flatMap(({ properties }) =>
          properties.filter(({ id }) => id === "displayName").map(({ value }) => value),
        ),
      );
    expect(labels.length).toBe(6);
    for (const label of labels)
      expect(label).toMatch(/^\$\{__field\.labels\.target\} \$\{__field\.labels\.interface\} /);
  });
});
