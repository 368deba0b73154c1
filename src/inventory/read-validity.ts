import { idAllowed, idPattern } from "./fields.ts";
import { isDay } from "./holidays.ts";
import type { Contract } from "./contract.ts";
import { usesOf, validSpan } from "./validity.ts";
import type { ContractUse, Validity } from "./validity.ts";
import type { Entry } from "./yaml-entry.ts";

const dayAllowed = "a day such as 2026-10-31, or null";

/** The first and the last day of `given`, which stands at `path` of the entry. A key without a day is left out. */
export function validityOf(
  entry: Entry,
  given: Readonly<Record<string, unknown>> = entry.data,
  path = "",
): Validity {
  const dayOf = (key: "from" | "to") => {
    const value = given[key] ?? null;
    if (value === null) return {};
    if (typeof value === "string" && isDay(value)) return { [key]: value };
    entry.refuse(`${path}${key}`, dayAllowed);
    return {};
  };
  const days: Validity = { ...dayOf("from"), ...dayOf("to") };
  if (days.from && days.to && days.to < days.from) entry.refuse(`${path}to`, "a day that is not before from");
  return days;
}

/** What a contract of a link may be: one that its provider gave, since by it money goes from one to the other. */
interface Allowed {
  contracts: ReadonlyMap<string, Contract>;
  provider: string;
}
const idOfContract = "the id of a contract in contracts.yaml";
const form = "the id of a contract, a list of them, each as an id or { id, from, to }, or null";

/** The contracts of a link of the provider: an id, or several one after another, each perhaps with days of its own. */
export function contractsOf(
  entry: Entry,
  allowed: Allowed,
  valid: Validity,
): string | null | readonly ContractUse[] {
  const given = entry.data.contract ?? null;
  if (given === null) return null;
  if (typeof given === "string") {
    checkId(entry, "contract", given, allowed);
    return given;
  }
  if (!Array.isArray(given) || given.length === 0) {
    entry.refuse("contract", form);
    return null;
  }
  const uses = given.map((item: unknown, index) => useOf(entry, `contract[${index}]`, item, allowed));
  checkOrder(entry, { contract: uses, ...valid }, allowed.contracts);
  return uses;
}

function useOf(entry: Entry, path: string, item: unknown, allowed: Allowed): ContractUse {
  if (typeof item === "string") {
    checkId(entry, path, item, allowed);
    return { id: item };
  }
  if (typeof item !== "object" || item === null || Array.isArray(item)) {
    entry.refuse(path, form);
    return { id: "" };
  }
  const use = item as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(use))
    if (!["id", "from", "to"].includes(key)) entry.refuse(`${path}.${key}`, "one of the keys id, from, to");
  const id = typeof use.id === "string" ? use.id : "";
  checkId(entry, `${path}.id`, id, allowed);
  return { id, ...validityOf(entry, use, `${path}.`) };
}

function checkId(entry: Entry, path: string, id: string, { contracts, provider }: Allowed): void {
  const of = contracts.get(id)?.provider;
  if (!idPattern.test(id)) entry.refuse(path, idAllowed);
  else if (of === undefined) entry.refuse(path, idOfContract);
  // What is empty was refused where it stands.
  else if (of !== provider && of !== "" && provider !== "")
    entry.refuse(path, `a contract of ${provider}, the link's provider; this one is of ${of}`);
}

/** Whole days are compared, so that any zone does. */
function checkOrder(
  entry: Entry,
  link: Validity & { contract: readonly ContractUse[] },
  contracts: Allowed["contracts"],
): void {
  let lastMs = -Infinity;
  for (const [index, use] of usesOf(link).entries()) {
    const contract = contracts.get(use.id);
    if (contract === undefined) continue;
    const spans = [link, use, contract].map((each) => validSpan(each, "UTC"));
    const fromMs = Math.max(...spans.map((span) => span.fromMs));
    const toMs = Math.min(...spans.map((span) => span.toMs));
    if (fromMs >= toMs)
      entry.refuse(`contract[${index}]`, "a contract with a day in force while the link is, and is under it");
    else if (fromMs < lastMs)
      entry.refuse(
        `contract[${index}]`,
        "a contract that begins after the one before it has ended; give them from and to",
      );
    lastMs = Math.max(lastMs, toMs);
  }
}
