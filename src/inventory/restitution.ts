import { downtimes, isWholeMillionths, ratioAllowed, restitutionRules, roundings } from "./contract.ts";
import type { Formula, Restitution, Tier } from "./contract.ts";
import type { Entry } from "./yaml-entry.ts";

/*
 * The restitution of a contract:
 *
 *   rule       none, pro-rata, below-sla, ratio or tiers (contract.ts)
 *   downtime   whole or excess; of below-sla alone (default: whole)
 *   tiers      list of { below, fee }, ratios; of tiers alone
 *   ceiling    most that is given back, as a ratio of the fee (default: 1)
 *   roundIdr   the amount is a multiple of so many rupiah, 1 to 1000000 (default: 1)
 *   rounding   nearest, down or up (default: nearest, halves up)
 */
const keys = ["rule", "downtime", "tiers", "ceiling", "roundIdr", "rounding"];
const none: Restitution = { rule: "none", ceiling: 1, roundIdr: 1, rounding: "nearest" };

export function readRestitution(entry: Entry, slaRatio: number | null): Restitution {
  const given = entry.data.restitution ?? null;
  if (given === null) return none;
  if (!isMapping(given)) {
    entry.refuse("restitution", `a mapping with ${keys.join(", ")}, or null`);
    return none;
  }
  for (const key of Object.keys(given))
    if (!keys.includes(key)) entry.refuse(`restitution.${key}`, `one of the keys ${keys.join(", ")}`);
  const at = { entry, given };
  const formula = formulaOf(at);
  if ((formula.rule === "below-sla" || formula.rule === "ratio") && slaRatio === null)
    entry.refuse("restitution.rule", "a rule that needs no promise (none, pro-rata, tiers), or a slaRatio");
  if (formula.rule === "ratio" && slaRatio === 0) entry.refuse("slaRatio", "more than 0 for the rule ratio");
  return {
    ...formula,
    ceiling: ratioOf(at, "ceiling", given.ceiling ?? 1),
    roundIdr: roundOf(at),
    rounding: oneOf(at, "rounding", roundings, "nearest"),
  };
}

interface At {
  entry: Entry;
  given: Readonly<Record<string, unknown>>;
}

function formulaOf(at: At): Formula {
  const rule = oneOf(at, "rule", restitutionRules, null);
  for (const [key, owner] of [
    ["downtime", "below-sla"],
    ["tiers", "tiers"],
  ] as const)
    if (at.given[key] !== undefined && rule !== owner)
      at.entry.refuse(`restitution.${key}`, `nothing: it goes with the rule ${owner}`);
  if (rule === "below-sla") return { rule, downtime: oneOf(at, "downtime", downtimes, "whole") };
  return rule === "tiers" ? { rule, tiers: tiersOf(at) } : { rule };
}

function oneOf<T extends string>(
  { entry, given }: At,
  key: string,
  allowed: readonly [T, ...T[]],
  usual: T | null,
): T {
  const value = given[key] ?? usual;
  if (allowed.includes(value as T)) return value as T;
  entry.refuse(`restitution.${key}`, `one of ${allowed.join(", ")}`);
  return allowed[0];
}

function ratioOf({ entry }: At, path: string, value: unknown): number {
  if (typeof value === "number" && value >= 0 && value <= 1 && isWholeMillionths(value)) return value;
  entry.refuse(`restitution.${path}`, `a number from 0 to 1, ${ratioAllowed}`);
  return 0;
}

function roundOf({ entry, given }: At): number {
  const value = given.roundIdr ?? 1;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 1_000_000) return value;
  entry.refuse("restitution.roundIdr", "a whole number of rupiah, 1 to 1000000");
  return 1;
}

/** From the highest to the lowest: less availability gives at least as much back. */
function tiersOf(at: At): Tier[] {
  const list = at.given.tiers;
  if (!Array.isArray(list) || list.length === 0 || !list.every(isMapping)) {
    at.entry.refuse("restitution.tiers", "a list of { below: 0.99, fee: 0.05 }");
    return [];
  }
  const tiers = list.map((item, index) => {
    for (const key of Object.keys(item))
      if (key !== "below" && key !== "fee")
        at.entry.refuse(`restitution.tiers[${index}].${key}`, "one of the keys below, fee");
    return {
      below: ratioOf(at, `tiers[${index}].below`, item.below),
      fee: ratioOf(at, `tiers[${index}].fee`, item.fee),
    };
  });
  const bad = tiers.findIndex(
    ({ below, fee }, index) => index > 0 && (below >= tiers[index - 1]!.below || fee < tiers[index - 1]!.fee),
  );
  if (bad >= 0)
    at.entry.refuse(`restitution.tiers[${bad}]`, "a lower below than the tier before it, and no lower fee");
  return tiers;
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
