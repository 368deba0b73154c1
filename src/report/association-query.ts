import { createLocalTime, defaultTimeZone, startOfDay } from "../inventory/local-time.ts";
import type { Inventory, Role } from "../inventory/inventory.ts";
import type { StateSegment } from "../outage/table.ts";
import { acrossServices } from "../relation/associate.ts";
import type { Association, AssociationInput, Exposure, NetworkSpan } from "../relation/association.ts";
import type { StateStore } from "../state/state-store.ts";
import type { Aside } from "./aside.ts";
import { vantagesOf } from "./availability-query.ts";
import { carriedRatio } from "./outcome-days.ts";
import type { OutcomeDays } from "./outcome-days.ts";
import type { Place } from "./site-view.ts";

export interface AssociationQuery {
  service: string;
  exposure: Exposure;
  /** A local midnight, epoch ms. */
  fromMs: number;
  days: number;
}

export interface AssociationAnswer {
  association: Association;
  /** Sites that check the service and nothing else beyond themselves: there the network is known by the service alone. */
  leftOut: string[];
}

export interface AssociationDeps {
  state: Pick<StateStore, "states" | "statesStamp">;
  place: () => Place;
  outcomes: OutcomeDays;
  aside: Pick<Aside, "associate">;
  nowMs: () => number;
  /** Of the program; comes back in the answer. */
  version: string;
}

const [hourMs, dayMs] = [3_600_000, 86_400_000];
/** Answers kept at once: windows of some services. */
const mostKept = 32;
/** How long nobody looks whether anything was learned, ms. */
const lookEveryMs = 10_000;

interface Kept {
  stamp: string;
  inventory: Inventory;
  madeMs: number;
  /** When it was seen last that nothing was learned since. */
  seenMs: number;
  answer: Promise<AssociationAnswer>;
  /** Once it is there. */
  done: AssociationAnswer | null;
}

/** The association of a service in a window, kept while nothing was learned of it. */
export function createAssociations({ state, place, outcomes, aside, nowMs, version }: AssociationDeps) {
  const kept = new Map<string, Kept>();

  async function make({ service, exposure, fromMs, days }: AssociationQuery, stamp: string) {
    const at = place();
    const toMs = fromMs + days * dayMs;
    const all = vantagesOf(at, service);
    const sites = all.filter((code) => knowsNetwork(at, code));
    const { control } = at.inventory.services.get(service)!;
    const [segments, checked] = await Promise.all([
      state.states({ fromMs, toMs, sites: [...new Set([...sites, control])], service: "" }),
      outcomes.read(service, fromMs, toMs),
    ]);
    const bySite = Map.groupBy(segments, ({ site }) => site);
    const input: AssociationInput = {
      service,
      exposure,
      window: { fromMs, days, offsetMs: offsetAt(at, fromMs) },
      sites: sites.map((code) => ({
        code,
        area: at.areas.kecamatanOf(code) ?? code,
        network: networkSpans(bySite.get(code) ?? [], exposure, toMs),
        service: checked.get(code) ?? [],
      })),
      control: checked.get(control) ?? null,
      controlCut: networkSpans(bySite.get(control) ?? [], "down", toMs).filter(({ out }) => out),
      networkStepS: intervalOf(at, sites, ["hub", "noc", "anchor"]),
      serviceStepS: intervalOf(at, sites, ["service"], service),
      inferredRatio: carriedRatio(sites.map((code) => checked.get(code) ?? [])),
      inputs: [`states ${stamp}`],
      version,
    };
    const association = await aside.associate(input);
    return { association, leftOut: all.filter((code) => !sites.includes(code)) };
  }

  async function find(query: AssociationQuery): Promise<Kept> {
    const { fromMs, days } = query;
    const name = nameOf(query);
    const held = kept.get(name);
    const { inventory } = place();
    if (held?.inventory === inventory && nowMs() - held.seenMs < lookEveryMs) return held;
    const toMs = fromMs + days * dayMs;
    const { stamp: known } = await state.statesStamp({ fromMs, toMs, services: [""] });
    const stamp = `${known} ${outcomes.stamp(toMs)}`;
    if (held?.stamp === stamp && held.inventory === inventory) {
      held.seenMs = nowMs();
      return held;
    }
    // Until it is there, the one before is better than none.
    const done = held?.inventory === inventory ? held.done : null;
    const fresh: Kept = {
      stamp,
      inventory,
      madeMs: nowMs(),
      seenMs: nowMs(),
      answer: make(query, known),
      done,
    };
    kept.set(name, fresh);
    for (const oldest of kept.keys()) {
      if (kept.size <= mostKept) break;
      kept.delete(oldest);
    }
    fresh.answer.then(
      (answer) => (fresh.done = answer),
      () => kept.get(name) === fresh && kept.delete(name),
    );
    return fresh;
  }

  /**
   * The first service of the inventory and `down` is the question that was asked beforehand; whatever else is asked of
   * several services is asked of all of them, and p is put right for that (Holm; methods.md §D6).
   */
  async function acrossAll(query: AssociationQuery): Promise<AssociationAnswer> {
    const [primary, ...others] = place().inventory.services.keys();
    const isPrimary = query.exposure === "down" && query.service === primary;
    const together = query.exposure === "down" ? others : [primary!, ...others];
    if (isPrimary || together.length < 2) return (await find(query)).answer;
    const answers = await Promise.all(
      together.map(async (service) => (await find({ ...query, service })).answer),
    );
    const at = together.indexOf(query.service);
    const adjusted = acrossServices(answers.map(({ association }) => association));
    return { ...answers[at]!, association: adjusted[at]! };
  }

  return {
    find: acrossAll,
    /** What is there already of the primary question; null while it is being made, which asking begins. */
    async recent(query: AssociationQuery) {
      const held = kept.get(nameOf(query));
      // Late rounds come all day long; what a page tells of 90 days is not made anew for each of them.
      const isFresh = held?.inventory === place().inventory && nowMs() - held.madeMs < hourMs;
      return isFresh ? held.done : (await find(query)).done;
    },
  };
}

