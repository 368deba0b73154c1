import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import type { BatchV1 } from "#wire/batch-v1.ts";
import { createClockWatch } from "../../probes/clock.ts";
import type { ClockWatch } from "../../probes/clock.ts";
import type { Spool } from "../../probes/spool/spool.ts";
import { createIngest } from "../../src/ingest/ingest.ts";
import type { IcmpRounds } from "../../src/series/series-store.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import { createHandClock, icmp, openTestSpool, tempFolder } from "../support/agent-parts.ts";
import { makeDistrict } from "../support/inventory.ts";
import { seededRandom, shuffled } from "../support/random.ts";
import { packBatch } from "../support/wire.ts";

/*
 * A board without a battery clock, in true time: it boots in 1970, its clocks drift, somebody sets its wall clock by ten
 * years, its link fails for days, its power goes while it is offline. Its spool and its clocks are the agent's own, its
 * batches go to the collector's own ingest. Whatever the order in which they arrive, every round lies within the
 * uncertainty that its batch was given.
 */

const agentId = "ag_000000000001";
const site = "64.08.01";
const beginMs = Date.UTC(2026, 8, 1);
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const bigSpool = { maxBytes: 64_000_000, flushS: 3_600 };

interface Sent {
  batch: BatchV1;
  arrivedMs: number;
}

interface Round {
  trueMs: number;
  hostBoot: string;
  monoMs: number;
}

function createMachine(folder: string, random: () => number, maxTripMs: number) {
  const clock = createHandClock(0, 0);
  const sent: Sent[] = [];
  const rounds = new Map<number, Round>();
  let trueMs = beginMs;
  let hostBoot = "";
  let drift = 0;
  let starts = 0;
  let spool: Spool;
  let watch: ClockWatch;

  function pass(ms: number): void {
    trueMs += ms;
    clock.advance(ms * (1 + drift));
  }

  /** One round trip of any length, more of it on one way than on the other. */
  function exchange(meanwhile?: (arrivedMs: number) => void): void {
    const sentMonoMs = Math.round(clock.mono);
    const tripMs = 40 + random() * maxTripMs;
    const thereMs = tripMs * random();
    pass(thereMs);
    const serverMs = Math.round(trueMs);
    meanwhile?.(serverMs);
    pass(tripMs - thereMs);
    watch.exchanged(serverMs, sentMonoMs);
  }

  function send(seq: number): void {
    const batch = structuredClone(spool.batch(seq, agentId));
    exchange((arrivedMs) => sent.push({ batch, arrivedMs }));
    spool.acknowledge(seq);
  }

  function start(): void {
    watch = createClockWatch(wholeClock);
    spool = openTestSpool(folder, wholeClock, {
      ...bigSpool,
      boot: `start-${++starts}`,
      hostBootId: hostBoot,
      watch,
    });
  }

  const wholeClock = {
    wallMs: () => Math.max(0, Math.round(clock.wall)),
    monoMs: () => Math.round(clock.mono),
  };

  return {
    sent,
    rounds,
    /** The power comes back: the wall clock says 1970. */
    powerOn(name: string, rate: number): void {
      hostBoot = name;
      drift = rate;
      clock.wall = 30_000;
      clock.mono = 30_000;
      pass(5_000);
      start();
    },
    powerOff(forMs: number): void {
      spool.close(false);
      trueMs += forMs;
    },
    restartAgent(): void {
      spool.close(true);
      start();
    },
    setWall(byMs: number): void {
      clock.wall += byMs;
    },
    /** A round a minute, and while it is online what the agent does: an exchange first, then live, then backlog. */
    run(forMs: number, isOnline: boolean): void {
      const endMs = trueMs + forMs;
      let isNew = true;
      while (trueMs < endMs) {
        const monoMs = wholeClock.monoMs();
        const number = rounds.size;
        rounds.set(20_000 + number * 10, { trueMs, hostBoot, monoMs });
        spool.addRound({ target: "gw", monoMs, sample: icmp(20_000 + number * 10) });
        pass(minuteMs);
        if (!isOnline) continue;
        if (isNew) exchange();
        isNew = false;
        const live = spool.compose("live", 200);
        if (live !== null) send(live);
        while (spool.hasBacklog()) {
          const seq = spool.pending()[0] ?? spool.compose("backlog", 500);
          if (seq === null) break;
          send(seq);
        }
      }
    },
    nowMs: () => Math.ceil(trueMs),
    close: () => spool.close(true),
  };
}

/** The life of the board, two weeks of it. */
function liveThrough(folder: string, seed: number, maxTripMs: number) {
  const machine = createMachine(folder, seededRandom(seed), maxTripMs);
  machine.powerOn("host-a", 0.0005);
  machine.run(2 * hourMs, true);
  machine.run(36 * hourMs, false);
  machine.setWall(10 * 365 * 24 * hourMs);
  machine.run(36 * hourMs, false);
  machine.run(2 * hourMs, true);
  machine.powerOff(20 * minuteMs);
  machine.powerOn("host-b", -0.0003);
  machine.run(6 * hourMs, false);
  machine.powerOff(hourMs);
  machine.powerOn("host-c", 0.0001);
  machine.run(2 * hourMs, false);
  machine.restartAgent();
  machine.run(3 * hourMs, false);
  machine.powerOff(3 * hourMs);
  machine.powerOn("host-d", 0.0005);
  machine.run(2 * hourMs, false);
  machine.powerOff(5 * minuteMs);
  machine.powerOn("host-e", -0.0005);
  machine.run(hourMs, false);
  machine.run(3 * hourMs, true);
  machine.run(5 * hourMs, false);
  machine.restartAgent();
  machine.run(hourMs, false);
  machine.run(hourMs, true);
  machine.close();
  return machine;
}

