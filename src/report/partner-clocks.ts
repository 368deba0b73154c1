import { besideMs } from "./sla/outage-rounds.ts";

/*
 * How sure the times of a provider's rounds are. The regency's pack has every start of every machine that looks at the site, in
 * all its life; of a machine in another's village that tells when the village had no electricity. A provider is given the starts
 * that reach into one of its outages, no further than the rounds that it is given, and of machines elsewhere a number.
 */

export interface PackLine {
  type: string;
  [name: string]: unknown;
}

export interface PartnerClock {
  agent: string;
  site: string;
  bootMs: number;
  lastMs: number;
  uncertaintyMs: number;
  [name: string]: unknown;
}

interface Outage {
  index: number;
  fromMs: number;
  toMs: number | null;
}

/** `lines`: of the regency's pack; `rounds`: those of it that the provider is given. */
export function partnerClocks(lines: readonly PackLine[], rounds: readonly PackLine[]): PartnerClock[] {
  const pack = lines[0] as PackLine & { site: string; nowMs: number; sinceMs: number };
  const clocks = Map.groupBy(linesOf<PartnerClock>(lines, "clock"), (clock) => clock.site);
  const measuredAt = Map.groupBy(rounds, (line) => line["outage"] as number);
  const found = linesOf<Outage>(lines, "outage").flatMap(({ index, fromMs, toMs }) => {
    const outage = { fromMs, toMs: toMs ?? pack.nowMs };
    const sites = new Set((measuredAt.get(index) ?? []).map((line) => line["measuredAt"] as string));
    return [...sites].flatMap((at) => clocksAround(clocks.get(at) ?? [], outage, pack.sinceMs));
  });
  const numbers = new Map<string, string>();
  const nameOf = ({ agent, site }: PartnerClock): string => {
    if (site === pack.site) return agent;
    const name = numbers.get(agent) ?? `elsewhere-${numbers.size + 1}`;
    numbers.set(agent, name);
    return name;
  };
  const told = found.map((clock): PartnerClock => {
    const { site, bootMs, lastMs, uncertaintyMs } = clock;
    return { agent: nameOf(clock), site, bootMs, lastMs, uncertaintyMs };
  });
  return [...new Map(told.map((clock) => [JSON.stringify(clock), clock])).values()];
}

/** The starts of one site's machines that reach into the rounds of an outage, cut to these. */
function clocksAround(
  own: readonly PartnerClock[],
  outage: { fromMs: number; toMs: number },
  sinceMs: number,
): PartnerClock[] {
  const fromMs = Math.max(outage.fromMs - besideMs, sinceMs);
  const toMs = outage.toMs + besideMs;
  const reach = (span: { fromMs: number; toMs: number }) =>
    own.filter(({ bootMs, lastMs }) => bootMs <= span.toMs && lastMs >= span.fromMs);
  const near = reach({ fromMs, toMs }).map((clock) => ({
    ...clock,
    bootMs: Math.max(clock.bootMs, fromMs),
    lastMs: Math.min(clock.lastMs, toMs),
  }));
  if (own.length === 0 || reach(outage).length > 0) return near;
  // Where no machine was on, the script goes by the worst of all its starts.
  const [first] = own;
  const uncertaintyMs = own.reduce((most, each) => Math.max(most, each.uncertaintyMs), 0);
  return [...near, { ...first!, bootMs: fromMs, lastMs: fromMs, uncertaintyMs }];
}

function linesOf<T>(lines: readonly PackLine[], type: string): T[] {
  return lines.filter((line) => line.type === type) as unknown as T[];
}
