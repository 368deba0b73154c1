import type { AgentEvent, BatchV1 } from "#wire/batch-v1.ts";
import type { ClockWatch, Host } from "./clock.ts";
import type { Round } from "./compose.ts";
import { readBatch } from "./spool-batch.ts";
import { beginBoot, forgetEmptyBoots } from "./spool-boots.ts";
import type { StartFacts } from "./spool-boots.ts";
import { openSpoolFile } from "./spool-file.ts";
import type { SpoolFile } from "./spool-file.ts";
import { makeRoom } from "./spool-room.ts";

export interface SpoolOptions {
  /** Folder of the spool file; made when missing. */
  folder: string;
  /** Random id of this start of the agent. */
  boot: string;
  host: Host;
  watch: ClockWatch;
  /** Bytes of rounds kept, their rows' overhead included. Above it the oldest are given up. Default 64 MB. */
  maxBytes?: number | undefined;
  /** Rounds of one batch, 1 to 20,000. Default 5,000: some 50 kB on the wire, which a 16 kbit/s link still carries. */
  maxBatchRounds?: number | undefined;
  /** Bytes of one batch before compression. Default 4 MiB, a quarter of what the collector takes. */
  maxBatchBytes?: number | undefined;
}

export interface Spool {
  readonly file: SpoolFile;
  readonly startFacts: StartFacts;
  addRound(round: Round): void;
  addEvent(type: string, detail: AgentEvent["detail"]): void;
  /**
   * Gives the next seq to rounds and events that have none, newest first, and returns it, or null when there is nothing.
   * `live`: this boot's newest. `backlog`: what the last live batch left over, and earlier boots, one boot at a time.
   * From here on the batch counts as sent: it may reach the collector, so its rounds are never given up for room.
   */
  compose(scope: "live" | "backlog", maxRounds?: number): number | null;
  /** Composed, not acknowledged, not moved aside; newest first. */
  pending(): number[];
  hasBacklog(): boolean;
  /** The batch as it is to be sent now: rounds as composed, clock and ledger as they stand. */
  batch(seq: number, agentId: string): BatchV1;
  acknowledge(seq: number): void;
  /** The collector will not have this batch: it stays in the spool, out of the way. */
  moveAside(seq: number, detail: string): void;
  /** Gives the batches that were moved aside another try. Returns how many. */
  retryAside(): number;
  usedBytes(): number;
  close(cleanStop: boolean): void;
}

/** What a row costs beside its sample: target, times, index entries. */
const rowBytes = 64;
/** Events of one boot that wait for a batch; all of them fit into one. */
const maxWaitingEvents = 900;

