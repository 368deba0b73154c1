import { cpSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { BatchV1 } from "#wire/batch-v1.ts";
import type { RoundColumns } from "#wire/rounds-v1.ts";
import { findFrames } from "../../probes/spool/frame.ts";
import { createHandClock, icmp, openTestSpool, roundNames, tempFolder } from "../support/agent-parts.ts";
import type { HandClock } from "../support/agent-parts.ts";
import type { Spool } from "../../probes/spool/spool.ts";
import { accountOf, drain, fill, fillRestless, payload } from "../support/spool-parts.ts";
import { eventsOf, measuredNames, sumOf } from "../support/spool-thin.ts";

/* A full spool merges the oldest rounds, then merges them further, and only then gives some up. */

const small = { maxBytes: 60_000, maxBatchRounds: 100 };
const stepMs = 20_000;

/** Rounds of one target, twenty seconds apart. */
const measure = (spool: Spool, clock: HandClock, rounds: number) => fill(spool, clock, rounds, "gw", stepMs);

/** Seconds that the summaries of the batches span, the longest first. */
const spansS = (batches: readonly BatchV1[]) =>
  batches
    .flatMap(({ rounds }) => rounds.flatMap(({ spanMs }) => spanMs ?? []))
    .map((ms) => ms / 1000)
    .sort((a, b) => b - a);

const detailSum = (batches: readonly BatchV1[], type: string, name: string) =>
  sumOf(eventsOf(batches, type).map(({ detail }) => Number(detail[name])));

describe("a full spool of rounds that say the same", () => {
  it("loses none of them: the oldest become summaries, which account and events tell", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock, small);
    const startMs = clock.mono + stepMs;
    measure(spool, clock, 16_000);
    expect(spool.usedBytes()).toBeLessThanOrEqual(63_000);
    const { batches, ledger } = drain(spool);
    const stored = roundNames(batches).length;
    expect(ledger).toEqual({ produced: 16_000, thinned: 16_000 - stored, lost: 0 });
    expect(stored).toBeLessThan(14_000);
    // As measured they were at even seconds, and so they are given back.
    const expected = Array.from({ length: 16_000 }, (_, i) => `boot-1/gw@${startMs + i * stepMs}`);
    expect(measuredNames(batches).sort()).toEqual(expected.sort());
    const told = eventsOf(batches, "spool.thinned");
    expect(detailSum(batches, "spool.thinned", "rounds")).toBe(ledger.thinned);
    expect(told.map(({ detail }) => detail["stepS"])).toContain(300);
    expect(Math.min(...told.map(({ detail }) => Number(detail["fromMonoMs"])))).toBe(startMs);
    expect(eventsOf(batches, "spool.lost")).toEqual([]);
    spool.close(true);
  });

  it("does so a frame of summaries at a time, so that no write has a whole file to merge", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const spool = openTestSpool(folder.path, clock, { maxBytes: 120_000, flushS: 75 });
    // Where summaries lie, and which: one that stands where there was another one is new.
    const seen = new Set<string>();
    const newSummaries = () => {
      const before = seen.size;
      for (const name of readdirSync(join(folder.path, "spool")).filter((one) => one.endsWith(".log")))
        for (const { head, offset } of findFrames(readFileSync(join(folder.path, "spool", name))))
          if (head.level > 0) seen.add(`${name} ${offset} ${head.level} ${head.number}`);
      return seen.size - before;
    };
    // A frame is written each 75 s.
    const steps = Array.from({ length: 600 }, () => {
      fill(spool, clock, 100, "gw", 2_000);
      vi.advanceTimersByTime(75_000);
      return newSummaries();
    });
    expect(sumOf(steps)).toBeGreaterThan(30);
    expect(Math.max(...steps)).toBe(1);
    const { batches, ledger } = drain(spool);
    expect(ledger).toEqual({ produced: 60_000, thinned: 60_000 - roundNames(batches).length, lost: 0 });
    expect(new Set(measuredNames(batches)).size).toBe(60_000);
    spool.close(true);
  });

  it("merges within windows of five minutes of the machine's clock, then of an hour", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock, { maxBytes: 60_000, maxBatchRounds: 500 });
    measure(spool, clock, 40_000);
    const { batches, ledger } = drain(spool);
    expect(ledger.produced).toBe(40_000);
    expect(ledger.lost).toBe(0);
    expect(roundNames(batches).length + ledger.thinned).toBe(40_000);
    expect(new Set(measuredNames(batches)).size).toBe(40_000);
    expect(spansS(batches)[0]).toBe(3_580);
    const steps = new Set(eventsOf(batches, "spool.thinned").map(({ detail }) => detail["stepS"]));
    expect([...steps].sort()).toEqual([300, 3_600]);
    expect(detailSum(batches, "spool.thinned", "rounds")).toBe(ledger.thinned);
    for (const { rounds } of batches)
      for (const { monoMs, spanMs } of rounds) {
        let atMs = 0;
        for (const [index, step] of monoMs.entries()) {
          atMs += step;
          const window = (ms: number) => Math.floor(ms / 3_600_000);
          expect(window(atMs + (spanMs?.[index] ?? 0))).toBe(window(atMs));
        }
      }
    spool.close(true);
  });

  it("gives up the oldest summaries only when nothing can be merged any more", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock, small);
    fillRestless(spool, clock, 12_000);
    measure(spool, clock, 20_000);
    const { batches, ledger } = drain(spool);
    expect(ledger.lost).toBeGreaterThan(0);
    // What could be merged was, and is there; what could not went, the oldest first.
    expect(ledger.lost).toBeLessThanOrEqual(12_000);
    expect(roundNames(batches).length + ledger.thinned + ledger.lost).toBe(32_000);
    expect(detailSum(batches, "spool.lost", "rounds")).toBe(ledger.lost);
    expect(new Set(eventsOf(batches, "spool.lost").map(({ detail }) => detail["reason"]))).toEqual(
      new Set(["full"]),
    );
    spool.close(true);
  });

  it("leaves rounds alone that are under way in a batch, and keeps every event", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock, small);
    measure(spool, clock, 50);
    const seq = spool.compose("live")!;
    const before = payload(spool, seq);
    spool.addEvent("agent.start", { version: "1" });
    for (let i = 0; i < 40; i++) {
      measure(spool, clock, 800);
      spool.addEvent("clock.jump", { deltaMs: i });
    }
    expect(payload(spool, seq).rounds).toEqual(before.rounds);
    expect(accountOf(payload(spool, seq).ledger)).toEqual({ produced: 50, thinned: 0, lost: 0 });
    const { batches, ledger } = drain(spool);
    expect(ledger.thinned).toBeGreaterThan(10_000);
    expect(
      eventsOf(batches, "clock.jump")
        .map(({ detail }) => detail["deltaMs"])
        .sort(),
    ).toEqual(Array.from({ length: 40 }, (_, i) => i).sort());
    expect(eventsOf(batches, "agent.start")).toHaveLength(1);
    spool.close(true);
  });

  it("keeps targets apart, and does not merge over what was different or missed", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const spool = openTestSpool(folder.path, clock, small);
    const lost: string[] = [];
    for (let i = 0; i < 12_000; i++) {
      clock.advance(stepMs);
      const isUp = i % 1_000 < 990;
      if (!isUp) lost.push(`boot-1/a@${clock.mono}`);
      spool.addRound({ target: "a", monoMs: clock.mono, sample: icmp(1_000, isUp) });
      if (i % 100 > 2) spool.addRound({ target: "b", monoMs: clock.mono, sample: icmp(2_000) });
    }
    const { batches, ledger } = drain(spool);
    expect(ledger).toMatchObject({ lost: 0 });
    expect(ledger.thinned).toBeGreaterThan(5_000);
    const isSilent = (columns: RoundColumns, row: number) =>
      columns.kind === "icmp" && columns.recv[row] === 0;
    expect(measuredNames(batches, isSilent).sort()).toEqual(lost.sort());
    const names = measuredNames(batches);
    expect(names.filter((name) => name.includes("/b@"))).toHaveLength(11_640);
    expect(new Set(names).size).toBe(names.length);
    spool.close(true);
  });
});

