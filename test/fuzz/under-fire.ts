import { readdirSync, readFileSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import type { EnrolledV1 } from "#wire/ack-v1.ts";
import { createApi, end, newAdminKey, startCollector, writeDistrict } from "../app/collector.ts";
import { waitFor } from "../support/wait-for.ts";
import { goodBatch } from "./batch-cases.ts";

/*
 * The collector as a process of its own, and one who fires at it and looks after each shot whether it stands as before:
 * no 5xx but 503, no line in its log that speaks of a fault of ours, the ledger as it has to be.
 */

export interface Shot {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: Uint8Array;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

export interface Ledger {
  storedRounds: number;
  lastSeq: number;
}

export interface UnderFire extends AsyncDisposable {
  readonly port: number;
  /** Of a site with a target of each kind. */
  readonly agent: EnrolledV1;
  readonly telegraf: EnrolledV1;
  readonly adminKey: string;
  fire(shot: Shot): Promise<Answer>;
  /** Statuses so far, with how often. */
  readonly statuses: Map<number, number>;
  ledger(): Promise<Ledger>;
  /**
   * Throws for an answer that no client's fault may have, and where the log of the collector has what a client's fault
   * must not leave there, or where it has ended.
   */
  assertUnharmed(status?: number): void;
  /** A good batch of an agent of its own is stored. */
  serves(): Promise<void>;
  rssBytes(): number;
  openFiles(): number;
  /** Waits until memory is back at `bytes`, and says where it is. */
  settleTo(bytes: number): Promise<number>;
}

const site = "64.08.04";
const services = `- {id: lapor, name: SP4N-LAPOR!, url: "http://lapor.test/", control: "64.08"}\n`;
const targets = `- {id: gw, site: "${site}", role: gateway, kind: icmp, address: 127.0.0.1}
- {id: rt, site: "${site}", role: device, kind: snmp, address: 127.0.0.1, auth: {version: 2c, community: public}}
- {id: lapor, site: "${site}", role: service, service: lapor, kind: http}
- {id: lapor-dns, site: "${site}", role: service, service: lapor, kind: dns}
- {id: mail, site: "${site}", role: device, kind: tcp, address: 127.0.0.1, port: 25}
- {id: gw, site: "64.08.04.2001", role: gateway, kind: icmp, address: 127.0.0.1}
- {id: gw, site: "64.08.04.2002", role: gateway, kind: icmp, address: 127.0.0.1}
`;

/**
 * V8's heap at most. Without a bound it takes as much as a large machine has before it looks for garbage, and what is
 * kept by mistake could not be told from what is merely not collected yet; with it, too much of the one ends the program.
 */
const heapMib = 256;

/** Longer than this no answer takes, however busy the machine is. */
const answerLimitMs = 60_000;

/** What is refused for its number alone meets nothing of the collector; limits have tests of their own. */
const wideLimits = `limits: {keyPerMinute: 10000000, agentPerMinute: 10000000, addressPerMinute: 10000000, refusedPerMinute: 10000000, agentRoundsPerDay: 1000000000, agentEventsPerDay: 1000000000}
`;

/** `config`: lines of sambung.yaml, in place of limits that nothing here reaches. */
export async function openUnderFire(folder: string, config = wideLimits): Promise<UnderFire> {
  writeDistrict(folder, { "targets.yaml": targets, "services.yaml": services }, config);
  const adminKey = newAdminKey();
  const program = await startCollector(folder, {
    SAMBUNG_ADMIN_KEY: adminKey,
    SAMBUNG_LOG: "warn",
    NODE_OPTIONS: `--max-old-space-size=${heapMib}`,
  });
  const api = createApi(() => program.address, adminKey);
  const agent = await api.enrol(site);
  const witness = await api.enrol("64.08.04.2001");
  const telegraf = await enrolTelegraf(program.address, adminKey, "64.08.04.2002");
  const port = Number(new URL(program.address).port);
  const connections = new Agent({ keepAlive: true, maxSockets: 8 });
  const statuses = new Map<number, number>();
  const pid = program.child.pid!;
  let witnessSeq = 0;
  let logRead = 0;

  async function fire(shot: Shot): Promise<Answer> {
    for (;;) {
      try {
        return await fireOnce(shot);
      } catch (error) {
        // The collector may close a kept connection just as it is used again.
        if (!(error as { reused?: boolean }).reused) throw error;
      }
    }
  }

  function fireOnce({ method, path, headers = {}, body }: Shot): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(answerLimitMs);
      const options = { host: "127.0.0.1", port, method, path, headers, agent: connections, signal };
      const request = httpRequest(options, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("error", reject);
        response.on("end", () => {
          const status = response.statusCode!;
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          resolve({ status, headers: response.headers, text: Buffer.concat(parts).toString("utf8") });
        });
      });
      request.on("error", (error) => {
        const reused = request.reusedSocket && (error as NodeJS.ErrnoException).code === "ECONNRESET";
        reject(Object.assign(error, { reused }));
      });
      request.end(body);
    });
  }

  const post = (headers: Record<string, string>, document: object) =>
    fire({ method: "POST", path: "/api/v1/batches", headers, body: Buffer.from(JSON.stringify(document)) });

  return {
    port,
    agent,
    telegraf,
    adminKey,
    fire,
    statuses,
    ledger: () => api.data<Ledger>(`/agents/${agent.agentId}/ledger`),
    assertUnharmed(status = 0) {
      if (program.child.exitCode !== null || program.child.signalCode !== null)
        throw new Error(`the collector has ended: ${program.err()}`);
      const log = program.err();
      const added = log.slice(logRead);
      logRead = log.length;
      const bad = added.split("\n").find((line) => isFault(line));
      if (bad !== undefined) throw new Error(`in the collector's log: ${bad}`);
      if (status >= 500 && status !== 503) throw new Error(`answered with ${status}`);
    },
    async serves() {
      const good = goodBatch(witness.agentId, ++witnessSeq, Date.now());
      const rounds = good.rounds.slice(0, 1);
      const { status, text } = await post(
        { authorization: `Bearer ${witness.key}` },
        { ...good, rounds, events: [] },
      );
      if (status !== 200) throw new Error(`a good batch was answered with ${status}: ${text}`);
    },
    rssBytes: () => rssOf(pid),
    openFiles: () => readdirSync(`/proc/${pid}/fd`).length,
    async settleTo(bytes) {
      const isBack = () => (rssOf(pid) <= bytes ? rssOf(pid) : null);
      return waitFor(`memory of ${bytes} bytes, it is ${rssOf(pid)}`, isBack, { timeoutMs: 90_000 });
    },
    async [Symbol.asyncDispose]() {
      connections.destroy();
      await end(program, "SIGTERM");
    },
  };
}

/** A warning may be about anything; an error, or a stack in any line, is a fault of the program. */
function isFault(line: string): boolean {
  if (line.trim() === "") return false;
  if (!line.startsWith("{")) return true;
  const { level, err } = JSON.parse(line) as { level: number; err?: unknown };
  return level >= 50 || err !== undefined;
}

function rssOf(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(join("/proc", String(pid), "status"), "utf8"))![1];
  return Number(kib) * 1024;
}

async function enrolTelegraf(address: string, key: string, place: string): Promise<EnrolledV1> {
  const post = async (path: string, body: object) => {
    const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
    const answer = await fetch(`${address}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    return (await answer.json()) as unknown;
  };
  const made = (await post("/api/v1/agents/tokens", { site: place, kind: "telegraf" })) as {
    data: { token: string };
  };
  const request = { token: made.data.token, hardware: "fuzz", version: "1" };
  return (await post("/api/v1/agents/enrol", request)) as EnrolledV1;
}
