/** A row, or what it has of one series, that cannot be read: the disk gave back something else than was written. */
export interface DamagedRow {
  shelf: number;
  /** Of rounds: when the first of them began; of a tier: the day's midnight. */
  firstMs: number;
  /** Of a row of figures: length of the tier's steps, and which part of the day it is. Not there: a row of rounds. */
  tier?: { stepMs: number; part: number };
  /** null: the row as a whole. */
  series: number | null;
}

export interface Damage {
  /** Answers what `decode` does; null where the row is damaged, which is told once. */
  read<T>(row: DamagedRow, decode: () => T): T | null;
  /** Rows, or parts of such, that were found since the start. */
  count(): number;
}

/** Keeps one damaged row from being the end of everything else: what it had is missing, and somebody is told. */
export function createDamage(onDamage: (row: DamagedRow, error: unknown) => void): Damage {
  const known = new Set<string>();
  return {
    read(row, decode) {
      try {
        return decode();
      } catch (error) {
        const name = `${row.shelf} ${row.firstMs} ${row.series ?? ""} ${row.tier?.stepMs ?? ""} ${row.tier?.part ?? ""}`;
        if (!known.has(name)) {
          known.add(name);
          onDamage(row, error);
        }
        return null;
      }
    },
    count: () => known.size,
  };
}
