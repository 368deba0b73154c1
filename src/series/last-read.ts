/** A value that is not added up but replaced by the next, and when it was read, in whole seconds of epoch time. */
export interface LastRead {
  value: number | null;
  atS: number | null;
}

export const unread: LastRead = { value: null, atS: null };

/** The one that was read last, in whatever order they came; of several in one second the greatest. */
export const latestOf = (all: readonly LastRead[]): LastRead =>
  all.reduce((best, each) => (isLater(each, best) ? each : best), unread);

function isLater(each: LastRead, than: LastRead): boolean {
  if (each.atS === null || each.value === null) return false;
  return than.atS === null || each.atS > than.atS || (each.atS === than.atS && each.value > than.value!);
}
