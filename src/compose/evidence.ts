import type { Logger } from "pino";
import { dayMs } from "../series/retention.ts";
import type { SqliteStores } from "../state/sqlite.ts";
import { createEvidenceGate } from "../watch/evidence-gate.ts";
import type { EvidenceGate } from "../watch/evidence-gate.ts";

export interface Evidence {
  /** What the watch reads. */
  evidence: Pick<EvidenceGate, "series" | "judgedFromMs">;
  /** What to know and to do where the engine was lately found without rounds that it had acknowledged; null: it was not. */
  missingRounds: () => string | null;
}

/** How long people are told that an engine lacks rounds, ms: as long as the time before would be under review. */
const toldMs = dayMs;

/** Of rounds in the one file: whatever is on record has its rounds beside it, but for an engine that the file once took the place of. */
export function ownEvidence({ series, engine }: SqliteStores): Evidence {
  return { evidence: { series, judgedFromMs: () => engine.judgedFromMs }, missingRounds: () => null };
}

/** Of rounds in an engine of its own, which may be found without them. `onTrouble`: it could not be written or read. */
export function composeEvidence(
  { series, state, engine, noteEmptied }: SqliteStores,
  { now, logger, rawMs }: { now: () => number; logger: Logger; rawMs: number },
): Evidence & { onTrouble: () => void } {
  let { emptiedMs } = engine;
  const gate = createEvidenceGate({
    series,
    state,
    now,
    rawMs,
    judgedFromMs: engine.judgedFromMs,
    onMissing({ untilMs, judgedFromMs }) {
      noteEmptied(judgedFromMs);
      emptiedMs = judgedFromMs;
      logger.error({ storedUntil: new Date(untilMs).toISOString() }, toText(judgedFromMs));
    },
  });
  return {
    evidence: gate,
    missingRounds: () => (emptiedMs === null || now() > emptiedMs + toldMs ? null : toText(emptiedMs)),
    onTrouble: gate.doubt,
  };
}

const toText = (emptiedMs: number) =>
  `the engine of the rounds lacks what it had acknowledged: it was emptied, made anew under the same name, put back from an older copy, or has kept rounds for less than series.rawDays. Outages from before ${new Date(emptiedMs).toISOString()} stay as they are and are judged no more; charts and the availability of services lack the rounds that are gone. Find out what happened to it, and put its newest backup back where there is one`;
