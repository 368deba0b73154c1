import type { AgentEvent, BatchV1 } from "#wire/batch-v1.ts";
import type { ClockFix } from "#wire/clock-fixes.ts";
import type { RoundColumns } from "#wire/rounds-v1.ts";
import { fixesFor, thin } from "../clock-fixes.ts";
import type { ClockWatch, Host } from "../clock.ts";
import type { Book, BootState } from "./book.ts";
import { joinColumns } from "./join-columns.ts";
import type { Minute } from "./minute.ts";
import type { Writer } from "./writer.ts";

export interface ReadBatchDeps {
  book: Book;
  writer: Writer;
  minute: Minute;
  watch: ClockWatch;
  host: Host;
}

/** The batch as it is to be sent now; a batch of an earlier boot is dated by that boot's last reading. */
export function readBatch(
  { book, writer, minute, watch, host }: ReadBatchDeps,
  seq: number,
  agentId: string,
): BatchV1 {
  const batch = book.batches.get(seq);
  if (batch === undefined) throw new Error(`the spool has no batch ${seq}`);
  // First, since a frame that cannot be read any more changes what the ledger says.
  const bodies = book.frames
    .filter((frame) => frame.seq === seq)
    .map((frame) => writer.read(frame))
    .filter((body) => body !== null);
  const boot = book.boots.find(({ row }) => row === batch.boot)!;
  const now = watch.read();
  const isCurrent = boot === book.boots.at(-1);
  // The monotonic clock is the machine's: a reading of now dates all of this boot, whichever start of the agent it is of.
  const isThisBoot = boot.hostBootId === host.bootId;
  const rounds = joinColumns(bodies.map((body) => body.rounds));
  const events = [...batch.events, ...bodies.flatMap((body) => body.events)];
  const { wallMs, monoMs, synced } = runOn(isThisBoot ? now : boot, rounds, events);
  const fixes = fixesOf(book, boot, isThisBoot ? (now.fixes ?? []) : []);
  return {
    v: 1,
    agent: agentId,
    boot: boot.boot,
    start: boot.row,
    host: { bootId: boot.hostBootId, uptimeS: isCurrent ? host.uptimeS() : boot.uptimeS },
    seq,
    clock: {
      wallMs,
      monoMs,
      synced,
      ...(fixes.length === 0 ? {} : { fixes: fixesFor(fixes, spanOf(rounds, monoMs)) }),
    },
    ledger: {
      produced: batch.produced,
      thinned: batch.thinned,
      lost: batch.lost,
      ...waitingBeside(seq, book, minute, now),
    },
    rounds,
    events,
  };
}

/** A start that was killed may have told of a moment after its last reading; both clocks ran on until then. */
function runOn(
  { wallMs, monoMs, synced }: Pick<BootState, "wallMs" | "monoMs" | "synced">,
  rounds: readonly RoundColumns[],
  events: readonly AgentEvent[],
): Pick<BootState, "wallMs" | "monoMs" | "synced"> {
  const saidMs = events.reduce((last, event) => Math.max(last, event.monoMs), monoMs);
  const moreMs = Math.max(saidMs, spanOf(rounds, monoMs).toMonoMs) - monoMs;
  return { wallMs: wallMs + moreMs, monoMs: monoMs + moreMs, synced };
}

/** What is known of a host boot's clock from all starts of the agent in it, `own` the present one; only ever ascending. */
function fixesOf(book: Book, boot: BootState, own: readonly ClockFix[]): readonly ClockFix[] {
  const earlier = book.boots.filter(({ hostBootId }) => hostBootId === boot.hostBootId);
  // What the book says of the present start is older than `own`.
  if (earlier.at(-1) === book.boots.at(-1)) earlier.pop();
  const ascending: ClockFix[] = [];
  for (const fix of [...earlier.flatMap(({ fixes = [] }) => fixes), ...own]) {
    const last = ascending.at(-1);
    if (last === undefined || (fix[0] > last[0] && fix[1] > last[1])) ascending.push(fix);
  }
  return thin(ascending);
}

function spanOf(rounds: readonly RoundColumns[], monoMs: number): { fromMonoMs: number; toMonoMs: number } {
  if (rounds.length === 0) return { fromMonoMs: monoMs, toMonoMs: monoMs };
  let [fromMonoMs, toMonoMs] = [Infinity, 0];
  for (const columns of rounds) {
    fromMonoMs = Math.min(fromMonoMs, columns.monoMs[0]!);
    toMonoMs = Math.max(
      toMonoMs,
      columns.monoMs.reduce((sum, step) => sum + step, 0),
    );
  }
  return { fromMonoMs, toMonoMs };
}

/** What is in the spool beside this batch. */
function waitingBeside(
  seq: number,
  book: Book,
  minute: Minute,
  now: ReturnType<ClockWatch["read"]>,
): Pick<BatchV1["ledger"], "waiting" | "oldestMs"> {
  const current = book.boots.at(-1)!;
  const oldest = new Map<number, number>();
  const inMemory = minute.rounds();
  let waiting = inMemory.length;
  let oldestMs = inMemory.length === 0 ? null : now.monoMs - inMemory[0]!.monoMs;
  for (const frame of book.frames) {
    if (frame.seq === seq || frame.rounds === 0) continue;
    waiting += frame.rounds;
    oldest.set(frame.boot, Math.min(frame.fromMonoMs, oldest.get(frame.boot) ?? Infinity));
  }
  for (const boot of book.boots) {
    const fromMs = oldest.get(boot.row);
    if (fromMs !== undefined) oldestMs = Math.max(oldestMs ?? 0, ageMs(boot, current, fromMs, now));
  }
  return { waiting, ...(oldestMs === null ? {} : { oldestMs: Math.max(0, Math.round(oldestMs)) }) };
}

/**
 * Age of a round of some boot. The machine's clock runs on as long as the machine does; over its restarts there is the
 * wall clock where both starts had it from the collector, and otherwise what is certain: the two times that it ran.
 */
function ageMs(
  boot: BootState,
  current: BootState,
  fromMs: number,
  now: ReturnType<ClockWatch["read"]>,
): number {
  if (boot.hostBootId === current.hostBootId) return now.monoMs - fromMs;
  const ranMs = boot.monoMs - fromMs;
  return ranMs + (boot.synced && now.synced ? now.wallMs - boot.wallMs : now.monoMs);
}
