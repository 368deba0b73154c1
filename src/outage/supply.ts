import type { Inventory } from "../inventory/inventory.ts";
import { defaultTimeZone } from "../inventory/local-time.ts";
import { joinSpans, withoutSpans } from "../inventory/spans.ts";
import { supplySpans } from "../inventory/supply.ts";
import type { Span } from "../inventory/spans.ts";
import { repaint, viewOf } from "./repaint.ts";
import type { Stroke } from "./repaint.ts";
import type { Outage, OutageTable } from "./table.ts";

/*
 * Hours of supply (design.md §6): a village whose generator runs from dusk to dawn is expected to be off by day. What its
 * own lack of power takes away outside of these hours is no outage, and its state is `off`.
 *
 * Meant are outages of the site itself that are a power cut, or of which nothing is known yet. A fault that was proved to
 * lie elsewhere, such as a cut link under a running generator, stays what it is at any hour. So does silence that nobody
 * else saw: that is unknown. A blip (blips.ts) stays one as well: whoever lost a single round had power.
 */

/** How far off its hours a generator may be started or stopped, ms. A judgement: somebody has to walk there. */
const supplySlackMs = 30 * 60_000;

const dayMs = 86_400_000;

export function applySupply(table: OutageTable, inventory: Inventory, nowMs: number): OutageTable {
  const limited = [...inventory.sites.values()].filter(({ supplyHours }) => supplyHours !== undefined);
  if (limited.length === 0) return table;
  const timeZone = inventory.timeZone ?? defaultTimeZone;
  const hoursOf = new Map(limited.map(({ code, supplyHours }) => [code, supplyHours!]));
  const offBySite = new Map<string, Span[]>();
  const strokes: Stroke[] = [];
  const paint = (outage: Outage, expected: readonly Span[]): Outage[] => {
    const { row, off } = layOver(spanOf(outage), expected, nowMs);
    for (const { fromMs, toMs } of off)
      strokes.push({
        ...viewOf(outage),
        service: outage.service,
        startMs: fromMs,
        endMs: toMs,
        paint: { state: "off", cause: null },
      });
    return row === null ? [] : [off.length === 0 ? outage : clip(outage, row)];
  };

  const own = table.outages.flatMap((outage) => {
    const hours = hoursOf.get(outage.site);
    if (hours === undefined || !isLackOfPower(outage)) return [outage];
    const whole = spanOf(outage);
    const around = { fromMs: whole.fromMs - 2 * dayMs, toMs: Math.min(whole.toMs, nowMs) + 2 * dayMs };
    const missed = withinSupply(whole, supplySpans(hours, around, timeZone), nowMs);
    const off = offBySite.get(outage.site) ?? [];
    offBySite.set(outage.site, [...off, ...withoutSpans(whole, missed)]);
    return paint(outage, missed);
  });
  // What hangs on a site that is expected to be off is so as well.
  const outages = own.flatMap((outage) => {
    const off = outage.root === outage.site ? [] : joinSpans(offBySite.get(outage.root) ?? []);
    const whole = spanOf(outage);
    if (!off.some(({ fromMs, toMs }) => fromMs < Math.min(whole.toMs, nowMs) && toMs > whole.fromMs))
      return [outage];
    return paint(
      outage,
      withoutSpans(whole, off).filter(({ fromMs, toMs }) => Math.min(toMs, nowMs) - fromMs > supplySlackMs),
    );
  });
  return { ...table, outages, states: repaint(table.states, strokes) };
}

function isLackOfPower({ site, root, service, cause }: Outage): boolean {
  return service === null && root === site && (cause === "power" || cause === "unknown");
}

/** The hours of supply that the outage took away, which are ascending; those that it only touches are not meant. */
function withinSupply(whole: Span, supply: readonly Span[], nowMs: number): Span[] {
  return supply.filter(
    ({ fromMs, toMs }) =>
      Math.min(whole.toMs, nowMs) > fromMs + supplySlackMs && whole.fromMs < toMs - supplySlackMs,
  );
}

/**
 * An outage in the light of the hours in which something was expected. It stays one row, from the first of them to the last:
 * a generator that is broken for three nights is one fault. The days before, between and after them are `off`, so that
 * nobody accounts them as an outage. What lasts is not ended by the end of the supply: that would be told as a recovery.
 */
function layOver(whole: Span, expected: readonly Span[], nowMs: number): { row: Span | null; off: Span[] } {
  const off = withoutSpans(whole, expected).filter(({ fromMs }) => fromMs < nowMs);
  const [first, last] = [expected[0], expected.at(-1)];
  if (first === undefined || last === undefined) return { row: null, off };
  const fromMs = Math.max(whole.fromMs, first.fromMs);
  const toMs = whole.toMs === Infinity ? Infinity : Math.min(whole.toMs, last.toMs);
  return { row: { fromMs, toMs }, off };
}

function spanOf({ startMs, endMs }: Outage): Span {
  return { fromMs: startMs, toMs: endMs ?? Infinity };
}

function clip(outage: Outage, { fromMs, toMs }: Span): Outage {
  const endMs = toMs === Infinity ? null : toMs;
  const item = { fact: "supply.hours", target: null, detail: { timeMs: outage.startMs } };
  return { ...outage, startMs: fromMs, endMs, evidence: [...outage.evidence, item] };
}
