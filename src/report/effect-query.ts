import { hash } from "node:crypto";
import { createLocalTime, cutByCalendar, defaultTimeZone, monthAt } from "../inventory/local-time.ts";
import { peopleAt } from "../inventory/population.ts";
import { commonSpans, joinSpans } from "../inventory/spans.ts";
import type { Span } from "../inventory/spans.ts";
import type { StateSegment } from "../outage/table.ts";
import { chooseEvidence } from "../relation/choose-evidence.ts";
import type { ComplaintEffect, ComplaintEvidence } from "../relation/complaint-effect.ts";
import { countedMs, dailySeries, timedStrata } from "../relation/contact-strata.ts";
import type { ContactPlace, LeftOut } from "../relation/contact-strata.ts";
import type { StateStore } from "../state/state-store.ts";
import type { Aside } from "./aside.ts";
import { vantagesOf } from "./availability-query.ts";
import type { Place } from "./site-view.ts";

export interface EffectQuery {
  service: string;
  /** A local midnight, epoch ms. */
  fromMs: number;
  days: number;
  /** Of the draws behind daily counts. */
  seed: number;
}

export interface EffectAnswer {
  effect: ComplaintEffect;
  /** Complaints and contacts that are in no stratum, and why. */
  leftOut: LeftOut;
  /** Kecamatan whose villages weigh alike, since the people of one of them are not known. */
  alike: string[];
}

export interface EffectDeps {
  state: Pick<StateStore, "states" | "complaintCounts" | "contacts" | "contactSpans">;
  place: () => Place;
  aside: Pick<Aside, "complaintEffect">;
  version: string;
}

const dayMs = 86_400_000;
/** How long after an outage what was put off may still come in, ms (methods.md §D5). */
const catchUpMs = 3 * dayMs;
/** Answers kept at once. */
const mostKept = 32;

/** What is put before the statistics, and what is told beside them. */
interface Gathered extends Omit<EffectAnswer, "effect"> {
  evidence: ComplaintEvidence;
  /** Time of the window in which what the evidence counts was counted, ms; 0: never. */
  countedMs: number;
}

/**
 * Whether fewer complaints come in while the service cannot be reached. The evidence is gathered each time, and the answer
 * given again while it is the same, byte for byte: dashboards ask once a minute what may take seconds to reckon.
 */
export function createEffects({ state, place, aside, version }: EffectDeps) {
  const kept = new Map<string, Promise<ComplaintEffect>>();
  return async (query: EffectQuery): Promise<EffectAnswer> => {
    const { fromMs, days, seed } = query;
    const { evidence, countedMs: counted, ...told } = await gather(state, place(), query);
    const digest = hash("sha256", JSON.stringify(evidence), "hex").slice(0, 16);
    const name = [query.service, fromMs, days, seed, counted, digest].join(" ");
    let effect = kept.get(name);
    if (effect === undefined) {
      effect = aside.complaintEffect({
        evidence,
        fromMs,
        toMs: fromMs + days * dayMs,
        ...(counted > 0 ? { countedMs: counted } : {}),
        seed,
        inputs: [`evidence ${digest}`],
        version,
      });
      kept.set(name, effect);
      effect.catch(() => kept.delete(name));
      for (const oldest of kept.keys()) {
        if (kept.size <= mostKept) break;
        kept.delete(oldest);
      }
    }
    return { effect: await effect, ...told };
  };
}

async function gather(state: EffectDeps["state"], place: Place, query: EffectQuery): Promise<Gathered> {
  const { service, fromMs, days } = query;
  const zone = place.inventory.timeZone ?? defaultTimeZone;
  const toMs = fromMs + days * dayMs;
  const window = { fromMs, toMs };
  const sites = vantagesOf(place, service);
  const dayAt = (ms: number) => new Date(createLocalTime(zone).toLocalMs(ms)).toISOString().slice(0, 10);
  const [segments, contacts, spans, counts] = await Promise.all([
    state.states({ fromMs: fromMs - catchUpMs, toMs, sites, service }),
    state.contacts(window),
    state.contactSpans(window),
    state.complaintCounts({ fromDay: dayAt(fromMs), toDay: dayAt(toMs) }),
  ]);
  const bySite = Map.groupBy(segments, ({ site }) => site);
  const places = sites.map((site) => contactPlace(place, site, bySite.get(site) ?? [], toMs));
  const months = cutByCalendar(window, "month", zone).map((span) => ({
    name: monthAt(span.fromMs, zone),
    span,
  }));
  const counted = new Map<string, Span[]>(
    [...Map.groupBy(spans, ({ channel }) => channel)].map(([channel, of]) => [
      channel,
      commonSpans(joinSpans(of), [window]),
    ]),
  );
  const times = timedStrata({ places, contacts, counted, months, catchUpMs });
  const calendar = cutByCalendar(window, "day", zone).map((span) => ({ day: dayAt(span.fromMs), span }));
  const [firstDay, lastDay] = [counts[0]?.day, counts.at(-1)?.day];
  const speaksOf = firstDay === undefined ? null : { firstDay, lastDay: lastDay! };
  const daily = dailySeries({ places, counts, days: calendar, counted: speaksOf });
  const evidence = chooseEvidence(times.strata, daily.series);
  if (evidence.resolution === "times") {
    const anyChannel = joinSpans([...counted.values()].flat());
    return { evidence, leftOut: times.leftOut, alike: [], countedMs: countedMs(anyChannel, window) };
  }
  const ofDays = calendar.filter(
    ({ day }) => speaksOf !== null && day >= speaksOf.firstDay && day <= speaksOf.lastDay,
  );
  return { evidence, leftOut: daily.leftOut, alike: daily.alike, countedMs: ofDays.length * dayMs };
}

function contactPlace(
  place: Place,
  site: string,
  segments: readonly StateSegment[],
  toMs: number,
): ContactPlace {
  const spansOf = (...states: StateSegment["state"][]) =>
    joinSpans(
      segments
        .filter(({ state }) => states.includes(state))
        .map(({ startMs, endMs }) => ({ fromMs: startMs, toMs: Math.min(endMs ?? toMs, toMs) })),
    );
  const kind = place.inventory.sites.get(site)?.kind;
  return {
    site,
    kecamatan: place.areas.kecamatanOf(site),
    isVillage: kind === "desa" || kind === "kelurahan",
    people: peopleAt(place.inventory, site),
    out: spansOf("down", "unreachable"),
    measured: spansOf("up", "degraded", "down", "unreachable"),
  };
}
