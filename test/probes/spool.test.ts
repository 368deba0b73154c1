import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { countRounds, parseBatch } from "#wire/batch-v1.ts";
import { createClockWatch } from "../../probes/clock.ts";
import type { Spool } from "../../probes/spool.ts";
import { createHandClock, icmp, openTestSpool, roundNames, tempFolder } from "../support/agent-parts.ts";
import type { HandClock } from "../support/agent-parts.ts";

const agentId = "ag_test01";

/** Puts rounds of one target into the spool, a second apart. */
function fill(spool: Spool, clock: HandClock, rounds: number, target = "gw"): void {
  for (let i = 0; i < rounds; i++) {
    clock.advance(1_000);
    spool.addRound({ target, monoMs: clock.monoMs(), sample: icmp(1_000 + i) });
  }
}

/** Reads the batch as the collector would. */
const payload = (spool: Spool, seq: number) =>
  parseBatch(JSON.parse(JSON.stringify(spool.batch(seq, agentId))));

describe("a batch", () => {
  it("gets the next seq and keeps its rounds, whatever is measured afterwards", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock);
    fill(spool, clock, 3);
    const seq = spool.compose("live")!;
    const first = payload(spool, seq);
    fill(spool, clock, 2);
    const again = payload(spool, seq);
    expect(seq).toBe(1);
    expect(countRounds(first)).toBe(3);
    expect(again.rounds).toEqual(first.rounds);
    expect(again.clock.monoMs).toBe(first.clock.monoMs + 2_000);
    expect(spool.compose("live")).toBe(2);
    spool.close(true);
  });

  it("never gets a seq that an earlier start gave out, acknowledged or not", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const first = openTestSpool(folder.path, clock);
    fill(first, clock, 1);
    first.acknowledge(first.compose("live")!);
    fill(first, clock, 1);
    expect(first.compose("live")).toBe(2);
    first.close(false);
    const second = openTestSpool(folder.path, clock, { boot: "boot-2" });
    fill(second, clock, 1);
    expect(second.compose("live")).toBe(3);
    expect(second.pending()).toEqual([3, 2]);
    second.close(true);
  });

  it("holds one boot only, and dates an earlier boot by its last reading", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const first = openTestSpool(folder.path, clock);
    fill(first, clock, 2);
    const last = { wallMs: clock.wall, monoMs: clock.mono };
    first.close(true);
    const later = createHandClock(clock.wall + 3_600_000, 10_000);
    const second = openTestSpool(folder.path, later, { boot: "boot-2", hostBootId: "host-2" });
    fill(second, later, 1);
    const live = payload(second, second.compose("live")!);
    const old = payload(second, second.compose("backlog")!);
    expect(live).toMatchObject({ boot: "boot-2", host: { bootId: "host-2" }, clock: { monoMs: later.mono } });
    expect(old).toMatchObject({ boot: "boot-1", host: { bootId: "host-1" }, clock: last });
    expect(old.ledger.produced).toBe(3);
    expect(second.compose("backlog")).toBeNull();
    second.close(true);
  });

  it("takes the newest rounds first and stays below its caps", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock, { maxBatchRounds: 4 });
    fill(spool, clock, 10);
    const newest = clock.mono;
    const batches = [spool.compose("live", 3)!];
    while (spool.hasBacklog() && batches.length < 5) {
      const seq = spool.compose("backlog");
      if (seq === null) break;
      batches.push(seq);
    }
    const sizes = batches.map((seq) => countRounds(payload(spool, seq)));
    expect(sizes).toEqual([3, 4, 3]);
    expect(payload(spool, 1).rounds[0]!.monoMs[0]).toBe(newest - 2_000);
    expect(payload(spool, 3).rounds[0]!.monoMs[0]).toBe(newest - 9_000);
    spool.close(true);
  });

  it("is cut by bytes as well as by rounds", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock, { maxBatchBytes: 1_000 });
    fill(spool, clock, 30);
    const seq = spool.compose("live")!;
    expect(countRounds(payload(spool, seq))).toBeLessThan(30);
    expect(JSON.stringify(spool.batch(seq, agentId).rounds).length).toBeLessThan(1_000);
    spool.close(true);
  });

  it("leaves rounds measured since the last report to the next report, not to the backlog", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock);
    fill(spool, clock, 1);
    spool.acknowledge(spool.compose("live")!);
    fill(spool, clock, 1);
    expect(spool.hasBacklog()).toBe(false);
    expect(spool.compose("backlog")).toBeNull();
    spool.close(true);
  });

  it("has each target once, also when its kind changed between two rounds", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock);
    fill(spool, clock, 2);
    clock.advance(1_000);
    spool.addRound({
      target: "gw",
      monoMs: clock.mono,
      sample: { kind: "dns", ok: 1, rcode: "NOERROR", totalMs: 3.14159 },
    });
    const live = payload(spool, spool.compose("live")!);
    const rest = payload(spool, spool.compose("backlog")!);
    expect(live.rounds).toMatchObject([{ kind: "dns", totalMs: [3.1] }]);
    expect(rest.rounds).toMatchObject([{ kind: "icmp", sent: [1, 1] }]);
    spool.close(true);
  });

  it("carries events, and only once", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock);
    spool.addEvent("clock.jump", { deltaMs: 5_000 });
    const seq = spool.compose("live")!;
    expect(payload(spool, seq).events).toEqual([
      { monoMs: clock.mono, type: "clock.jump", detail: { deltaMs: 5_000 } },
    ]);
    expect(spool.compose("live")).toBeNull();
    spool.close(true);
  });
});

