import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { createInfluxSeries } from "../../src/series/influx-series.ts";
import { waitFor } from "../support/wait-for.ts";
import { needs } from "../support/needs.ts";
import { seriesContract } from "./contract.ts";
import type { EngineUnderTest } from "./contract.ts";
import { emptyCatalogue, engineOver } from "./engine-over.ts";
import { influxQl, startInfluxd } from "./real-server.ts";
import type { RealServer } from "./real-server.ts";

const reason = needs({ commands: ["influxd"] });

const optionsOf = ({ url }: RealServer) =>
  ({ url, token: null, api: "v1", database: "sambung", org: null, now: Date.now }) as const;

async function start(catalogue = emptyCatalogue(), restoreFrom?: string): Promise<EngineUnderTest> {
  const server = await startInfluxd();
  if (restoreFrom === undefined) await influxQl(server.url, "CREATE DATABASE sambung");
  else
    execFileSync(
      "influxd",
      ["restore", "-portable", "-host", `127.0.0.1:${server.rpcPort}`, "-db", "sambung", restoreFrom],
      { stdio: "ignore" },
    );
  // What was restored is opened after the command has ended.
  if (restoreFrom !== undefined)
    await waitFor("the restored shards", async () => {
      const said = await influxQl(server.url, "SELECT * FROM /.*/ LIMIT 1");
      return (said as { results: { series?: unknown[] }[] }).results[0]!.series;
    });
  return engineOver(server, createInfluxSeries(optionsOf(server), catalogue), {
    expire: async (beforeMs) => void (await influxQl(server.url, `DELETE WHERE time < ${beforeMs}ms`)),
    async openBackup() {
      const folder = join(server.folder, "backup");
      const host = `127.0.0.1:${server.rpcPort}`;
      execFileSync("influxd", ["backup", "-portable", "-host", host, "-database", "sambung", folder], {
        stdio: "ignore",
      });
      return start(catalogue, folder);
    },
  });
}

seriesContract("InfluxDB 1.6", start, reason);
