import { describe, expect, it } from "vitest";
import type { Standings } from "../../src/outage/standing.ts";
import type { OutageRecord } from "../../src/state/state-store.ts";
import { createAlertBook, inShort } from "./alert-book.ts";
import { anOutage, morningMs } from "./factories.ts";
import { treeInventory } from "./tree-world.ts";

const second = 1_000;
const parent = "64.08.01";
const v1 = "64.08.01.2001";
const v2 = "64.08.01.2002";
const v3 = "64.08.01.2003";
const lapor = "service:lapor";

/** A step: seconds since the start, the records of that time, what is told of them, what is known of sites. */
type StepOf = [atS: number, records: OutageRecord[], told: string[], standings?: Standings];

interface Story {
  name: string;
  steps: StepOf[];
}

const at = (s: number) => morningMs + s * second;
/** A row of the site [fromS, toS) under a root; null: it lasts. */
const row = (
  site: string,
  fromS: number,
  toS: number | null,
  given: Partial<OutageRecord> = {},
): OutageRecord =>
  anOutage({
    id: `o_${site}_${fromS}_${given.service ?? ""}`,
    incident: `in_${given.root ?? site}`,
    site,
    startMs: at(fromS),
    endMs: toS === null ? null : at(toS),
    cause: "link",
    knownMs: at(Math.max(0, fromS)),
    ...given,
  });
const service = (site: string, fromS: number, toS: number | null, given: Partial<OutageRecord> = {}) =>
  row(site, fromS, toS, { service: "lapor", cause: "unknown", ...given });
const below = { root: parent, cause: "backhaul" } as const;

/** Nobody knows anything new of the site since then. */
const silentSince = (site: string, s: number): Standings =>
  new Map([[site, { goodMs: at(s), goodSinceMs: at(-86_400), goodBeforeMs: null, badMs: null }]]);
/** Good words of the site all along, the last one then. */
const wellUntil = (site: string, s: number): Standings =>
  new Map([[site, { goodMs: at(s), goodSinceMs: at(-86_400), goodBeforeMs: null, badMs: null }]]);

