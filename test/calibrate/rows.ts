import type { Row } from "../bench/table.ts";

/** A share of worlds, with its Monte Carlo error and, where there is one, the mark that it has to lie in. */
export function shareRow(
  measure: string,
  hits: number,
  worlds: number,
  mark?: [from: number, to: number],
): Row {
  const share = hits / worlds;
  const error = Math.sqrt((share * (1 - share)) / worlds);
  const value = worlds === 0 ? "none" : `${percent(share)} ± ${percent(error)} (${hits} of ${worlds})`;
  if (mark === undefined) return { measure, value, mark: "", met: null };
  const [from, to] = mark;
  return {
    measure,
    value,
    mark: `${percent(from)} to ${percent(to)}`,
    met: share >= from && share <= to,
  };
}

export function medianRow(measure: string, values: readonly number[]): Row {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  return { measure, value: middle === undefined ? "none" : middle.toPrecision(3), mark: "", met: null };
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
