import { joinSpans, withoutSpans } from "../inventory/spans.ts";
import type { Span } from "../inventory/spans.ts";
import type { Blip } from "../outage/blips.ts";
import type { Cause, Outage, StateSegment } from "../outage/table.ts";

/*
 * Whose row the time without a service stands in, where rows are providers'. A provider's row has every place whose way to the
 * district's centre leads over its links. Time lost through a link elsewhere stands in the row of that link's provider, and
 * in the others' rows it is not measured: nobody could measure them meanwhile. All else that was lost (power, what is not
 * explained, the service itself) stands with the place's own providers, under its cause.
 */

/** Causes that lie with a link or beyond it: of the others the root may be elsewhere, and no provider's. */
const ofLinks: readonly Cause[] = [
  "link",
  "rain",
  "relay",
  "backhaul",
  "provider",
  "congestion",
  "maintenance",
];

/** Who could be charged with what one place lost, and with what of it. */
export interface Booking {
  /** Providers of the links of any place; one name that stands for nobody where it has none. */
  providersAt(site: string): readonly string[];
  /** Whether the root is a place at all: it may be a service. */
  isSite(root: string): boolean;
}

export interface Losses {
  site: string;
  serviceStates: readonly StateSegment[];
  blips: readonly Blip[];
  /** Outages of the site itself, ascending. */
  outages: readonly Pick<Outage, "startMs" | "endMs" | "cause" | "root">[];
}

/** Providers elsewhere that something of what the place lost is booked on. */
export function providersElsewhere({ site, blips, outages }: Losses, booking: Booking): string[] {
  const roots = [...outages, ...blips].filter((one) => isElsewhere(one, site, booking));
  return [...new Set(roots.flatMap(({ root }) => booking.providersAt(root)))];
}

/** The place as `provider`'s row has it: what is booked on others is unknown there. */
export function bookedOn(
  provider: string,
  { site, serviceStates, blips, outages }: Losses,
  booking: Booking,
): Pick<Losses, "serviceStates" | "blips"> {
  const isOwn = booking.providersAt(site).includes(provider);
  const away = outages.filter((one) => isElsewhere(one, site, booking));
  const spansOf = (list: typeof away) =>
    joinSpans(list.map(({ startMs, endMs }) => ({ fromMs: startMs, toMs: endMs ?? Infinity })));
  const spans = {
    elsewhere: spansOf(away),
    here: spansOf(away.filter(({ root }) => booking.providersAt(root).includes(provider))),
  };
  const isMine = (blip: Blip) =>
    isElsewhere(blip, site, booking) ? booking.providersAt(blip.root).includes(provider) : isOwn;
  const others = blips.filter((blip) => !isMine(blip));
  const notMine = joinSpans(others.map(({ startMs, endMs }) => ({ fromMs: startMs, toMs: endMs })));
  return {
    serviceStates: serviceStates.flatMap((segment) => {
      const { state, cause } = segment;
      if (state === "up" || state === "degraded") return hide(segment, notMine);
      if (state === "unknown" || state === "off") return [segment];
      const mine = cause !== null && ofLinks.includes(cause) ? spans : { elsewhere: [], here: [] };
      return hide(segment, othersOf(segment, mine, isOwn));
    }),
    blips: blips.filter(isMine),
  };
}

function isElsewhere(
  { cause, root }: Pick<Outage, "cause" | "root">,
  site: string,
  { isSite }: Booking,
): boolean {
  return root !== site && isSite(root) && ofLinks.includes(cause);
}

/** What of a lost segment is booked on others: elsewhere by the root, and all that is left by whether the place is its own. */
function othersOf(
  { startMs, endMs }: StateSegment,
  { elsewhere, here }: { elsewhere: readonly Span[]; here: readonly Span[] },
  isOwn: boolean,
): Span[] {
  const whole = { fromMs: startMs, toMs: endMs ?? Infinity };
  const atHome = withoutSpans(whole, elsewhere);
  const away = withoutSpans(whole, atHome).flatMap((span) => withoutSpans(span, here));
  return joinSpans(isOwn ? away : [...atHome, ...away]);
}

/** The segment with these spans, ascending, as not measured. */
function hide(segment: StateSegment, spans: readonly Span[]): StateSegment[] {
  const whole = { fromMs: segment.startMs, toMs: segment.endMs ?? Infinity };
  const left = withoutSpans(whole, spans);
  if (left.length === 1 && left[0]!.fromMs === whole.fromMs && left[0]!.toMs === whole.toMs) return [segment];
  const endOf = (toMs: number) => (toMs === Infinity ? null : toMs);
  const seen = left.map(({ fromMs, toMs }) => ({ ...segment, startMs: fromMs, endMs: endOf(toMs) }));
  const hidden = withoutSpans(whole, left).map(({ fromMs, toMs }): StateSegment => ({
    ...segment,
    startMs: fromMs,
    endMs: endOf(toMs),
    state: "unknown",
    cause: null,
  }));
  return [...seen, ...hidden].toSorted((a, b) => a.startMs - b.startMs);
}