const stories: Story[] = [
  {
    name: "tells of a problem when it has been known for the hold, and of its end when it has been over for two rounds",
    steps: [
      [0, [row(v1, 0, null)], []],
      [59, [row(v1, 0, null)], []],
      [60, [row(v1, 0, null)], [`${v1} problem`]],
      [61, [row(v1, 0, null)], []],
      [100, [row(v1, 0, 95)], []],
      [219, [row(v1, 0, 95)], []],
      [220, [row(v1, 0, 95)], [`${v1} recovery`]],
      [900, [row(v1, 0, 95)], []],
    ],
  },
  {
    name: "is silent about what ended within the hold",
    steps: [
      [0, [row(v1, 0, null)], []],
      [50, [row(v1, 0, 40)], []],
      [600, [row(v1, 0, 40)], []],
    ],
  },
  {
    name: "says that it is worse when three more sites have been cut off for the hold of neighbours, and not of fewer",
    steps: [
      [0, [row(parent, 0, null)], []],
      [60, [row(parent, 0, null)], [`${parent} problem`]],
      [90, [row(parent, 0, null), row(v1, 30, null, below), row(v2, 30, null, below)], []],
      [500, [row(parent, 0, null), row(v1, 30, null, below), row(v2, 30, null, below)], []],
      [510, [row(parent, 0, null), ...[v1, v2, v3].map((v) => row(v, 30, null, below))], []],
      [809, [row(parent, 0, null), ...[v1, v2, v3].map((v) => row(v, 30, null, below))], []],
      [
        810,
        [row(parent, 0, null), ...[v1, v2, v3].map((v) => row(v, 30, null, below))],
        [`${parent} update`],
      ],
      [900, [row(parent, 0, null), ...[v1, v2, v3].map((v) => row(v, 30, null, below))], []],
    ],
  },
  { name: "is silent about the past, however late it is learned", steps: [[86_400, [row(v1, 0, 95)], []]] },
  {
    name: "tells of a problem that is learned late but lasts",
    steps: [
      [86_400, [row(v1, 0, null, { knownMs: at(86_400) })], []],
      [86_460, [row(v1, 0, null, { knownMs: at(86_400) })], [`${v1} problem`]],
    ],
  },
  {
    name: "counts the hold from the moment of knowledge when the collector was away in between",
    steps: [[600, [row(v1, 0, null)], [`${v1} problem`]]],
  },
  {
    name: "says nothing new when it comes back for less than two rounds",
    steps: [
      [60, [row(v1, 0, null)], [`${v1} problem`]],
      [100, [row(v1, 0, 95)], []],
      [190, [row(v1, 0, 95), row(v1, 180, null)], []],
      [400, [row(v1, 0, 95), row(v1, 180, 390)], []],
      [520, [row(v1, 0, 95), row(v1, 180, 390)], [`${v1} recovery`]],
    ],
  },
  {
    name: "tells again when it fails again after people heard that it was over",
    steps: [
      [60, [row(v1, 0, null)], [`${v1} problem`]],
      [220, [row(v1, 0, 95)], []],
      [340, [row(v1, 0, 95)], [`${v1} recovery`]],
      [400, [row(v1, 0, 95), row(v1, 380, null)], []],
      [460, [row(v1, 0, 95), row(v1, 380, null)], [`${v1} problem`]],
    ],
  },
  {
    name: "tells of the parent alone when it is found within the hold",
    steps: [
      [0, [row(v1, 0, null)], []],
      [40, [row(v1, 0, null, below), row(parent, 0, null)], []],
      [60, [row(v1, 0, null, below), row(parent, 0, null)], [`${parent} problem`]],
      [110, [row(v1, 0, null, below), row(parent, 0, 100)], []],
      [120, [row(v1, 0, 100, below), row(parent, 0, 100)], []],
      [240, [row(v1, 0, 100, below), row(parent, 0, 100)], [`${parent} recovery`]],
    ],
  },
  {
    name: "says of a told problem that it lies at the parent, and tells of no second one",
    steps: [
      [60, [row(v1, 0, null)], [`${v1} problem`]],
      [70, [row(v1, 0, null, below), row(parent, 0, null), row(v2, 0, null, below)], []],
      [130, [row(v1, 0, null, below), row(parent, 0, null), row(v2, 0, null, below)], [`${parent} update`]],
      [300, [row(v1, 0, 290, below), row(parent, 0, 290), row(v2, 0, 290, below)], []],
      [420, [row(v1, 0, 290, below), row(parent, 0, 290), row(v2, 0, 290, below)], [`${parent} recovery`]],
    ],
  },
  {
    name: "waits for a parent of which nothing was heard since, and tells of the child when that is found to be well",
    steps: [
      [60, [row(v1, 0, null)], [], silentSince(parent, -10)],
      [200, [row(v1, 0, null)], [], silentSince(parent, -10)],
      [201, [row(v1, 0, null)], [`${v1} problem`], wellUntil(parent, 190)],
    ],
  },
  {
    name: "waits no longer than five minutes, and tells of what fell with it below the same doubtful parent as one",
    steps: [
      [60, [row(v1, 0, null), row(v2, 100, null)], [], silentSince(parent, -10)],
      [299, [row(v1, 0, null), row(v2, 100, null)], [], silentSince(parent, -10)],
      [300, [row(v1, 0, null), row(v2, 100, null)], [`${v1} problem`], silentSince(parent, -10)],
      [400, [row(v1, 0, null), row(v2, 100, null)], [], silentSince(parent, -10)],
      [460, [row(v1, 0, null), row(v2, 100, null)], [`${parent} update area`], silentSince(parent, -10)],
    ],
  },
  {
    name: "does not wait for a parent that fell silent long before",
    steps: [[60, [row(v1, 0, null)], [`${v1} problem`], silentSince(parent, -3_600)]],
  },
  {
    name: "does not believe a parent that is heard again without having told of that time",
    steps: [
      [
        60,
        [row(v1, 0, null)],
        [],
        new Map([[parent, { goodMs: at(55), goodSinceMs: at(40), goodBeforeMs: at(-5), badMs: null }]]),
      ],
      [61, [row(v1, 0, null)], [`${v1} problem`], wellUntil(parent, 55)],
    ],
  },
  {
    name: "tells of a fault that was hidden below its parent's after that is over, when it was looked at again",
    steps: [
      [60, [row(parent, 0, null), row(v1, 0, null, below)], [`${parent} problem`]],
      [610, [row(parent, 0, 600), row(v1, 0, 600, below), row(v1, 600, null)], [], silentSince(v1, -10)],
      [
        720,
        [row(parent, 0, 600), row(v1, 0, 600, below), row(v1, 600, null)],
        [],
        new Map([[v1, { goodMs: at(-10), goodSinceMs: at(-600), goodBeforeMs: null, badMs: at(590) }]]),
      ],
      [
        730,
        [row(parent, 0, 600), row(v1, 0, 600, below), row(v1, 600, null)],
        [`${parent} recovery`, `${v1} problem`],
        new Map([[v1, { goodMs: at(-10), goodSinceMs: at(-600), goodBeforeMs: null, badMs: at(700) }]]),
      ],
    ],
  },
  {
    name: "tells of an own fault below a parent that is cut off when the parent is back, or after four hours",
    steps: [
      [60, [row(parent, 0, null)], [`${parent} problem`]],
      [1_000, [row(parent, 0, null), row(v1, 300, null), row(v2, 900, 960)], []],
      [4 * 3_600 + 200, [row(parent, 0, null), row(v1, 300, null)], []],
      [4 * 3_600 + 300, [row(parent, 0, null), row(v1, 300, null)], [`${v1} problem`]],
    ],
  },
  {
    name: "does not say that a place is back while its parent keeps it cut off",
    steps: [
      [60, [row(v1, 0, null)], [`${v1} problem`]],
      [1_200, [row(v1, 0, 1_200), row(v1, 1_200, null, below), row(parent, 1_200, null)], []],
      [
        1_260,
        [row(v1, 0, 1_200), row(v1, 1_200, null, below), row(parent, 1_200, null)],
        [`${parent} problem`],
      ],
      [2_000, [row(v1, 0, 1_200), row(v1, 1_200, 1_900, below), row(parent, 1_200, 1_900)], []],
      [
        2_120,
        [row(v1, 0, 1_200), row(v1, 1_200, 1_900, below), row(parent, 1_200, 1_900)],
        [`${v1} recovery`, `${parent} recovery`],
      ],
    ],
  },
  {
    name: "corrects what was withdrawn after it was told, and is silent about what was withdrawn before",
    steps: [
      [0, [row(v1, 0, null), row(v2, 0, null)], []],
      [30, [row(v1, 0, null)], []],
      [60, [row(v1, 0, null)], [`${v1} problem`]],
      [70, [], []],
      [190, [], [`${v1} recovery withdrawn`]],
      [400, [], []],
    ],
  },
  {
    name: "tells once of a resolver that several ask, and as soon as of any fault",
    steps: [
      [0, [parent, v1, v2].map((site) => service(site, 0, null, { cause: "dns", root: parent })), []],
      [
        60,
        [parent, v1, v2].map((site) => service(site, 0, null, { cause: "dns", root: parent })),
        [`${parent} problem`],
      ],
      [300, [parent, v1, v2].map((site) => service(site, 0, 200, { cause: "dns", root: parent })), []],
      [
        600,
        [parent, v1, v2].map((site) => service(site, 0, 200, { cause: "dns", root: parent })),
        [`${parent} recovery`],
      ],
    ],
  },
  {
    name: "never pages for maintenance or a silent agent",
    steps: [[600, [row(v1, 0, null, { cause: "maintenance" }), row(v2, 0, null, { cause: "agent" })], []]],
  },
  {
    name: "says of what turns out to be maintenance that it is, and that it is over once it is back",
    steps: [
      [60, [row(v1, 0, null, { cause: "unknown" })], [`${v1} problem`]],
      [90, [row(v1, 0, null, { cause: "maintenance" })], []],
      [150, [row(v1, 0, null, { cause: "maintenance" })], [`${v1} update`]],
      [900, [row(v1, 0, null, { cause: "maintenance" })], []],
      [1_000, [row(v1, 0, 960, { cause: "maintenance" })], []],
      [1_120, [row(v1, 0, 960, { cause: "maintenance" })], [`${v1} recovery`]],
    ],
  },
  {
    name: "keeps one pair where the work that explained it is over before the outage is",
    steps: [
      [60, [row(v1, 0, null)], [`${v1} problem`]],
      [90, [row(v1, 0, null, { cause: "maintenance" })], []],
      [150, [row(v1, 0, null, { cause: "maintenance" })], [`${v1} update`]],
      [900, [row(v1, 0, null)], []],
      [960, [row(v1, 0, null)], [`${v1} update`]],
      [1_000, [row(v1, 0, 980, { cause: "maintenance" })], []],
      [1_120, [row(v1, 0, 980, { cause: "maintenance" })], [`${v1} recovery`]],
    ],
  },
  {
    name: "takes no neighbour into what is worked on",
    steps: [
      [60, [row(v1, 0, null)], [`${v1} problem`]],
      [150, [row(v1, 0, null, { cause: "maintenance" })], []],
      [210, [row(v1, 0, null, { cause: "maintenance" })], [`${v1} update`]],
      [300, [row(v1, 0, null, { cause: "maintenance" }), row(v2, 240, null), row(v3, 250, null)], []],
      [
        900,
        [row(v1, 0, null, { cause: "maintenance" }), row(v2, 240, null), row(v3, 250, null)],
        [`${v2} problem`, `${v3} problem`],
      ],
    ],
  },
  {
    name: "corrects what turns out to be a silent agent",
    steps: [
      [60, [row(v1, 0, null, { cause: "unknown" })], [`${v1} problem`]],
      [90, [row(v1, 0, null, { cause: "agent" })], []],
      [210, [row(v1, 0, null, { cause: "agent" })], [`${v1} recovery agent`]],
    ],
  },
  {
    name: "says once that the cause was found, and not that it is unknown again",
    steps: [
      [60, [row(v1, 0, null, { cause: "unknown" })], [`${v1} problem`]],
      [100, [row(v1, 0, null, { cause: "power" })], []],
      [160, [row(v1, 0, null, { cause: "power" })], [`${v1} update`]],
      [200, [row(v1, 0, null, { cause: "unknown" })], []],
      [400, [row(v1, 0, null, { cause: "unknown" })], []],
    ],
  },
  {
    name: "tells of three that fell within five minutes as one, and of its end when all are back",
    steps: [
      [0, [row(v1, 0, null)], []],
      [50, [row(v1, 0, null), row(v2, 30, null), row(v3, 40, null)], []],
      [60, [row(v1, 0, null), row(v2, 30, null), row(v3, 40, null)], [`${parent} problem area`]],
      [600, [row(v1, 0, 500), row(v2, 30, 510), row(v3, 40, null)], []],
      [900, [row(v1, 0, 500), row(v2, 30, 510), row(v3, 40, 880)], []],
      [1_020, [row(v1, 0, 500), row(v2, 30, 510), row(v3, 40, 880)], [`${parent} recovery area`]],
    ],
  },
  {
    name: "takes later neighbours into what was told, in one update",
    steps: [
      [60, [row(v1, 0, null)], [`${v1} problem`]],
      [150, [row(v1, 0, null), row(v2, 100, null)], []],
      [200, [row(v1, 0, null), row(v2, 100, null), row(v3, 120, null)], []],
      [260, [row(v1, 0, null), row(v2, 100, null), row(v3, 120, null)], [`${parent} update area`]],
    ],
  },
  {
    name: "tells of two that fell together as two when no third one follows",
    steps: [
      [60, [row(v1, 0, null), row(v2, 20, null)], []],
      [299, [row(v1, 0, null), row(v2, 20, null)], []],
      [320, [row(v1, 0, null), row(v2, 20, null)], [`${v1} problem`, `${v2} problem`]],
    ],
  },
  {
    name: "tells of two as one when one of them had its UPS on battery",
    steps: [
      [
        80,
        [
          row(v1, 0, null, { evidence: [{ fact: "power.onBattery", target: null, detail: {} }] }),
          row(v2, 20, null),
        ],
        [`${parent} problem area`],
      ],
    ],
  },
  {
    name: "tells of a service that is down itself",
    steps: [
      [60, [service(v1, 0, null, { root: lapor, cause: "service" })], [`${lapor} problem`]],
      [95, [service(v1, 0, 90, { root: lapor, cause: "service" })], []],
      [215, [service(v1, 0, 90, { root: lapor, cause: "service" })], [`${lapor} recovery`]],
    ],
  },
  {
    name: "tells of a service that one site alone misses only when that lasts",
    steps: [
      [500, [service(v1, 0, null)], []],
      [599, [service(v1, 0, null)], []],
      [600, [service(v1, 0, null)], [`${v1} problem`]],
      [1_000, [service(v1, 0, 900)], []],
      [1_120, [service(v1, 0, 900)], [`${v1} recovery`]],
    ],
  },
  {
    name: "is silent about single failures of a service from one site",
    steps: [
      [100, [service(v1, 0, 120)], []],
      [4_000, [service(v1, 0, 120), service(v1, 3_800, null)], []],
      [4_100, [service(v1, 0, 120), service(v1, 3_800, 3_990)], []],
    ],
  },
  {
    name: "tells of the site when it is cut off while a service is missed from it",
    steps: [
      [300, [service(v1, 0, null)], []],
      [360, [service(v1, 0, 310), row(v1, 310, null)], []],
      [370, [service(v1, 0, 310), row(v1, 310, null)], [`${v1} problem`]],
    ],
  },
];

