import { dayShiftTest } from "../../src/relation/day-shift.ts";
import { tallyDays } from "../../src/relation/day-tally.ts";
import { countEpisodes, missingData } from "../../src/relation/enough-data.ts";
import type { Estimate, NegativeControls } from "../../src/relation/association.ts";
import {
  attributableOf,
  availabilityOf,
  riskDifferenceOf,
  riskRatioOf,
} from "../../src/relation/estimates.ts";
import { negativeControls } from "../../src/relation/negative-controls.ts";
import { createRandom } from "../../src/relation/random.ts";
import { checkedMinutes, siteMinutes } from "../../src/relation/site-minutes.ts";
import type { Row } from "../bench/table.ts";
import { createDraws } from "./draws.ts";
import { medianRow, shareRow } from "./rows.ts";
import { hourShares, truthOf } from "./truth.ts";
import type { Truth } from "./truth.ts";
import { district, drawCourse, inputOf } from "./world.ts";

const alpha = 0.05;
type Estimates = Record<keyof Truth, Estimate>;

interface Judged {
  /** Of the test alone, whatever the minimum rule says. */
  isSignificant: boolean;
  isNaiveSignificant: boolean;
  /** Neither negative control fires; looked at where the test says so. */
  isSeparable: boolean;
  hasEnough: boolean;
  estimates: Estimates;
}

/** One world through the pieces of associate() that the marks are about. */
function judge(days: number, takenShare: number, seed: number): Judged {
  const input = inputOf(drawCourse({ ...district, days, takenShare }, createDraws(createRandom(seed))));
  const { window } = input;
  const sites = input.sites.map((site) => siteMinutes(site, window));
  const control = checkedMinutes(input.control!, window);
  const tally = tallyDays(sites, window, control);
  const { a, n1, c, n0 } = tally.totals;
  const episodes = countEpisodes(sites);
  const counts = { sites: sites.length, days, ...episodes, exposed: n1, exposedFailed: a, unexposed: n0 };
  const test = dayShiftTest(
    sites.map(({ out, failed, checked }) => ({ exposure: out, failed, checked })),
    days,
  );
  const isSignificant = test.p <= alpha;
  return {
    isSignificant,
    isSeparable: isSignificant && controlsAreQuiet(negativeControls(sites, control, days)),
    isNaiveSignificant: isNaive(a, n1, c, n0),
    hasEnough: missingData({ ...counts, unexposedFailed: c }, alpha).length === 0,
    estimates: {
      riskRatio: riskRatioOf(tally, alpha),
      riskDifference: riskDifferenceOf(tally, alpha),
      availability: availabilityOf(tally, alpha),
      attributable: attributableOf(tally, alpha),
    },
  };
}

const controlsAreQuiet = ({ vantage, neighbour }: NegativeControls) =>
  [vantage, neighbour].every((control) => control === null || control.p > alpha);

/** χ² of the table of minutes, as if each were drawn by itself: what the method is there to replace. */
function isNaive(a: number, n1: number, c: number, n0: number): boolean {
  const all = n1 + n0;
  const failed = a + c;
  if (n1 === 0 || failed === 0) return false;
  const spread = (n1 * n0 * failed * (all - failed)) / all ** 3;
  // 3.84: χ² of one degree at 5 %.
  return (a - (n1 * failed) / all) ** 2 / spread > 3.84;
}

function judgeAll(days: number, takenShare: number, worlds: number, seed: number): Judged[] {
  return Array.from({ length: worlds }, (_, world) =>
    judge(days, takenShare, seed + 1_000_000 * days + 100_000 * Math.round(100 * takenShare) + world),
  );
}

export interface RunOptions {
  days: readonly number[];
  worlds: number;
  seed: number;
  /** Years of districts behind the truth; default 50. */
  truthYears?: number;
}

