import type { AssociationSite, DayWindow, ServiceSpan } from "./association.ts";
import { bitsOf, combine } from "./minutes.ts";
import type { Bits } from "./minutes.ts";

/** What was seen of a site, minute by minute. */
export interface SiteMinutes {
  code: string;
  area: string;
  /** Network observed; `out` is part of it. */
  measured: Bits;
  out: Bits;
  /** Service observed; `failed` is part of it. */
  checked: Bits;
  failed: Bits;
  /** Both observed: the minutes that the estimates are made of, and those of them that count for each. */
  both: Bits;
  exposed: Bits;
  exposedFailed: Bits;
  unexposedFailed: Bits;
}

export function siteMinutes(site: AssociationSite, window: DayWindow): SiteMinutes {
  const { code, area, network, service } = site;
  return withBoth({
    code,
    area,
    measured: bitsOf(network, window),
    out: bitsOf(
      network.filter(({ out }) => out),
      window,
    ),
    ...checkedMinutes(service, window),
  });
}

export interface CheckedMinutes {
  checked: Bits;
  failed: Bits;
}

export function checkedMinutes(service: readonly ServiceSpan[], window: DayWindow): CheckedMinutes {
  return {
    checked: bitsOf(service, window),
    failed: bitsOf(
      service.filter(({ failed }) => failed),
      window,
    ),
  };
}

type Seen = Pick<SiteMinutes, "code" | "area" | "measured" | "out" | "checked" | "failed">;

function withBoth(seen: Seen): SiteMinutes {
  const { measured, out, checked, failed } = seen;
  const both = combine(measured, checked, (a, b) => a & b);
  return {
    ...seen,
    both,
    exposed: combine(out, checked, (a, b) => a & b),
    exposedFailed: combine(out, failed, (a, b) => a & b),
    unexposedFailed: combine(
      combine(failed, measured, (a, b) => a & b),
      out,
      (a, b) => a & ~b,
    ),
  };
}
