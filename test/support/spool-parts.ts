import { parseBatch } from "#wire/batch-v1.ts";
import type { BatchV1, LedgerV1 } from "#wire/batch-v1.ts";
import type { Spool } from "../../probes/spool/spool.ts";
import { icmp } from "./agent-parts.ts";
import type { HandClock } from "./agent-parts.ts";

export const agentId = "ag_test01";

/** Puts rounds of one target into the spool, `stepMs` apart. */
export function fill(spool: Spool, clock: HandClock, rounds: number, target = "gw", stepMs = 1_000): void {
  for (let i = 0; i < rounds; i++) {
    clock.advance(stepMs);
    spool.addRound({ target, monoMs: clock.monoMs(), sample: icmp(1_000 + ((i * 7_919) % 997)) });
  }
}

/** The same, of which no two that follow each other say the same, so that none can be merged. */
export function fillRestless(spool: Spool, clock: HandClock, rounds: number, target = "gw"): void {
  for (let i = 0; i < rounds; i++) {
    clock.advance(1_000);
    const isUp = (clock.monoMs() / 1_000) % 2 < 1;
    spool.addRound({ target, monoMs: clock.monoMs(), sample: icmp(1_000 + ((i * 7_919) % 997), isUp) });
  }
}

/** What the ledger says of the past. */
export const accountOf = ({ produced, thinned, lost }: LedgerV1) => ({ produced, thinned, lost });

/** Reads the batch as the collector would. */
export const payload = (spool: Spool, seq: number): BatchV1 =>
  parseBatch(JSON.parse(JSON.stringify(spool.batch(seq, agentId))));

/** Sends and acknowledges all that there is: what is under way, then what is new, then the backlog. */
export function drain(spool: Spool): { batches: BatchV1[]; ledger: ReturnType<typeof accountOf> } {
  const batches: BatchV1[] = [];
  const take = (seq: number) => {
    batches.push(payload(spool, seq));
    spool.acknowledge(seq);
  };
  for (const seq of spool.pending()) take(seq);
  const live = spool.compose("live");
  if (live !== null) take(live);
  for (let seq = spool.compose("backlog"); seq !== null; seq = spool.compose("backlog")) take(seq);
  const last = batches.reduce((a, b) => (b.seq > a.seq ? b : a));
  return { batches, ledger: accountOf(last.ledger) };
}
