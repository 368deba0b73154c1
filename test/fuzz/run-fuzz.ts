import fc from "fast-check";
import { waitFor } from "../support/wait-for.ts";
import { bombShot, makeBombs } from "./bombs.ts";
import { holdHalfOpen } from "./half-open.ts";
import { fireRaw, isAmbiguous, rawCase } from "./raw.ts";
import {
  damagedBatches,
  mutatedBatches,
  mutatedDocuments,
  mutatedLines,
  oddKeys,
  oddReads,
} from "./shots.ts";
import type { Aim } from "./shots.ts";
import type { UnderFire } from "./under-fire.ts";

export interface FuzzOptions {
  /** Mutated batches and requests in all. */
  runs: number;
  seed: number;
  /** Half-open requests at once. */
  halfOpen: number;
  /** How often each bomb is thrown. */
  bombs: number;
  /**
   * By how much memory may be above where it was, bytes, once all is over. What a bomb unpacks to, 16 MiB in each of the
   * four threads that unpack, stays with the allocator for the next one, and V8 gives a grown heap back late.
   */
  toleranceBytes: number;
  onStep: (text: string) => void;
}

export interface FuzzResult {
  shots: number;
  statuses: Record<string, number>;
  /** What did not hold: the smallest case that was found for it, and why. */
  failures: string[];
  accepted: number;
  rssMb: { before: number; peak: number; after: number };
  slowestMs: { name: string; ms: number };
}

/** How much of the runs each kind of shot has. */
const share: Record<string, readonly [number, fc.Arbitrary<Aim>]> = {
  "mutated batches": [0.4, mutatedBatches],
  "damaged batches": [0.2, damagedBatches],
  "line protocol": [0.12, mutatedLines],
  "documents of other routes": [0.08, mutatedDocuments],
  "reads with odd parameters": [0.1, oddReads],
  "odd keys": [0.03, oddKeys],
};
const rawShare = 0.07;
/** So many shots, then a look at the ledger and a good batch. */
const lookEvery = 200;

