import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultAlertOptions } from "../../src/notify/alert-options.ts";
import { createTree } from "../../src/inventory/tree.ts";
import { markOutages } from "../../src/outage/maintenance.ts";
import { seededRandom, whole } from "../support/random.ts";
import { createAlertBook } from "./alert-book.ts";
import { morningMs } from "./factories.ts";
import { createTreeWorld, nodes, treeInventory } from "./tree-world.ts";
import type { NodeFault, TreeWorld } from "./tree-world.ts";

/*
 * Random nodes of a whole tree fail and come back, alone, below each other and at the same time; each site's share of it is
 * learned in random order. Through revise and decideAlerts: whatever the order, one problem and one recovery for each fault
 * that people could see for long enough, and for no fault more than that.
 */

const orders = 10_000;
const ordersPerTest = 1_000;
const minuteS = 60;
/** Edges lie this far apart, or fall together: what follows within two minutes is one fault by design (outage/revise.ts), s. */
const gridS = 150;
/** Longest time until a change is learned: three reports and a bit, as a silent agent takes (methods.md §A5), s. */
const mostDelayS = 240;
/** What is visible for longer than this is told: learned late, held for as long as it may be, and a look or two. */
const surelyTold = mostDelayS + defaultAlertOptions.maxHoldMs / 1000 + 2 * minuteS;

const faultOfOne = fc
  .record({
    node: fc.constantFrom(...nodes),
    from: fc.integer({ min: 0, max: 36 }),
    lasts: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 5, max: 48 })),
    isTold: fc.boolean(),
  })
  .map(({ node, from, lasts, isTold }): NodeFault => ({
    node,
    fromS: from * gridS,
    toS: (from + lasts) * gridS,
    isTold,
  }));
/** One fault a node: what fails again at once is instability, and has tests of its own. */
const someFaults = fc.uniqueArray(faultOfOne, {
  minLength: 1,
  maxLength: 4,
  selector: ({ node }) => node,
});
const aSeed = fc.integer({ min: 0, max: 2 ** 31 - 1 });

/** Work on one of the nodes; `knownS`: when somebody wrote it down, before it or amid it. */
interface Work {
  node: string;
  fromS: number;
  toS: number;
  knownS: number;
}
/** On what one of the faults is at, from before it on or amid it. */
const someWork = someFaults.chain((faults) =>
  fc
    .record({
      fault: fc.constantFrom(...faults),
      from: fc.integer({ min: -16, max: 36 }),
      lasts: fc.integer({ min: 4, max: 48 }),
      known: fc.integer({ min: -12, max: 36 }),
    })
    .map(({ fault: { node, fromS }, from, lasts, known }) => {
      const [startS, endS] = [fromS + from * gridS, fromS + (from + lasts) * gridS];
      return { faults, work: { node, fromS: startS, toS: endS, knownS: startS + known * gridS } };
    }),
);

/** The world with the work laid over its table, and a look each five minutes, as the watch has one at least. */
function withWork(world: TreeWorld, { node, fromS, toS, knownS }: Work): TreeWorld {
  const ms = (s: number) => morningMs + s * 1000;
  const plan = { id: "m1", fromMs: ms(fromS), toMs: ms(toS), reason: "antena", author: "Diskominfo" };
  const endS = Math.max(world.endS, toS) + 3_600;
  const looks = Array.from({ length: Math.ceil(endS / 300) }, (_, index) => (index + 1) * 300);
  return {
    ...world,
    endS,
    learnedS: [...new Set([...world.learnedS, ...looks])].sort((a, b) => a - b),
    tableAt: (nowS) =>
      markOutages(world.tableAt(nowS), nowS < knownS ? [] : [{ ...plan, site: node }], workTree, ms(nowS)),
  };
}
const workTree = createTree(treeInventory);

/** Looks at each moment at which something is learned, when a message falls due, and at some others. */
function play(world: TreeWorld, random: () => number) {
  const book = createAlertBook(treeInventory);
  let nowS = 0;
  const look = () =>
    void book.runTable(morningMs + nowS * 1000, world.tableAt(nowS), world.standingsAt(nowS));
  const learned = [...world.learnedS];
  const lastS = world.endS + 6 * 3_600;
  while (nowS < lastS) {
    const dueS = Math.ceil((book.nextLookMs() - morningMs) / 1000);
    const chanceS = nowS + 1 + whole(random, 600);
    const nextS = Math.min(
      learned[0] ?? Infinity,
      Math.max(dueS, nowS + 1),
      learned.length > 0 ? chanceS : Infinity,
    );
    if (nextS === Infinity) break;
    while (learned.length > 0 && learned[0]! <= nextS) learned.shift();
    nowS = nextS;
    look();
    // A second look at the same evidence must change nothing.
    if (random() < 0.1) look();
  }
  return book;
}

/** Told alerts that have this fault among their parts. */
function alertsOf(book: ReturnType<typeof play>, { node, fromS, toS }: NodeFault) {
  return book
    .alerts()
    .filter(
      ({ toldMs, parts }) =>
        toldMs !== null &&
        parts.some(
          ({ root, startMs }) =>
            root === node && startMs >= morningMs + fromS * 1000 && startMs < morningMs + toS * 1000,
        ),
    );
}

