import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { countRounds } from "#wire/batch-v1.ts";
import type { AgentEvent, BatchV1 } from "#wire/batch-v1.ts";
import { createDocuments } from "../../probes/spool/documents.ts";
import { findFrames, headBytes } from "../../probes/spool/frame.ts";
import type { FoundFrame } from "../../probes/spool/frame.ts";
import { createHandClock, openTestSpool, roundNames, tempFolder } from "../support/agent-parts.ts";
import { needs } from "../support/needs.ts";
import { drain, fill, payload } from "../support/spool-parts.ts";

/*
 * A card that lies, a power cut in the middle of a write, a file that is gone: what can be read is kept, and the rest is
 * declared lost with its time. In each case produced = stored + lost.
 */

const small = { maxBatchRounds: 50 };
/** Small files, so that a few thousand rounds fill several. */
const manyFiles = { ...small, maxBytes: 400_000 };
const agentClock = () => createHandClock();

/** A spool with `rounds` rounds in frames of 50, ended without a clean stop. */
function leave(folder: string, rounds: number, more = {}) {
  const clock = agentClock();
  const spool = openTestSpool(folder, clock, { ...small, ...more });
  const startMs = clock.mono;
  fill(spool, clock, rounds);
  spool.close(false);
  return { clock, startMs };
}

const reopen = (folder: string, clock: ReturnType<typeof agentClock>, more = {}) =>
  openTestSpool(folder, clock, { ...small, boot: "boot-2", ...more });

function logs(folder: string): { path: string; frames: FoundFrame[] }[] {
  const at = join(folder, "spool");
  const paths = readdirSync(at).filter((name) => name.endsWith(".log"));
  return paths
    .sort()
    .map((name) => ({ path: join(at, name), frames: [...findFrames(readFileSync(join(at, name)))] }));
}

const framesOf = (folder: string) =>
  logs(folder).flatMap(({ path, frames }) =>
    frames.filter(({ head }) => head.rounds > 0).map((frame) => ({ ...frame, path })),
  );

function flip(path: string, offset: number): void {
  const bytes = readFileSync(path);
  bytes[offset]! ^= 0x40;
  writeFileSync(path, bytes);
}

const lossOf = (events: readonly AgentEvent[]) => events.filter(({ type }) => type === "spool.lost");

