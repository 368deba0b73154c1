import type { LiveResult } from "../../src/replay/result.ts";
import { marks, pooledMacroF1 } from "./marks.ts";
import type { Mark, Scores } from "./marks.ts";

/** Of one profile: a row for each mark, ours beside the naive baseline and the reference's figures. */
export function showProfile(
  profile: string,
  seeds: string,
  ours: readonly Scores[],
  naive: readonly Scores[],
): string {
  const head = [
    "",
    "ours mean",
    "worst",
    "naive mean",
    "ref 1-8",
    "ref held-out",
    "ref hard",
    "must",
    "stretch",
    "",
  ];
  const rows = marks.map((mark) => rowOf(mark, profile, ours, naive));
  return `${profile}, seeds ${seeds}\n${layOut([head, ...rows])}`;
}

function rowOf(mark: Mark, profile: string, ours: readonly Scores[], naive: readonly Scores[]): string[] {
  const isHard = profile === "hard";
  const must = (isHard ? mark.mustHard : undefined) ?? mark.must;
  const stretch = (isHard ? mark.stretchHard : undefined) ?? mark.stretch;
  const mean = meanOf(mark, ours);
  const worst = worstOf(mark, ours, stretch);
  const text = (value: number | null) => (value === null ? "-" : value.toFixed(mark.digits));
  return [
    mark.label,
    text(mean),
    text(worst),
    text(meanOf(mark, naive)),
    ...mark.reference,
    rangeText(must),
    rangeText(stretch),
    mean === null ? "" : isIn(mean, stretch) ? "stretch" : isIn(mean, must) ? "must" : "MISSED",
  ];
}

/** The cause classes are few on one seed: their F1 is that of all seeds together. */
function meanOf(mark: Mark, scores: readonly Scores[]): number | null {
  if (mark.read === macroF1.read) return pooledMacroF1(scores);
  const values = scores.map(mark.read).filter((value) => value !== null);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

const macroF1 = marks.find(({ label }) => label.startsWith("cause macro-F1"))!;

function worstOf(
  mark: Mark,
  scores: readonly Scores[],
  [low, high]: readonly [number, number],
): number | null {
  const values = scores.map(mark.read).filter((value) => value !== null);
  const badness = (value: number) =>
    mark.better === "more" ? -value : mark.better === "less" ? value : Math.max(low - value, value - high);
  return values.length === 0
    ? null
    : values.reduce((worst, one) => (badness(one) > badness(worst) ? one : worst));
}

const isIn = (value: number, [low, high]: readonly [number, number]) => value >= low && value <= high;

function rangeText([low, high]: readonly [number, number]): string {
  if (low === -Infinity) return `<= ${high}`;
  return high === Infinity ? `>= ${low}` : low === -high ? `+-${high}` : `${low}-${high}`;
}

/** Causes that were said with high confidence while it happened, and that the final table contradicts; empty: none was. */
export function showContradicted(profile: string, seeds: readonly number[], ours: readonly Scores[]): string {
  const rows = ours.flatMap((scores, at) => {
    const { contradicted } = scores["live_causes"] as LiveResult["live_causes"];
    // What the sites say of a service in one minute is one mistake, said of each.
    const alike = Map.groupBy(contradicted, ([knownS, site, service, said, found]) =>
      [Math.floor(knownS / 60) * 60, service ?? site, said, found ?? "nothing"].join("|"),
    );
    return [...alike].map(([key, { length }]) => {
      const [knownS, about, said, found] = key.split("|");
      return `  seed ${seeds[at]}, ${about}, ${knownS} s, ${length} rows: ${said}, in the end ${found}`;
    });
  });
  return rows.length === 0
    ? ""
    : `${profile}: confident live causes that turned out wrong\n${rows.join("\n")}`;
}

/** What each kind of evidence is worth: final figures without it. */
export function showAblations(byVariant: ReadonlyMap<string, readonly Scores[]>, seeds: string): string {
  const head = ["", "macro-F1", "attribution", "start s", "end s", "recall", "precision", "power F1"];
  const mean = (scores: readonly Scores[], name: string) => {
    const values = scores.map((one) => one[name]).filter((value) => typeof value === "number");
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const rows = [...byVariant].map(([name, scores]) => [
    name,
    (pooledMacroF1(scores) ?? NaN).toFixed(3),
    `${(100 * mean(scores, "attr_err_cause")).toFixed(1)} %`,
    mean(scores, "start_mae_s").toFixed(1),
    mean(scores, "end_mae_s").toFixed(1),
    mean(scores, "recall").toFixed(3),
    mean(scores, "precision").toFixed(3),
    mean(
      scores.map((one) => (one["cause_f1"] ?? {}) as Scores),
      "power",
    ).toFixed(3),
  ]);
  return `without a kind of evidence, standard, seeds ${seeds}\n${layOut([head, ...rows])}`;
}

function layOut(rows: readonly string[][]): string {
  const widths = rows[0]!.map((_, column) =>
    rows.reduce((widest, row) => Math.max(widest, row[column]!.length), 0),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