export async function runFuzz(target: UnderFire, options: FuzzOptions): Promise<FuzzResult> {
  const { runs, seed, onStep } = options;
  const failures: string[] = [];
  const account = createAccount(target);
  const slowest = { name: "", ms: 0 };
  let shots = 0;
  let peakBytes = 0;

  async function look(): Promise<void> {
    peakBytes = Math.max(peakBytes, target.rssBytes());
    if (++shots % lookEvery !== 0) return;
    await target.serves();
    await account.check();
  }

  async function once(name: string, aim: Aim): Promise<void> {
    const { shot, batchText } = aim(target, Date.now());
    const startMs = performance.now();
    const { status } = await target.fire(shot);
    const ms = performance.now() - startMs;
    if (ms > slowest.ms) Object.assign(slowest, { name, ms });
    target.assertUnharmed(status);
    if (status === 200 && batchText !== undefined) account.took(batchText);
    await look();
  }

  async function property<T>(
    name: string,
    ratio: number,
    drawn: fc.Arbitrary<T>,
    check: (one: T) => Promise<void>,
  ) {
    onStep(name);
    const numRuns = Math.max(20, Math.round(runs * ratio));
    const outcome = await fc.check(fc.asyncProperty(drawn, check), { numRuns, seed, endOnFailure: false });
    if (!outcome.failed) return;
    const why = String((outcome.errorInstance as Error | null)?.message).slice(0, 2_000);
    failures.push(
      `${name}, path ${outcome.counterexamplePath}: ${why}\n${fc.stringify(outcome.counterexample).slice(0, 2_000)}`,
    );
  }

  async function fireAll(factor: number): Promise<void> {
    for (const [name, [ratio, drawn]] of Object.entries(share))
      await property(name, ratio * factor, drawn, (aim) => once(name, aim));
    await property("raw requests", rawShare * factor, rawCase, async (one) => {
      const statuses = await fireRaw(one, target);
      for (const status of statuses) target.assertUnharmed(status);
      if (isAmbiguous(one) && statuses.some((status) => status < 400))
        throw new Error(`two ways to read its length, answered with ${statuses.join(", ")}`);
      target.assertUnharmed();
      await look();
    });
  }

  async function bombard(times: number): Promise<void> {
    const bombs = makeBombs(target.agent.agentId, Date.now());
    for (let time = 0; time < times; time++) {
      for (const bomb of bombs) {
        onStep(`bomb: ${bomb.name}`);
        await attempt(bomb.name, async () => {
          const startMs = performance.now();
          const { status, text } = await target.fire(bombShot(bomb, target));
          const ms = performance.now() - startMs;
          if (ms > slowest.ms) Object.assign(slowest, { name: bomb.name, ms });
          target.assertUnharmed(status);
          if (status < 400) throw new Error(`taken, with ${status}`);
          if (text.length > 4_000) throw new Error(`the refusal has ${text.length} bytes`);
          peakBytes = Math.max(peakBytes, target.rssBytes());
        });
      }
      // All at once, as a crowd would throw them.
      await attempt("all bombs at once", async () => {
        const answers = await Promise.all(bombs.map((bomb) => target.fire(bombShot(bomb, target))));
        const bad = answers.filter(({ status }) => status < 400 || isBad(status));
        if (bad.length > 0) throw new Error(`answered with ${bad.map(({ status }) => status).join(", ")}`);
        peakBytes = Math.max(peakBytes, target.rssBytes());
        await target.serves();
      });
    }
  }

  async function attempt(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message}`);
    }
  }

  // Memory is compared with what it is once all code has run: caches are filled, and the heap is as large as work makes it.
  await fireAll(0.1);
  await bombard(1);
  const beforeBytes = target.rssBytes();
  const filesBefore = target.openFiles();
  await fireAll(0.9);
  await bombard(options.bombs);
  onStep(`${options.halfOpen} half-open requests`);
  await attempt("half-open requests", () => holdHalfOpen(target, options.halfOpen, 5));
  await attempt("connections left open", async () => {
    await waitFor("connections to be closed", () => target.openFiles() <= filesBefore + 10);
  });
  await attempt("the ledger at the end", () => account.check());
  await attempt("a good batch at the end", () => target.serves());
  let afterBytes = target.rssBytes();
  await attempt("memory at the end", async () => {
    afterBytes = await target.settleTo(beforeBytes + options.toleranceBytes);
  });
  const mb = (bytes: number) => Math.round(bytes / 1e6);
  return {
    shots,
    statuses: Object.fromEntries(target.statuses),
    failures,
    accepted: account.accepted(),
    rssMb: { before: mb(beforeBytes), peak: mb(peakBytes), after: mb(afterBytes) },
    slowestMs: slowest,
  };
}

const isBad = (status: number) => status >= 500 && status !== 503;

/** What the ledger has to say, from the answers alone: a refused batch must leave no trace in it. */
function createAccount(target: UnderFire) {
  const seqs = new Set<number>();
  let rounds = 0;
  let lastSeq = 0;
  return {
    took(text: Uint8Array): void {
      const batch = JSON.parse(Buffer.from(text).toString("utf8")) as {
        seq: number;
        rounds: { monoMs: number[] }[];
      };
      if (seqs.has(batch.seq)) return;
      seqs.add(batch.seq);
      lastSeq = Math.max(lastSeq, batch.seq);
      rounds += batch.rounds.reduce((sum, { monoMs }) => sum + monoMs.length, 0);
    },
    async check(): Promise<void> {
      if (seqs.size === 0) return;
      const ledger = await target.ledger();
      if (ledger.storedRounds !== rounds || ledger.lastSeq !== lastSeq)
        throw new Error(
          `the ledger has ${ledger.storedRounds} rounds up to seq ${ledger.lastSeq}; acknowledged were ${rounds} up to ${lastSeq}`,
        );
    },
    accepted: () => seqs.size,
  };
}