/** How often the test says "associated" where nothing is. */
export function sizeRows({ days, worlds, seed }: RunOptions): Row[] {
  return days.flatMap((count) => {
    const judged = judgeAll(count, 0, worlds, seed);
    const answered = judged.filter(({ hasEnough }) => hasEnough);
    return [
      shareRow(`size, ${count} days`, countOf(judged, "isSignificant"), worlds, [0.025, 0.06]),
      shareRow(
        `size, ${count} days, of those with enough data`,
        countOf(answered, "isSignificant"),
        answered.length,
      ),
      shareRow(`size of χ² on minutes, ${count} days`, countOf(judged, "isNaiveSignificant"), worlds),
    ];
  });
}

/** How often the test says so where a share of the cuts takes the service with it. */
export function powerRows({ days, worlds, seed }: RunOptions): Row[] {
  return days.flatMap((count) =>
    [0.02, 0.05, 0.1, 0.2].flatMap((takenShare) => {
      const mark: [number, number] | undefined = takenShare === 0.1 ? [0.85, 1] : undefined;
      const judged = judgeAll(count, takenShare, worlds, seed);
      const shown = judged.filter(({ isSignificant }) => isSignificant);
      const parted = shown.filter(({ isSeparable }) => isSeparable).length;
      return [
        shareRow(`power, ${count} days, q = ${takenShare}`, shown.length, worlds, mark),
        shareRow("  of these, called not separable", shown.length - parted, shown.length),
      ];
    }),
  );
}

/**
 * How often the intervals hold the truth, where the minimum rule lets them be printed: over all shares q together, and for each
 * by itself, where a miss below is what would harm.
 */
export function coverageRows({ days, worlds, seed, truthYears = 50 }: RunOptions): Row[] {
  return days.flatMap((count) => {
    const cases = [0, 0.1, 0.5, 1].map((takenShare) => {
      const truth = truthOf(hourShares(takenShare, count, truthYears, createDraws(createRandom(seed))));
      const judged = judgeAll(count, takenShare, worlds, seed);
      return judgedCase(takenShare, truth, judged);
    });
    const rows = (["riskRatio", "availability", "attributable", "riskDifference"] as const).flatMap(
      (name) => [
        shareRow(
          `coverage of ${names[name]}, ${count} days`,
          sum(cases, (one) => one.hits(name).length),
          sum(cases, (one) => one.known(name).length),
          name === "riskDifference" ? undefined : [0.93, 0.995],
        ),
        ...cases
          .filter((one) => one.known(name).length > 0)
          .flatMap((one) => [
            shareRow(
              `  q = ${one.takenShare}, truth ${one.truth[name].toPrecision(3)}`,
              one.hits(name).length,
              one.known(name).length,
              name === "riskDifference" ? undefined : [0.93, 1],
            ),
            medianRow(`    median width${name === "riskRatio" ? ", high over low" : ""}`, one.widths(name)),
          ]),
      ],
    );
    const all = sum(cases, () => worlds);
    const printed = sum(cases, (one) => one.printed);
    return [shareRow(`enough data, ${count} days`, printed, all), ...rows];
  });
}

function judgedCase(takenShare: number, truth: Truth, judged: readonly Judged[]) {
  const answered = judged.filter(({ hasEnough }) => hasEnough).map(({ estimates }) => estimates);
  const known = (name: keyof Truth) => answered.map((one) => one[name]).filter(hasInterval);
  return {
    takenShare,
    truth,
    printed: answered.length,
    known,
    hits: (name: keyof Truth) => known(name).filter((estimate) => holds(estimate, truth[name])),
    widths: (name: keyof Truth) =>
      known(name).flatMap(({ interval: { low, high } }) => {
        if (low === null || high === null) return [];
        return [name === "riskRatio" ? high / low : high - low];
      }),
  };
}

const sum = <T>(items: readonly T[], of: (item: T) => number) =>
  items.reduce((all, item) => all + of(item), 0);

const names = { riskRatio: "RR", availability: "A", attributable: "AS", riskDifference: "RD" };

const hasInterval = ({ interval: { low, high } }: Estimate) => low !== null || high !== null;

function holds({ interval: { low, high } }: Estimate, truth: number): boolean {
  return (low ?? -Infinity) <= truth && truth <= (high ?? Infinity);
}

const countOf = (judged: readonly Judged[], key: "isSignificant" | "isNaiveSignificant") =>
  judged.filter((one) => one[key]).length;
