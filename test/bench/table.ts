import { cpus, totalmem } from "node:os";

/** One line of the table. */
export interface Row {
  measure: string;
  value: string;
  /** What the design asks for; empty where it asks for nothing. */
  mark: string;
  /** null without a mark. */
  met: boolean | null;
}

/** A value with a bound that it should not exceed, or, with `atLeast`, not fall below. */
export function rowOf(
  measure: string,
  value: number,
  unit: string,
  mark?: { atMost: number } | { atLeast: number },
): Row {
  const shown = `${format(value)} ${unit}`;
  if (mark === undefined) return { measure, value: shown, mark: "", met: null };
  if ("atMost" in mark)
    return { measure, value: shown, mark: `≤ ${format(mark.atMost)}`, met: value <= mark.atMost };
  return { measure, value: shown, mark: `≥ ${format(mark.atLeast)}`, met: value >= mark.atLeast };
}

export function format(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}

export function showTable(rows: readonly Row[]): string {
  const cells = [
    ["measure", "value", "mark", ""],
    ...rows.map(({ measure, value, mark, met }) => [
      measure,
      value,
      mark,
      met === null ? "" : met ? "met" : "MISSED",
    ]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** What the figures were measured on: without it they say nothing. */
export function machineLine(): string {
  const all = cpus();
  const memoryGb = (totalmem() / 2 ** 30).toFixed(0);
  return `${all[0]?.model.trim() ?? "unknown processor"}, ${all.length} cores, ${memoryGb} GiB, node ${process.version}`;
}

/** The value below which a share of them lies; nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}
