import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseBatch } from "#wire/batch-v1.ts";
import type { BatchV1 } from "#wire/batch-v1.ts";
import { machineClock } from "../../probes/clock.ts";
import { openTestSpool, roundNames, tempFolder } from "../support/agent-parts.ts";
import { seededRandom, whole } from "../support/random.ts";
import { drain } from "../support/spool-parts.ts";
import { waitFor } from "../support/wait-for.ts";

const program = fileURLToPath(new URL("../support/spool-child.ts", import.meta.url));

/** Runs the child until it has sent some, kills it at some moment, and returns what it had sent by then. */
async function killedChild(
  folder: string,
  boot: string,
  random: () => number,
  ...size: string[]
): Promise<BatchV1[]> {
  const seed = String(whole(random, 1_000_000) + 1);
  const child = spawn(process.execPath, [program, folder, boot, seed, ...size], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => (out += String(chunk)));
  child.stderr.on("data", (chunk) => (err += String(chunk)));
  const closed = once(child, "close");
  try {
    await waitFor("some batches", () => out.split("\n").length > 3 || child.exitCode !== null, {
      everyMs: 5,
    });
    await sleep(whole(random, 120));
  } finally {
    child.kill("SIGKILL");
    await closed;
  }
  expect(err).toBe("");
  // The last line may be cut: a request that did not arrive whole.
  return out
    .split("\n")
    .slice(0, -1)
    .map((line) => parseBatch(JSON.parse(line)));
}

describe("kill -9 of the spool's process", () => {
  it("at any moment leaves nothing lost and nothing twice", { timeout: 120_000 }, async () => {
    using folder = tempFolder();
    const random = seededRandom(11);
    const collector = new Map<number, BatchV1>();
    const kills = 12;
    const take = (batch: BatchV1) => {
      const known = collector.get(batch.seq);
      // A batch never changes once it was sent.
      if (known !== undefined) expect(batch.rounds).toEqual(known.rounds);
      else collector.set(batch.seq, batch);
    };
    for (let kill = 0; kill < kills; kill++)
      for (const batch of await killedChild(folder.path, `boot-${kill}`, random)) take(batch);

    const spool = openTestSpool(folder.path, machineClock(), { boot: "last" });
    expect(spool.startFacts.cleanStop).toBe(false);
    const { batches, ledger } = drain(spool);
    for (const batch of batches) take(batch);
    spool.close(true);

    const stored = roundNames(collector.values());
    expect(new Set(stored).size).toBe(stored.length);
    expect(ledger).toEqual({ produced: stored.length, thinned: 0, lost: 0 });
    const seqs = [...collector.keys()].sort((a, b) => a - b);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    const witnessed = readFileSync(join(folder.path, "witness"), "utf8").trim().split("\n");
    const missing = new Set(witnessed).difference(new Set(stored));
    // The witness is written before the round goes into the spool: a kill may fall between the two.
    expect(missing.size).toBeLessThanOrEqual(kills);
    expect(new Set(stored).difference(new Set(witnessed)).size).toBe(0);
  });

  it(
    "in the midst of thinning leaves each round in one summary, or declared lost",
    { timeout: 180_000 },
    async () => {
      using folder = tempFolder();
      const random = seededRandom(12);
      const collector = new Map<number, BatchV1>();
      const kills = 12;
      const take = (batch: BatchV1) => {
        const known = collector.get(batch.seq);
        if (known !== undefined) expect(batch.rounds).toEqual(known.rounds);
        else collector.set(batch.seq, batch);
      };
      for (let kill = 0; kill < kills; kill++)
        for (const batch of await killedChild(folder.path, `boot-${kill}`, random, "small")) take(batch);

      const spool = openTestSpool(folder.path, machineClock(), { boot: "last", maxBytes: 2_000_000 });
      const { batches, ledger } = drain(spool);
      for (const batch of batches) take(batch);
      spool.close(true);

      const all = [...collector.values()];
      expect(ledger.thinned).toBeGreaterThan(1_000);
      expect(roundNames(all).length + ledger.thinned + ledger.lost).toBe(ledger.produced);
      // A summary gives back how many rounds of which target and when, not the moment of each.
      const witnessed = readFileSync(join(folder.path, "witness"), "utf8").trim().split("\n");
      expect(ledger.produced).toBeLessThanOrEqual(witnessed.length);
      expect(ledger.produced).toBeGreaterThanOrEqual(witnessed.length - kills);
      const byTarget = Map.groupBy(witnessed, (name) => name.split("@")[0]!);
      for (const [target, names] of byTarget) {
        const times = names.map((name) => Number(name.split("@")[1])).sort((a, b) => a - b);
        const stored = summariesOf(all, target);
        for (const [index, { fromMs, toMs, merged }] of stored.entries()) {
          expect(toMs).toBeLessThan(stored[index + 1]?.fromMs ?? Infinity);
          const within = times.filter((ms) => ms >= fromMs && ms <= toMs).length;
          expect(merged, `${target} from ${fromMs} to ${toMs}`).toBe(within);
        }
      }
    },
  );
});

function summariesOf(batches: readonly BatchV1[], name: string) {
  const found: { fromMs: number; toMs: number; merged: number }[] = [];
  for (const { boot, rounds } of batches) {
    for (const { target, monoMs, merged, spanMs } of rounds) {
      if (`${boot}/${target}` !== name) continue;
      let fromMs = 0;
      for (const [index, step] of monoMs.entries()) {
        fromMs += step;
        found.push({ fromMs, toMs: fromMs + (spanMs?.[index] ?? 0), merged: merged?.[index] ?? 1 });
      }
    }
  }
  return found.sort((a, b) => a.fromMs - b.fromMs);
}
