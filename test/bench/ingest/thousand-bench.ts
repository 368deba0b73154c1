import { setTimeout as sleep } from "node:timers/promises";
import { packBatch } from "../../../probes/pack.ts";
import { createTransport } from "../../../probes/transport.ts";
import { residentMib } from "../agent/usage.ts";
import { cpuSecondsOf } from "../cpu-seconds.ts";
import { quantile, rowOf } from "../table.ts";
import type { Row } from "../table.ts";
import { batchOf } from "./bodies.ts";
import { districtTargets, intervalMs, siteRounds } from "./district-rounds.ts";
import { startSambung } from "./servers.ts";
import type { Sambung } from "./servers.ts";

/*
 * A thousand agents with ten targets each, every 30 s, on one collector: each has its connection and sends the rounds of
 * every interval when the interval is over, in the order in which the agents happen to have started. Two minutes are counted,
 * after two in which the collector gets to know them. Then all of them send at the same moment, as after a cut of the
 * collector's own line. Time runs as it does: nothing is sent faster than it is measured.
 */
const kecamatan = 20;
const villages = 49;
const warmSteps = 4;
const countedSteps = 4;
const agents = kecamatan * (1 + villages);

export async function benchThousand(): Promise<Row[]> {
  const sites = siteCodes();
  await using server = await startSambung(sitesCsv(sites), districtTargets, sites);
  const crowd = createCrowd(server, sites);
  const cpuBefore = cpuSecondsOf(server.pid);
  await crowd.run(warmSteps, { together: false });
  const memory = watchMemory(server.pid);
  const spread = await crowd.run(countedSteps, { together: false });
  const { firstMib, lastMib, highestMib } = memory.stop();
  const share = (cpuSecondsOf(server.pid) - cpuBefore) / (((warmSteps + countedSteps) * intervalMs) / 1000);
  const burst = await crowd.run(1, { together: true });
  const stored = await server.storedRounds();
  const of = `${agents} agents × 10 targets every 30 s`;
  return [
    rowOf(`${of}, 2 min: acknowledgement, p50 of ${spread.length}`, quantile(spread, 0.5), "ms"),
    rowOf(`${of}, 2 min: acknowledgement, p99`, quantile(spread, 0.99), "ms"),
    rowOf(`${of}, 2 min: acknowledgement, longest`, quantile(spread, 1), "ms"),
    rowOf("all of them at the same moment: acknowledgement, p50", quantile(burst, 0.5), "ms"),
    rowOf("all of them at the same moment: acknowledgement, p99", quantile(burst, 0.99), "ms"),
    rowOf("rounds produced", crowd.produced(), ""),
    rowOf("rounds produced and not stored, by the ledgers", crowd.produced() - stored, "", { atMost: 0 }),
    rowOf("refused for the moment (503) and sent again", crowd.refused(), ""),
    rowOf("CPU of the collector, share of a core", share * 100, "%"),
    rowOf("memory: at the start of the 2 min, resident", firstMib, "MiB"),
    rowOf("memory: at their end", lastMib, "MiB"),
    rowOf("memory: highest in them", highestMib, "MiB"),
  ];
}

interface Crowd {
  /** So many intervals; the times from the sending of each batch to its acknowledgement, refusals included, ms. */
  run(steps: number, how: { together: boolean }): Promise<number[]>;
  produced(): number;
  refused(): number;
}

function createCrowd(server: Sambung, sites: readonly string[]): Crowd {
  const longest = warmSteps + countedSteps + 1;
  const rounds = sites.map((site, index) => siteRounds(site, index, longest));
  const transports = sites.map(() => createTransport({ server: server.address, userAgent: "sambung-bench" }));
  // So that the first interval ends when the first batch is due.
  const startMs = Date.now();
  let done = 0;
  let refused = 0;

  async function send(site: number, step: number): Promise<number> {
    const facts = {
      agent: server.agents[site]!,
      seq: step + 1,
      produced: (step + 1) * districtTargets.length,
    };
    const batch = batchOf(rounds[site]![step]!, { ...facts, options: { startMs, stepsPerBody: 1 } });
    const { body } = packBatch(batch);
    const sentMs = performance.now();
    for (;;) {
      const timing = { timeoutMs: 60_000, signal: AbortSignal.timeout(60_000) };
      const answer = await transports[site]!.send({
        method: "POST",
        body,
        ...server.request(site),
        ...timing,
      });
      if (answer.status === 200) return performance.now() - sentMs;
      if (answer.status !== 503) throw new Error(`${answer.status}: ${answer.body}`);
      refused += 1;
      await sleep(Number(answer.headers["retry-after"]) * 1_000);
    }
  }

  return {
    produced: () => done * sites.length * districtTargets.length,
    refused: () => refused,
    async run(steps, { together }) {
      const tookMs: Promise<number>[] = [];
      for (let step = done; step < done + steps; step++) {
        for (let site = 0; site < sites.length; site++) {
          const after = together ? 0 : (site / sites.length) * intervalMs;
          const dueMs = startMs + (step + 1) * intervalMs + after;
          const waitMs = dueMs - Date.now();
          if (waitMs > 0) await sleep(waitMs);
          tookMs.push(send(site, step));
        }
      }
      done += steps;
      const all = await Promise.all(tookMs);
      return all;
    },
  };
}

function watchMemory(pid: number): { stop(): { firstMib: number; lastMib: number; highestMib: number } } {
  const seen = [residentMib(pid)];
  const timer = setInterval(() => seen.push(residentMib(pid)), 1_000);
  return {
    stop() {
      clearInterval(timer);
      return { firstMib: seen[0]!, lastMib: seen.at(-1)!, highestMib: Math.max(...seen) };
    },
  };
}

/** A made-up kabupaten that is large enough: its kecamatan and their villages. */
function siteCodes(): string[] {
  return Array.from(
    { length: kecamatan },
    (_, index) => `64.08.${String(index + 1).padStart(2, "0")}`,
  ).flatMap((code) => [code, ...Array.from({ length: villages }, (_, index) => `${code}.${2001 + index}`)]);
}

function sitesCsv(codes: readonly string[]): string {
  const rowFor = (code: string) => {
    const parent = code.split(".").slice(0, -1).join(".");
    const kind = ["kabupaten", "kecamatan", "desa"][code.split(".").length - 2];
    return `${code},${kind},Tempat ${code},${code === "64.08" ? "" : parent},0.5,117.5,surveyed`;
  };
  return ["code,kind,name,parent_code,lat,lon,coord_precision", ...["64.08", ...codes].map(rowFor), ""].join(
    "\n",
  );
}
