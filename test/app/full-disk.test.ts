import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { EnrolledV1 } from "#wire/ack-v1.ts";
import type { BatchV1 } from "#wire/batch-v1.ts";
import { createHttpPeer } from "../notify/http-peer.ts";
import { needs } from "../support/needs.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { packBatch } from "../support/wire.ts";
import { createApi, end, newAdminKey, startCollector, writeDistrict } from "./collector.ts";

/*
 * The real program on a disk of 12 MB that fills up: nothing is acknowledged that is not stored, what is stored can be
 * read all the while, and when there is room again it goes on by itself: ingest, watch and outbox.
 */

const missing = needs({ root: true, commands: ["mount", "umount"] });
const site = "64.08.04.2001";
const targets = `- {id: gw, site: "${site}", role: gateway, kind: icmp, address: 127.0.0.1, count: 1, intervalS: 30, timeoutMs: 500}
- {id: kec, site: "${site}", role: hub, kind: icmp, address: 127.0.0.1, count: 1, intervalS: 30, timeoutMs: 500}
`;
const rounds = 2_000;

/** The gateway answers; the hub does until the last ten rounds before `endMs`. Replies vary, so that they take room. */
function batchOf({ agentId }: EnrolledV1, seq: number, endMs: number, isCut: boolean): BatchV1 {
  const monoMs = Array.from({ length: rounds }, (_, index) => (index === 0 ? 1_000 : 30_000));
  const spanMs = (rounds - 1) * 30_000 + 1_000;
  const recvOf = (target: string) =>
    monoMs.map((_, index) => (isCut && target === "kec" && index >= rounds - 10 ? 0 : 1));
  return {
    v: 1,
    agent: agentId,
    boot: "boot1",
    host: { bootId: `host${seq}`, uptimeS: 1 },
    seq,
    clock: { wallMs: endMs, monoMs: spanMs, synced: true },
    ledger: { produced: seq * rounds * 2, thinned: 0, lost: 0 },
    rounds: ["gw", "kec"].map((target) => {
      const recv = recvOf(target);
      const rttUs = recv.flatMap((count, index) => (count === 0 ? [] : [1_000 + ((index * 7_919) % 8_999)]));
      return { target, kind: "icmp", monoMs, sent: monoMs.map(() => 1), recv, rttUs };
    }),
    events: [],
  };
}

/** A small file system of its own, gone with the scope. */
function smallDisk(path: string, megabytes: number): Disposable {
  mkdirSync(path);
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path]);
  return { [Symbol.dispose]: () => void execFileSync("umount", ["--lazy", path]) };
}

