import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { countRounds } from "#wire/batch-v1.ts";
import { createClockWatch } from "../../probes/clock.ts";
import { findFrames } from "../../probes/spool/frame.ts";
import type { Spool } from "../../probes/spool/spool.ts";
import { createHandClock, icmp, openTestSpool, roundNames, tempFolder } from "../support/agent-parts.ts";
import type { HandClock } from "../support/agent-parts.ts";
import { agentId, drain, fill, fillRestless, payload } from "../support/spool-parts.ts";
import { waitFor } from "../support/wait-for.ts";

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

  it("tells what waits beside it, and how old the oldest of that is", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock);
    fill(spool, clock, 10);
    const old = spool.compose("live", 4)!;
    const ageMs = clock.mono - payload(spool, spool.compose("backlog")!).rounds[0]!.monoMs[0]!;
    expect(payload(spool, old).ledger).toMatchObject({ waiting: 6, oldestMs: ageMs });
    clock.advance(60_000);
    expect(payload(spool, old).ledger).toMatchObject({ waiting: 6, oldestMs: ageMs + 60_000 });
    spool.acknowledge(2);
    expect(payload(spool, old).ledger).toEqual({ produced: 4, thinned: 0, lost: 0, waiting: 0 });
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
    // Whole frames: two of four rounds were full and written, the last two rounds were still waiting.
    expect(sizes).toEqual([2, 4, 4]);
    expect(payload(spool, 1).rounds[0]!.monoMs[0]).toBe(newest - 1_000);
    expect(payload(spool, 3).rounds[0]!.monoMs[0]).toBe(newest - 9_000);
    spool.close(true);
  });

  it("has no more targets than the collector takes, also when all of them were renamed", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock);
    for (const name of ["old", "new"])
      for (let i = 0; i < 2_000; i++)
        spool.addRound({ target: `${name}${i}`, monoMs: clock.mono, sample: icmp(1_000) });
    const { batches, ledger } = drain(spool);
    for (const { rounds } of batches) expect(rounds.length).toBeLessThanOrEqual(2_000);
    expect(roundNames(batches)).toHaveLength(4_000);
    expect(ledger).toMatchObject({ produced: 4_000, thinned: 0, lost: 0 });
    spool.close(true);
  });

  it("is cut by bytes as well as by rounds", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock, { maxBatchBytes: 1_000 });
    fill(spool, clock, 300);
    const seq = spool.compose("live")!;
    expect(countRounds(payload(spool, seq))).toBeLessThan(300);
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
    writeFileSync(join(folder.path, "file"), "");
    expect(() => openTestSpool(join(folder.path, "file"), clock)).toThrow(/cannot be used/);
  });

  it("keeps its files from other users", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock);
    spool.store.set("identity", "{}");
    fill(spool, clock, 1);
    spool.compose("live");
    const files = readdirSync(folder.path, { recursive: true, encoding: "utf8" });
    expect(files).toContain("spool/identity.json");
    expect(files).toContain("spool/00000001.log");
    for (const file of files) expect(statSync(join(folder.path, file)).mode & 0o077).toBe(0);
    spool.close(true);
  });
});

