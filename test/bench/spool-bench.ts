import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { mock } from "node:test";
import { createClockWatch } from "../../probes/clock.ts";
import { createRandom } from "../../probes/demo/random.ts";
import { findFrames, headBytes } from "../../probes/spool/frame.ts";
import { openSpool } from "../../probes/spool/spool.ts";
import { tempDir } from "../support/temp-dir.ts";
import { fibre, sampleOf, twentyTargets } from "./rounds.ts";
import { rowOf } from "./table.ts";
import type { Row } from "./table.ts";

const dayMs = 86_400_000;
const intervalMs = 30_000;
const spoolBytes = 64_000_000;
/** What raw rounds keep of the spool before hourly summaries are made: room.ts. */
const rawShare = 1 / 4;

/**
 * An agent that is cut off, 20 targets every 30 s, all of them up: how many days its 64 MB hold as measured, and how many
 * with thinning, from the bytes that a day takes at each level. Those of summaries are taken from a spool of a 32nd,
 * which comes to hourly ones within a month; its files are shorter, and cut more summaries than those of the whole would.
 */
export async function benchSpool(): Promise<Row[]> {
  // Frames are written each 75 s of the time that is played through, as they are in life.
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    return fillSpools();
  } finally {
    mock.timers.reset();
  }
}

function fillSpools(): Row[] {
  const raw = cutOff(spoolBytes);
  while (!raw.isThinned()) raw.measure(dayMs / 4);
  const days = raw.days();
  const rawPerDay = raw.perDay(0)!;
  raw.close();
  const small = cutOff(spoolBytes / 32);
  small.measure(30 * dayMs);
  const [fivePerDay, hourlyPerDay] = [small.perDay(1)!, small.perDay(2)!];
  const { lost } = small.close();
  const others = spoolBytes * (1 - rawShare);
  const rawDays = (spoolBytes * rawShare) / rawPerDay;
  return [
    rowOf("days cut off until 64 MB are full, as measured", days, "days", { atLeast: 30 }),
    rowOf("bytes of a day as measured", rawPerDay / 1000, "kB"),
    rowOf("bytes of a day in 5-minute summaries", fivePerDay / 1000, "kB"),
    rowOf("bytes of a day in hourly summaries", hourlyPerDay / 1000, "kB"),
    rowOf("days until hourly summaries are made", rawDays + others / fivePerDay, "days"),
    rowOf("days until anything is lost", rawDays + others / hourlyPerDay, "days"),
    rowOf("rounds lost in 30 days with a 32nd of it", lost, "rounds", { atMost: 0 }),
    rowOf("CPU of the longest write, a step of thinning in it", raw.longestCpuMs(), "ms"),
  ];
}

function cutOff(maxBytes: number) {
  const dir = tempDir();
  const folder = dir.file("agent");
  const startMs = dayMs;
  const clock = { mono: startMs };
  const wallMs = () => 1_790_000_000_000 + clock.mono;
  const spool = openSpool({
    folder,
    boot: "bench",
    host: { bootId: "bench", bootIdKnown: true, uptimeS: () => clock.mono / 1000 },
    watch: createClockWatch({ wallMs, monoMs: () => clock.mono }),
    maxBytes,
    crashNotes: null,
  });
  const random = createRandom("spool");
  let longestCpuMs = 0;

  function round(): void {
    for (const [index, { id, kind }] of twentyTargets.entries()) {
      const monoMs = clock.mono + Math.floor((index * intervalMs) / twentyTargets.length);
      spool.addRound({ target: id, monoMs, sample: sampleOf(kind, fibre, monoMs, random) });
    }
    clock.mono += intervalMs;
    const before = process.cpuUsage();
    mock.timers.tick(intervalMs);
    const { user, system } = process.cpuUsage(before);
    longestCpuMs = Math.max(longestCpuMs, (user + system) / 1000);
  }

  const paths = () =>
    readdirSync(join(folder, "spool"))
      .filter((name) => name.endsWith(".log"))
      .map((name) => join(folder, "spool", name));
  const framesOf = (level: number) =>
    paths()
      .flatMap((path) => [...findFrames(readFileSync(path))])
      .filter(({ head, isWhole }) => isWhole && head.level === level && head.rounds > 0);

  return {
    /** A file of summaries begins with one. */
    isThinned: () =>
      paths().some((path) => {
        const head = Buffer.alloc(headBytes);
        const fd = openSync(path, "r");
        readSync(fd, head, 0, headBytes, 0);
        closeSync(fd);
        return [...findFrames(head)].some((frame) => frame.head.level > 0);
      }),
    days: () => (clock.mono - startMs) / dayMs,
    measure(ms: number) {
      for (const endMs = clock.mono + ms; clock.mono < endMs;) round();
    },
    /** Bytes of the frames of a level for each day of rounds in them; null: there are none. */
    perDay(level: number) {
      const frames = framesOf(level);
      const bytes = frames.reduce((sum, frame) => sum + frame.bytes, 0);
      const measured = frames.reduce((sum, { head }) => sum + head.rounds + head.thinned, 0);
      const perDay = (dayMs / intervalMs) * twentyTargets.length;
      return frames.length === 0 ? null : bytes / (measured / perDay);
    },
    longestCpuMs: () => longestCpuMs,
    close() {
      spool.compose("live");
      const { ledger, events } = spool.batch(spool.pending()[0]!, "ag_bench");
      spool.close(true);
      dir[Symbol.dispose]();
      return { lost: ledger.lost + events.filter(({ type }) => type === "spool.lost").length };
    },
  };
}