export function openSpool(options: SpoolOptions): Spool {
  const { boot, host, watch, maxBytes = 64_000_000 } = options;
  const { maxBatchRounds = 5_000, maxBatchBytes = 4_194_304 } = options;
  const file = openSpoolFile(options.folder);
  const { db } = file;
  const { startFacts, bootRow } = beginBoot(file, boot, host, watch);
  let used = db.prepare("SELECT coalesce(sum(bytes), 0) AS bytes FROM rounds").get()!["bytes"] as number;
  // Rounds up to this id were there when the last live batch was composed: what it left of them is backlog.
  let backlogThroughId = lastRoundId();

  const insertRound = db.prepare(
    "INSERT INTO rounds (bootRow, target, kind, monoMs, sample, bytes) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const insertEvent = db.prepare("INSERT INTO events (bootRow, monoMs, type, detail) VALUES (?, ?, ?, ?)");
  const setReading = db.prepare(
    "UPDATE boots SET wallMs = ?, monoMs = ?, synced = ?, uptimeS = ? WHERE id = ?",
  );
  const countEvents = db.prepare("SELECT count(*) AS events FROM events WHERE seq IS NULL AND bootRow = ?");
  const dropEvent = db.prepare(
    `DELETE FROM events WHERE id = (SELECT id FROM events WHERE seq IS NULL AND bootRow = ?
       AND type NOT IN ('agent.start', 'spool.lost') ORDER BY id LIMIT 1)`,
  );
  const uncomposed = db.prepare(
    `SELECT id, target, kind, bytes FROM rounds WHERE seq IS NULL AND bootRow = ? AND id <= ?
     ORDER BY id DESC LIMIT ?`,
  );
  const pendingBatches = db.prepare("SELECT seq FROM batches WHERE aside IS NULL ORDER BY seq DESC");
  const newestBacklog = db.prepare(
    `SELECT bootRow FROM rounds WHERE seq IS NULL AND id <= ? ORDER BY bootRow DESC, id DESC LIMIT 1`,
  );
  const newestOldEvent = db.prepare(
    "SELECT max(bootRow) AS bootRow FROM events WHERE seq IS NULL AND bootRow < ?",
  );

  function lastRoundId(): number {
    return (db.prepare("SELECT max(id) AS id FROM rounds").get()!["id"] as number | null) ?? 0;
  }

  function storeReading(): void {
    const { wallMs, monoMs, synced } = watch.read();
    setReading.run(wallMs, monoMs, synced ? 1 : 0, host.uptimeS(), bootRow);
  }

  function backlogBoot(): number | null {
    const ofRounds = newestBacklog.get(backlogThroughId)?.["bootRow"] as number | undefined;
    const ofEvents = newestOldEvent.get(bootRow)!["bootRow"] as number | null;
    return ofRounds === undefined ? ofEvents : Math.max(ofRounds, ofEvents ?? 0);
  }

  /** Lowest id of the newest rounds that make one batch, and their number. A target has one kind in a batch. */
  function choose(row: number, throughId: number, maxRounds: number): { fromId: number; rounds: number } {
    const kinds = new Map<string, string>();
    let fromId = Number.MAX_SAFE_INTEGER;
    let rounds = 0;
    let bytes = 0;
    for (const round of uncomposed.iterate(row, throughId, maxRounds)) {
      const { id, target, kind } = round as { id: number; target: string; kind: string };
      bytes += round["bytes"] as number;
      if (rounds > 0 && bytes > maxBatchBytes) break;
      if ((kinds.get(target) ?? kind) !== kind) break;
      kinds.set(target, kind);
      fromId = id;
      rounds++;
    }
    return { fromId, rounds };
  }

  function giveSeq(row: number, throughId: number, maxRounds: number): number | null {
    const { fromId, rounds } = choose(row, throughId, maxRounds);
    const events = countEvents.get(row)!["events"] as number;
    if (rounds === 0 && events === 0) return null;
    const seq = file.count("lastSeq") + 1;
    const newlyLost = file.count("lostWaiting");
    const produced = file.count("produced") + rounds + newlyLost;
    const lost = file.count("lost") + newlyLost;
    if (rounds > 0) {
      db.prepare("UPDATE rounds SET seq = ? WHERE seq IS NULL AND bootRow = ? AND id BETWEEN ? AND ?").run(
        seq,
        row,
        fromId,
        throughId,
      );
    }
    db.prepare("UPDATE events SET seq = ? WHERE seq IS NULL AND bootRow = ?").run(seq, row);
    db.prepare(
      "INSERT INTO batches (seq, bootRow, rounds, producedThrough, lostThrough) VALUES (?, ?, ?, ?, ?)",
    ).run(seq, row, rounds, produced, lost);
    file.setMeta("lastSeq", String(seq));
    file.setMeta("produced", String(produced));
    file.setMeta("lost", String(lost));
    file.setMeta("lostWaiting", "0");
    return seq;
  }

  return {
    file,
    startFacts,
    addRound({ target, monoMs, sample }) {
      const text = JSON.stringify(sample);
      const bytes = Buffer.byteLength(text) + rowBytes;
      file.transaction(() => {
        insertRound.run(bootRow, target, sample.kind, monoMs, text, bytes);
        storeReading();
      });
      used += bytes;
      if (used > maxBytes) used -= makeRoom(file, used - 0.95 * maxBytes);
    },
    addEvent(type, detail) {
      file.transaction(() => {
        if ((countEvents.get(bootRow)!["events"] as number) >= maxWaitingEvents) dropEvent.run(bootRow);
        insertEvent.run(bootRow, watch.read().monoMs, type, JSON.stringify(detail));
        storeReading();
      });
    },
    compose(scope, maxRounds = maxBatchRounds) {
      return file.durably(() => {
        const cap = Math.min(maxRounds, maxBatchRounds);
        if (scope === "live") {
          backlogThroughId = lastRoundId();
          storeReading();
          return giveSeq(bootRow, backlogThroughId, cap);
        }
        const row = backlogBoot();
        return row === null ? null : giveSeq(row, backlogThroughId, cap);
      });
    },
    pending: () => pendingBatches.all().map((row) => row["seq"] as number),
    hasBacklog: () => pendingBatches.get() !== undefined || backlogBoot() !== null,
    batch: (seq, agentId) => readBatch(file, seq, agentId, { bootRow, watch, host }),
    acknowledge(seq) {
      file.transaction(() => {
        const gone = db
          .prepare("SELECT coalesce(sum(bytes), 0) AS bytes FROM rounds WHERE seq = ?")
          .get(seq)!;
        db.prepare("DELETE FROM rounds WHERE seq = ?").run(seq);
        db.prepare("DELETE FROM events WHERE seq = ?").run(seq);
        db.prepare("DELETE FROM batches WHERE seq = ?").run(seq);
        forgetEmptyBoots(file, bootRow);
        used -= gone["bytes"] as number;
      });
    },
    moveAside(seq, detail) {
      file.transaction(() => {
        db.prepare("UPDATE batches SET aside = ? WHERE seq = ?").run(detail, seq);
        file.setMeta("movedAside", String(file.count("movedAside") + 1));
      });
    },
    retryAside: () =>
      Number(db.prepare("UPDATE batches SET aside = NULL WHERE aside IS NOT NULL").run().changes),
    usedBytes: () => used,
    close(cleanStop) {
      file.durably(() => {
        storeReading();
        db.prepare("UPDATE boots SET cleanStop = ? WHERE id = ?").run(cleanStop ? 1 : 0, bootRow);
      });
      file.close();
    },
  };
}