describe("a full spool", () => {
  const small = { maxBytes: 40_000, maxBatchRounds: 50 };

  it("gives up the oldest rounds, and says so in the ledger and in an event", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock, small);
    const startMs = clock.mono + 1_000;
    fillRestless(spool, clock, 20_000);
    expect(spool.usedBytes()).toBeLessThanOrEqual(42_000);
    const { batches, ledger } = drain(spool);
    const kept = roundNames(batches).length;
    expect(ledger).toMatchObject({ produced: 20_000, thinned: 0, lost: 20_000 - kept });
    expect(kept).toBeGreaterThan(1_000);
    const lost = batches.flatMap(({ events }) => events).filter((event) => event.type === "spool.lost");
    const told = lost.map(({ detail }) => detail as { fromMonoMs: number; toMonoMs: number; rounds: number });
    const firstKeptMs = Math.min(...batches.flatMap(({ rounds }) => rounds.map(({ monoMs }) => monoMs[0]!)));
    // The seqs of the delivery itself need room as well, so that it may be told in two parts.
    expect(told.reduce((sum, { rounds }) => sum + rounds, 0)).toBe(20_000 - kept);
    expect(Math.min(...told.map(({ fromMonoMs }) => fromMonoMs))).toBe(startMs);
    expect(Math.max(...told.map(({ toMonoMs }) => toMonoMs))).toBe(firstKeptMs - 1_000);
    expect(told.length).toBeLessThanOrEqual(3);
    spool.close(true);
  });

  it("does not give up what was sent and not answered, nor the start of the agent", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock, small);
    fillRestless(spool, clock, 50);
    const seq = spool.compose("live")!;
    const before = payload(spool, seq);
    spool.addEvent("agent.start", { version: "1" });
    fillRestless(spool, clock, 20_000);
    expect(payload(spool, seq).rounds).toEqual(before.rounds);
    expect(payload(spool, seq).ledger).toMatchObject({ produced: 50, thinned: 0, lost: 0 });
    const { batches, ledger } = drain(spool);
    expect(ledger.lost).toBeGreaterThan(0);
    expect(batches.flatMap(({ events }) => events).filter(({ type }) => type === "agent.start")).toHaveLength(
      1,
    );
    spool.close(true);
  });

  it("empties a refused batch and sends its seq without rounds, so that no hole stays", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock, small);
    fillRestless(spool, clock, 50);
    const refused = spool.compose("live")!;
    spool.moveAside(refused, "422 nobody knows why");
    expect(spool.pending()).toEqual([]);
    fillRestless(spool, clock, 50);
    const sent = spool.compose("live")!;
    expect(payload(spool, sent).ledger).toMatchObject({ produced: 100, thinned: 0, lost: 0 });
    while (spool.pending().length === 1) fillRestless(spool, clock, 50);
    expect(spool.pending()).toEqual([sent, refused]);
    const empty = payload(spool, refused);
    expect(countRounds(empty)).toBe(0);
    expect(empty.ledger).toMatchObject({ produced: 50, thinned: 0, lost: 50 });
    // What was said at a later seq stays true: the same sum, its parts moved.
    expect(payload(spool, sent).ledger).toMatchObject({ produced: 100, thinned: 0, lost: 50 });
    spool.close(true);
  });

  it("keeps produced = stored + lost, whatever is acknowledged when", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    let spool = openTestSpool(folder.path, clock, small);
    const stored: string[] = [];
    let measured = 0;
    for (let step = 0; step < 600; step++) {
      fillRestless(spool, clock, step % 90);
      measured += step % 90;
      const seq = spool.pending().length < 4 ? spool.compose(step % 3 === 0 ? "live" : "backlog") : null;
      if (seq !== null && step % 5 === 0) spool.moveAside(seq, "422");
      const oldest = spool.pending().at(-1);
      if (step % 7 === 0 && oldest !== undefined) {
        stored.push(...roundNames([payload(spool, oldest)]));
        spool.acknowledge(oldest);
      }
      if (step % 50 !== 49) continue;
      spool.close(step % 100 === 99);
      spool = openTestSpool(folder.path, clock, { ...small, boot: `boot-${step}` });
    }
    spool.retryAside();
    const { batches, ledger } = drain(spool);
    stored.push(...roundNames(batches));
    expect(new Set(stored).size).toBe(stored.length);
    expect(ledger.lost).toBeGreaterThan(0);
    expect(stored.length + ledger.lost).toBe(measured);
    expect(ledger.produced).toBe(measured);
    spool.close(true);
  });

  it("keeps its files near their bound, and gives the room back when all is acknowledged", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock, { ...small, maxBytes: 60_000 });
    fillRestless(spool, clock, 40_000);
    const onDisk = () =>
      readdirSync(join(folder.path, "spool")).reduce(
        (sum, name) => sum + statSync(join(folder.path, "spool", name)).size,
        0,
      );
    expect(onDisk()).toBeLessThan(64_000);
    expect(drain(spool).ledger.lost).toBeGreaterThan(0);
    fillRestless(spool, clock, 1);
    spool.compose("live");
    // What was acknowledged is free once a state on the disk says so.
    expect(onDisk()).toBeLessThan(20_000);
    spool.close(true);
  });
});

describe("what a connected agent writes", () => {
  /** A report each minute, 40 rounds in it, at once acknowledged. */
  function minutes(spool: Spool, clock: HandClock, count: number): void {
    for (let minute = 0; minute < count; minute++) {
      for (let i = 0; i < 40; i++) fill(spool, clock, 1, `t${i % 20}`);
      spool.acknowledge(spool.compose("live")!);
    }
  }

  it("goes into the same two small files, hour by hour", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock);
    minutes(spool, clock, 5);
    const before = spool.usedBytes();
    minutes(spool, clock, 120);
    expect(spool.usedBytes()).toBe(before);
    expect(before).toBeLessThanOrEqual(32_768);
    spool.close(true);
  });

  it("is one page a minute, as the kernel counts it", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock, { crashNotes: null });
    minutes(spool, clock, 5);
    const written = () => Number(/^write_bytes: (\d+)$/m.exec(readFileSync("/proc/self/io", "utf8"))![1]);
    const before = written();
    minutes(spool, clock, 60);
    // A file system in memory counts nothing. One without a journal counts the inode's page too, each time that it was
    // written back meanwhile, which in the second that this takes it is not.
    expect(written() - before).toBeLessThanOrEqual(300_000);
    spool.close(true);
  });

  it("waits in memory no longer than it may", async () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const first = openTestSpool(folder.path, clock, { flushS: 0.05, crashNotes: null });
    fill(first, clock, 3);
    const log = join(folder.path, "spool/00000001.log");
    const holds = () => [...findFrames(readFileSync(log))].some(({ head }) => head.rounds === 3);
    expect(await waitFor("the frame", holds, { everyMs: 20 })).toBe(true);
    first.close(false);
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