describe("a start after thinning", () => {
  it("finds the summaries, and counts nothing twice that lies beside them unneeded", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    let spool = openTestSpool(folder.path, clock, small);
    const startMs = clock.mono + stepMs;
    for (let start = 0; start < 40; start++) {
      measure(spool, clock, 700);
      if (start % 10 === 5) spool.acknowledge(spool.compose("backlog") ?? spool.compose("live")!);
      spool.close(start % 2 === 0);
      spool = openTestSpool(folder.path, clock, small);
    }
    const { batches, ledger } = drain(spool);
    const names = measuredNames(batches);
    expect(new Set(names).size).toBe(names.length);
    expect(ledger.produced).toBe(28_000);
    expect(ledger.lost).toBe(0);
    expect(ledger.thinned).toBeGreaterThan(15_000);
    expect(names.every((name) => Number(name.split("@")[1]) >= startMs)).toBe(true);
    spool.close(true);
  });

  it("is as before a crash at any byte of the summaries' file", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const first = openTestSpool(folder.path, clock, { ...small, crashNotes: null });
    measure(first, clock, 18_000);
    first.close(false);
    const logs = readdirSync(join(folder.path, "spool"))
      .filter((name) => name.endsWith(".log"))
      .map((name) => ({
        path: join(folder.path, "spool", name),
        bytes: readFileSync(join(folder.path, "spool", name)),
      }));
    const summaries = logs.filter(({ bytes }) => [...findFrames(bytes)].some(({ head }) => head.level > 0));
    expect(summaries.length).toBeGreaterThan(0);
    for (const { path, bytes } of summaries) {
      for (let cut = 0; cut < bytes.length; cut += 1_511) {
        for (const log of logs) writeFileSync(log.path, log.bytes);
        for (const name of readdirSync(join(folder.path, "spool")))
          if (name.endsWith(".log") && !logs.some((log) => log.path.endsWith(name)))
            writeFileSync(join(folder.path, "spool", name), "");
        writeFileSync(path, bytes.subarray(0, cut));
        const again = openTestSpool(folder.path, clock, { ...small, crashNotes: null, boot: "boot-2" });
        const { batches, ledger } = drain(again);
        const names = measuredNames(batches);
        expect(new Set(names).size, `cut at ${cut}`).toBe(names.length);
        expect(roundNames(batches).length + ledger.thinned + ledger.lost).toBe(ledger.produced);
        expect(ledger.produced).toBe(18_000);
        const reasons = eventsOf(batches, "spool.lost").map(({ detail }) => detail["reason"]);
        for (const reason of reasons) expect(["torn", "corrupt", "full"]).toContain(reason);
        again.close(false);
      }
    }
  });
});

