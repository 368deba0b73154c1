/** A row of rounds, or what it has of one series, that cannot be read: the disk gave back something else than was written. */
export interface DamagedRow {
  shelf: number;
  firstMs: number;
  /** null: the row as a whole. */
  series: number | null;
}

export interface Damage {
  /** Answers what `decode` does; null where the row is damaged, which is told once. */
  read<T>(row: DamagedRow, decode: () => T): T | null;
  /** Rows, or parts of such, that were found since the start. */
  count(): number;
}

/** Keeps one damaged row from being the end of everything else: its rounds are missing, and somebody is told. */
export function createDamage(onDamage: (row: DamagedRow, error: unknown) => void): Damage {
  const known = new Set<string>();
  return {
    read(row, decode) {
      try {
        return decode();
      } catch (error) {
        const name = `${row.shelf} ${row.firstMs} ${row.series ?? ""}`;
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
