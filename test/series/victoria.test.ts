import { cpSync } from "node:fs";
import { join } from "node:path";
import { createVictoriaSeries } from "../../src/series/victoria-series.ts";
import { needs } from "../support/needs.ts";
import { seriesContract } from "./contract.ts";
import type { EngineUnderTest } from "./contract.ts";
import { emptyCatalogue, engineOver } from "./engine-over.ts";
import { startVictoria } from "./real-server.ts";

const reason = needs({ commands: ["victoria-metrics"] });

async function start(catalogue = emptyCatalogue(), folder?: string): Promise<EngineUnderTest> {
  const server = await startVictoria(folder);
  const { url } = server;
  const options = { url, readUrl: null, tenant: null, token: null, now: Date.now };
  return engineOver(server, createVictoriaSeries(options, catalogue), {
    // -retentionPeriod
    expire: null,
    async openBackup() {
      const { snapshot } = (await (await fetch(`${url}/snapshot/create`)).json()) as { snapshot: string };
      const copy = join(server.folder, "copy");
      cpSync(join(server.folder, "snapshots", snapshot), copy, { recursive: true, dereference: true });
      return start(catalogue, copy);
    },
  });
}

seriesContract("VictoriaMetrics", start, reason);
