import type { IcmpTarget } from "#wire/targets-v1.ts";
import type { TelegrafTexts } from "./telegraf-texts.ts";
import type { TomlTable, TomlValue } from "./telegraf-toml.ts";

export const pingMethods = ["native", "exec"] as const;
/**
 * How Telegraf pings. `native`: by itself, with percentiles, from which the collector knows every reply of a round of up
 * to 12; needs CAP_NET_RAW · `exec`: by the system's ping, with least, mean and greatest alone.
 */
export type PingMethod = (typeof pingMethods)[number];

/** What 19 times 0.3 is above 5.7. */
const rounding = 1e-9;
/** Telegraf and ping take no shorter time between requests, s. */
const leastGapS = 0.2;
/** A round ends within this share of its interval, so that rounding to the interval finds the moment at which it began. */
const roundShare = 0.45;

/** One table a target: the tag tells the collector which one it is, and two targets may share an address. */
export function pingInput(target: IcmpTarget, method: PingMethod, texts: TelegrafTexts): TomlTable {
  const { id, address, intervalS, count, timeoutMs } = target;
  const gapS = gapOf(target);
  // The whole round's: what is not answered by then is lost. Older versions take whole seconds alone.
  const deadlineS = Math.ceil((count - 1) * gapS + timeoutMs / 1000 - rounding);
  const common = {
    urls: [address],
    interval: `${intervalS}s`,
    precision: precisionOf(intervalS, deadlineS),
    count,
    method,
  };
  const values: Record<string, TomlValue> =
    method === "native"
      ? {
          ...common,
          ping_interval: { float: gapS },
          deadline: deadlineS,
          size: target.sizeBytes,
          percentiles: percentilesFor(count),
          ...(target.family === null ? {} : { [`ipv${target.family}`]: true }),
        }
      : { ...common, arguments: pingArguments(target, gapS) };
  return {
    head: "[[inputs.ping]]",
    ...(target.dscp > 0 && method === "native" ? { notes: [texts.noDscp(target.dscp)] } : {}),
    values,
    tables: [{ head: "[inputs.ping.tags]", values: { target: id } }],
  };
}

/** Telegraf stamps a round at its end. Rounded to the interval that is its start, where it is short enough. */
export function precisionOf(intervalS: number, lengthS: number): string {
  return lengthS < intervalS * roundShare && Number.isInteger(intervalS) ? `${intervalS}s` : "1s";
}

function gapOf({ intervalS, count, timeoutMs }: IcmpTarget): number {
  if (count === 1) return 1;
  const longestS = Math.ceil(intervalS * roundShare) - 1;
  const fittingS = (longestS - timeoutMs / 1000) / (count - 1);
  return Math.floor(Math.min(1, Math.max(leastGapS, fittingS)) * 10) / 10;
}

/** For the system's ping; without -w, which would make it send until so many are answered. */
function pingArguments({ count, sizeBytes, timeoutMs, dscp, family }: IcmpTarget, gapS: number): string[] {
  const named = { c: count, s: sizeBytes, i: gapS, W: Math.max(1, Math.ceil(timeoutMs / 1000)) };
  return [
    ...(family === null ? [] : [`-${family}`]),
    "-n",
    ...Object.entries(named).flatMap(([flag, value]) => [`-${flag}`, String(value)]),
    // The code point lies in the upper six bits of the byte.
    ...(dscp === 0 ? [] : ["-Q", String(dscp * 4)]),
  ];
}

const mostPercentiles = 10;

/**
 * Whole percentiles just below or on each reply between the first and the last of a full round, each of which then
 * follows from its predecessor; of a longer round every tenth. Of a round of 4 or 5 they are its quartiles.
 */
export function percentilesFor(count: number): number[] {
  const between = Math.max(0, count - 2);
  if (between === 0) return [];
  if (count <= 5) return [25, 50, 75];
  if (between > mostPercentiles) return [10, 20, 30, 40, 50, 60, 70, 80, 90];
  return Array.from({ length: between }, (_, index) => Math.floor((100 * (index + 1)) / (count - 1)));
}
