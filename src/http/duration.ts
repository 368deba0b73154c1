const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

export const durationAllowed =
  "a duration of at least 1 s such as 60s, 5m, 1h, 1d or 1m30s, or plain seconds";
const longestMs = 366 * 86_400_000;

/** `60s`, `5m`, `1h30m`, `1d` or plain seconds, as Grafana and people write them; null if it is none of these. */
export function parseDurationMs(text: string): number | null {
  const seconds = /^\d{1,9}(\.\d+)?$/.test(text) ? Number(text) * 1000 : null;
  const ms = seconds ?? sumOfParts(text);
  return ms === null || ms < 1000 || ms > longestMs ? null : Math.round(ms);
}

function sumOfParts(text: string): number | null {
  if (!/^(\d{1,9}(\.\d+)?(ms|s|m|h|d|w))+$/.test(text)) return null;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)) {
    sum += Number(count) * unitMs[unit!]!;
  }
  return sum;
}

/** Steps that people recognise on an axis, s. */
const ladderS = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/** The shortest step of the ladder, or whole number of days, that leaves at most `rows` steps. */
export function chooseStepMs(rangeMs: number, rows: number): number {
  const leastS = rangeMs / 1000 / rows;
  const stepS = ladderS.find((candidate) => candidate >= leastS) ?? Math.ceil(leastS / 86_400) * 86_400;
  return stepS * 1000;
}

/** A step as `meta.step` gives it and as the parameter takes it back. */
export function formatStep(stepMs: number): string {
  return `${stepMs / 1000}s`;
}
