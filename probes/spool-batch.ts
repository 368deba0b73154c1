import type { AgentEvent, BatchV1 } from "#wire/batch-v1.ts";
import type { ClockWatch, Host } from "./clock.ts";
import { toColumns } from "./compose.ts";
import type { Sample } from "./probe.ts";
import type { SpoolFile } from "./spool-file.ts";

/** This boot, whose clock can still be read. */
interface Now {
  bootRow: number;
  watch: ClockWatch;
  host: Host;
}

/** The batch as it is to be sent now; a batch of an earlier boot is dated by that boot's last reading. */
export function readBatch(file: SpoolFile, seq: number, agentId: string, now: Now): BatchV1 {
  const { db } = file;
  const batch = db.prepare("SELECT * FROM batches WHERE seq = ?").get(seq);
  if (batch === undefined) throw new Error(`the spool has no batch ${seq}`);
  const boot = db.prepare("SELECT * FROM boots WHERE id = ?").get(batch["bootRow"]!)!;
  const current = boot["id"] === now.bootRow;
  const rounds = db.prepare("SELECT target, monoMs, sample FROM rounds WHERE seq = ? ORDER BY id").all(seq);
  const events = db.prepare("SELECT monoMs, type, detail FROM events WHERE seq = ? ORDER BY id").all(seq);
  return {
    v: 1,
    agent: agentId,
    boot: boot["boot"] as string,
    host: {
      bootId: boot["hostBootId"] as string,
      uptimeS: current ? now.host.uptimeS() : (boot["uptimeS"] as number),
    },
    seq,
    clock: current
      ? now.watch.read()
      : {
          wallMs: boot["wallMs"] as number,
          monoMs: boot["monoMs"] as number,
          synced: boot["synced"] === 1,
        },
    ledger: {
      produced: batch["producedThrough"] as number,
      thinned: 0,
      lost: batch["lostThrough"] as number,
    },
    rounds: toColumns(
      rounds.map((row) => ({
        target: row["target"] as string,
        monoMs: row["monoMs"] as number,
        sample: JSON.parse(row["sample"] as string) as Sample,
      })),
    ),
    events: events.map((row) => ({
      monoMs: row["monoMs"] as number,
      type: row["type"] as string,
      detail: JSON.parse(row["detail"] as string) as AgentEvent["detail"],
    })),
  };
}