describe("decideAlerts", () => {
  it.each(stories)("$name", ({ steps }) => {
    const book = createAlertBook(treeInventory);
    for (const [atS, records, told, standings] of steps) {
      expect([atS, inShort(book.run(at(atS), records, standings))]).toEqual([atS, told]);
      // The same again says nothing new, and remembers nothing new.
      const open = JSON.stringify(book.open());
      expect([atS, book.run(at(atS), records, standings)]).toEqual([atS, []]);
      expect(JSON.stringify(book.open())).toBe(open);
    }
  });

  it("says when to look again", () => {
    const book = createAlertBook(treeInventory);
    book.run(at(10), [row(v1, 0, null)]);
    expect(book.nextLookMs()).toBe(at(60));
    book.run(at(60), [row(v1, 0, null)]);
    expect(book.nextLookMs()).toBe(Infinity);
    book.run(at(100), [row(v1, 0, 95)]);
    expect(book.nextLookMs()).toBe(at(220));
  });

  it("remembers of a long problem what the table does not show any more", () => {
    const book = createAlertBook(treeInventory);
    book.run(at(60), [row(v1, 0, null)]);
    const [notice] = book.run(at(300_000), [row(v1, 0, null), row(v1, 0, 90, { service: "lapor" })]);
    expect(notice).toBeUndefined();
    expect(book.open()).toHaveLength(1);
  });
});

