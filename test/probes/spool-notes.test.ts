import { appendFileSync, cpSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createBook } from "../../probes/spool/book.ts";
import { openCrashNotes } from "../../probes/spool/crash-notes.ts";
import { createMinute } from "../../probes/spool/minute.ts";
import { createWaiting } from "../../probes/spool/waiting.ts";
import type { Staged, Writer } from "../../probes/spool/writer.ts";
import { createHandClock, icmp, openTestSpool, roundNames, tempFolder } from "../support/agent-parts.ts";
import { drain, fill } from "../support/spool-parts.ts";

/** What a kill leaves: a copy of the folder while its spool is open, which no lock holds. */
function killedCopy(folder: string, prepare: (notes: string) => void = () => {}) {
  const copy = tempFolder();
  cpSync(folder, copy.path, { recursive: true });
  prepare(join(copy.path, "crash-notes"));
  return copy;
}

describe("a start after a kill", () => {
  it("has the rounds and events of a first minute that never became a batch", () => {
    using folder = tempFolder();
    const clock = createHandClock();
    const first = openTestSpool(folder.path, clock);
    first.addEvent("agent.start", { version: "1" });
    fill(first, clock, 3);
    using copy = killedCopy(folder.path);
    first.close(true);
    const second = openTestSpool(copy.path, clock, { boot: "boot-2" });
    const { batches, ledger } = drain(second);
    expect(batches).toMatchObject([{ boot: "boot-1", clock: { monoMs: clock.mono } }]);
    expect(roundNames(batches)).toHaveLength(3);
    expect(batches[0]!.events).toMatchObject([{ type: "agent.start" }]);
    expect(ledger).toMatchObject({ produced: 3, thinned: 0, lost: 0 });
    second.close(true);
  });

  const reading = { wallMs: 1, monoMs: 1, uptimeS: 1, synced: false };
  const badRound = { target: "gw", monoMs: 1, sample: { ...icmp(1), recv: 9 } };

  it.each([
    { what: "half a line", line: '{"round":{"target":"gw"' },
    { what: "no object", line: "null" },
    { what: "no round", line: JSON.stringify({ round: null, reading }) },
    { what: "a round without a sample", line: JSON.stringify({ round: { target: "gw" }, reading }) },
    { what: "a round that the collector refuses", line: JSON.stringify({ round: badRound, reading }) },
    {
      what: "a note without a reading",
      line: JSON.stringify({ event: { monoMs: 1, type: "a", detail: {} } }),
    },
    { what: "an event without a type", line: JSON.stringify({ event: { monoMs: 1, detail: {} }, reading }) },
  ])("has what was noted before $what", ({ line }) => {
    using folder = tempFolder();
    const clock = createHandClock();
    const first = openTestSpool(folder.path, clock);
    fill(first, clock, 3);
    using copy = killedCopy(folder.path, (notes) => appendFileSync(notes, `${line}\n`));
    first.close(true);
    const second = openTestSpool(copy.path, clock, { boot: "boot-2" });
    const { batches, ledger } = drain(second);
    expect(roundNames(batches)).toHaveLength(3);
    expect(ledger).toMatchObject({ produced: 3, thinned: 0, lost: 0 });
    second.close(true);
  });

  it.each(["", "noise", "null\n", '{"frame":"1","boot":"boot-1"}\n{}\n'])(
    "is not hindered by notes %j",
    (text) => {
      using folder = tempFolder();
      const clock = createHandClock();
      const first = openTestSpool(folder.path, clock);
      fill(first, clock, 3);
      using copy = killedCopy(folder.path, (notes) => writeFileSync(notes, text));
      first.close(true);
      const second = openTestSpool(copy.path, clock, { boot: "boot-2" });
      fill(second, clock, 1);
      expect(roundNames(drain(second).batches)).toHaveLength(1);
      second.close(true);
    },
  );
});

describe("a disk that takes nothing for days", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  /** A writer whose disk is full. */
  const stuckWriter = (): Pick<Writer, "stage" | "unstage" | "write"> => ({
    stage: (_boot, bodies) => bodies.map((body) => ({ frame: { file: null }, body }) as unknown as Staged),
    unstage() {},
    write() {
      throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    },
  });

  it("fills neither the memory nor the notes, which hold just what is kept", async () => {
    using folder = tempFolder();
    const path = join(folder.path, "notes");
    const book = createBook();
    const reading = { wallMs: 1, monoMs: 1, uptimeS: 1, synced: false };
    book.boots.push({ row: 1, boot: "boot-1", hostBootId: "", cleanStop: false, ...reading });
    const minute = createMinute({
      book,
      writer: stuckWriter() as Writer,
      notes: openCrashNotes(path).notes,
      flushS: 75,
      maxBatchRounds: 5_000,
      maxBatchBytes: 4_194_304,
      reading: () => reading,
    });
    let monoMs = 0;
    const measureFor = async (minutes: number) => {
      for (let i = 0; i < minutes; i++) {
        for (let k = 0; k < 4_000; k++) minute.addRound({ target: "gw", monoMs: ++monoMs, sample: icmp(1) });
        // Time passes between them.
        await vi.advanceTimersByTimeAsync(75_000);
      }
    };
    await measureFor(4);
    const sizeBytes = statSync(path).size;
    await measureFor(3);
    expect(statSync(path).size).toBeLessThan(sizeBytes * 1.05);
    expect(book.lostWaiting).toBe(monoMs - 10_000);
    const noted = readFileSync(path, "utf8").trim().split("\n").slice(1);
    expect(noted).toHaveLength(10_000);
    expect(JSON.parse(noted.at(-1)!).round.monoMs).toBe(monoMs);
  });

  it("keeps the newest by number and by bytes, and that the agent started", () => {
    const waiting = createWaiting(1_000, 262_144);
    waiting.addEvent({ monoMs: 0, type: "agent.start", detail: {} });
    for (let monoMs = 1; monoMs <= 2_500; monoMs++) {
      waiting.addEvent({ monoMs, type: "clock.jump", detail: {} });
      waiting.addRound({ target: "rt", monoMs, sample: icmp(1) }, "x".repeat(10_000));
    }
    const gone = waiting.giveUp()!;
    const kept = waiting.rounds();
    expect(kept.length * 10_000).toBeLessThanOrEqual(8_388_608);
    expect(kept.length).toBeGreaterThan(800);
    expect(gone).toEqual({ rounds: 2_500 - kept.length, fromMonoMs: 1, toMonoMs: 2_500 - kept.length });
    expect(kept.at(-1)!.monoMs).toBe(2_500);
    const events = waiting.events();
    expect(events[0]!.type).toBe("agent.start");
    expect(events).toHaveLength(1_000);
    expect(events.at(-1)!.monoMs).toBe(2_500);
    expect(waiting.giveUp()).toBeNull();
  });
});
