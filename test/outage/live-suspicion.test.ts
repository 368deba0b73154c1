import { describe, expect, it } from "vitest";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { createTree } from "../../src/inventory/tree.ts";
import type { Rhythm } from "../../src/outage/evidence.ts";
import { createLiveJudge } from "../../src/outage/live.ts";
import { defaultDetectOptions } from "../../src/outage/signal.ts";
import { atMs, evidenceOf, smallDistrict } from "../support/evidence.ts";
import type { Watched } from "../support/evidence.ts";

const noc = "64.08";
const hub = "64.08.04";
const villages = [2001, 2002, 2003, 2004, 2005, 2006, 2007].map((number) => `64.08.04.${number}`);
const [village, other, third] = villages as [string, string, string];

/** Long enough that the agents' habit is known: it misses nothing. */
const cutS = 24_000;
/** Each round is heard a second after it began: two are missed 123 s after the last, three 183 s after it. */
const rhythm: Rhythm = { silenceMs: 61_000, spreadMs: 500, stepMs: 60_000 };
const [oneMissedS, twoMissedS, threeMissedS] = [64, 124, 184];

function district(): Inventory {
  const small = smallDistrict();
  const site = (code: string) => ({ ...small.sites.get(village)!, code, name: `Lokasi ${code}` });
  const link = (code: string) => ({ ...small.links.get(`l-${village}`)!, id: `l-${code}`, site: code });
  return {
    ...small,
    sites: new Map([...small.sites, ...villages.map((code) => [code, site(code)] as const)]),
    links: new Map([...small.links, ...villages.map((code) => [`l-${code}`, link(code)] as const)]),
  };
}

interface World {
  /** Last rounds by site, in seconds before `cutS`; who is not in it goes on. */
  silent: Partial<Record<string, number>>;
  /** The centre reaches these. */
  answering?: readonly string[];
  poor?: boolean;
  onBattery?: boolean;
}

/** Agents whose rounds begin with each minute, and nobody who could ask for the villages but for those that answer. */
function suspectedAt(afterS: number, { silent, answering = [], poor, onBattery }: World): string[] {
  const agent = (site: string): Watched => {
    const lastS = silent[site];
    return {
      key: `${site}/anchor`,
      role: "anchor",
      phaseS: 0,
      ...(lastS === undefined ? {} : { measured: [[0, cutS - lastS + 1]] }),
      ...(poor === true && site === village ? { weak: [[cutS - 120, Infinity]] } : {}),
    };
  };
  const watched: Watched[] = [
    agent(noc),
    ...villages.map(agent),
    ...answering.map((of): Watched => ({ key: `${noc}/below-${of}`, role: "site", of, phaseS: 30 })),
  ];
  const nowS = cutS + afterS;
  const { targets } = evidenceOf(nowS, watched);
  const rhythms = new Map([noc, ...villages].map((site) => [site, rhythm]));
  const judge = createLiveJudge(
    targets,
    createTree(district()),
    defaultDetectOptions,
    { rhythms },
    (site) => onBattery === true && site === village,
  );
  return [...judge.at(atMs(nowS))].map(([site]) => site);
}

describe("a silence that nobody else can look into", () => {
  it.each<[string, World, number, string[]]>([
    ["alone, two rounds missed", { silent: { [village]: 0 } }, threeMissedS - 2, []],
    ["alone, three", { silent: { [village]: 0 } }, threeMissedS, [village]],
    ["on its UPS's battery, one", { silent: { [village]: 0 }, onBattery: true }, twoMissedS - 2, []],
    ["on its UPS's battery, two", { silent: { [village]: 0 }, onBattery: true }, twoMissedS, [village]],
    ["with another, one", { silent: { [village]: 0, [other]: 0 } }, twoMissedS - 2, []],
    ["with another, two", { silent: { [village]: 0, [other]: 0 } }, twoMissedS, [village, other]],
    [
      "with all others, one: never after a single round",
      { silent: Object.fromEntries(villages.map((site) => [site, 0])) },
      oneMissedS,
      [],
    ],
    [
      "beside another that fell silent long before",
      { silent: { [village]: 0, [other]: 300 } },
      twoMissedS,
      [other],
    ],
    [
      "beside another that answers: its agent alone",
      { silent: { [village]: 0, [other]: 0 }, answering: [other] },
      twoMissedS,
      [],
    ],
    [
      "while the centre is silent as well: the collector may not hear",
      { silent: { [noc]: 0, [village]: 0, [other]: 0 } },
      twoMissedS,
      [],
    ],
  ])("%s", (_, world, afterS, expected) => {
    expect(suspectedAt(afterS, world)).toEqual(expected);
  });

  describe("where agents usually miss one round of fifty, more than which is chance once in a month", () => {
    const gaps = Array.from({ length: 7 }, (_, at): [number, number] => [at * 3_000, at * 3_000 + 2_881]);
    const suspects = (afterS: number, silent: readonly string[], poor = false) => {
      const agent = (site: string): Watched => ({
        key: `${site}/anchor`,
        role: "anchor",
        phaseS: 0,
        measured: [...gaps, [21_000, silent.includes(site) ? cutS + 1 : Infinity]],
        ...(poor ? { weak: [[cutS - 120, Infinity]] } : {}),
      });
      const watched = [{ key: `${noc}/anchor`, role: "anchor" as const, phaseS: 0 }, ...villages.map(agent)];
      const { targets } = evidenceOf(cutS + afterS, watched);
      const rhythms = new Map([noc, ...villages].map((site) => [site, rhythm]));
      const judge = createLiveJudge(targets, createTree(district()), defaultDetectOptions, { rhythms });
      return [...judge.at(atMs(cutS + afterS)).keys()];
    };

    it("three are not enough, but on a link that was poor", () => {
      expect(suspects(threeMissedS, [village])).toEqual([]);
      expect(suspects(threeMissedS, [village], true)).toEqual([village]);
    });

    it("two are not enough with one of six neighbours, which may well be chance, and are with two of them", () => {
      expect(suspects(twoMissedS, [village, other])).toEqual([]);
      expect(suspects(twoMissedS, [village, other, third])).toEqual([village, other, third]);
    });
  });
});

describe("a hub that is lost", () => {
  /** The hub is lost for one round; who is `lost` is lost with it, the other villages answer the centre. */
  function downWith(lost: readonly string[]): string[] {
    const ping = (of: string, isLost: boolean): Watched => ({
      key: `${noc}/below-${of}`,
      role: "site",
      of,
      phaseS: 30,
      bad: isLost ? [[cutS, Infinity]] : [],
    });
    const watched: Watched[] = [
      { key: `${noc}/anchor`, role: "anchor", phaseS: 30 },
      ping(hub, true),
      ...villages.map((code) => ping(code, lost.includes(code))),
      ...villages.map((code): Watched => ({ key: `${code}/anchor`, role: "anchor", phaseS: 20 })),
    ];
    const { targets } = evidenceOf(cutS + 32, watched);
    const judge = createLiveJudge(targets, createTree(district()), defaultDetectOptions);
    return [...judge.at(atMs(cutS + 32)).keys()];
  }

  it("is down with what is lost at once, also where one of them hangs elsewhere and answers", () => {
    expect(downWith(villages)).toContain(hub);
    expect(downWith(villages.slice(0, 5))).toContain(hub);
  });

  it("is not down when most of what hangs on it answered in the same round", () => {
    expect(downWith([village])).toEqual([]);
    expect(downWith([village, other])).toEqual([]);
  });
});
