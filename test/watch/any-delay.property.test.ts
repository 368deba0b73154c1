import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BatchV1 } from "#wire/batch-v1.ts";
import type { RoundColumns } from "#wire/rounds-v1.ts";
import { createIngest } from "../../src/ingest/ingest.ts";
import type { Ingest } from "../../src/ingest/ingest.ts";
import type { Blip } from "../../src/outage/blips.ts";
import { findOutages } from "../../src/outage/find-outages.ts";
import { contentOf } from "../../src/outage/revise.ts";
import type { Outage } from "../../src/outage/table.ts";
import type { Rounds } from "../../src/series/series-store.ts";
import { hashKey, makeKey } from "../../src/state/keys.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import type { SqliteStores } from "../../src/state/sqlite.ts";
import type { AgentRecord } from "../../src/state/state-store.ts";
import { createWatch } from "../../src/watch/watch.ts";
import type { Watch } from "../../src/watch/watch.ts";
import { evidenceOfPieces, measureDistrict } from "../support/district-rounds.ts";
import type { Piece } from "../support/district-rounds.ts";
import { epochMs } from "../support/evidence.ts";
import { seededRandom, shuffled } from "../support/random.ts";
import { troubledDistricts } from "../support/random-district.ts";
import type { RandomDistrict } from "../support/random-district.ts";
import { tempDir } from "../support/temp-dir.ts";
import { faultsOfStates, testOptions } from "./delivery.ts";

/*
 * design.md §2.1, all the way: batches over the wire's format through the real ingest into the real store, the watch
 * looking on, each batch up to three days late, in any order, three times over.
 */

const toS = 2 * 3_600;
const pieceS = 1_200;
const mostDelayMs = 72 * 3_600_000;
const endMs = epochMs + toS * 1000 + mostDelayMs + 60_000;
/** Longer than any state is carried on. */
const quietMs = 300_000;
/** A look of the watch after this share of the batches. */
const lookShare = 0.1;

interface Collector extends AsyncDisposable {
  clock: { ms: number };
  stores: SqliteStores;
  ingest: Ingest;
  watch: Watch;
  errors: unknown[];
  agents: ReadonlyMap<string, AgentRecord>;
}

async function openCollector({ inventory, sites }: RandomDistrict): Promise<Collector> {
  const dir = tempDir();
  const stores = openSqlite(dir.file("sambung.db"));
  // Agents are enrolled before they measure.
  const clock = { ms: epochMs - 60_000 };
  const now = () => clock.ms;
  const errors: unknown[] = [];
  const watch = createWatch({
    inventory: () => inventory,
    ...stores,
    now,
    options: testOptions,
    planAlerts: () => ({ alerts: [], messages: [] }),
    onMessages() {},
    onError: (error) => void errors.push(error),
  });
  const ingest = createIngest({
    inventory: () => inventory,
    ...stores,
    now,
    agentConfig: { reportIntervalS: 60, dayBytes: null, monthBytes: null, traps: null },
    onStored: (touched) => watch.touched(touched),
  });
  const agents = new Map<string, AgentRecord>();
  for (const site of sites) {
    const token = makeKey("sbe");
    await stores.state.addEnrolToken({
      hash: hashKey(token),
      site,
      prefix: "sbe_test",
      kind: "sambung",
      expiresMs: Number.MAX_SAFE_INTEGER,
      nowMs: now(),
    });
    const { key } = await ingest.enrol({ token, hardware: "test", version: "1" });
    agents.set(site, (await ingest.authenticateAgent(key))!);
  }
  return {
    clock,
    stores,
    ingest,
    watch,
    errors,
    agents,
    async [Symbol.asyncDispose]() {
      await watch.stop();
      stores.close();
      dir[Symbol.dispose]();
    },
  };
}

/** The piece as its agent would send it: one boot, whose clock began an hour before the world. */
function toBatch(piece: Piece, agent: string, seq: number, produced: number): BatchV1 {
  const bootMs = epochMs - 3_600_000;
  const wallMs = epochMs + piece.toS * 1000;
  const monoMs = wallMs - bootMs;
  return {
    v: 1,
    agent,
    boot: "0f1e2d3c4b5a69788796a5b4",
    host: { bootId: "5b3f7a52-3c1e-4f6a-9d0e-6f1f5d8f0001", uptimeS: Math.floor(monoMs / 1000) },
    seq,
    clock: { wallMs, monoMs, synced: true },
    ledger: { produced, thinned: 0, lost: 0 },
    rounds: piece.rounds.map((rounds) => toColumns(rounds, bootMs)),
    events: piece.events.map(({ timeMs, type, detail }) => ({
      monoMs: timeMs - bootMs,
      type,
      detail: { ...detail },
    })),
  };
}

