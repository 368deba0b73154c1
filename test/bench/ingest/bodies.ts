import { gzipSync } from "node:zlib";
import type { BatchV1 } from "#wire/batch-v1.ts";
import { roundRttUs } from "#wire/units.ts";
import { toColumns } from "../../../probes/compose.ts";
import { packBatch } from "../../../probes/pack.ts";
import { bootedMs, intervalMs, siteRounds } from "./district-rounds.ts";
import type { IcmpRound } from "./district-rounds.ts";

/** One request. `lane`: index of the site whose rounds they are, where they are of one. */
export interface Body {
  site: number;
  bytes: Uint8Array;
  rounds: number;
}

export interface BodyOptions {
  sites: readonly string[];
  /** Intervals of 30 s. */
  steps: number;
  /** Intervals of one site in one request. */
  stepsPerBody: number;
  /** Epoch ms of the first round. */
  startMs: number;
}

/** Batches as the agents send them, in the order of time: each site's first, then each site's second … */
export function batchBodies(options: BodyOptions, agentOf: (site: number) => string): Body[] {
  return interleave(options, (pieces, site) => {
    let produced = 0;
    return pieces.map((rounds, index) => {
      produced += rounds.length;
      const batch = batchOf(rounds, { agent: agentOf(site), seq: index + 1, produced, options });
      return { site, bytes: packBatch(batch).body, rounds: rounds.length };
    });
  });
}

/** The same rounds as line protocol with gzip: those of a site and a stretch of time in a request of their own. */
export function lineBodies(options: BodyOptions): Body[] {
  return interleave(options, (pieces, site) =>
    pieces.map((rounds) => ({
      site,
      bytes: gzipSync(rounds.map((round) => lineOf(options, site, round)).join("")),
      rounds: rounds.length,
    })),
  );
}

/** The same in the order of time, cut after so many lines, as a relay in front of the server would collect them. */
export function collectedBodies(options: BodyOptions, linesPerBody: number): Body[] {
  const pieces = interleave({ ...options, stepsPerBody: 1 }, (steps, site) =>
    steps.map((rounds) => rounds.map((round) => lineOf(options, site, round))),
  );
  const lines = pieces.flat();
  const bodies: Body[] = [];
  for (let from = 0; from < lines.length; from += linesPerBody) {
    const piece = lines.slice(from, from + linesPerBody);
    bodies.push({ site: 0, bytes: gzipSync(piece.join("")), rounds: piece.length });
  }
  return bodies;
}

function interleave<T>(options: BodyOptions, make: (pieces: IcmpRound[][], site: number) => T[]): T[] {
  const { sites, steps, stepsPerBody } = options;
  const bySite = sites.map((code, site) => {
    const all = siteRounds(code, site, steps);
    const pieces: IcmpRound[][] = [];
    for (let from = 0; from < steps; from += stepsPerBody)
      pieces.push(all.slice(from, from + stepsPerBody).flat());
    return make(pieces, site);
  });
  return (bySite[0] ?? []).flatMap((_, index) => bySite.map((bodies) => bodies[index]!));
}

interface BatchFacts {
  agent: string;
  seq: number;
  produced: number;
  options: Pick<BodyOptions, "startMs" | "stepsPerBody">;
}

export function batchOf(rounds: readonly IcmpRound[], facts: BatchFacts): BatchV1 {
  const { agent, seq, produced, options } = facts;
  const monoMs = bootedMs + seq * options.stepsPerBody * intervalMs + 500;
  return {
    v: 1,
    agent,
    boot: "9f1c64d2a0b35e7788990011",
    host: { bootId: "0c7e2a8e-5b0f-4c56-9d67-3f8f6f3f2a11", uptimeS: Math.floor(monoMs / 1000) },
    seq,
    clock: { wallMs: options.startMs - bootedMs + monoMs, monoMs, synced: true },
    ledger: { produced, thinned: 0, lost: 0 },
    rounds: toColumns(rounds),
    events: [],
  };
}

/** Six fields a round; a round without replies has the two that it knows. Whole µs, as the batch has them. */
function lineOf(options: BodyOptions, site: number, { target, monoMs, sample }: IcmpRound): string {
  const rttUs = sample.rttUs.map(roundRttUs).toSorted((a, b) => a - b);
  const [min, max] = [rttUs[0], rttUs.at(-1)];
  const rtts =
    min === undefined || max === undefined
      ? ""
      : `,rtt_min_us=${min}i,rtt_median_us=${rttUs[Math.floor(rttUs.length / 2)]}i,rtt_max_us=${max}i,jitter_us=${max - min}i`;
  const timeMs = options.startMs - bootedMs + monoMs;
  return `icmp,site=${options.sites[site]},target=${target} sent=${sample.sent}i,recv=${sample.recv}i${rtts} ${timeMs}\n`;
}
