import { request } from "node:http";
import { describe, expect, it } from "vitest";
import type { EnrolledV1 } from "#wire/ack-v1.ts";
import type { BatchV1 } from "#wire/batch-v1.ts";
import { queueHeader } from "#wire/units.ts";
import { tempDir } from "../support/temp-dir.ts";
import { packBatch } from "../support/wire.ts";
import { createApi, end, newAdminKey, startCollector, writeDistrict } from "./collector.ts";

/*
 * Many clients at once against the real program with a small heap: backlog that expands to far more than it has memory
 * for, and live batches in between.
 */

const targets = `- {id: gw, kinds: [kabupaten, kecamatan, desa], role: gateway, kind: icmp, address: 127.0.0.1, count: 1, intervalS: 1, timeoutMs: 500}\n`;
const places = ["64.08", "64.08.04", "64.08.04.2001", "64.08.04.2002"];
const backlogClients = 40;
const liveClients = 40;
const livePerClient = 5;
const startMs = Date.now() - 86_400_000 * 30;

function batchOf({ agentId }: EnrolledV1, seq: number, rounds: number): BatchV1 {
  const ones = Array.from({ length: rounds }, () => 1);
  return {
    v: 1,
    agent: agentId,
    boot: "boot1",
    host: { bootId: "host1", uptimeS: 1 },
    seq,
    clock: { wallMs: startMs + rounds * 1_000, monoMs: rounds * 1_000, synced: true },
    ledger: { produced: rounds, thinned: 0, lost: 0 },
    rounds: [
      {
        target: "gw",
        kind: "icmp",
        monoMs: ones.map(() => 1_000),
        sent: ones.map(() => 5),
        recv: ones.map(() => 5),
        rttUs: ones.flatMap(() => [20_110, 20_120, 20_130, 20_140, 20_150]),
      },
    ],
    events: [],
  };
}

interface Answer {
  status: number;
  retryAfter: string | undefined;
}

/** A request on a connection of its own: one that is kept may be closed by the other side just as it is used. */
function send(address: string, body: Uint8Array, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${address}/api/v1/batches`, { method: "POST", headers, agent: false });
    outgoing.on("error", reject);
    outgoing.on("response", (response) => {
      response.resume();
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode!, retryAfter: response.headers["retry-after"] }),
      );
    });
    outgoing.end(body);
  });
}

describe("a collector with more work than it can do", () => {
  it("puts backlog off by 503 and takes every live batch, within its memory", async () => {
    using dir = tempDir();
    writeDistrict(dir.path, { "targets.yaml": targets });
    const key = newAdminKey();
    const collector = await startCollector(dir.path, {
      SAMBUNG_ADMIN_KEY: key,
      NODE_OPTIONS: "--max-old-space-size=384",
    });
    const api = createApi(() => collector.address, key);
    const agents = await Promise.all(places.map((place) => api.enrol(place)));
    const agentOf = (client: number) => agents[client % agents.length]!;
    const post = (agent: EnrolledV1, body: Uint8Array, queue: string) =>
      send(collector.address, body, {
        Authorization: `Bearer ${agent.key}`,
        "Content-Encoding": "zstd",
        [queueHeader]: queue,
      });
    // 200,000 rounds each: some 8 MB of text, packed to a few kB. Together far more than the heap.
    const bodies = Array.from({ length: backlogClients }, (_, client) =>
      packBatch(batchOf(agentOf(client), 10_000 + client, 200_000)),
    );
    try {
      const backlog = bodies.map((body, client) => post(agentOf(client), body, "backlog"));
      const live = Array.from({ length: liveClients }, async (_, client) => {
        const agent = agentOf(client);
        const answers: Answer[] = [];
        for (let nth = 0; nth < livePerClient; nth++)
          answers.push(await post(agent, packBatch(batchOf(agent, 1 + client * 100 + nth, 20)), "live"));
        return answers;
      });
      const liveAnswers = (await Promise.all(live)).flat();
      const backlogAnswers = await Promise.all(backlog);
      expect(liveAnswers.map(({ status }) => status)).toEqual(liveAnswers.map(() => 200));
      const taken = backlogAnswers.filter(({ status }) => status === 200);
      const putOff = backlogAnswers.filter(({ status }) => status === 503);
      expect(taken.length + putOff.length).toBe(backlogClients);
      expect(taken.length).toBeGreaterThan(0);
      expect(putOff.length).toBeGreaterThan(0);
      expect(new Set(putOff.map(({ retryAfter }) => retryAfter))).toEqual(new Set(["15"]));
      const ledgers = await Promise.all(
        agents.map(({ agentId }) => api.data<{ storedRounds: number }>(`/agents/${agentId}/ledger`)),
      );
      const stored = ledgers.reduce((sum, { storedRounds }) => sum + storedRounds, 0);
      expect(stored).toBe(taken.length * 200_000 + liveAnswers.length * 20);
    } finally {
      expect(await end(collector, "SIGTERM"), collector.err()).toBe(0);
    }
  }, 180_000);
});
