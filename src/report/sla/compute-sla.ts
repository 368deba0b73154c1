import { setImmediate as othersTurn } from "node:timers/promises";
import type { Contract } from "../../inventory/contract.ts";
import type { Link } from "../../inventory/inventory.ts";
import type { Span } from "../../inventory/spans.ts";
import type { StateStore } from "../../state/state-store.ts";
import type { Place } from "../site-view.ts";
import { judge, ratiosOf } from "./judge.ts";
import { countLink } from "./link-counts.ts";
import type { SlaOutage } from "./link-counts.ts";
import { readLinkMonths } from "./read-link-months.ts";
import type { MonthQuery, ReadMonth } from "./read-link-months.ts";
import { noContract } from "./sla.ts";
import type { LinkSla } from "./sla.ts";

/** The links' months, with what each was counted from; between links others have their turn. */
export async function computeSla(
  state: StateStore,
  place: Place,
  query: MonthQuery,
): Promise<{ sla: LinkSla; read: ReadMonth }[]> {
  const months = await readLinkMonths(state, place, query);
  const counted: { sla: LinkSla; read: ReadMonth }[] = [];
  for (const read of months) {
    counted.push({ sla: linkSla(place, read), read });
    await othersTurn();
  }
  return counted;
}

function linkSla(place: Place, { link, part, input, rows, ...days }: ReadMonth): LinkSla {
  const { contract, ...stretch } = part;
  const { outages, ...counts } = countLink(input);
  const { month } = input;
  return {
    ...identityOf(place, link),
    contract: contract === null ? null : termsAlone(contract),
    part: stretch,
    counts,
    ratios: ratiosOf(counts),
    judgement: judge(counts, contract ?? noContract, stretch),
    outages: outages.map((outage) => ({ ...outage, ids: idsOf(outage, rows) })),
    exclusions: input.exclusions.filter((each) => [month, ...outages].some((span) => touches(each, span))),
    ...days,
  };
}

/** A renewal gives a contract a last day, and changes nothing of what was promised before. */
function termsAlone({ from: _from, to: _to, ...terms }: Contract): LinkSla["contract"] {
  return terms;
}

/** An exclusion outside of the month tells how long an outage was that reaches into it. */
function touches(exclusion: Span, { fromMs, toMs }: { fromMs: number; toMs: number | null }): boolean {
  return exclusion.fromMs < (toMs ?? Infinity) && exclusion.toMs > fromMs;
}

function identityOf({ inventory, areas }: Place, link: Link) {
  return {
    link: link.id,
    site: link.site,
    name: inventory.sites.get(link.site)?.name ?? link.site,
    kecamatan: areas.kecamatanOf(link.site),
    kabupaten: areas.kabupatenOf(link.site),
    provider: link.provider,
    technology: link.technology,
    circuitId: link.circuitId,
  };
}

function idsOf({ fromMs, toMs }: SlaOutage, rows: ReadMonth["rows"]): string[] {
  return rows
    .filter(({ startMs, endMs }) => startMs < (toMs ?? Infinity) && (endMs ?? Infinity) > fromMs)
    .map(({ id }) => id);
}