describe("a spool of which a part cannot be read", () => {
  it.each([
    { what: "its contents", at: (frame: FoundFrame) => frame.offset + frame.bytes - 5 },
    { what: "its head", at: (frame: FoundFrame) => frame.offset + 20 },
    { what: "its first byte", at: (frame: FoundFrame) => frame.offset },
  ])("keeps what stands around a frame with one flipped bit in $what", ({ at }) => {
    using folder = tempFolder();
    const { clock, startMs } = leave(folder.path, 500);
    const frames = framesOf(folder.path);
    expect(frames).toHaveLength(10);
    flip(frames[4]!.path, at(frames[4]!));
    const spool = reopen(folder.path, clock);
    const { batches, ledger } = drain(spool);
    expect(roundNames(batches)).toHaveLength(450);
    expect(ledger).toMatchObject({ produced: 500, thinned: 0, lost: 50 });
    const [lost, ...others] = lossOf(batches.flatMap(({ events }) => events));
    expect(others).toEqual([]);
    expect(lost!.detail).toMatchObject({ rounds: 50, reason: "corrupt" });
    // Exactly its own time where its head can be read; otherwise between its neighbours.
    expect(lost!.detail["fromMonoMs"]).toBeGreaterThanOrEqual(startMs + 200_000);
    expect(lost!.detail["fromMonoMs"]).toBeLessThanOrEqual(startMs + 201_000);
    expect(lost!.detail["toMonoMs"]).toBeGreaterThanOrEqual(startMs + 250_000);
    expect(lost!.detail["toMonoMs"]).toBeLessThanOrEqual(startMs + 251_000);
    spool.close(true);
  });

  it("declares rounds lost that went bad while it was running", () => {
    using folder = tempFolder();
    const clock = agentClock();
    const spool = openTestSpool(folder.path, clock, small);
    fill(spool, clock, 500);
    const frames = framesOf(folder.path);
    const sent = spool.compose("live")!;
    flip(frames[2]!.path, frames[2]!.offset + 100);
    const newest = frames.at(-1)!;
    flip(newest.path, newest.offset + 100);
    // The newest is in a batch already, the other in none: whether that one is lost, the collector's answer says.
    expect(payload(spool, sent)).toMatchObject({ ledger: { lost: 0 }, rounds: [] });
    const { batches, ledger } = drain(spool);
    expect(roundNames(batches)).toHaveLength(400);
    expect(ledger).toMatchObject({ produced: 500, thinned: 0, lost: 100 });
    spool.close(true);
  });

  it("starts with a frame that was torn at any byte of it, and loses no more than that frame", () => {
    using folder = tempFolder();
    const clock = agentClock();
    const spool = openTestSpool(folder.path, clock, { ...small, crashNotes: null });
    fill(spool, clock, 200);
    const seq = spool.compose("live")!;
    fill(spool, clock, 50);
    spool.close(false);
    const path = logs(folder.path)[0]!.path;
    const whole = readFileSync(path);
    const last = framesOf(folder.path).at(-1)!;
    for (let cut = last.offset; cut < last.offset + last.bytes; cut += 29) {
      writeFileSync(path, whole.subarray(0, cut));
      const again = reopen(folder.path, clock, { crashNotes: null, boot: `boot-${cut}` });
      expect(again.pending()).toContain(seq);
      const { batches, ledger } = drain(again);
      const stored = roundNames(batches).length;
      expect(stored).toBeGreaterThanOrEqual(200);
      expect(stored + ledger.lost).toBe(ledger.produced);
      const reasons = lossOf(batches.flatMap(({ events }) => events)).map(({ detail }) => detail["reason"]);
      expect(reasons.every((reason) => reason === "torn")).toBe(true);
      expect(new Set(batches.map((batch) => batch.seq)).size).toBe(batches.length);
      again.close(true);
      for (const { path: other } of logs(folder.path)) if (other !== path) rmSync(other);
    }
  });

  it("dates what went by the frames that held rounds, where one that held none went as well", () => {
    using folder = tempFolder();
    const clock = agentClock();
    const spool = openTestSpool(folder.path, clock, { ...small, crashNotes: null });
    const startMs = clock.monoMs();
    fill(spool, clock, 100);
    spool.acknowledge(spool.compose("live")!);
    fill(spool, clock, 50);
    const lastMs = clock.monoMs();
    spool.compose("backlog");
    spool.close(false);
    const all = logs(folder.path).flatMap(({ path, frames }) => frames.map((frame) => ({ ...frame, path })));
    const held = all.findLast(({ head }) => head.rounds > 0)!;
    const later = all.filter(({ head }) => head.rounds === 0 && head.number > held.head.number);
    expect(later.length).toBeGreaterThan(0);
    for (const { path, offset, bytes } of [held, ...later]) flip(path, offset + bytes - 5);
    const { batches, ledger } = drain(reopen(folder.path, clock, { crashNotes: null }));
    const losses = lossOf(batches.flatMap(({ events }) => events));
    expect(losses).toHaveLength(1);
    const { rounds, fromMonoMs, toMonoMs } = losses[0]!.detail;
    expect(rounds).toBe(ledger.lost);
    expect(fromMonoMs).toBeGreaterThan(startMs);
    expect(toMonoMs).toBeGreaterThanOrEqual(Number(fromMonoMs));
    expect(toMonoMs).toBeLessThanOrEqual(lastMs);
  });

  it("goes on after a file that was cut in half, and declares the other half", () => {
    using folder = tempFolder();
    const { clock } = leave(folder.path, 20_000, manyFiles);
    const [, second] = logs(folder.path);
    truncateSync(second!.path, Math.floor(statSync(second!.path).size / 2));
    const spool = reopen(folder.path, clock, manyFiles);
    const { batches, ledger } = drain(spool);
    const stored = roundNames(batches);
    expect(new Set(stored).size).toBe(stored.length);
    expect(stored.length).toBeLessThan(20_000);
    expect(stored.length).toBeGreaterThan(18_000);
    const [lost, ...others] = lossOf(batches.flatMap(({ events }) => events));
    expect(others).toEqual([]);
    expect(lost!.detail).toMatchObject({ rounds: 20_000 - stored.length, reason: "torn" });
    expect(ledger).toMatchObject({ produced: 20_000, thinned: 0, lost: 20_000 - stored.length });
    spool.close(true);
  });

  it("goes on without a file that is gone, whichever", () => {
    using folder = tempFolder();
    const { clock } = leave(folder.path, 20_000, manyFiles);
    const all = logs(folder.path).filter(({ frames }) => frames.some(({ head }) => head.rounds > 0));
    expect(all.length).toBeGreaterThan(3);
    const gone = all[2]!;
    const missing = gone.frames.reduce((sum, { head }) => sum + head.rounds, 0);
    rmSync(gone.path);
    const spool = reopen(folder.path, clock, manyFiles);
    const { batches, ledger } = drain(spool);
    expect(ledger).toMatchObject({ produced: 20_000, thinned: 0, lost: missing });
    expect(roundNames(batches)).toHaveLength(20_000 - missing);
    spool.close(true);
  });

  it("never gives a seq again, also when the newest state or the whole log is gone", () => {
    using folder = tempFolder();
    const clock = agentClock();
    const given = { ...small, crashNotes: null };
    const spool = openTestSpool(folder.path, clock, given);
    fill(spool, clock, 10);
    const first = spool.compose("live")!;
    spool.acknowledge(first);
    fill(spool, clock, 10);
    const second = spool.compose("live")!;
    spool.close(false);
    const newest = framesOf(folder.path).sort((a, b) => b.head.number - a.head.number)[0]!;
    flip(newest.path, newest.offset + 120);
    const after = reopen(folder.path, clock, given);
    fill(after, clock, 1);
    expect(after.compose("live")).toBeGreaterThan(second);
    after.close(false);
    for (const { path } of logs(folder.path)) rmSync(path);
    const empty = reopen(folder.path, clock, { ...given, boot: "boot-3" });
    fill(empty, clock, 1);
    const seq = empty.compose("live")!;
    expect(seq).toBeGreaterThan(second + 1);
    expect(payload(empty, seq).events).toMatchObject([{ type: "spool.reset" }]);
    empty.close(true);
  });

  it.each(["", "{", "null", '{"seq":"x","produced":1,"lost":0}'])(
    "goes on by its log where the note of reserved seqs is %j, and writes the note anew",
    (text) => {
      using folder = tempFolder();
      const { clock } = leave(folder.path, 10);
      const spool = reopen(folder.path, clock);
      const first = spool.compose("backlog")!;
      spool.close(false);
      const at = join(folder.path, "spool");
      for (const name of ["reserve.json", "reserve.copy.json"]) writeFileSync(join(at, name), text);
      const again = reopen(folder.path, clock, { boot: "boot-3" });
      fill(again, clock, 1);
      expect(again.compose("live")).toBe(first + 1);
      again.close(true);
      const note = createDocuments(at).get("reserve")!;
      expect(JSON.parse(note)).toMatchObject({ seq: first + 1 + 1_000 });
    },
  );

  it("does not start where neither the log nor the note says which seqs were given", () => {
    using folder = tempFolder();
    const clock = agentClock();
    const spool = openTestSpool(folder.path, clock, { ...small, crashNotes: null });
    fill(spool, clock, 10);
    spool.compose("live");
    spool.close(true);
    for (const { path } of logs(folder.path)) rmSync(path);
    for (const name of ["reserve.json", "reserve.copy.json"])
      writeFileSync(join(folder.path, "spool", name), "{");
    expect(() => reopen(folder.path, clock, { crashNotes: null })).toThrow(
      /neither the log nor reserve\.json says which seqs were given/,
    );
  });

  it("sends an empty batch for a seq whose frame was torn, so that no hole stays", () => {
    using folder = tempFolder();
    const clock = agentClock();
    const spool = openTestSpool(folder.path, clock, { ...small, crashNotes: null });
    fill(spool, clock, 10);
    expect(spool.compose("live")).toBe(1);
    fill(spool, clock, 10);
    expect(spool.compose("live")).toBe(2);
    const torn = framesOf(folder.path).at(-1)!;
    spool.close(false);
    const bytes = readFileSync(torn.path).subarray(0, torn.offset + headBytes + 4);
    writeFileSync(torn.path, bytes);
    const again = reopen(folder.path, clock, { crashNotes: null });
    expect(again.pending()).toEqual([2, 1]);
    const { batches, ledger } = drain(again);
    expect(batches.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual([1, 2, 3]);
    expect(roundNames(batches)).toHaveLength(10);
    expect(ledger).toMatchObject({ produced: 20, thinned: 0, lost: 10 });
    again.close(true);
  });

  it("takes noise for no frame", () => {
    using folder = tempFolder();
    const { clock } = leave(folder.path, 100);
    const [first] = logs(folder.path);
    const bytes = readFileSync(first!.path);
    const noise = Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 7_919) % 251));
    for (let at = 0; at + 200 < noise.length; at += 200) noise.write("SbF1", at);
    const used = first!.frames.at(-1)!;
    writeFileSync(first!.path, Buffer.concat([bytes.subarray(0, used.offset + used.bytes), noise]));
    const spool = reopen(folder.path, clock);
    expect(drain(spool).ledger).toMatchObject({ produced: 100, thinned: 0, lost: 0 });
    spool.close(true);
  });
});

