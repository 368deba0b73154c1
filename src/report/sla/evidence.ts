import { createHash } from "node:crypto";
import type { Target } from "../../inventory/inventory.ts";
import { joinSpans } from "../../inventory/spans.ts";
import { validSpan } from "../../inventory/validity.ts";
import type { Span } from "../../inventory/spans.ts";
import type { SeriesStore } from "../../series/series-store.ts";
import type { SlaIssueHead } from "../../state/sla-store.ts";
import type { StateStore } from "../../state/state-store.ts";
import { besideOf, edgesOf, tellingOf } from "./borne-out.ts";
import type { EvidenceRead, EvidenceSource } from "./evidence-source.ts";
import { reachOf } from "./link-counts.ts";
import { besideMs, readOutageRounds } from "./outage-rounds.ts";
import { joinRounds, pickRounds } from "./plain-rounds.ts";
import type { PlainRounds } from "./plain-rounds.ts";
import { noContract } from "./sla.ts";
import type { LinkSla } from "./sla.ts";

/*
 * The evidence of one link's month, for whoever disputes it: JSON lines, each with the SHA-256 of the line before it, so
 * that a changed byte is found. docs/sla.md describes the lines, docs/verify-evidence.py recomputes every figure from them.
 *
 *   pack                          which link, which month, which issue
 *   terms                         the contract
 *   segments, blips               what the link was, and when; every figure comes from these
 *   exclusion …                   what was taken out, and who says so
 *   outage …, each with rounds …  what the outage table says of it, and every round behind it, from both ends
 *   clock …, ledger …             how sure the times are, and whether anything was lost on the way
 *   figures                       what is to be recomputed
 *   end                           how many lines there are
 */

export interface EvidenceInput {
  month: string;
  source: EvidenceSource;
  sla: LinkSla;
  issue: SlaIssueHead | null;
}

export interface EvidenceDeps {
  state: StateStore;
  series: SeriesStore;
  version: string;
  nowMs: () => number;
  /** How old rounds become that are not put aside, ms. */
  rawMs: number;
}

export async function writeEvidence(
  { state, series, version, nowMs, rawMs }: EvidenceDeps,
  { month, source, sla, issue }: EvidenceInput,
): Promise<string> {
  const { read, timeZone, hubIsNoc } = source;
  const { input, rows } = read;
  const { counts, ratios, judgement, outages, exclusions, closedDays, contract, part, ...link } = sla;
  const span = { fromMs: part.fromMs, toMs: part.toMs };
  const { write, close } = createChain();
  const { sinceMs = 0 } = input;
  const days = validSpan(read.link, timeZone);
  const reach = reachOf({ month: span, nowMs: input.nowMs, days, sinceMs });
  const standings = input.segments.map((segment) => ({
    fromMs: segment.startMs,
    toMs: segment.endMs,
    standing: input.standingOf(segment),
  }));
  const targets = new Map(source.targets.map((target) => [target.key, target]));

  write("pack", {
    version: 1,
    program: version,
    ...link,
    hubIsNoc,
    part: { index: part.index, of: part.of, days: part.days, ofDays: part.ofDays },
    month,
    ...span,
    reachFromMs: reach.fromMs,
    reachToMs: reach.toMs,
    edgeMs: input.edgeMs ?? 0,
    sinceMs,
    timeZone,
    nowMs: input.nowMs,
    issue: issue === null ? null : { number: issue.number, issuedMs: issue.issuedMs, digest: issue.digest },
  });
  write("terms", { contract: contract?.id ?? null, ...noContract, ...contract, closedDays });
  write("segments", {
    rows: standings.map(({ fromMs, toMs, standing }, at) => [
      fromMs,
      toMs,
      standing,
      input.segments[at]!.cause,
    ]),
  });
  write("blips", { rows: input.blips.map(({ startMs, endMs, standing }) => [startMs, endMs, standing]) });
  for (const exclusion of exclusions) write("exclusion", { ...exclusion });
  for (const [index, outage] of outages.entries()) {
    const told = rows.filter(({ id }) => outage.ids.includes(id));
    const whole = { fromMs: outage.fromMs, toMs: outage.toMs ?? input.nowMs };
    const around = await roundsAround({ state, series }, [...targets.keys()], whole, span, sinceMs);
    const seen = around.flatMap((all) => {
      // Of a link that took another's place, or gave it up, the other's rounds tell nothing.
      const rounds = pickRounds(all, (ms) => ms >= days.fromMs && ms < days.toMs);
      return rounds.timeMs.length === 0 ? [] : [{ rounds, target: targets.get(rounds.key)! }];
    });
    const isOwn = segmentsIn(read, whole).some((segment) => segment.link !== undefined);
    const telling = tellingOf(seen, { site: sla.site, ownLink: isOwn ? sla.link : null, hubIsNoc });
    write("outage", {
      index,
      ...outage,
      ofLink: isOwn,
      roundsKept: seen.length > 0 || whole.toMs > nowMs() - rawMs,
      edges: edgesOf(telling, whole, besideOf(standings, whole)),
      table: told.map(({ withdrawn: _withdrawn, ...row }) => row),
    });
    for (const { rounds, target } of seen)
      write("rounds", { outage: index, ...shownRounds(rounds, target, sla.site) });
  }
  const vantages = new Set([...targets.values()].map(({ site }) => site));
  for (const { id, site } of (await state.agents()).filter((agent) => vantages.has(agent.site))) {
    for (const anchor of await state.clockAnchors(id)) write("clock", { agent: id, site, ...anchor });
    const ledger = await state.ledger(id);
    if (ledger === null) continue;
    const { producedRounds, storedRounds, thinnedRounds, lostRounds, openRounds, holes, thinned, lost } =
      ledger;
    const account = { producedRounds, storedRounds, thinnedRounds, lostRounds, openRounds };
    write("ledger", { agent: id, site, ...account, holes, thinned, lost });
  }
  write("figures", { counts, ratios, judgement });
  return close();
}

