import { expect, it } from "vitest";
import { createRandom } from "../../probes/demo/random.ts";
import type { Rounds } from "../../src/series/series-store.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import type { BatchEntry, LedgerRange } from "../../src/state/state-store.ts";
import { tempDir } from "../support/temp-dir.ts";

const agents = ["ag_a", "ag_b", "ag_c"];
const batches = 60;

const entry = (agent: string, seq: number): BatchEntry => ({
  agent,
  site: "64.08",
  seq,
  boot: `boot${seq % 4}`,
  hostBoot: "h1",
  rounds: 1 + (seq % 3),
  producedRounds: producedBy(seq),
  thinnedRounds: 0,
  lostRounds: 0,
  waitingRounds: batches - seq,
  wallMs: 1_763_785_200_000,
  monoMs: 1000,
  synced: true,
  receivedMs: 1_763_785_200_000 + seq,
  offsetMs: 1_763_785_199_000,
  uncertaintyMs: 0,
  clockSource: "synced",
  lateFromMs: null,
  events: [],
});

function producedBy(seq: number): number {
  let rounds = 0;
  for (let each = 1; each <= seq; each++) rounds += 1 + (each % 3);
  return rounds;
}

/** `fails`: a time that is no number is a bug of ours, which the table refuses. */
const roundsOf = ({ agent, seq, rounds }: BatchEntry, fails: boolean): Rounds => {
  const timeMs = Array.from({ length: rounds }, (_, row) => (fails ? Number.NaN : 10_000 * seq + row));
  const ones = timeMs.map(() => 1);
  return { key: `64.08/${agent}`, kind: "icmp", timeMs, sent: ones, recv: ones, rttUs: ones };
};

function rangesOf(seqs: readonly number[]): LedgerRange[] {
  const ranges: LedgerRange[] = [];
  for (const seq of seqs.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.toSeq === seq - 1) last.toSeq = seq;
    else ranges.push({ fromSeq: seq, toSeq: seq });
  }
  return ranges;
}

it.each(["ledger/1", "ledger/2", "ledger/3"])(
  "what memory knows of the ledgers is what is stored, whatever comes, fails or is opened again: %s",
  async (seed) => {
    using dir = tempDir();
    const random = createRandom(seed);
    const stored = new Map(agents.map((agent) => [agent, new Set<number>()]));
    let stores = openSqlite(dir.file("s.db"));

    async function compare(): Promise<void> {
      for (const [agent, seqs] of stored) {
        const ledger = await stores.state.ledger(agent);
        const entries = [...seqs].map((seq) => entry(agent, seq));
        expect(ledger?.stored ?? []).toEqual(rangesOf([...seqs]));
        expect(ledger?.storedRounds ?? 0).toBe(entries.reduce((sum, { rounds }) => sum + rounds, 0));
        expect(ledger?.lastSeq ?? 0).toBe(Math.max(0, ...seqs));
        expect(ledger?.producedRounds ?? 0).toBe(producedBy(Math.max(0, ...seqs)));
        expect(ledger?.backlog?.atMs ?? 0).toBe(Math.max(0, ...entries.map(({ receivedMs }) => receivedMs)));
        for (let seq = 1; seq <= batches; seq++) {
          const { boot, rounds } = entry(agent, seq);
          expect(await stores.state.batch(agent, seq)).toEqual(seqs.has(seq) ? { boot, rounds } : null);
        }
      }
    }

    for (let next = 1, turn = 0; next <= batches; turn++) {
      const group = Array.from({ length: Math.ceil(random.between(1, 6)) }, () => {
        // Mostly in order, now and then what came before, or far ahead.
        const seq = Math.max(1, Math.min(batches, next + Math.floor(random.between(-4, 4))));
        return { one: entry(random.pick(agents), seq), fails: random.next() < 0.1 };
      });
      const outcomes = await Promise.allSettled(
        group.map(({ one, fails }) => stores.batchLog.commit(one, [roundsOf(one, fails)])),
      );
      for (const [index, { one }] of group.entries()) {
        const outcome = outcomes[index]!;
        const seqs = stored.get(one.agent)!;
        if (outcome.status === "fulfilled")
          expect(outcome.value).toBe(seqs.has(one.seq) ? "duplicate" : "stored");
        if (outcome.status === "fulfilled") seqs.add(one.seq);
      }
      next += random.next() < 0.7 ? 1 : 2;
      if (turn % 12 === 11) {
        stores.close();
        stores = openSqlite(dir.file("s.db"));
      }
      if (turn % 6 === 0) await compare();
    }
    await compare();
    stores.close();
  },
);