function toColumns(rounds: Rounds, bootMs: number): RoundColumns {
  const { key, timeMs, ...rest } = rounds;
  const monoMs = timeMs.map((ms, index) => (index === 0 ? ms - bootMs : ms - timeMs[index - 1]!));
  return { target: key.slice(key.indexOf("/") + 1), monoMs, ...rest } as unknown as RoundColumns;
}

interface Sent {
  site: string;
  body: Buffer;
  atMs: number;
}

/** Every piece as a batch, and when it arrives: `delaysMs` gives as many arrivals of each as it has entries. */
function sendAll(
  pieces: readonly Piece[],
  agents: Collector["agents"],
  delaysMs: () => readonly number[],
): Sent[] {
  const seqs = new Map<string, { seq: number; produced: number }>();
  return pieces.flatMap((piece) => {
    const { site, rounds, toS: lastS } = piece;
    const before = seqs.get(site) ?? { seq: 0, produced: 0 };
    const next = {
      seq: before.seq + 1,
      produced: before.produced + rounds.reduce((sum, { timeMs }) => sum + timeMs.length, 0),
    };
    seqs.set(site, next);
    const batch = toBatch(piece, agents.get(site)!.id, next.seq, next.produced);
    const body = Buffer.from(JSON.stringify(batch));
    return delaysMs().map((delayMs) => ({ site, body, atMs: epochMs + lastS * 1000 + delayMs }));
  });
}

/** A watch looks every few seconds; here once in a quiet time is enough, after all that was carried on has run out. */
async function tick({ clock, watch }: Collector, untilMs: number): Promise<void> {
  if (untilMs - clock.ms < 2 * quietMs) return;
  clock.ms += quietMs;
  await watch.settle();
}

/** Rows and blips, a line each. */
const linesOf = (outages: readonly Outage[], blips: readonly Blip[]) =>
  [...outages.map(contentOf), ...blips.map((blip) => JSON.stringify(Object.entries(blip)))].sort();

async function deliver(collector: Collector, sent: readonly Sent[], random: () => number): Promise<string[]> {
  const { clock, ingest, watch, agents, errors, stores } = collector;
  for (const { site, body, atMs } of sent.toSorted((a, b) => a.atMs - b.atMs)) {
    await tick(collector, atMs);
    clock.ms = Math.max(clock.ms, atMs);
    await ingest.acceptBatch(agents.get(site)!, body, null);
    if (random() >= lookShare) continue;
    // No two passes share a moment.
    clock.ms += 1_000;
    await watch.settle();
  }
  await tick(collector, endMs);
  clock.ms = Math.max(clock.ms + 1_000, endMs);
  await watch.settle();
  expect(errors).toEqual([]);
  const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
  const states = [
    ...(await stores.state.states({ ...range, service: "" })),
    ...(await stores.state.states({ ...range, service: "lapor" })),
  ];
  expect(faultsOfStates(states)).toEqual([]);
  return linesOf(await stores.state.outages({}), await stores.state.blips(range));
}

describe("batches up to three days late, in any order and three times over", () => {
  it("give byte for byte the table of live delivery, and of the whole evidence", async () => {
    let rows = 0;
    let blips = 0;
    await fc.assert(
      fc.asyncProperty(troubledDistricts(toS), fc.integer(), async ({ district, faults }, seed) => {
        const random = seededRandom(seed);
        const pieces = measureDistrict(district, faults, { toS, pieceS });
        const { gapFactor } = testOptions;
        const evidence = evidenceOfPieces(district, pieces, { fromMs: epochMs, nowMs: endMs, gapFactor });
        const table = findOutages(evidence, district.inventory, testOptions);
        const expected = linesOf(table.outages, table.blips);
        rows += table.outages.length;
        blips += table.blips.length;
        await using live = await openCollector(district);
        const liveSent = sendAll(pieces, live.agents, () => [1_000]);
        expect(await deliver(live, liveSent, random), `live, ${JSON.stringify(faults)}`).toEqual(expected);
        await using late = await openCollector(district);
        const delays = () => Array.from({ length: 3 }, () => Math.floor(random() ** 2 * mostDelayMs));
        const lateSent = shuffled(sendAll(pieces, late.agents, delays), random);
        expect(await deliver(late, lateSent, random), `late, ${JSON.stringify(faults)}`).toEqual(expected);
      }),
      { seed: 20261123, numRuns: 10 },
    );
    expect(rows).toBeGreaterThan(20);
    expect(blips).toBeGreaterThan(0);
  }, 180_000);
});