/** SHA-256 of each line as it is written, without its end, in the next one; in the first one zeros. */
export function createChain() {
  const lines: string[] = [];
  let prev = "0".repeat(64);
  const write = (type: string, record: Readonly<Record<string, unknown>>) => {
    const line = JSON.stringify({ prev, type, ...record });
    lines.push(line);
    prev = createHash("sha256").update(line).digest("hex");
  };
  return {
    write,
    close() {
      write("end", { lines: lines.length + 1 });
      return `${lines.join("\n")}\n`;
    },
  };
}

/** Of the outage as far as it lies in the month, and of its begin and end wherever they lie; none of an earlier provider's time. */
async function roundsAround(
  stores: Pick<EvidenceDeps, "state" | "series">,
  keys: readonly string[],
  { fromMs, toMs }: Span,
  month: Span,
  sinceMs: number,
): Promise<PlainRounds[]> {
  const around = (from: number, to: number) => ({
    fromMs: Math.max(from - besideMs, sinceMs),
    toMs: to + besideMs,
  });
  const spans = joinSpans([
    around(fromMs, fromMs),
    around(Math.max(fromMs, month.fromMs), Math.min(toMs, month.toMs)),
    around(toMs, toMs),
  ]);
  const parts: PlainRounds[] = [];
  for (const each of spans) {
    const found = await readOutageRounds(stores, keys, each);
    // A summary that reaches into two of the stretches is read with both.
    const had = new Map(parts.map(({ key, kind, timeMs }) => [`${key} ${kind}`, timeMs.at(-1)!]));
    const isNew =
      ({ key, kind }: PlainRounds) =>
      (ms: number) =>
        ms > (had.get(`${key} ${kind}`) ?? 0);
    parts.push(...found.map((rounds) => pickRounds(rounds, isNew(rounds))));
  }
  return joinRounds(parts).filter(({ timeMs }) => timeMs.length > 0);
}

function segmentsIn({ input }: EvidenceRead, { fromMs, toMs }: Span) {
  return input.segments.filter(
    (segment) =>
      input.standingOf(segment) === "down" &&
      segment.startMs < toMs &&
      (segment.endMs ?? input.nowMs) > fromMs,
  );
}

/** When each round began, and whether anything came back; times as the first and the differences from it on. */
function shownRounds(
  { key, kind, timeMs, ...columns }: PlainRounds,
  { site, role, of, link, probe }: Target,
  own: string,
) {
  const good = columns.recv ?? columns.ok ?? [];
  return {
    target: key,
    kind,
    role,
    measuredAt: site,
    seenFrom: site === own ? "site" : "elsewhere",
    ...(of === null ? {} : { of }),
    ...(link === null ? {} : { link }),
    intervalMs: probe.intervalS * 1000,
    timeMs: timeMs.map((ms, at) => ms - (timeMs[at - 1] ?? 0)),
    ...columns,
    rounds: timeMs.length,
    answered: good.filter((cell) => cell > 0).length,
  };
}