describe("a start", () => {
  it.each([
    { clean: true, host: "host-1", facts: { hostBootChanged: false, cleanStop: true } },
    { clean: false, host: "host-1", facts: { hostBootChanged: false, cleanStop: false } },
    { clean: false, host: "host-2", facts: { hostBootChanged: true, cleanStop: false } },
  ])("after clean=$clean on $host is told as $facts", ({ clean, host, facts }) => {
    using folder = tempFolder();
    const clock = createHandClock();
    const first = openTestSpool(folder.path, clock);
    expect(first.startFacts).toEqual({ hostBootChanged: false, cleanStop: true });
    first.close(clean);
    const second = openTestSpool(folder.path, clock, { boot: "boot-2", hostBootId: host });
    expect(second.startFacts).toEqual(facts);
    second.close(true);
  });

  it("refuses a spool that another agent has open, and a file that is none", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const first = openTestSpool(folder.path, clock);
    expect(() => openTestSpool(folder.path, clock)).toThrow(/another agent is using it/);
    first.close(true);
    expect(() => openTestSpool(join(folder.path, "spool.sqlite"), clock)).toThrow(/cannot be used/);
  });

  it("keeps its files from other users", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock);
    fill(spool, clock, 1);
    const files = readdirSync(folder.path);
    expect(files).toContain("spool.sqlite");
    for (const file of files) expect(statSync(join(folder.path, file)).mode & 0o077).toBe(0);
    spool.close(true);
  });
});

