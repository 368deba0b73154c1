import type { Span } from "../../src/inventory/spans.ts";
import { joinSpans, withoutSpans } from "../../src/inventory/spans.ts";
import type {
  AssociationInput,
  AssociationSite,
  DayWindow,
  ServiceSpan,
} from "../../src/relation/association.ts";

/* Districts written down by hand: days and minutes from the window's start. */

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const offsetMs = 8 * 3_600_000;

export const windowOf = (days: number): DayWindow => ({
  fromMs: Date.UTC(2026, 5, 1) - offsetMs,
  days,
  offsetMs,
});

/** [day, first minute of it, minutes]. */
export type Bad = readonly [day: number, minute: number, minutes: number];

export const spanOf = (window: DayWindow, [day, minute, minutes]: Bad): Span => {
  const fromMs = window.fromMs + day * dayMs + minute * minuteMs;
  return { fromMs, toMs: fromMs + minutes * minuteMs };
};

/** The whole window, good but for what is bad, without what was not observed. */
export function tiles(window: DayWindow, bad: readonly Bad[], unseen: readonly Bad[] = []) {
  const whole = { fromMs: window.fromMs, toMs: window.fromMs + window.days * dayMs };
  const gaps = joinSpans(unseen.map((gap) => spanOf(window, gap)));
  const bads = joinSpans(bad.map((piece) => spanOf(window, piece)));
  const without = (spans: readonly Span[]) => spans.flatMap((span) => withoutSpans(span, gaps));
  return [
    ...without(withoutSpans(whole, bads)).map((span) => ({ ...span, isBad: false })),
    ...without(bads).map((span) => ({ ...span, isBad: true })),
  ];
}

export interface SiteSketch {
  out?: readonly Bad[];
  failed?: readonly Bad[];
  /** Neither network nor service observed. */
  unseen?: readonly Bad[];
}

export function siteOf(
  window: DayWindow,
  code: string,
  { out = [], failed = [], unseen = [] }: SiteSketch,
): AssociationSite {
  return {
    code,
    area: code.slice(0, 8),
    network: tiles(window, out, unseen).map(({ isBad, ...span }) => ({ ...span, out: isBad })),
    service: checksOf(window, failed, unseen),
  };
}

export const checksOf = (
  window: DayWindow,
  failed: readonly Bad[],
  unseen: readonly Bad[] = [],
): ServiceSpan[] => tiles(window, failed, unseen).map(({ isBad, ...span }) => ({ ...span, failed: isBad }));

export function districtOf(
  days: number,
  sites: Record<string, SiteSketch>,
  more: Partial<Omit<AssociationInput, "control">> & { control?: readonly Bad[] | null } = {},
): AssociationInput {
  const window = windowOf(days);
  const { control = [], ...rest } = more;
  return {
    service: "lapor",
    exposure: "down",
    window,
    sites: Object.entries(sites).map(([code, sketch]) => siteOf(window, code, sketch)),
    control: control === null ? null : checksOf(window, control),
    ...rest,
  };
}

/** The same on each of so many days. */
export const eachDay = (days: number, step: number, minute: number, minutes: number): Bad[] =>
  Array.from({ length: Math.ceil(days / step) }, (_, place): Bad => [place * step, minute, minutes]);
