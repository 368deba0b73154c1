import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import type { EnrolledV1 } from "#wire/ack-v1.ts";
import type { BatchV1 } from "#wire/batch-v1.ts";
import { needs } from "../support/needs.ts";
import { seededRandom, shuffled, whole } from "../support/random.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { packBatch } from "../support/wire.ts";
import { createApi, end, newAdminKey, run, startCollector, writeDistrict } from "./collector.ts";
import type { Collector } from "./collector.ts";

/*
 * "Nothing lost, nothing twice", with the power cut at any moment: SIGKILL lets a program tidy nothing up.
 */

const places = ["64.08", "64.08.04", "64.08.04.2001", "64.08.04.2002"];
const targets = `- id: gw
  kinds: [kabupaten, kecamatan, desa]
  role: gateway
  kind: icmp
  address: 127.0.0.1
  count: 1
  intervalS: 1
  timeoutMs: 500
- id: rt
  kinds: [kabupaten, kecamatan, desa]
  role: device
  kind: icmp
  address: 127.0.0.2
  count: 1
  intervalS: 1
  timeoutMs: 500
`;

interface Ledger {
  stored: { fromSeq: number; toSeq: number }[];
  holes: unknown[];
  producedRounds: number;
  storedRounds: number;
  lostRounds: number;
  thinnedRounds: number;
  openRounds: number;
}

const perTarget = 40;
const startMs = Date.now() - 3_600_000;

/** Batch `seq` of an agent: forty rounds of each of two targets, each at a moment and with a value of its own. */
function batchOf({ agentId }: EnrolledV1, seq: number): BatchV1 {
  const firstMs = (seq - 1) * perTarget * 100;
  const steps = Array.from({ length: perTarget }, (_, index) => (index === 0 ? firstMs : 100));
  const ones = steps.map(() => 1);
  const rttUs = steps.map((_, index) => seq * 100 + index);
  return {
    v: 1,
    agent: agentId,
    boot: "boot1",
    host: { bootId: "host1", uptimeS: 1 },
    seq,
    clock: { wallMs: startMs + 600_000, monoMs: 600_000, synced: true },
    ledger: { produced: seq * perTarget * 2, thinned: 0, lost: 0 },
    rounds: ["gw", "rt"].map((target) => ({
      target,
      kind: "icmp",
      monoMs: steps,
      sent: ones,
      recv: ones,
      rttUs,
    })),
    events: [],
  };
}

async function post(address: string, agent: EnrolledV1, batch: BatchV1): Promise<number> {
  const response = await fetch(`${address}/api/v1/batches`, {
    method: "POST",
    headers: { Authorization: `Bearer ${agent.key}`, "Content-Encoding": "zstd" },
    body: packBatch(batch),
  });
  await response.arrayBuffer();
  return response.status;
}