describe("a full spool", () => {
  it("gives up the oldest rounds, and says so in the ledger and in an event", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock, { maxBytes: 10_000 });
    const startMs = clock.mono + 1_000;
    fill(spool, clock, 500);
    expect(spool.usedBytes()).toBeLessThanOrEqual(10_000);
    const batch = payload(spool, spool.compose("live")!);
    const kept = countRounds(batch);
    expect(batch.ledger).toEqual({ produced: 500, thinned: 0, lost: 500 - kept });
    const lost = batch.events.filter((event) => event.type === "spool.lost");
    expect(lost).toHaveLength(1);
    const firstKeptMs = batch.rounds[0]!.monoMs[0]!;
    expect(lost[0]!.detail).toEqual({
      fromMonoMs: startMs,
      toMonoMs: firstKeptMs - 1_000,
      rounds: 500 - kept,
    });
    spool.close(true);
  });

  it("does not give up what was sent and not answered", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock, { maxBytes: 10_000 });
    fill(spool, clock, 50);
    const seq = spool.compose("live")!;
    const before = payload(spool, seq);
    fill(spool, clock, 500);
    expect(payload(spool, seq).rounds).toEqual(before.rounds);
    expect(payload(spool, seq).ledger).toEqual({ produced: 50, thinned: 0, lost: 0 });
    spool.close(true);
  });

  it("empties a refused batch and sends its seq without rounds, so that no hole stays", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock, { maxBytes: 12_000 });
    fill(spool, clock, 60);
    const refused = spool.compose("live")!;
    spool.moveAside(refused, "422 nobody knows why");
    expect(spool.pending()).toEqual([]);
    fill(spool, clock, 40);
    const sent = spool.compose("live")!;
    expect(payload(spool, sent).ledger).toEqual({ produced: 100, thinned: 0, lost: 0 });
    fill(spool, clock, 60);
    expect(spool.pending()).toEqual([sent, refused]);
    const empty = payload(spool, refused);
    expect(countRounds(empty)).toBe(0);
    expect(empty.ledger.produced).toBe(60);
    expect(empty.ledger.lost).toBe(60);
    // What was said at a later seq stays true: the same sum, its parts moved.
    const after = payload(spool, sent).ledger;
    expect(after).toEqual({ produced: 100, thinned: 0, lost: 60 });
    spool.close(true);
  });

  it("keeps produced = stored + lost, whatever is acknowledged when", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock, { maxBytes: 6_000, maxBatchRounds: 7 });
    const stored: string[] = [];
    for (let step = 0; step < 200; step++) {
      fill(spool, clock, step % 9);
      const seq = spool.pending().length < 4 ? spool.compose(step % 3 === 0 ? "live" : "backlog") : null;
      if (seq !== null && step % 5 === 0) spool.moveAside(seq, "422");
      const oldest = spool.pending().at(-1);
      if (step % 2 === 0 && oldest !== undefined) {
        stored.push(...roundNames([payload(spool, oldest)]));
        spool.acknowledge(oldest);
      }
    }
    spool.retryAside();
    spool.compose("live");
    while (spool.compose("backlog") !== null);
    const rest = spool.pending().map((seq) => payload(spool, seq));
    stored.push(...roundNames(rest));
    const { produced, lost } = rest[0]!.ledger;
    expect(new Set(stored).size).toBe(stored.length);
    expect(lost).toBeGreaterThan(0);
    expect(stored.length + lost).toBe(produced);
    expect(produced).toBe(Array.from({ length: 200 }, (_, step) => step % 9).reduce((a, b) => a + b));
    spool.close(true);
  });

  it("keeps the file near its bound", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock, { maxBytes: 500_000 });
    fill(spool, clock, 20_000);
    spool.close(true);
    expect(statSync(join(folder.path, "spool.sqlite")).size).toBeLessThan(1_000_000);
  });
});

describe("the clock reading", () => {
  it("is synced only after an exchange that agreed, and until somebody sets the clock", () => {
    const clock = createHandClock();
    const watch = createClockWatch(clock);
    expect(watch.read().synced).toBe(false);
    watch.exchanged(clock.wall + 900, clock.mono);
    expect(watch.read().synced).toBe(true);
    clock.wall += 3_000;
    expect(watch.read().synced).toBe(false);
    expect(watch.jumpedMs()).toBe(3_000);
    expect(watch.jumpedMs()).toBeNull();
  });

  it("allows for half the round trip and no more", () => {
    const clock = createHandClock();
    const watch = createClockWatch(clock);
    const sentMs = clock.mono;
    clock.advance(1_200);
    // Answered at the very start of the trip, with clocks that agree: 600 ms from the middle of it.
    watch.exchanged(clock.wall - 1_200, sentMs);
    expect(watch.read().synced).toBe(true);
    watch.exchanged(clock.wall - 2_300, sentMs);
    expect(watch.read().synced).toBe(false);
  });

  it("does not trust two clocks that agree on 1970", () => {
    const clock = createHandClock(60_000);
    const watch = createClockWatch(clock);
    watch.exchanged(60_000, clock.mono);
    expect(watch.read()).toEqual({ wallMs: 60_000, monoMs: clock.mono, synced: false });
  });
});