describe("what the collector has under a seq", () => {
  /** A spool with a batch of ten rounds that went out, unanswered, as a kill leaves it. */
  function leaveSent(folder: string, before = 5) {
    using alive = tempFolder();
    const clock = agentClock();
    const spool = openTestSpool(alive.path, clock, { ...small, crashNotes: null });
    fill(spool, clock, before);
    if (before > 0) spool.acknowledge(spool.compose("live")!);
    fill(spool, clock, 10);
    const sent = payload(spool, spool.compose("live")!);
    cpSync(alive.path, folder, { recursive: true });
    spool.close(false);
    const frame = framesOf(folder).reduce((a, b) => (b.head.number > a.head.number ? b : a));
    return { clock, sent, frame };
  }
  const start = (folder: string, clock: ReturnType<typeof agentClock>, boot = "boot-2") =>
    reopen(folder, clock, { boot, crashNotes: null });

  it.each([
    { what: "its rounds went bad", isStateKept: true },
    { what: "the state beside them went bad as well", isStateKept: false },
  ])("tells that a batch arrived, where $what: nothing is lost", ({ isStateKept }) => {
    using folder = tempFolder();
    const { clock, sent, frame } = leaveSent(folder.path);
    if (isStateKept) start(folder.path, clock).close(false);
    flip(frame.path, frame.offset + 120);
    const again = start(folder.path, clock, "boot-3");
    const [seq] = again.pending();
    expect(payload(again, seq!)).toMatchObject({ seq: sent.seq, rounds: [], ledger: { lost: 0 } });
    expect(again.seqWasUsed(seq!, { boot: sent.boot, rounds: 10 })).toBe(true);
    fill(again, clock, 1);
    const { batches, ledger } = drain(again);
    expect(ledger).toMatchObject({ produced: 16, thinned: 0, lost: 0 });
    // Without the state nobody knows that the batch before it was acknowledged: it is sent once more.
    expect(roundNames(batches.filter((batch) => batch.seq > sent.seq))).toHaveLength(1);
    expect(lossOf(batches.flatMap(({ events }) => events))).toEqual([]);
    again.close(true);
  });

  it.each([
    { what: "its rounds went bad", isStateKept: true },
    { what: "the state beside them went bad as well", isStateKept: false },
    { what: "nothing else is left of that start", isStateKept: false, before: 0 },
  ])("tells that a batch did not arrive, where $what: lost then, and not before", (given) => {
    using folder = tempFolder();
    const { isStateKept, before = 5 } = given;
    const { clock, frame } = leaveSent(folder.path, before);
    if (isStateKept) start(folder.path, clock).close(false);
    flip(frame.path, frame.offset + 120);
    const again = start(folder.path, clock, "boot-3");
    fill(again, clock, 1);
    const live = payload(again, again.compose("live")!);
    expect(live.ledger).toMatchObject({ produced: before + 11, thinned: 0, lost: 0 });
    // The oldest first: of the start that they are of nothing is left then but what is gone.
    for (const seq of again.pending().toReversed()) again.acknowledge(seq);
    const { batches, ledger } = drain(again);
    expect(ledger).toMatchObject({ produced: before + 11, thinned: 0, lost: 10 });
    expect(lossOf(batches.flatMap(({ events }) => events))).toMatchObject([
      { detail: { rounds: 10, reason: expect.stringMatching(/^(corrupt|torn)$/) as string } },
    ]);
    again.close(true);
  });

  it("is the batch without what was bad before it arrived, and with what went bad after that", () => {
    using folder = tempFolder();
    const { clock } = leave(folder.path, 150, { crashNotes: null });
    const spool = reopen(folder.path, clock, { maxBatchRounds: 150, crashNotes: null });
    const seq = spool.compose("backlog")!;
    expect(countRounds(payload(spool, seq))).toBe(150);
    const [first, second] = framesOf(folder.path);
    flip(first!.path, first!.offset + 100);
    const arrived = payload(spool, seq);
    expect(countRounds(arrived)).toBe(100);
    flip(second!.path, second!.offset + 100);
    expect(countRounds(payload(spool, seq))).toBe(50);
    expect(spool.seqWasUsed(seq, { boot: arrived.boot, rounds: 100 })).toBe(true);
    const { batches, ledger } = drain(spool);
    expect(roundNames(batches)).toEqual([]);
    expect(ledger).toEqual({ produced: 150, thinned: 0, lost: 50 });
    spool.close(true);
  });

  it("may be rounds that seemed to be in the batch before: no account between the two has them early", () => {
    using folder = tempFolder();
    using alive = tempFolder();
    const clock = agentClock();
    const spool = openTestSpool(alive.path, clock, { ...small, crashNotes: null });
    const arrived: BatchV1[] = [];
    for (const rounds of [4, 6, 5]) {
      fill(spool, clock, rounds);
      arrived.push(payload(spool, spool.compose("live")!));
    }
    // As a kill leaves it.
    cpSync(alive.path, folder.path, { recursive: true });
    spool.close(false);
    const [state] = framesOf(folder.path);
    // The first state names no batch but its own; what the two after it gave out is known by number alone.
    for (const { path, offset } of framesOf(folder.path))
      if (path !== state!.path || offset !== state!.offset) flip(path, offset + 120);
    const again = start(folder.path, clock);
    for (const { seq, boot, rounds } of arrived.toReversed()) {
      const stored = rounds.reduce((sum, columns) => sum + columns.monoMs.length, 0);
      const { ledger } = payload(again, seq);
      if (seq === 2) expect(ledger).toMatchObject({ produced: 10, lost: 0 });
      expect(again.seqWasUsed(seq, { boot, rounds: stored })).toBe(true);
    }
    fill(again, clock, 1);
    expect(drain(again).ledger).toEqual({ produced: 16, thinned: 0, lost: 0 });
    again.close(true);
  });

  it("gives another seq to the rounds of a card that was restored from a copy, and the account closes", () => {
    using folder = tempFolder();
    using copy = tempFolder();
    const clock = agentClock();
    const first = openTestSpool(folder.path, clock, { ...small, crashNotes: null });
    fill(first, clock, 5);
    const { batches: before } = drain(first);
    first.close(true);
    cpSync(folder.path, copy.path, { recursive: true });
    const second = start(folder.path, clock);
    fill(second, clock, 7);
    const { batches: meanwhile } = drain(second);
    second.close(true);

    const restored = start(copy.path, clock, "boot-3");
    fill(restored, clock, 3);
    const collector = new Map([...before, ...meanwhile].map((batch) => [batch.seq, batch]));
    let stored = 12;
    let { ledger } = before[0]!;
    for (let seq = restored.compose("live"); seq !== null; seq = restored.compose("backlog")) {
      const known = collector.get(seq);
      const batch = payload(restored, seq);
      if (known !== undefined) {
        const use = { boot: known.boot, rounds: countRounds(known) };
        expect(restored.seqWasUsed(seq, use)).toBe(false);
        continue;
      }
      collector.set(seq, batch);
      stored += countRounds(batch);
      ({ ledger } = batch);
      restored.acknowledge(seq);
    }
    expect(stored).toBe(15);
    expect(ledger).toMatchObject({ produced: 15, thinned: 0, lost: 0 });
    restored.close(true);
  });

  it("is not given another seq where the card was copied before it was in a batch: the count tells what arrived", () => {
    using folder = tempFolder();
    using copy = tempFolder();
    const clock = agentClock();
    // Two starts that could not send, the first with 150 rounds in three frames.
    const first = openTestSpool(folder.path, clock, { ...small, crashNotes: null });
    fill(first, clock, 150);
    first.close(false);
    start(folder.path, clock).close(false);
    cpSync(folder.path, copy.path, { recursive: true });
    const alive = start(folder.path, clock, "boot-3");
    const arrived = payload(alive, alive.compose("backlog")!);
    expect(countRounds(arrived)).toBe(50);
    alive.acknowledge(arrived.seq);
    alive.close(false);

    const restored = start(copy.path, clock, "boot-4");
    fill(restored, clock, 3);
    const own = payload(restored, restored.compose("live")!);
    expect(own.seq).toBe(arrived.seq);
    expect(restored.seqWasUsed(own.seq, { boot: arrived.boot, rounds: 50 })).toBe(false);
    const { batches, ledger } = drain(restored);
    const names = roundNames([arrived, ...batches]);
    expect(names).toHaveLength(153);
    expect(new Set(names).size).toBe(153);
    expect(ledger).toEqual({ produced: 153, thinned: 0, lost: 0 });
    restored.close(true);
  });
});