function longestVisibleS(world: TreeWorld, fault: NodeFault): number {
  return Math.max(0, ...world.visible(fault).map(({ fromS, toS }) => toS - fromS));
}

function check(faults: readonly NodeFault[], world: TreeWorld, book: ReturnType<typeof play>): number {
  expect(book.open()).toEqual([]);
  const told = book.alerts().filter(({ toldMs }) => toldMs !== null);
  for (const { id, parts } of told) {
    const pair = book.notices().filter(({ alert, what }) => alert.id === id && what !== "update");
    expect(pair.map(({ what, correction }) => [what, correction])).toEqual([
      ["problem", null],
      ["recovery", null],
    ]);
    // What is told as one fell together.
    const starts = parts.map(({ startMs }) => startMs);
    expect(Math.max(...starts) - Math.min(...starts)).toBeLessThanOrEqual(defaultAlertOptions.areaWindowMs);
  }
  let sure = 0;
  for (const fault of faults) {
    const longestS = longestVisibleS(world, fault);
    const times = alertsOf(book, fault).length;
    expect(times).toBeLessThanOrEqual(1);
    if (longestS > surelyTold) expect(times).toBe(1);
    if (longestS > surelyTold) sure += 1;
  }
  // No alert is about anything but these faults.
  const covered = new Set(faults.flatMap((fault) => alertsOf(book, fault)));
  expect(told.every((alert) => covered.has(alert))).toBe(true);
  return sure;
}

describe("one problem and one recovery for each root fault", () => {
  it.each(Array.from({ length: orders / ordersPerTest }, (_, part) => part))(
    "however a thousand times its rows come in (part %i)",
    (part) => {
      let sure = 0;
      fc.assert(
        fc.property(someFaults, aSeed, (faults, seed) => {
          const random = seededRandom(seed);
          const world = createTreeWorld(faults, () => 1 + whole(random, mostDelayS));
          sure += check(faults, world, play(world, random));
        }),
        { numRuns: ordersPerTest, seed: 20_260_000 + part },
      );
      // Faults that nobody could see would prove nothing.
      expect(sure).toBeGreaterThan(ordersPerTest);
    },
    600_000,
  );

  it("swallows none that is learned up to half an hour late, and closes what it opened", () => {
    const lateS = 1_800;
    const untilS = lateS + defaultAlertOptions.maxHoldMs / 1000 + 2 * minuteS;
    let sure = 0;
    fc.assert(
      fc.property(someFaults, aSeed, (faults, seed) => {
        const random = seededRandom(seed);
        const world = createTreeWorld(faults, () => 1 + whole(random, lateS));
        const book = play(world, random);
        for (const { id, toldMs } of book.alerts()) {
          const pair = book.notices().filter(({ alert, what }) => alert.id === id && what !== "update");
          expect(pair.map(({ what }) => what)).toEqual(toldMs === null ? [] : ["problem", "recovery"]);
        }
        for (const fault of faults) {
          if (longestVisibleS(world, fault) <= untilS) continue;
          expect(alertsOf(book, fault)).not.toEqual([]);
          sure += 1;
        }
      }),
      { numRuns: 500, seed: 20_260_200 },
    );
    expect(sure).toBeGreaterThan(100);
  }, 600_000);

  it("however much of it announced work explains meanwhile, whenever that was written down", () => {
    let explained = 0;
    fc.assert(
      fc.property(someWork, aSeed, ({ faults, work }, seed) => {
        const random = seededRandom(seed);
        const world = withWork(
          createTreeWorld(faults, () => 1 + whole(random, mostDelayS)),
          work,
        );
        const book = play(world, random);
        expect(book.open()).toEqual([]);
        for (const { id, toldMs } of book.alerts()) {
          const pair = book.notices().filter(({ alert, what }) => alert.id === id && what !== "update");
          expect(pair.map(({ what }) => what)).toEqual(toldMs === null ? [] : ["problem", "recovery"]);
        }
        for (const fault of faults) {
          const times = alertsOf(book, fault).length;
          expect(times).toBeLessThanOrEqual(1);
          // What broke by itself before any work is told, whatever is announced later.
          const isTold = world
            .visible(fault)
            .some(({ fromS, toS }) => fromS < work.fromS - 1_800 && toS - fromS > surelyTold);
          if (isTold) expect(times).toBe(1);
        }
        if (book.notices().some(({ face }) => face.cause === "maintenance")) explained += 1;
      }),
      { numRuns: 1_000, seed: 20_260_300 },
    );
    expect(explained).toBeGreaterThan(100);
  }, 600_000);

  it("is silent about faults that only late evidence shows, when it shows them as over", () => {
    fc.assert(
      fc.property(someFaults, aSeed, (faults, seed) => {
        const random = seededRandom(seed);
        // Both edges are learned hours later, in any order; the end of each is known when its beginning is.
        const lateS = 6 * 3_600;
        const world = createTreeWorld(faults, (change) =>
          change === "down" ? lateS + whole(random, 3_600) : whole(random, 3_600),
        );
        expect(play(world, random).notices()).toEqual([]);
      }),
      { numRuns: 500, seed: 20_260_100 },
    );
  }, 600_000);
});
