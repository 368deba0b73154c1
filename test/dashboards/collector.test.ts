import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dashboardFiles } from "../../dashboards/build.ts";
import type { PromTarget } from "../../dashboards/lib/grafana.ts";
import { createApp } from "../../src/app.ts";
import type { App } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import { writeRounds } from "../support/app-with-data.ts";
import { inventoryOfTest, nowMs } from "../support/day-of-data.ts";
import { freeTcpPort } from "../support/free-port.ts";
import { needs } from "../support/needs.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { isPanel, isProm } from "./queries-of.ts";

/*
 * The dashboard of the collector itself: every query put to a real Prometheus that reads a real collector, with the rules
 * that we ship.
 */

const dashboards = dashboardFiles().filter(({ dashboard }) => dashboard.uid.startsWith("sambung-collector"));

interface Series {
  metric: Record<string, string>;
  value?: [number, string];
  values?: [number, string][];
}

const lacking = needs({ commands: ["prometheus"] });
describe.skipIf(lacking !== null)(`with a Prometheus${lacking === null ? "" : ` (${lacking})`}`, () => {
  const dir = tempDir();
  let app: App;
  let server: ChildProcess;
  let url: string;

  async function get<T>(path: string): Promise<T> {
    const response = await fetch(`${url}${path}`);
    const body = (await response.json()) as { status: string; error?: string; data: T };
    if (body.status !== "success") throw new Error(`${path}: ${body.error}`);
    return body.data;
  }

  /** As Grafana fills the query in, for all collectors and a range of a minute. */
  async function ask({ expr, instant }: PromTarget): Promise<Series[]> {
    const filled = expr
      .replaceAll("$__rate_interval", "30s")
      .replaceAll("$job", ".+")
      .replaceAll("$instance", ".+");
    expect(filled).not.toMatch(/\$/);
    const query = encodeURIComponent(filled);
    const end = Date.now() / 1000;
    const path = instant
      ? `query?query=${query}`
      : `query_range?query=${query}&start=${end - 60}&end=${end}&step=1`;
    return (await get<{ result: Series[] }>(`/api/v1/${path}`)).result;
  }

  beforeAll(async () => {
    const config = readConfig(
      {
        SAMBUNG_DATA: join(dir.path, "data"),
        SAMBUNG_LISTEN: "127.0.0.1:0",
        SAMBUNG_CONFIG: writeConfig(dir.path),
      },
      dir.path,
    );
    const startedMs = performance.now();
    const stores = openSqlite(join(config.data, "sambung.db"));
    await writeRounds(stores);
    stores.close();
    app = createApp(config, {
      logger: pino({ level: "silent" }),
      // It goes on: /metrics is made anew when it has grown old.
      now: () => nowMs + performance.now() - startedMs,
      random: () => 0.5,
      readInventory: inventoryOfTest,
      version: "0.0.0-test",
    });
    const address = await app.start();
    const port = await freeTcpPort();
    url = `http://127.0.0.1:${port}`;
    server = spawn(
      "prometheus",
      [
        `--config.file=${writePrometheus(dir.path, new URL(address).host)}`,
        `--storage.tsdb.path=${join(dir.path, "tsdb")}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: "ignore" },
    );
    await waitFor(
      "some scrapes and what the rules make of them",
      async () => {
        const count = async (of: string) =>
          Number(
            (await get<{ result: Series[] }>(`/api/v1/query?query=${encodeURIComponent(of)}`)).result[0]
              ?.value?.[1],
          );
        return (
          (await count("max(count_over_time(sambung_http_requests_total[2m]))")) >= 5 &&
          (await count("count_over_time(job:sambung_agents:count[2m])")) >= 3
        );
      },
      { timeoutMs: 120_000 },
    );
  }, 180_000);

  afterAll(async () => {
    if (server !== undefined && server.exitCode === null) {
      const ended = once(server, "exit");
      server.kill("SIGTERM");
      await ended;
    }
    await app?.stop();
    dir[Symbol.dispose]();
  });

  describe.each(dashboards.map(({ path, dashboard }) => [path, dashboard] as const))(
    "%s",
    (_path, dashboard) => {
      const panels = dashboard.panels.filter(isPanel);

      it.each(panels.map((panel) => [panel.title, panel] as const))(
        "%s has something to draw",
        async (_title, panel) => {
          const targets = panel.targets.filter(isProm);
          expect(targets.length).toBe(panel.targets.length);
          const named: string[] = [];
          for (const target of targets) {
            const series = await ask(target);
            expect([target.expr, series.length > 0]).toEqual([target.expr, true]);
            for (const { value, values } of series) {
              const last = Number(value?.[1] ?? values?.at(-1)?.[1]);
              // Of a surface that nobody asked in the last seconds there is no quantile.
              if (!target.expr.includes("histogram_quantile")) expect(Number.isFinite(last)).toBe(true);
            }
            named.push(...series.map(({ metric }) => nameOf(target, metric)));
            if (panel.type === "stat") expect(series.length).toBe(1);
          }
          if (panel.type !== "timeseries") return;
          expect(new Set(named).size).toBe(named.length);
          const overridden = panel.fieldConfig.overrides.map(({ matcher }) => matcher.options);
          expect(overridden.filter((name) => !named.includes(name))).toEqual([]);
        },
      );

      it("offers the job and the collectors as they are labelled", async () => {
        for (const name of ["job", "instance"]) {
          const values = await get<string[]>(`/api/v1/label/${name}/values?match[]=sambung_build_info`);
          expect(values.length).toBe(1);
        }
      });
    },
  );

  it("fires the alert that always fires, with its way to the runbook, and evaluates every rule", async () => {
    const { alerts } = await get<{
      alerts: { labels: Record<string, string>; annotations: Record<string, string> }[];
    }>("/api/v1/alerts");
    const watchdog = alerts.find(({ labels }) => labels.alertname === "SambungWatchdog");
    expect(watchdog?.annotations.runbook_url).toBe("docs/runbook.md#sambungwatchdog");
    const { groups } = await get<{
      groups: { rules: { name: string; health: string; lastError?: string }[] }[];
    }>("/api/v1/rules");
    const ill = groups.flatMap(({ rules }) => rules).filter(({ health }) => health === "err");
    expect(ill).toEqual([]);
  });
});

/** What Grafana calls a series. */
function nameOf({ legendFormat }: PromTarget, metric: Record<string, string>): string {
  return legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? "");
}

/** A channel to somebody who is not there: what it counts are failures, and nothing leaves this machine. */
function writeConfig(folder: string): string {
  const file = join(folder, "sambung.yaml");
  writeFileSync(
    file,
    "alerts:\n  channels:\n    - { id: piket, kind: alertmanager, url: 'http://127.0.0.1:9' }\n",
  );
  return file;
}

function writePrometheus(folder: string, target: string): string {
  const file = join(folder, "prometheus.yml");
  const rules = join(import.meta.dirname, "../../dashboards/prometheus/rules/*.yml");
  writeFileSync(
    file,
    JSON.stringify({
      global: { scrape_interval: "1s", evaluation_interval: "1s", external_labels: { sambung_docs: "docs" } },
      rule_files: [rules],
      scrape_configs: [{ job_name: "sambung", static_configs: [{ targets: [target] }] }],
    }),
  );
  return file;
}