describe("what comes and goes", () => {
  /** Down for `downS` at the start of each period. */
  const flaps = (periods: number, periodS: number, downS: number, nowS: number) =>
    Array.from({ length: periods }, (_, n) => n * periodS)
      .filter((fromS) => fromS + 60 <= nowS)
      .map((fromS) =>
        row(v1, fromS, fromS + downS + 30 <= nowS ? fromS + downS : null, { knownMs: at(fromS + 60) }),
      );
  const tell = (untilS: number, rowsAt: (s: number) => OutageRecord[]) => {
    const book = createAlertBook(treeInventory);
    const told: [number, string][] = [];
    for (let s = 0; s <= untilS; s += 10)
      for (const words of inShort(book.run(at(s), rowsAt(s)))) told.push([s, words]);
    return { told, open: book.open() };
  };

  it("is told once as unstable, and once when it is stable", () => {
    // Two hours of three minutes down and four up.
    const { told, open } = tell(4 * 3_600, (s) => flaps(17, 420, 180, s));
    const unstable = told.filter(([, words]) => words.endsWith("unstable"));
    expect(unstable.map(([, words]) => words)).toEqual([`${v1} problem unstable`, `${v1} recovery unstable`]);
    // Pairs before the penalty was reached, none after.
    expect(told.indexOf(unstable[0]!)).toBe(10);
    expect(told.at(-1)).toBe(unstable[1]);
    expect(told.slice(told.indexOf(unstable[0]!))).toHaveLength(2);
    expect(open).toEqual([]);
  });

  it("is told although none of its outages is long enough to be told by itself", () => {
    const { told } = tell(3 * 3_600, (s) => flaps(20, 300, 80, s));
    expect(told.map(([, words]) => words)).toEqual([`${v1} problem unstable`, `${v1} recovery unstable`]);
  });

  it("does not hide a long outage", () => {
    const last = 17 * 420;
    const { told } = tell(6 * 3_600, (s) => [
      ...flaps(17, 420, 180, s),
      ...(s >= last + 60 ? [row(v1, last, s >= last + 7_300 ? last + 7_200 : null)] : []),
    ]);
    const from = told.findIndex(([, words]) => words.endsWith("unstable"));
    expect(told.slice(from).map(([, words]) => words)).toEqual([
      `${v1} problem unstable`,
      `${v1} update`,
      `${v1} recovery`,
    ]);
    const [updatedS] = told[from + 1]!;
    expect(updatedS - last).toBeGreaterThanOrEqual(900);
    expect(updatedS - last).toBeLessThanOrEqual(1_200);
  });

  it("is not unstable for old trouble that is delivered at once", () => {
    const book = createAlertBook(treeInventory);
    const rows = flaps(17, 420, 180, 8_000);
    expect(book.run(at(3 * 3_600), rows)).toEqual([]);
  });

  it("is told of a service that one site misses again and again", () => {
    const { told } = tell(2 * 3_600, (s) =>
      flaps(10, 300, 120, s).map((one) => ({ ...one, service: "lapor", cause: "unknown" as const })),
    );
    expect(told.map(([, words]) => words)).toEqual([`${v1} problem unstable`, `${v1} recovery unstable`]);
  });
});
