import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startVictoria } from "../series/real-server.ts";
import { needs } from "../support/needs.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { packBatch } from "../support/wire.ts";
import { createApi, end, newAdminKey, startCollector, writeDistrict } from "./collector.ts";

/*
 * The real program with its rounds in an engine of its own, which is away when it starts, comes, is killed and comes again:
 * what is acknowledged is there in the end, everything else goes on, and whoever looks is told what the matter is. In the end it
 * comes back empty.
 */

const missing = needs({ commands: ["victoria-metrics"] });
const site = "64.08.04.2001";
const targets = `- {id: gw, site: "${site}", role: gateway, kind: icmp, address: 127.0.0.1, count: 1, intervalS: 30, timeoutMs: 500}
`;
const startMs = Date.now() - 3_600_000;

describe.skipIf(missing !== null)(
  `an engine of its own${missing === null ? "" : ` (skipped: ${missing})`}`,
  { timeout: 120_000 },
  () => {
    it("may be away at the start and at any time after", async () => {
      using dir = tempDir();
      await using engine = await startVictoria();
      await engine.kill();
      writeDistrict(
        dir.path,
        { "targets.yaml": targets },
        `series: {engine: victoria, url: "${engine.url}"}\n`,
      );
      const key = newAdminKey();
      let collector = await startCollector(dir.path, { SAMBUNG_ADMIN_KEY: key });
      const api = createApi(() => collector.address, key);
      const readiness = async () => {
        const response = await fetch(`${collector.address}/readyz?verbose`);
        return `${response.status} ${await response.text()}`;
      };
      try {
        expect(collector.err()).toMatch(/VictoriaMetrics cannot be reached .*start it, or see series.url/);
        expect(await readiness()).toMatch(
          /^503 \[\+\] state ok\n\[-\] series failed: VictoriaMetrics cannot be/,
        );
        const agent = await api.enrol(site);
        /** Ten rounds; each batch has others. */
        const send = async (seq: number) => {
          const body = packBatch({
            v: 1,
            agent: agent.agentId,
            boot: "boot1",
            host: { bootId: "host1", uptimeS: 1 },
            seq,
            clock: { wallMs: startMs + seq * 300_000, monoMs: seq * 300_000, synced: true },
            ledger: { produced: seq * 10, thinned: 0, lost: 0 },
            rounds: [
              {
                target: "gw",
                kind: "icmp",
                monoMs: [(seq - 1) * 300_000 + 1_000, ...Array.from({ length: 9 }, () => 30_000)],
                sent: Array.from({ length: 10 }, () => 1),
                recv: Array.from({ length: 10 }, () => 1),
                rttUs: Array.from({ length: 10 }, (_, at) => 1_000 + 10 * seq + at),
              },
            ],
            events: [],
          });
          const response = await fetch(`${collector.address}/api/v1/batches`, {
            method: "POST",
            headers: { Authorization: `Bearer ${agent.key}`, "Content-Encoding": "zstd" },
            body: new Uint8Array(body),
          });
          return `${response.status} ${await response.text()}`;
        };
        expect(await send(1)).toMatch(/^503 .*VictoriaMetrics cannot be reached/);

        const isReady = async () => (await readiness()).startsWith("200");
        await engine.start();
        await waitFor("readiness", isReady, { everyMs: 100 });
        expect(await send(1)).toMatch(/^200 /);
        expect(await send(2)).toMatch(/^200 /);
        await engine.kill();
        await waitFor("no readiness", async () => !(await isReady()), { everyMs: 100 });
        expect(await send(3)).toMatch(/^503 /);
        expect((await fetch(collector.address)).status).toBe(200);
        expect(await api.data<unknown[]>("/sites")).toHaveLength(4);

        await engine.start();
        await waitFor("readiness", isReady, { everyMs: 100 });
        for (const seq of [2, 3]) expect(await send(seq)).toMatch(/^200 /);
        const query = `target=${site}/gw&from=${startMs}&to=${startMs + 900_000}&step=900s`;
        const smoke = await api.data<{ sent: number; received: number }[]>(`/smoke?${query}`);
        expect(smoke.reduce((sum, { sent }) => sum + sent, 0)).toBe(30);
        expect(await api.data(`/agents/${agent.agentId}/ledger`)).toMatchObject({
          producedRounds: 30,
          storedRounds: 30,
          openRounds: 0,
        });

        // The same engine on another disk, as a container whose volume was forgotten.
        await end(collector, "SIGTERM");
        await engine.kill();
        for (const name of readdirSync(engine.folder)) rmSync(join(engine.folder, name), { recursive: true });
        collector = await startCollector(dir.path, { SAMBUNG_ADMIN_KEY: key });
        expect(await readiness()).toMatch(/^503 /);
        await engine.start();
        await waitFor("what is missing", async () => (await readiness()).includes("degraded"), {
          everyMs: 100,
        });
        expect(await readiness()).toMatch(
          /^200 .*\[!\] rounds degraded: the engine of the rounds lacks what it had acknowledged: .* put its newest backup back/s,
        );
        expect(collector.err()).toMatch(/"storedUntil":"20\S+Z".*lacks what it had acknowledged/);
        expect(await send(4)).toMatch(/^200 /);
      } finally {
        await end(collector, "SIGTERM");
      }
    });
  },
);