describe("kill -9 of the collector", () => {
  it("in the midst of ingest loses nothing that was acknowledged, and stores nothing twice", async () => {
    using dir = tempDir();
    writeDistrict(dir.path, { "targets.yaml": targets });
    const env = { SAMBUNG_ADMIN_KEY: newAdminKey(), SAMBUNG_LOG: "error" };
    const random = seededRandom(9);
    let collector: Collector = await startCollector(dir.path, env);
    const api = createApi(() => collector.address, env.SAMBUNG_ADMIN_KEY);
    const agents = await Promise.all(places.map((place) => api.enrol(place)));
    const acked = agents.map(() => new Set<number>());
    const tried = agents.map(() => 0);
    const kills = 5;
    let cutOff = 0;
    try {
      for (let kill = 0; kill < kills; kill++) {
        const { address } = collector;
        let dead = false;
        // Each agent sends one after the other, without pause, until the connection breaks.
        const sending = agents.map(async (agent, index) => {
          while (!dead) {
            const seq = ++tried[index]!;
            try {
              if ((await post(address, agent, batchOf(agent, seq))) === 200) acked[index]!.add(seq);
            } catch {
              cutOff += 1;
              return;
            }
          }
        });
        await waitFor("some batches of this life", () => acked.every((seqs) => seqs.size > kill * 5), {
          everyMs: 5,
        });
        await sleep(whole(random, 150));
        expect(await end(collector, "SIGKILL")).toBe("SIGKILL");
        dead = true;
        await Promise.all(sending);
        collector = await startCollector(dir.path, env);
        // What was acknowledged must be there before anybody sends anything again.
        for (const [index, agent] of agents.entries()) {
          const { stored } = await api.data<Ledger>(`/agents/${agent.agentId}/ledger`);
          const missing = [...acked[index]!].filter(
            (seq) => !stored.some(({ fromSeq, toSeq }) => seq >= fromSeq && seq <= toSeq),
          );
          expect(missing, agent.site).toEqual([]);
        }
      }
      expect(cutOff, "batches that were under way when it died").toBeGreaterThan(0);

      for (const [index, agent] of agents.entries()) {
        const seqs = Array.from({ length: tried[index]! }, (_, at) => at + 1);
        for (const seq of shuffled(seqs, random))
          expect(await post(collector.address, agent, batchOf(agent, seq))).toBe(200);
        expect(await api.data<Ledger>(`/agents/${agent.agentId}/ledger`)).toMatchObject({
          stored: [{ fromSeq: 1, toSeq: tried[index]! }],
          holes: [],
          producedRounds: tried[index]! * perTarget * 2,
          storedRounds: tried[index]! * perTarget * 2,
          openRounds: 0,
        });
        for (const target of ["gw", "rt"]) {
          const rows = await api.data<{ sent: number; received: number }[]>(
            `/smoke?target=${agent.site}/${target}&step=1h&from=${startMs - 3_600_000}&to=${startMs + 7_200_000}`,
          );
          const sent = rows.reduce((sum, row) => sum + row.sent, 0);
          expect(sent, `${agent.site}/${target}: rounds read back`).toBe(tried[index]! * perTarget);
        }
      }
      expect(await end(collector, "SIGINT")).toBe(0);
      const db = new DatabaseSync(dir.file("data/sambung.db"), { readOnly: true });
      expect(db.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
      db.close();
    } finally {
      await end(collector, "SIGKILL");
    }
  }, 90_000);
});

const missing = needs({ commands: ["ping"] });

describe.skipIf(missing !== null)(
  `kill -9 of an agent${missing === null ? "" : ` (skipped: ${missing})`}`,
  () => {
    it("in the midst of a round leaves a ledger that closes, every round once", async () => {
      using dir = tempDir();
      writeDistrict(dir.path, { "targets.yaml": targets }, "agents: {reportIntervalS: 1}\n");
      const env = { SAMBUNG_ADMIN_KEY: newAdminKey(), SAMBUNG_LOG: "error" };
      await using collector = disposable(await startCollector(dir.path, env));
      const api = createApi(() => collector.address, env.SAMBUNG_ADMIN_KEY);
      const token = await api.mintToken("64.08");
      const program = fileURLToPath(new URL("../../probes/main.ts", import.meta.url));
      const args = ["run", "--server", collector.address, "--data", dir.file("agent")];
      const startAgent = () => run(program, args, dir.path, { SAMBUNG_TOKEN: token, SAMBUNG_LOG: "error" });
      const random = seededRandom(4);
      const storedRounds = async () => {
        const [agent] = await api.data<{ id: string }[]>("/agents");
        if (agent === undefined) return 0;
        return (await api.data<Ledger>(`/agents/${agent.id}/ledger`)).storedRounds;
      };

      for (let kill = 0; kill < 3; kill++) {
        const before = await storedRounds();
        const agent = startAgent();
        try {
          await waitFor("rounds of this life", async () => (await storedRounds()) > before + 2, {
            everyMs: 50,
          });
          await sleep(whole(random, 1_000));
        } finally {
          expect(await end(agent, "SIGKILL"), agent.err()).toBe("SIGKILL");
        }
      }
      const last = startAgent();
      const before = await storedRounds();
      await waitFor("rounds of the last life", async () => (await storedRounds()) > before + 2, {
        everyMs: 50,
      });
      expect(await end(last, "SIGTERM"), last.err()).toBe(0);

      const agents = await api.data<{ id: string }[]>("/agents");
      expect(agents.length).toBe(1);
      const ledger = await api.data<Ledger>(`/agents/${agents[0]!.id}/ledger`);
      expect(ledger).toMatchObject({ holes: [], lostRounds: 0, thinnedRounds: 0, openRounds: 0 });
      expect(ledger.storedRounds).toBe(ledger.producedRounds);
      const range = `from=${Date.now() - 3_600_000}&to=${Date.now() + 60_000}`;
      const gw = await api.data<{ sent: number }[]>(`/smoke?target=64.08/gw&step=1h&${range}`);
      const rt = await api.data<{ sent: number }[]>(`/smoke?target=64.08/rt&step=1h&${range}`);
      const sum = (rows: { sent: number }[]) => rows.reduce((all, { sent }) => all + sent, 0);
      // One echo request a round.
      expect(sum(gw) + sum(rt)).toBe(ledger.storedRounds);
    }, 90_000);
  },
);

function disposable(collector: Collector): Collector & AsyncDisposable {
  return {
    ...collector,
    async [Symbol.asyncDispose]() {
      await end(collector, "SIGKILL");
    },
  };
}