const lacking = needs({ root: true, commands: ["mount", "umount"] });

describe.skipIf(lacking !== null)(`a full disk${lacking === null ? "" : ` (skipped: ${lacking})`}`, () => {
  /** A disk of its own, with so many kB. */
  function smallDisk(sizeKb: number) {
    const folder = tempFolder();
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeKb}k,mode=700`, "tmpfs", folder.path]);
    return {
      path: folder.path,
      [Symbol.dispose]() {
        execFileSync("umount", [folder.path]);
        folder[Symbol.dispose]();
      },
    };
  }

  it("does not stop the agent: the newest rounds stay, what went is declared, and it recovers", () => {
    using disk = smallDisk(160);
    const clock = agentClock();
    const spool = openTestSpool(disk.path, clock, { ...small, crashNotes: null, maxBytes: 1_000_000 });
    fill(spool, clock, 60_000);
    writeFileSync(join(disk.path, "others"), Buffer.alloc(0));
    const { batches, ledger } = drain(spool);
    const stored = roundNames(batches);
    expect(new Set(stored).size).toBe(stored.length);
    expect(ledger.produced).toBe(60_000);
    expect(stored.length + ledger.thinned + ledger.lost).toBe(60_000);
    const told = lossOf(batches.flatMap(({ events }) => events));
    expect(told.reduce((sum, { detail }) => sum + Number(detail["rounds"]), 0)).toBe(ledger.lost);
    // The newest is there, whatever had to go.
    expect(stored.some((name) => name.endsWith(`@${clock.mono}`))).toBe(true);
    spool.close(true);
    const again = reopen(disk.path, clock, { crashNotes: null, maxBytes: 1_000_000 });
    expect(again.startFacts.cleanStop).toBe(true);
    again.close(true);
  });

  it("does not stop a connected agent, whoever filled it", () => {
    using disk = smallDisk(256);
    const clock = agentClock();
    const spool = openTestSpool(disk.path, clock, { crashNotes: null });
    const report = () => {
      fill(spool, clock, 40);
      const seq = spool.compose("live");
      if (seq !== null) spool.acknowledge(seq);
      return seq;
    };
    report();
    report();
    try {
      for (;;) writeFileSync(join(disk.path, "others"), Buffer.alloc(4_096), { flag: "a" });
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe("ENOSPC");
    }
    const seqs = Array.from({ length: 50 }, report);
    expect(seqs).toEqual(Array.from({ length: 50 }, (_, i) => i + 3));
    spool.close(true);
  });
});
