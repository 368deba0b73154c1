import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findOutages } from "../../src/outage/find-outages.ts";
import { defaultDetectOptions } from "../../src/outage/signal.ts";
import type { OutageTable } from "../../src/outage/table.ts";
import type { Availability } from "../../src/relation/availability.ts";
import { measureAvailability } from "../../src/relation/measure.ts";
import { createTruth, evidenceOfPieces, measureDistrict } from "../support/district-rounds.ts";
import type { Piece } from "../support/district-rounds.ts";
import { epochMs } from "../support/evidence.ts";
import { hiddenIn, without } from "../support/hide.ts";
import type { Hidden } from "../support/hide.ts";
import { intervalS, troubledDistricts } from "../support/random-district.ts";
import type { Fault, RandomDistrict } from "../support/random-district.ts";

/*
 * design.md §2.2: what was not measured is neither up nor down. On districts that chance draws up the faults are known to
 * the second, so that the bounds can be held against what truly happened.
 *
 * What rounds a minute apart cannot tell is allowed for: an edge lies somewhere between two of them, and a fault that no
 * two of them saw is weather. That is one interval for each edge, and none where nothing happened. Nor can an agent that fell
 * silent by itself and then lost its power be told from one that lost it at once: such worlds are left out.
 */

const toS = 3 * 3_600;
/** The last word is carried on for so long; readers of availability leave that out (report/proven.ts). */
const windowS = toS - 300;
const runs = { seed: 20261123, numRuns: 100 };

interface World {
  district: RandomDistrict;
  faults: readonly Fault[];
  hidden: readonly Hidden[];
  more: readonly Hidden[];
}

const worlds: fc.Arbitrary<World> = troubledDistricts(toS).chain(({ district, faults }) => {
  const cuts = faults.filter(({ kind }) => kind === "power");
  const isApart = ({ site, fromS, toS: endS }: { site: string; fromS: number; toS: number }) =>
    cuts.every(
      (cut) => cut.site !== site || endS + 5 * intervalS < cut.fromS || fromS > cut.toS + 5 * intervalS,
    );
  const hidden = hiddenIn(district, toS).map((list) =>
    list.filter((one) => one.key !== null || isApart(one)),
  );
  return fc.record({
    district: fc.constant(district),
    faults: fc.constant(faults.filter((fault) => fault.kind !== "silent" || isApart(fault))),
    hidden,
    more: hidden,
  });
});

function tableOf(district: RandomDistrict, pieces: readonly Piece[]): OutageTable {
  const { gapFactor } = defaultDetectOptions;
  const span = { fromMs: epochMs, nowMs: epochMs + toS * 1000, gapFactor };
  return findOutages(evidenceOfPieces(district, pieces, span), district.inventory);
}

interface View {
  site: string;
  /** Empty: the site itself. */
  service: string;
}

const viewsOf = ({ sites }: RandomDistrict): View[] =>
  sites.flatMap((site) => ["", "lapor"].map((service) => ({ site, service })));

function measure({ states, blips }: OutageTable, { site, service }: View): Availability {
  const own = states.filter((segment) => segment.site === site);
  const of = (name: string) => own.filter((segment) => segment.service === name);
  const window = { fromMs: epochMs, toMs: epochMs + windowS * 1000 };
  return measureAvailability({
    window,
    site,
    service,
    serviceStates: of(service),
    siteStates: of(""),
    blips: blips.filter((blip) => blip.site === site),
  });
}

/** Seconds in which it truly could be reached, and how often that changed. */
function truthOf(
  { district, faults }: World,
  { site, service }: View,
): { availableS: number; edges: number } {
  const truth = createTruth(district, faults);
  const isUp = (atS: number) =>
    service === "" ? truth.isConnected(site, atS) : truth.reachesService(site, atS);
  // An edge just after the window may be seen in it, or a fault that was seen once by then.
  const horizonS = windowS + 2 * intervalS;
  const turns = faults
    .flatMap((fault) => [fault.fromS, fault.toS])
    .filter((atS) => atS > 0 && atS < horizonS);
  const moments = [...new Set([0, ...turns])].sort((a, b) => a - b);
  let availableS = 0;
  let edges = 0;
  for (const [index, atS] of moments.entries()) {
    const endS = Math.min(moments[index + 1] ?? windowS, windowS);
    if (isUp(atS)) availableS += Math.max(0, endS - atS);
    if (index > 0 && isUp(atS) !== isUp(moments[index - 1]!)) edges += 1;
  }
  return { availableS, edges };
}

describe("the bounds of availability", () => {
  it("hold what truly happened, whatever is hidden", () => {
    let notMeasuredS = 0;
    let cutS = 0;
    let blips = 0;
    fc.assert(
      fc.property(worlds, (world) => {
        const { district, faults, hidden } = world;
        const pieces = measureDistrict(district, faults, { toS, pieceS: 900 });
        const table = tableOf(district, without(pieces, hidden));
        blips += table.blips.length;
        for (const view of viewsOf(district)) {
          const found = measure(table, view);
          const truth = truthOf(world, view);
          const slackS = truth.edges * intervalS;
          const name = JSON.stringify({ view, faults, hidden, found });
          expect(truth.availableS, name).toBeGreaterThanOrEqual(found.availableS - slackS);
          expect(truth.availableS, name).toBeLessThanOrEqual(found.availableS + found.notMeasuredS + slackS);
          notMeasuredS += found.notMeasuredS;
          cutS += windowS - truth.availableS;
        }
      }),
      runs,
    );
    // Worlds in which nothing fails and nothing is hidden would prove nothing.
    expect(blips).toBeGreaterThan(10);
    expect(notMeasuredS).toBeGreaterThan(10_000);
    expect(cutS).toBeGreaterThan(10_000);
  }, 120_000);

  it("are never widened by more data", () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { district, faults, hidden, more } = world;
        const pieces = measureDistrict(district, faults, { toS, pieceS: 900 });
        const poorer = tableOf(district, without(pieces, [...hidden, ...more]));
        const richer = tableOf(district, without(pieces, hidden));
        for (const view of viewsOf(district)) {
          const slackS = truthOf(world, view).edges * intervalS;
          expect(
            measure(richer, view).notMeasuredS,
            JSON.stringify({ view, faults, hidden, more }),
          ).toBeLessThanOrEqual(measure(poorer, view).notMeasuredS + slackS);
        }
      }),
      runs,
    );
  }, 120_000);
});
