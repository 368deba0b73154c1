import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { needs } from "../support/needs.ts";
import { promtool } from "../support/promtool.ts";
import { metricsIn } from "./promql.ts";

/* Prometheus' rules: its own tool has nothing to say against them, and they name only what there is. */

const root = join(import.meta.dirname, "../..");
const folder = join(root, "dashboards/prometheus");
const read = (path: string) => readFileSync(join(root, path), "utf8");

interface Rule {
  record?: string;
  alert?: string;
  expr: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

const files = globSync("rules/*.yml", { cwd: folder }).toSorted();
const rules = files.flatMap((file) => {
  const { groups } = parse(read(`dashboards/prometheus/${file}`)) as { groups: { rules: Rule[] }[] };
  return groups.flatMap((group) => group.rules);
});
const alerts = rules.filter((rule) => rule.alert !== undefined);
const cases = parse(read("test/dashboards/rules/alerts.test.yml")) as {
  tests: { promql_expr_test?: { expr: string; exp_samples: unknown[] }[] }[];
};

const lacking = needs({ commands: ["promtool"] });
describe.skipIf(lacking !== null)(`promtool${lacking === null ? "" : ` (${lacking})`}`, () => {
  it("takes the rules and the configuration", async () => {
    const checked = await promtool(["check", "rules", "--lint=all", "--lint-fatal", ...files], {
      cwd: folder,
    });
    expect(checked).toMatchObject({ code: 0 });
    expect(checked.said).toContain("SUCCESS");
    expect(
      await promtool(["check", "config", "--lint=all", "--lint-fatal", "prometheus.yml"], { cwd: folder }),
    ).toMatchObject({
      code: 0,
    });
  });

  const tests = globSync("*.test.yml", { cwd: join(import.meta.dirname, "rules") }).toSorted();
  it.each(tests)("finds %s right", { timeout: 120_000 }, async (file) => {
    const { code, said } = await promtool(["test", "rules", file], {
      cwd: join(import.meta.dirname, "rules"),
    });
    expect({ code, said: code === 0 ? "" : said }).toEqual({ code: 0, said: "" });
  });
});

describe("the alerts", () => {
  it("each fire in a test", () => {
    const fired = cases.tests
      .flatMap(({ promql_expr_test = [] }) => promql_expr_test)
      .filter(({ exp_samples }) => exp_samples.length > 0)
      .map(({ expr }) => /alertname="(\w+)"/.exec(expr)?.[1]);
    expect(new Set(fired)).toEqual(new Set(alerts.map(({ alert }) => alert)));
  });

  it("say in both languages what is wrong, how urgent it is, and lead to a section of the runbook", () => {
    const sections = new Set([...read("docs/runbook.md").matchAll(/^## (\w+)$/gm)].map((match) => match[1]));
    expect(sections).toEqual(new Set(alerts.map(({ alert }) => alert)));
    for (const { alert, labels, annotations } of alerts) {
      expect(["critical", "warning", "info", "none"]).toContain(labels?.severity);
      expect(Object.keys(annotations ?? {}).toSorted()).toEqual([
        "description",
        "runbook_url",
        "summary",
        "summary_en",
      ]);
      expect(annotations?.runbook_url).toBe(
        `{{ $externalLabels.sambung_docs }}/runbook.md#${alert!.toLowerCase()}`,
      );
    }
  });
});

describe("the expressions", () => {
  const documented = [...read("docs/metrics.md").matchAll(/^\| `(\w+)`/gm)].map((match) => match[1]!);
  const recorded = rules.flatMap(({ record }) => record ?? []);
  // Made by Prometheus itself, by prom-client, and by a histogram.
  const known = new Set([
    ...documented,
    ...recorded,
    "up",
    "process_start_time_seconds",
    "sambung_http_request_duration_seconds_bucket",
  ]);

  it("name only metrics that the collector has, or that are recorded", () => {
    expect(documented.length).toBeGreaterThan(40);
    const named = rules.flatMap(({ expr }) => metricsIn(expr));
    expect(new Set(named).size).toBeGreaterThan(20);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it("record under level:metric:operations", () => {
    expect(recorded.filter((name) => !/^[a-z]+:(sambung|probe)_[a-z_]+:[a-z0-9_]+$/.test(name))).toEqual([]);
  });
});