const nameOf = ({ service, exposure, fromMs, days }: AssociationQuery) =>
  `${service} ${exposure} ${fromMs} ${days}`;

/** Whether anything but the services themselves tells how the site's network stands. */
function knowsNetwork({ tree }: Place, code: string): boolean {
  const telling: readonly Role[] = ["hub", "noc", "anchor"];
  return tree.targetsAt(code).some(({ role }) => telling.includes(role)) || tree.witnessesOf(code).length > 0;
}

/** `degraded` is asked against up: what is cut off is neither. Announced or not, a cut is one. */
function networkSpans(segments: readonly StateSegment[], exposure: Exposure, toMs: number): NetworkSpan[] {
  return segments.flatMap(({ startMs, endMs, state }): NetworkSpan[] => {
    const isCut = state === "down" || state === "unreachable";
    const isUp = state === "up" || state === "degraded";
    if (exposure === "down" ? !isCut && !isUp : !isUp) return [];
    const out = exposure === "down" ? isCut : state === "degraded";
    return [{ fromMs: startMs, toMs: Math.min(endMs ?? toMs, toMs), out }];
  });
}

/** The median, s; that of most targets where there is none. */
function intervalOf(
  { tree }: Place,
  sites: readonly string[],
  roles: readonly Role[],
  service?: string,
): number {
  const all = sites
    .flatMap((code) => tree.targetsAt(code))
    .filter((target) => roles.includes(target.role) && (service === undefined || target.service === service))
    .map(({ probe }) => probe.intervalS)
    .sort((a, b) => a - b);
  return all[Math.floor(all.length / 2)] ?? 60;
}

function offsetAt({ inventory }: Place, timeMs: number): number {
  return createLocalTime(inventory.timeZone ?? defaultTimeZone).toLocalMs(timeMs) - timeMs;
}

/** What is told of the association unless asked otherwise: long enough for its minimum data, and for intervals that hold. */
export const recentAssociationDays = 90;

/** The last `days` whole local days. */
export function recentDays(nowMs: number, days: number, timeZone: string): { fromMs: number; days: number } {
  return { fromMs: startOfDay(nowMs, timeZone) - days * dayMs, days };
}
