import type {
  ComplaintCase,
  ComplaintCount,
  ComplaintImport,
  HiddenCase,
} from "../../state/complaint-store.ts";
import type { CheckedLine } from "./check-line.ts";

export interface ToImport {
  hash: (trackingId: string) => Promise<string>;
  /** Hashes of cases that were deleted. */
  deleted: ReadonlySet<string>;
  /** Cases received before this day are past their retention: numbers. */
  caseDay: string;
}

/**
 * What lines become in the store: cases, cases that are only counted (anonymous, confidential or old), and numbers of cells for
 * lines without an id.
 */
export async function toImport(
  lines: readonly CheckedLine[],
  { hash, deleted, caseDay }: ToImport,
): Promise<Pick<ComplaintImport, "cases" | "hidden" | "counts"> & { passedOver: number }> {
  const cases: ComplaintCase[] = [];
  const hidden: HiddenCase[] = [];
  const counts = new Map<string, ComplaintCount>();
  let passedOver = 0;
  for (const { cell, trackingId, isHidden, count, status, days } of lines) {
    const known = trackingId === null ? null : await hash(trackingId);
    if (known !== null && deleted.has(known)) {
      passedOver += 1;
      continue;
    }
    if (known !== null && !isHidden && cell.day >= caseDay) {
      const { verified, followedUp, closed } = days;
      const dates = { verifiedDay: verified, followedUpDay: followedUp, closedDay: closed };
      cases.push({ ...cell, hash: known, status, ...dates });
      continue;
    }
    if (known !== null) {
      hidden.push({ ...cell, hash: known });
      continue;
    }
    const key = JSON.stringify(cell);
    counts.set(key, { ...cell, count: (counts.get(key)?.count ?? 0) + count });
  }
  return { cases, hidden, counts: [...counts.values()], passedOver };
}