describe("summaries in a batch that went out", () => {
  /** A spool whose only batch of the backlog is of summaries; the rest was delivered. */
  function leaveSummaries(folder: string) {
    const clock = createHandClock();
    const spool = openTestSpool(folder, clock, { ...small, crashNotes: null });
    measure(spool, clock, 16_000);
    const delivered: BatchV1[] = [];
    for (;;) {
      const batch = payload(spool, spool.compose(delivered.length === 0 ? "live" : "backlog")!);
      if (batch.rounds.some(({ merged }) => merged !== undefined)) {
        spool.close(false);
        return { clock, batch, delivered };
      }
      delivered.push(batch);
      spool.acknowledge(batch.seq);
    }
  }

  const reopen = (folder: string, clock: HandClock, boot = "boot-2") =>
    openTestSpool(folder, clock, { ...small, crashNotes: null, boot });

  it("that the collector has others under the seq of enter the account with another, once", () => {
    using folder = tempFolder();
    const { clock, batch, delivered } = leaveSummaries(folder.path);
    const spool = reopen(folder.path, clock);
    expect(spool.pending()).toEqual([batch.seq]);
    expect(spool.seqWasUsed(batch.seq, { boot: "of-another-time", rounds: 7 })).toBe(false);
    const { batches, ledger } = drain(spool);
    expect(ledger.produced).toBe(16_000 + 7);
    expect(ledger.lost).toBe(0);
    const stored = [...delivered, ...batches];
    expect(roundNames(stored).length + 7 + ledger.thinned).toBe(ledger.produced);
    const names = measuredNames(stored);
    expect(names).toHaveLength(16_000);
    expect(new Set(names).size).toBe(names.length);
    spool.close(true);
  });

  it("of a card that was copied before do not go out again, and what was merged into them is thinned", () => {
    using folder = tempFolder();
    using copy = tempFolder();
    const clock = createHandClock();
    const first = openTestSpool(folder.path, clock, { ...small, crashNotes: null });
    measure(first, clock, 16_000);
    first.close(false);
    // With room from here on, so that nothing is merged further.
    const roomy = (path: string, boot: string) =>
      openTestSpool(path, clock, { ...small, maxBytes: 1_000_000, crashNotes: null, boot });
    roomy(folder.path, "boot-2").close(false);
    cpSync(folder.path, copy.path, { recursive: true });
    const alive = roomy(folder.path, "boot-3");
    const collector = new Map(drain(alive).batches.map((batch) => [batch.seq, batch]));
    alive.close(true);

    const restored = roomy(copy.path, "boot-4");
    for (let used = collector.size; used > 0; used--) {
      measure(restored, clock, 1);
      const seq = restored.compose("live")!;
      const { boot, rounds } = collector.get(seq)!;
      const stored = sumOf(rounds.map(({ monoMs }) => monoMs.length));
      expect(restored.seqWasUsed(seq, { boot, rounds: stored })).toBe(false);
    }
    measure(restored, clock, 1);
    const { batches, ledger } = drain(restored);
    const all = [...collector.values(), ...batches];
    const names = measuredNames(all);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toHaveLength(16_000 + collector.size + 1);
    expect(ledger).toEqual({
      produced: names.length,
      thinned: names.length - roundNames(all).length,
      lost: 0,
    });
    restored.close(true);
  });

  it.each([
    { what: "arrived", hasArrived: true },
    { what: "did not arrive", hasArrived: false },
  ])("and went bad after that are lost only as they lay in it, where it $what", ({ hasArrived }) => {
    using folder = tempFolder();
    const { clock, batch, delivered } = leaveSummaries(folder.path);
    spoilSummaries(folder.path, batch);
    const spool = reopen(folder.path, clock);
    const sent = roundNames([batch]).length;
    const again = payload(spool, batch.seq);
    const gone = sent - roundNames([again]).length;
    expect(gone).toBeGreaterThan(0);
    // Nobody knows yet, so the account says what it said.
    expect(accountOf(again.ledger)).toEqual(accountOf(batch.ledger));
    if (hasArrived) expect(spool.seqWasUsed(batch.seq, { boot: batch.boot, rounds: sent })).toBe(true);
    else spool.acknowledge(batch.seq);
    const { batches, ledger } = drain(spool);
    const stored = [...delivered, hasArrived ? batch : again, ...batches];
    expect(ledger.produced).toBe(16_000);
    expect(ledger.lost).toBe(hasArrived ? 0 : gone);
    expect(roundNames(stored).length + ledger.thinned + ledger.lost).toBe(ledger.produced);
    expect(detailSum(batches, "spool.lost", "rounds")).toBe(ledger.lost);
    const reasons = eventsOf(batches, "spool.lost").map(({ detail }) => detail["reason"]);
    expect(new Set(reasons)).toEqual(new Set(hasArrived ? [] : ["corrupt"]));
    spool.close(true);
  });

  /** One bit in each frame of summaries that holds the batch's newest, and nothing that is needed of another. */
  function spoilSummaries(folder: string, { rounds }: BatchV1): void {
    const summaries = rounds.filter(({ merged }) => merged !== undefined);
    const lastMs = Math.max(...summaries.map(({ monoMs }) => sumOf(monoMs)));
    for (const name of readdirSync(join(folder, "spool")).filter((file) => file.endsWith(".log"))) {
      const path = join(folder, "spool", name);
      const bytes = readFileSync(path);
      for (const { head, offset, bytes: length } of findFrames(bytes)) {
        const isIt = head.level > 0 && head.fromMonoMs <= lastMs && lastMs <= head.toMonoMs;
        if (isIt) bytes[offset + length - 5]! ^= 0x40;
      }
      writeFileSync(path, bytes);
    }
  }
});
