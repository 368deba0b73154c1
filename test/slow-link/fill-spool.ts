import { setTimeout as sleep } from "node:timers/promises";
import { createClockWatch } from "../../probes/clock.ts";
import type { Clock } from "../../probes/probe.ts";
import { openSpool } from "../../probes/spool/spool.ts";
import type { Path } from "../bench/rounds.ts";
import { icmpRounds, intervalMs, targetCount } from "./rounds.ts";

export interface Filled {
  rounds: number;
  /** When the first of them was measured, epoch ms. */
  fromMs: number;
  toMs: number;
  spoolBytes: number;
}

/** Cut off, the agent writes a frame each 75 s: so many rounds. */
const frameRounds = (targetCount * 75_000) / intervalMs;
/** The boot whose rounds they are. */
export const cutOffBoot = "cut-off";
const bootedMs = 3_600_000;

/**
 * Puts the rounds of a cut into an agent's spool, in frames as it would have written them, up to `toMs`. They are of a
 * boot of the machine before this one, whose clock was right: an agent that starts now cannot have been up for longer.
 */
export async function fillSpool(folder: string, path: Path, hours: number, toMs: number): Promise<Filled> {
  const rounds = (hours * 3_600_000 * targetCount) / intervalMs;
  const fromMs = toMs - hours * 3_600_000;
  let monoMs = bootedMs;
  const clock: Clock = { wallMs: () => fromMs - bootedMs + monoMs, monoMs: () => monoMs };
  const watch = createClockWatch(clock);
  watch.exchanged(clock.wallMs(), monoMs);
  const host = { bootId: "before-the-cut", bootIdKnown: true, uptimeS: () => Math.floor(monoMs / 1_000) };
  const spool = openSpool({ folder, boot: cutOffBoot, host, watch, crashNotes: null, flushS: 0 });
  let count = 0;
  for (const round of icmpRounds(path, bootedMs)) {
    ({ monoMs } = round);
    spool.addRound(round);
    // The time of a frame passes at once: its timer waits for nothing but its turn.
    if (++count % frameRounds === 0) await sleep(2);
    if (count === rounds) break;
  }
  monoMs = bootedMs + hours * 3_600_000;
  spool.close(true);
  return { rounds, fromMs, toMs, spoolBytes: spool.usedBytes() };
}