describe.skipIf(missing !== null)(
  `a disk that fills up${missing === null ? "" : ` (skipped: ${missing})`}`,
  () => {
    it("is answered by 503, keeps reads going, and is forgotten when there is room again", async () => {
      using dir = tempDir();
      await using hook = await createHttpPeer((_request, response) => response.writeHead(204).end());
      const secret = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
      const channel = `{id: hook, kind: webhook, url: "${hook.url}", secrets: ["${secret}"]}`;
      writeDistrict(
        dir.path,
        { "targets.yaml": targets },
        `alerts: {holdS: 0, settleS: 0, channels: [${channel}]}\nagents: {reportIntervalS: 1}\n`,
      );
      using _disk = smallDisk(dir.file("data"), 12);
      const key = newAdminKey();
      const collector = await startCollector(dir.path, { SAMBUNG_ADMIN_KEY: key });
      const api = createApi(() => collector.address, key);
      const filler = join(dir.file("data"), "filler");
      let filled = 0;
      /** Takes what room there is, but for less than a page. */
      const fill = () => {
        for (const bytes of [1_048_576, 65_536, 4_096]) {
          for (;;) {
            try {
              writeFileSync(`${filler}${filled++}`, Buffer.alloc(bytes));
            } catch (error) {
              expect((error as NodeJS.ErrnoException).code).toBe("ENOSPC");
              break;
            }
          }
        }
      };
      const makeRoom = () => {
        for (; filled > 0; filled--) rmSync(`${filler}${filled - 1}`, { force: true });
      };
      try {
        const agent = await api.enrol(site);
        const endMs = Date.now();
        const post = (seq: number, isCut = false) =>
          fetch(`${collector.address}/api/v1/batches`, {
            method: "POST",
            headers: { Authorization: `Bearer ${agent.key}`, "Content-Encoding": "zstd" },
            body: packBatch(batchOf(agent, seq, endMs - (20 - seq) * rounds * 30_000, isCut)),
          });
        expect((await post(1)).status).toBe(200);
        expect((await fetch(`${collector.address}/readyz`)).status).toBe(200);

        fill();
        let stored = 1;
        let refusal: Response | null = null;
        // What room SQLite has in its own files is used up first.
        for (let seq = 2; seq < 20 && refusal === null; seq++) {
          const response = await post(seq);
          if (response.status === 200) stored = seq;
          else refusal = response;
        }
        expect(refusal?.status).toBe(503);
        expect(refusal?.headers.get("retry-after")).toBe("30");
        expect(await refusal?.json()).toMatchObject({ code: "store" });
        // The state of readiness is asked for once a second at most.
        await waitFor("the collector says that it is not ready", async () => {
          return (await fetch(`${collector.address}/readyz`)).status === 503;
        });
        expect(await api.data(`/agents/${agent.agentId}/ledger`)).toMatchObject({
          stored: [{ fromSeq: 1, toSeq: stored }],
          storedRounds: stored * rounds * 2,
          openRounds: 0,
        });
        expect(await api.data<unknown[]>(`/sites`)).toHaveLength(4);
        expect((await fetch(`${collector.address}/livez`)).status).toBe(200);
        expect((await post(stored + 1)).status).toBe(503);

        makeRoom();
        await waitFor("the collector says that it is ready again", async () => {
          return (await fetch(`${collector.address}/readyz`)).status === 200;
        });
        // Those of whom the agent heard nothing good come again, and then the news of a cut.
        for (let seq = stored + 1; seq < 20; seq++) expect((await post(seq)).status).toBe(200);
        expect((await post(20, true)).status).toBe(200);
        expect(await api.data(`/agents/${agent.agentId}/ledger`)).toMatchObject({
          stored: [{ fromSeq: 1, toSeq: 20 }],
          storedRounds: 20 * rounds * 2,
          openRounds: 0,
        });
        const outages = await waitFor("the watch judges again", async () => {
          const found = await api.data<{ site: string }[]>("/outages?open=true");
          return found.length > 0 ? found : null;
        });
        expect(outages[0]).toMatchObject({ site });
        await waitFor("the outbox delivers again", () =>
          hook.received.some(({ body }) => body.includes("site.down")),
        );
      } finally {
        makeRoom();
        expect(await end(collector, "SIGTERM"), collector.err()).toBe(0);
      }
    }, 120_000);

    it("has room left for who revokes the agent that fills it", async () => {
      using dir = tempDir();
      writeDistrict(dir.path, { "targets.yaml": targets }, "");
      using _disk = smallDisk(dir.file("data"), 12);
      const key = newAdminKey();
      const collector = await startCollector(dir.path, { SAMBUNG_ADMIN_KEY: key });
      const api = createApi(() => collector.address, key);
      try {
        const agent = await api.enrol(site);
        writeFileSync(dir.file("data/filler"), Buffer.alloc(6_000_000));
        const startMs = Date.now() - 86_400_000 * 60;
        let status = 200;
        let seq = 0;
        while (status === 200 && seq < 400) {
          const response = await fetch(`${collector.address}/api/v1/batches`, {
            method: "POST",
            headers: { Authorization: `Bearer ${agent.key}`, "Content-Encoding": "zstd" },
            body: packBatch(batchOf(agent, ++seq, startMs + (seq % 50) * rounds * 500, false)),
          });
          status = response.status;
        }
        expect(status).toBe(503);
        expect((await fetch(`${collector.address}/readyz`)).status).toBe(503);
        const revoked = await fetch(`${collector.address}/api/v1/agents/${agent.agentId}`, {
          method: "DELETE",
          headers: { Authorization: `Bearer ${key}` },
        });
        expect(revoked.status).toBe(204);
        expect((await api.enrol(site)).agentId).not.toBe(agent.agentId);
        const audit = await api.data<{ action: string }[]>("/audit");
        expect(audit.map(({ action }) => action)).toContain("agent.revoked");
      } finally {
        expect(await end(collector, "SIGTERM"), collector.err()).toBe(0);
      }
    }, 120_000);
  },
);
