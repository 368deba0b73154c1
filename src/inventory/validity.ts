import type { Contract } from "./contract.ts";
import type { Inventory, Link } from "./inventory.ts";
import { createLocalTime, defaultTimeZone } from "./local-time.ts";
import type { Span } from "./spans.ts";

/*
 * Since when and until when a link, a contract, or a link's use of a contract is in force: whole days of the regency's
 * clock, the first and the last one included. What has no day is open at that end.
 */

export interface Validity {
  /** YYYY-MM-DD. */
  from?: string | null;
  to?: string | null;
}

/** What a link has of a contract; without days of its own as long as the contract is in force. */
export interface ContractUse extends Validity {
  id: string;
}

const dayMs = 86_400_000;

/** Open ends are infinite. */
export function validSpan({ from = null, to = null }: Validity, timeZone: string): Span {
  if (from === null && to === null) return { fromMs: -Infinity, toMs: Infinity };
  const { toEpochMs } = createLocalTime(timeZone);
  return {
    fromMs: from === null ? -Infinity : toEpochMs(Date.parse(from)),
    toMs: to === null ? Infinity : toEpochMs(Date.parse(to) + dayMs),
  };
}

export function usesOf({ contract }: Pick<Link, "contract">): readonly ContractUse[] {
  if (contract === null) return [];
  return typeof contract === "string" ? [{ id: contract }] : contract;
}

export interface InForce extends Span {
  contract: Contract;
}

type Book = Pick<Inventory, "contracts" | "timeZone">;

/** The link's contracts one after another, each as long as it, the link's use of it and the link itself are in force. */
export function contractsInForce({ contracts, timeZone = defaultTimeZone }: Book, link: Link): InForce[] {
  return usesOf(link)
    .flatMap((use): InForce[] => {
      const contract = contracts.get(use.id);
      if (contract === undefined) return [];
      const spans = [link, use, contract].map((each) => validSpan(each, timeZone));
      const span = {
        fromMs: Math.max(...spans.map(({ fromMs }) => fromMs)),
        toMs: Math.min(...spans.map(({ toMs }) => toMs)),
      };
      return span.fromMs < span.toMs ? [{ contract, ...span }] : [];
    })
    .sort((a, b) => a.fromMs - b.fromMs);
}

/** null: none is in force then. */
export function contractAt(book: Book, link: Link, timeMs: number): Contract | null {
  const held = contractsInForce(book, link).find(({ fromMs, toMs }) => timeMs >= fromMs && timeMs < toMs);
  return held?.contract ?? null;
}

/** A stretch of a month in which a link is under one contract, or under none. */
export interface MonthPart extends Span {
  /** null: nothing is promised. */
  contract: Contract | null;
  /** Days of the part, and of the whole month: what of the monthly fee falls on it. */
  days: number;
  ofDays: number;
  /** 1 for the first part of so many. */
  index: number;
  of: number;
}

/** Ascending, and as long as the link is in force: without a part where it is not. */
export function monthParts(book: Book, link: Link, month: Span): MonthPart[] {
  const zone = book.timeZone ?? defaultTimeZone;
  const own = validSpan(link, zone);
  const whole = { fromMs: Math.max(month.fromMs, own.fromMs), toMs: Math.min(month.toMs, own.toMs) };
  const parts: (Span & { contract: Contract | null })[] = [];
  let atMs = whole.fromMs;
  for (const { contract, fromMs, toMs } of contractsInForce(book, link)) {
    const part = { contract, fromMs: Math.max(fromMs, atMs), toMs: Math.min(toMs, whole.toMs) };
    if (part.fromMs >= part.toMs) continue;
    if (part.fromMs > atMs) parts.push({ contract: null, fromMs: atMs, toMs: part.fromMs });
    parts.push(part);
    atMs = part.toMs;
  }
  if (atMs < whole.toMs) parts.push({ contract: null, fromMs: atMs, toMs: whole.toMs });
  // Where clocks are changed a day is an hour longer or shorter.
  const daysOf = ({ fromMs, toMs }: Span) => Math.round((toMs - fromMs) / dayMs);
  return parts.map((part, at) => ({
    ...part,
    days: daysOf(part),
    ofDays: daysOf(month),
    index: at + 1,
    of: parts.length,
  }));
}

/** Every link that the inventory tells of, in the order of the file: also those that have ended, or not begun. */
export function allLinksOf({
  links,
  allLinks = links,
}: Pick<Inventory, "links" | "allLinks">): ReadonlyMap<string, Link> {
  return allLinks;
}

/** The inventory as it is at a moment: links that are in force then, and when the next one begins or ends. */
export function inForceAt(inventory: Inventory, nowMs: number): Inventory {
  const { timeZone = defaultTimeZone } = inventory;
  const allLinks = allLinksOf(inventory);
  const spans = [...allLinks.values()].map((link) => ({ link, ...validSpan(link, timeZone) }));
  const coming = spans.flatMap(({ fromMs, toMs }) => [fromMs, toMs]).filter((ms) => ms > nowMs);
  const nextMs = coming.reduce((least, ms) => Math.min(least, ms), Infinity);
  const links = spans.filter(({ fromMs, toMs }) => nowMs >= fromMs && nowMs < toMs);
  return {
    ...inventory,
    links: new Map(links.map(({ link }) => [link.id, link])),
    allLinks,
    ...(nextMs === Infinity ? {} : { changesMs: nextMs }),
  };
}
