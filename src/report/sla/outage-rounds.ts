import { defaultTimeZone, monthAt } from "../../inventory/local-time.ts";
import { allLinksOf } from "../../inventory/validity.ts";
import { joinSpans } from "../../inventory/spans.ts";
import type { Span } from "../../inventory/spans.ts";
import type { SeriesStore } from "../../series/series-store.ts";
import { dayMs, dayOf } from "../../series/retention.ts";
import type { StateStore } from "../../state/state-store.ts";
import type { Place } from "../site-view.ts";
import { joinRounds, pickRounds, toPlainRounds } from "./plain-rounds.ts";
import type { PlainRounds } from "./plain-rounds.ts";

/*
 * The rounds behind outages outlive all others: a dispute is longer than a store of rounds. By the day, shortly before that
 * day's rounds are given up and after the last moment at which something late could still change its outages, those around
 * each outage of a site with links are put aside, without what else was measured.
 */

/** How much of the time before and after an outage belongs to it, ms. */
export const besideMs = 600_000;

function hasLink({ inventory }: Place, site: string): boolean {
  return [...allLinksOf(inventory).values()].some((link) => link.site === site);
}

type Stores = { state: StateStore; series: SeriesStore };

/** Rounds of the keys that began in the span: those that the store of rounds has, and of other days those put aside. */
export async function readOutageRounds(
  { state, series }: Stores,
  keys: readonly string[],
  { fromMs, toMs }: Span,
): Promise<PlainRounds[]> {
  const stored = (await series.read(keys, fromMs, toMs)).map(toPlainRounds);
  const has = new Set(stored.flatMap(({ key, timeMs }) => timeMs.map((ms) => `${key} ${dayOf(ms)}`)));
  const aside = (await state.outageRounds(keys, dayOf(fromMs), dayOf(toMs) + 1))
    .filter(({ key, day }) => !has.has(`${key} ${day}`))
    .flatMap(({ rounds }) => JSON.parse(rounds) as PlainRounds[])
    .map((rounds) => pickRounds(rounds, (ms) => ms >= fromMs && ms < toMs));
  return joinRounds([...stored, ...aside]).filter(({ timeMs }) => timeMs.length > 0);
}

export interface RoundsKeeperDeps extends Stores {
  place: () => Place;
  nowMs: () => number;
  /** From this age on nothing that comes late changes an outage, ms. */
  settledMs: number;
  /** How old rounds become, ms. */
  rawMs: number;
}

const setting = "sla.roundsKeptUntilDay";

/** Puts one day aside; false: none is due. */
export async function keepOutageRounds(deps: RoundsKeeperDeps): Promise<boolean> {
  const { state, nowMs, settledMs, rawMs } = deps;
  const oldest = dayOf(nowMs() - rawMs);
  const day = Math.max(oldest, Number((await state.setting(setting)) ?? oldest));
  const span = { fromMs: day * dayMs, toMs: (day + 1) * dayMs };
  if (span.toMs > nowMs() - settledMs) return false;
  await state.keepOutageRounds(await roundsOfDay(deps, day, span));
  await state.setSetting(setting, String(day + 1));
  return true;
}

async function roundsOfDay({ state, series, place }: RoundsKeeperDeps, day: number, span: Span) {
  const at = place();
  const reach = { fromMs: span.fromMs - besideMs, toMs: span.toMs + besideMs };
  const outages = await state.outages({ ...reach, service: null });
  // What was signed rests on the targets of its time, whatever they are called since.
  const { timeZone = defaultTimeZone } = at.inventory;
  const months = [span.fromMs, span.toMs - 1].map((ms) => monthAt(ms, timeZone));
  const issued = await state.issuedTargets([...new Set(months)]);
  const kept: { key: string; day: number; rounds: string }[] = [];
  for (const [site, rows] of Map.groupBy(outages, (row) => row.site)) {
    const own = hasLink(at, site) ? at.tree.allTargetsAround(site).map(({ key }) => key) : [];
    const keys = [...new Set([...own, ...(issued.get(site) ?? [])])];
    if (keys.length === 0) continue;
    const around = joinSpans(
      rows.map(({ startMs, endMs }) => ({
        fromMs: startMs - besideMs,
        toMs: (endMs ?? Infinity) + besideMs,
      })),
    );
    const isMeant = (ms: number) => around.some(({ fromMs, toMs }) => ms >= fromMs && ms < toMs);
    const rounds = (await series.read(keys, span.fromMs, span.toMs))
      // A summary that began the day before belongs to that day.
      .map((each) => pickRounds(toPlainRounds(each), (ms) => ms >= span.fromMs && isMeant(ms)))
      .filter(({ timeMs }) => timeMs.length > 0);
    for (const [key, parts] of Map.groupBy(rounds, (each) => each.key))
      kept.push({ key, day, rounds: JSON.stringify(parts) });
  }
  return kept;
}
