import type { SpoolFile } from "./spool-file.ts";

/*
 * When the spool is full, the oldest rounds go, and the ledger says so: a hole that is declared is a fact, one that is
 * not is a riddle. First go the batches that the collector refused (it stored nothing of them, and may never), then the
 * rounds that no batch holds yet. A refused batch loses its rounds and goes out again with none, so that its seq is no
 * hole. Rounds of a batch that was sent and not answered are never given up: the collector may have them.
 *
 * The sum stays true at every seq, produced = rounds in batches + lost: rounds without a batch enter `produced` and
 * `lost` together with the next batch, those of a refused batch move from one side to the other.
 */

/** Gives up rounds until `wantedBytes` are free, or none is left to give. Returns the bytes freed. */
export function makeRoom(file: SpoolFile, wantedBytes: number): number {
  // Durably, since an emptied batch may reach the collector, and what was declared lost must not come back after that.
  return file.durably(() => {
    let freedBytes = 0;
    while (freedBytes < wantedBytes) {
      const freed = dropRefused(file) || dropWaiting(file, wantedBytes - freedBytes);
      if (freed === 0) break;
      freedBytes += freed;
    }
    return freedBytes;
  });
}

interface Dropped {
  bootRow: number;
  rounds: number;
  fromMonoMs: number;
  toMonoMs: number;
}

function dropWaiting(file: SpoolFile, wantedBytes: number): number {
  const { db } = file;
  const oldest = db.prepare(
    "SELECT id, bootRow, monoMs, bytes FROM rounds WHERE seq IS NULL ORDER BY bootRow, id",
  );
  let dropped: Dropped | null = null;
  let throughId = 0;
  let bytes = 0;
  for (const row of oldest.iterate()) {
    const bootRow = row["bootRow"] as number;
    const monoMs = row["monoMs"] as number;
    if (dropped === null) dropped = { bootRow, rounds: 0, fromMonoMs: monoMs, toMonoMs: monoMs };
    if (bootRow !== dropped.bootRow || bytes >= wantedBytes) break;
    dropped.rounds++;
    dropped.fromMonoMs = Math.min(dropped.fromMonoMs, monoMs);
    dropped.toMonoMs = Math.max(dropped.toMonoMs, monoMs);
    bytes += row["bytes"] as number;
    throughId = row["id"] as number;
  }
  if (dropped === null) return 0;
  db.prepare("DELETE FROM rounds WHERE seq IS NULL AND bootRow = ? AND id <= ?").run(
    dropped.bootRow,
    throughId,
  );
  file.setMeta("lostWaiting", String(file.count("lostWaiting") + dropped.rounds));
  noteLoss(file, dropped);
  return bytes;
}

function dropRefused(file: SpoolFile): number {
  const { db } = file;
  const batch = db
    .prepare(
      "SELECT seq, bootRow, rounds FROM batches WHERE aside IS NOT NULL AND rounds > 0 ORDER BY seq LIMIT 1",
    )
    .get();
  if (batch === undefined) return 0;
  const seq = batch["seq"] as number;
  const rounds = batch["rounds"] as number;
  const span = db
    .prepare("SELECT min(monoMs) AS low, max(monoMs) AS high, sum(bytes) AS bytes FROM rounds WHERE seq = ?")
    .get(seq)!;
  db.prepare("DELETE FROM rounds WHERE seq = ?").run(seq);
  db.prepare("UPDATE batches SET rounds = 0, aside = NULL WHERE seq = ?").run(seq);
  db.prepare("UPDATE batches SET lostThrough = lostThrough + ? WHERE seq >= ?").run(rounds, seq);
  file.setMeta("lost", String(file.count("lost") + rounds));
  noteLoss(file, {
    bootRow: batch["bootRow"] as number,
    rounds,
    fromMonoMs: span["low"] as number,
    toMonoMs: span["high"] as number,
  });
  return span["bytes"] as number;
}

/** One `spool.lost` waits per boot: a spool that stays full for a day would otherwise be full of them. */
function noteLoss(file: SpoolFile, { bootRow, rounds, fromMonoMs, toMonoMs }: Dropped): void {
  const { db } = file;
  const waiting = db
    .prepare("SELECT id, detail FROM events WHERE seq IS NULL AND bootRow = ? AND type = 'spool.lost'")
    .get(bootRow);
  const known = JSON.parse((waiting?.["detail"] as string | undefined) ?? "null") as Dropped | null;
  const detail = JSON.stringify({
    fromMonoMs: Math.min(fromMonoMs, known?.fromMonoMs ?? fromMonoMs),
    toMonoMs: Math.max(toMonoMs, known?.toMonoMs ?? toMonoMs),
    rounds: rounds + (known?.rounds ?? 0),
  });
  if (waiting === undefined) {
    db.prepare(
      `INSERT INTO events (bootRow, monoMs, type, detail)
       SELECT id, monoMs, 'spool.lost', ? FROM boots WHERE id = ?`,
    ).run(detail, bootRow);
  } else {
    db.prepare("UPDATE events SET detail = ? WHERE id = ?").run(detail, waiting["id"]!);
  }
}
