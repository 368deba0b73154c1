import { byId, labelOf, optional, textOf } from "./fields.ts";
import type { Contract } from "./inventory.ts";
import type { Entry, ListShape } from "./yaml-entry.ts";

/*
 * contracts.yaml, one contract an entry:
 *
 *   id           unique
 *   provider     as on the contract
 *   slaRatio     promised availability a month, 0 to 1, or null for no promise; it has to be said either way
 *   restitution  what the restitution clause says, in words (default: none)
 */
export const contractsShape: ListShape = {
  file: "contracts.yaml",
  keys: ["id", "provider", "slaRatio", "restitution"],
  numbers: ["slaRatio"],
};

export function readContracts(entries: readonly Entry[]): Map<string, Contract> {
  return byId(entries, (entry, id) => ({
    id,
    provider: labelOf(entry, "provider"),
    slaRatio: slaRatioOf(entry),
    restitution: optional(entry, "restitution", (at, key) =>
      textOf(at, key, /^[\s\S]{1,2000}$/, "1 to 2000 characters, or null"),
    ),
  }));
}

function slaRatioOf(entry: Entry): number | null {
  const value = entry.data.slaRatio;
  if (value === null) return null;
  if (typeof value === "number" && value >= 0 && value <= 1) return value;
  entry.refuse("slaRatio", "a number from 0 to 1 (0.98 for 98 %), or null for no promise");
  return null;
}
