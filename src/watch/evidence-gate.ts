import type { SeriesStore } from "../series/series-store.ts";
import { SeriesTrouble } from "../series/series-trouble.ts";
import type { StateStore } from "../state/state-store.ts";

/*
 * An engine of its own may come back empty under the same name: a container without its volume, a bucket that was deleted and
 * made anew. The watch would take that for silence and withdraw the outages on record. So it reads through a gate, which first
 * looks whether what the ledger says was stored is there: once from the start on, and again after any trouble with the engine.
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

const hourMs = 3_600_000;
const dayMs = 86_400_000;

/**
 * How long ago the batches came that are looked for, ms: the newest; and some of the time under review (a day, and an outage of
 * two before it), since an engine that was emptied a while ago has the newest.
 */
const agesMs = [0, hourMs, dayMs, 3 * dayMs];
/** A batch that is older than this against what was asked for says nothing of the time that was meant, ms. */
const mostOlderMs = 12 * hourMs;
/** Agents of which a batch is looked for. Each alone may have sent what is older than the engine keeps. */
const agentsAsked = 3;
/** A round may be placed a little after its batch came, for want of a better clock, ms. */
const slackMs = 60_000;

export function createEvidenceGate(deps: EvidenceGateDeps): EvidenceGate {
  const { series, state, now, rawMs, onMissing } = deps;
  let { judgedFromMs } = deps;
  let isDoubtful = true;
  let checking: Promise<void> | null = null;

  /** Whether the engine has any round that an agent sent in the batch that came then, or before it. */
  async function hasRounds(site: string, receivedMs: number): Promise<boolean> {
    const keys = [...(await series.keys()).keys()].filter((key) => key.startsWith(`${site}/`));
    let toMs = receivedMs + slackMs;
    const untilMs = toMs - rawMs;
    // Nearly always they are in the first piece; a batch of the backlog has older ones.
    for (let spanMs = hourMs; toMs > untilMs; toMs -= spanMs, spanMs = dayMs)
      if ((await series.read(keys, toMs - spanMs, toMs)).length > 0) return true;
    return false;
  }

  /** When the newest batch came of which nothing is there; null: there is something of whatever was looked for. */
  async function findMissing(): Promise<number | null> {
    const nowMs = now();
    for (const ageMs of agesMs) {
      const untilMs = nowMs - ageMs;
      if (untilMs <= judgedFromMs) break;
      const sinceMs = ageMs === 0 ? judgedFromMs : Math.max(judgedFromMs, untilMs - mostOlderMs);
      const commits = (await state.commitsUntil(untilMs, agentsAsked)).filter(
        ({ receivedMs }) => receivedMs > sinceMs,
      );
      let isAnyThere = commits.length === 0;
      for (const { site, receivedMs } of commits)
        isAnyThere = isAnyThere || (await hasRounds(site, receivedMs));
      if (!isAnyThere) return Math.max(...commits.map(({ receivedMs }) => receivedMs));
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