interface Placed extends Round {
  timeMs: number;
  uncertaintyMs: number;
}

/** What a collector makes of them that gets them in this order. */
async function deliver(
  file: string,
  machine: ReturnType<typeof liveThrough>,
  sent: readonly Sent[],
): Promise<Placed[]> {
  const clock = { ms: beginMs };
  const stores = openSqlite(file);
  const { state, series } = stores;
  await state.addEnrolToken({
    hash: "t",
    prefix: "sbe_t",
    site,
    kind: "sambung",
    expiresMs: beginMs + 1,
    nowMs: beginMs,
  });
  const keys = { keyHash: "k", keyPrefix: "sba_k", hardware: "board", version: "1" };
  const agent = await state.redeemEnrolToken("t", beginMs, { id: agentId, ...keys });
  if (typeof agent === "string") throw new Error(agent);
  const inventory = makeDistrict();
  const ingest = createIngest({
    ...stores,
    inventory: () => inventory,
    now: () => clock.ms,
    agentConfig: { reportIntervalS: 60, dayBytes: null, monthBytes: null, traps: null },
    onStored() {},
  });
  for (const { batch, arrivedMs } of sent) {
    clock.ms = arrivedMs;
    await ingest.acceptBatch(agent, packBatch(batch), "zstd");
  }
  const ledger = await state.ledger(agentId);
  expect(ledger).toMatchObject({ openRounds: 0, lostRounds: 0, inconsistent: null });
  const stored = (await series.read([`${site}/gw`], 0, 1e15))[0] as IcmpRounds;
  stores.close();
  using db = new DatabaseSync(file, { readOnly: true });
  const uncertainties = db.prepare("SELECT seq, uncertainty_ms FROM batches").all();
  const bySeq = new Map(uncertainties.map((row) => [row["seq"] as number, row["uncertainty_ms"] as number]));
  const seqOf = new Map(
    sent.flatMap(({ batch }) =>
      batch.rounds.flatMap((columns) =>
        (columns as unknown as IcmpRounds).rttUs.map((name) => [name, batch.seq] as const),
      ),
    ),
  );
  return stored.rttUs.map((name, index) => ({
    ...machine.rounds.get(name)!,
    timeMs: stored.timeMs[index]!,
    uncertaintyMs: bySeq.get(seqOf.get(name)!)!,
  }));
}

function check(placed: readonly Placed[], machine: ReturnType<typeof liveThrough>): void {
  expect(placed).toHaveLength(machine.rounds.size);
  const wrong = placed.filter(
    ({ timeMs, trueMs, uncertaintyMs }) => Math.abs(timeMs - trueMs) > uncertaintyMs,
  );
  expect(wrong.slice(0, 3)).toEqual([]);
  for (const [hostBoot, own] of Map.groupBy(placed, (round) => round.hostBoot)) {
    const inOrder = own.toSorted((a, b) => a.monoMs - b.monoMs);
    const swapped = inOrder.filter(({ timeMs }, index) => timeMs <= (inOrder[index - 1]?.timeMs ?? 0));
    expect(swapped.slice(0, 3), hostBoot).toEqual([]);
  }
}

const worst = (placed: readonly Placed[], hostBoot: string) =>
  placed
    .filter((round) => round.hostBoot === hostBoot)
    .reduce((most, { uncertaintyMs }) => Math.max(most, uncertaintyMs), 0);

describe("a board without a battery clock", () => {
  it.each([
    [1, 300],
    [2, 3_000],
    [3, 20_000],
  ])("is placed right within the uncertainty given (seed %i, round trips to %i ms)", async (seed, tripMs) => {
    using folder = tempFolder();
    const machine = liveThrough(`${folder.path}/agent`, seed, tripMs);
    const { sent } = machine;
    const asSent = await deliver(`${folder.path}/as-sent.db`, machine, sent);
    check(asSent, machine);
    // Three days of cut, a clock set by ten years and 500 ppm: seconds, where the link is quick.
    if (tripMs < 1_000) {
      expect(worst(asSent, "host-a")).toBeLessThan(10_000);
      expect(worst(asSent, "host-e")).toBeLessThan(3_000);
    }
    // Late, and in any order.
    const random = seededRandom(seed);
    const late = shuffled(sent, random).map(({ batch }, index) => ({
      batch,
      arrivedMs: machine.nowMs() + index * 1_000,
    }));
    const lateOnes = await deliver(`${folder.path}/late.db`, machine, late);
    check(lateOnes, machine);
    // What its agent had an exchange for needs nothing but itself: one answer, whatever the order.
    const connected = (placed: readonly Placed[]) =>
      placed
        .filter(({ hostBoot }) => hostBoot === "host-a" || hostBoot === "host-e")
        .map(({ timeMs }) => timeMs)
        .toSorted((a, b) => a - b);
    expect(connected(lateOnes)).toEqual(connected(asSent));
  });
});
