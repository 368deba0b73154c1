import type { ClockWatch, Host } from "./clock.ts";
import type { SpoolFile } from "./spool-file.ts";

/** How this start follows the one before it. */
export interface StartFacts {
  /** null when the system gives no boot id. A first start of all counts as unchanged and clean. */
  hostBootChanged: boolean | null;
  cleanStop: boolean;
}

/** Notes this start, and how the one before it ended. Returns the id of its row. */
export function beginBoot(file: SpoolFile, boot: string, host: Host, watch: ClockWatch) {
  return file.durably(() => {
    const before = file.db.prepare("SELECT hostBootId, cleanStop FROM boots ORDER BY id DESC LIMIT 1").get();
    const { wallMs, monoMs, synced } = watch.read();
    const { lastInsertRowid } = file.db
      .prepare(
        `INSERT INTO boots (boot, hostBootId, uptimeS, wallMs, monoMs, synced, cleanStop)
         VALUES (?, ?, ?, ?, ?, ?, 0)`,
      )
      .run(boot, host.bootId, host.uptimeS(), wallMs, monoMs, synced ? 1 : 0);
    const changed = before !== undefined && before["hostBootId"] !== host.bootId;
    const startFacts: StartFacts = {
      hostBootChanged: host.bootIdKnown ? changed : null,
      cleanStop: before === undefined || before["cleanStop"] === 1,
    };
    const bootRow = Number(lastInsertRowid);
    forgetEmptyBoots(file, bootRow);
    return { startFacts, bootRow };
  });
}

/** A boot is kept as long as something waits that its clock reading has to date. */
export function forgetEmptyBoots(file: SpoolFile, currentRow: number): void {
  for (const { id } of file.db.prepare("SELECT id FROM boots WHERE id < ?").all(currentRow)) {
    const waiting = file.db
      .prepare(
        `SELECT EXISTS (SELECT 1 FROM batches WHERE bootRow = ?1)
           OR EXISTS (SELECT 1 FROM rounds WHERE seq IS NULL AND bootRow = ?1)
           OR EXISTS (SELECT 1 FROM events WHERE seq IS NULL AND bootRow = ?1) AS waiting`,
      )
      .get(id!)!;
    if (waiting["waiting"] === 0) file.db.prepare("DELETE FROM boots WHERE id = ?").run(id!);
  }
}
