import type { SeriesStore } from "../series/series-store.ts";
import { SeriesTrouble } from "../series/series-trouble.ts";
import type { StateStore } from "../state/state-store.ts";

/*
 * An engine of its own may come back under the same name without the rounds that it had: empty, as a container without its
 * volume does, or as an older copy of it. The watch would take what is missing for silence and withdraw the outages on record. So
 * it reads through a gate, which first looks whether what the ledger says was stored is there: once from the start on, and again
 * after any trouble with the engine.
 */

export interface EvidenceGate {
  /** What the watch reads. A read rejects where the rounds of the record are gone: the table is to be made anew, from later on. */
  series: SeriesStore;
  /** Nothing before this is judged anew, epoch ms. */
  judgedFromMs: () => number;
  /** There was trouble with the engine: it is looked at again before anything is read. */
  doubt(): void;
}

export interface EvidenceGateDeps {
  series: SeriesStore;
  state: Pick<StateStore, "commitsUntil">;
  now: () => number;
  /** How long the engine keeps rounds, ms. */
  rawMs: number;
  /** Of what was found missing before. */
  judgedFromMs: number;
  /** Rounds that were stored until `untilMs` are gone. Writes down that nothing before `judgedFromMs` is judged any more. */
  onMissing: (missing: { untilMs: number; judgedFromMs: number }) => void;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/**
 * How long ago the batches came that are looked for, ms: the newest; and of the time under review (a day, and an outage of two
 * before it), since an engine that came back a while ago has the newest. Each at most three times the one before: whatever was
 * lost from some moment until the engine came back is found, but where it is shorter than twice the time since then, or not much longer than `nearBeforeMs`.
 */
const agesMs = [
  0,
  5 * minuteMs,
  15 * minuteMs,
  30 * minuteMs,
  hourMs,
  3 * hourMs,
  6 * hourMs,
  12 * hourMs,
  dayMs,
  2 * dayMs,
  3 * dayMs,
];
/** A batch that is older than this against what was asked for says nothing of the time that was meant, ms. */
const mostOlderMs = 12 * hourMs;
/** Agents of which a batch is looked for: somebody may have taken the rounds of one site out of the engine. */
const agentsAsked = 3;
/** Only batches that came so shortly before the newest of them bear out that what was stored then is there, ms. */
const togetherMs = 10 * minuteMs;
/** An engine whose power was cut may have lost the very last, and one that thins has not each round, ms. */
const nearBeforeMs = 10 * minuteMs;
/** Engines write whole milliseconds, rounded in one way or another, ms. */
const nearAfterMs = 1_000;
/** An engine drops what gets too old before this program has asked for it, ms. */
const retentionSlackMs = hourMs;

type Commit = Awaited<ReturnType<StateStore["commitsUntil"]>>[number];

export function createEvidenceGate(deps: EvidenceGateDeps): EvidenceGate {
  const { series, state, now, rawMs, onMissing } = deps;
  let { judgedFromMs } = deps;
  let isDoubtful = true;
  let checking: Promise<void> | null = null;

  /** Whether the engine has the last round of the batch, or one shortly before it. */
  async function hasEnd({ site, lastMs }: Commit): Promise<boolean> {
    const keys = [...(await series.keys()).keys()].filter((key) => key.startsWith(`${site}/`));
    return (await series.read(keys, lastMs - nearBeforeMs, lastMs + nearAfterMs)).length > 0;
  }

  /** What was stored shortly before `untilMs`, the newest first; none where nothing came for long, or nothing that is still kept. */
  async function storedBefore(untilMs: number, sinceMs: number, nowMs: number): Promise<Commit[]> {
    const found = await state.commitsUntil(untilMs, nowMs - rawMs + retentionSlackMs, agentsAsked);
    const newestMs = Math.max(...found.map(({ receivedMs }) => receivedMs));
    return found
      .filter(({ receivedMs }) => receivedMs > sinceMs && receivedMs > newestMs - togetherMs)
      .sort((a, b) => b.receivedMs - a.receivedMs);
  }

  /** When the newest batch came of which nothing is there; null: there is something of whatever was looked for. */
  async function findMissing(): Promise<number | null> {
    const nowMs = now();
    const looked = new Map<string, boolean>();
    const isThere = async (commit: Commit) => {
      const name = `${commit.agent} ${commit.receivedMs} ${commit.lastMs}`;
      const known = looked.get(name) ?? (await hasEnd(commit));
      looked.set(name, known);
      return known;
    };
    for (const ageMs of agesMs) {
      const untilMs = nowMs - ageMs;
      if (untilMs <= judgedFromMs) break;
      const sinceMs = ageMs === 0 ? judgedFromMs : Math.max(judgedFromMs, untilMs - mostOlderMs);
      const commits = await storedBefore(untilMs, sinceMs, nowMs);
      let isAnyThere = commits.length === 0;
      for (const commit of commits) isAnyThere = isAnyThere || (await isThere(commit));
      if (!isAnyThere) return commits[0]!.receivedMs;
    }
    return null;
  }

  async function check(): Promise<void> {
    // Before it: trouble while it is looked for is a reason to look again.
    isDoubtful = false;
    try {
      const missingMs = await findMissing();
      if (missingMs === null) return;
      judgedFromMs = now();
      onMissing({ untilMs: missingMs, judgedFromMs });
    } catch (error) {
      isDoubtful = true;
      throw error;
    }
    throw new SeriesTrouble("the rounds behind the outages on record are gone; judged from now on");
  }

  return {
    series: {
      ...series,
      async read(...asked) {
        if (isDoubtful || checking !== null) {
          checking ??= check().finally(() => (checking = null));
          await checking;
        }
        return series.read(...asked);
      },
    },
    judgedFromMs: () => judgedFromMs,
    doubt() {
      isDoubtful = true;
    },
  };
}
