import type { Inventory, Link, Site } from "../../src/inventory/inventory.ts";
import { createTree } from "../../src/inventory/tree.ts";
import type { Outage } from "../../src/outage/table.ts";
import type { Standing, Standings } from "../../src/outage/standing.ts";
import { morningMs } from "./factories.ts";

/*
 * A whole tree in which nodes fail and come back, and what is known of it at a moment: each site's going down and coming
 * back is learned some time after it happened, in any order. The table is what detection says of that: who is down
 * below a parent that is known to be down is so because of it, else by itself.
 *
 * Seconds are counted from `morningMs`.
 */

const kabupaten = "64.08";
const kecamatan = ["64.08.01", "64.08.02", "64.08.03"];
const villages = kecamatan.flatMap((code) => [2001, 2002, 2003].map((n) => `${code}.${n}`));
/** Hangs from a village that relays. */
const behindRelay = "64.08.01.2004";
export const nodes = [kabupaten, ...kecamatan, ...villages, behindRelay] as const;

export const treeInventory: Inventory = {
  sites: new Map(nodes.map((code) => [code, siteOf(code)])),
  links: new Map(nodes.map((code) => [`l-${code}`, linkOf(code)])),
  contracts: new Map(),
  services: new Map(),
  targets: new Map(),
};
const tree = createTree(treeInventory);
/** Asked for a million times. */
const above = new Map(nodes.map((code) => [code as string, tree.ancestorsOf(code)]));

function siteOf(code: string): Site {
  const levels = code.split(".").length;
  const kind = levels === 2 ? "kabupaten" : levels === 3 ? "kecamatan" : "desa";
  const parent = levels === 2 ? null : code.split(".").slice(0, -1).join(".");
  return { code, kind, name: `Lokasi ${code}`, parent, latitude: 0.5, longitude: 117.5 };
}

function linkOf(code: string): Link {
  const parent = code === behindRelay ? "64.08.01.2001" : siteOf(code).parent;
  return {
    id: `l-${code}`,
    site: code,
    provider: "Penyedia",
    technology: "fibre",
    circuitId: null,
    parent,
    gateway: null,
    contract: null,
  };
}

/** A node fails in [fromS, toS): it and all below it are cut off. */
export interface NodeFault {
  node: string;
  fromS: number;
  toS: number;
  /** Its own evidence tells it from a fault of its parent, also while that lasts. */
  isTold: boolean;
}

interface Cut {
  fromS: number;
  toS: number;
}

export interface TreeWorld {
  /** Moments at which something is learned, ascending. */
  learnedS: number[];
  tableAt: (nowS: number) => Outage[];
  standingsAt: (nowS: number) => Standings;
  /** Stretches of a fault in which nothing above its node is cut off. */
  visible: (fault: NodeFault) => Cut[];
  endS: number;
}

/** `delayS`: how long after it happened a change at a site is learned; asked once for each change. */
export function createTreeWorld(
  faults: readonly NodeFault[],
  delayS: (change: "down" | "up", site: string, atS: number) => number,
): TreeWorld {
  const cutsOf = new Map(
    tree.order.map(({ code }) => {
      const path = [code, ...above.get(code)!];
      const hits = faults.filter(({ node }) => path.includes(node));
      return [
        code,
        union(hits).map((cut) => ({
          ...cut,
          downKnownS: cut.fromS + delayS("down", code, cut.fromS),
          upKnownS: cut.toS + delayS("up", code, cut.toS),
        })),
      ];
    }),
  );
  const known = (code: string, nowS: number) =>
    cutsOf
      .get(code)!
      .filter(({ downKnownS }) => downKnownS <= nowS)
      .map(({ fromS, toS, upKnownS }) => ({ fromS, toS: upKnownS <= nowS ? toS : Infinity }));
  const edgesOf = new Map(
    [...above].map(([code, sites]) => [
      code,
      faults.filter(({ node }) => node === code || sites.includes(node)),
    ]),
  );
  const isCut = (code: string, atS: number, nowS: number) =>
    known(code, nowS).some(({ fromS, toS }) => atS >= fromS && atS < toS);
  const hasOwnProof = (code: string, atS: number) =>
    faults.some(({ node, fromS, toS, isTold }) => node === code && isTold && atS >= fromS && atS < toS);
  const rootAt = (code: string, atS: number, nowS: number): string => {
    const parent = tree.parentOf(code);
    if (parent === null || hasOwnProof(code, atS) || !isCut(parent, atS, nowS)) return code;
    return rootAt(parent, atS, nowS);
  };
  const changes = [...cutsOf.values()].flat();
  return {
    endS: Math.max(0, ...changes.map(({ toS, upKnownS }) => Math.max(toS, upKnownS))),
    learnedS: [...new Set(changes.flatMap(({ downKnownS, upKnownS }) => [downKnownS, upKnownS]))].sort(
      (a, b) => a - b,
    ),
    tableAt: (nowS) =>
      tree.order
        .flatMap(({ code }) =>
          known(code, nowS).flatMap((cut) => {
            const edges = edgesWithin(cut, nowS, [
              ...above.get(code)!.flatMap((site) => known(site, nowS)),
              ...edgesOf.get(code)!,
            ]);
            return joinAlike(
              edges.map((fromS, index) => ({
                fromS,
                toS: edges[index + 1] ?? cut.toS,
                root: rootAt(code, fromS, nowS),
              })),
            ).map((piece) => toRow(code, piece));
          }),
        )
        .sort((a, b) => a.startMs - b.startMs || (a.site < b.site ? -1 : 1)),
    standingsAt: (nowS) => new Map(tree.order.map(({ code }) => [code, standing(cutsOf.get(code)!, nowS)])),
    visible: ({ node, fromS, toS }) => {
      const higher = union(faults.filter((other) => above.get(node)!.includes(other.node)));
      let pieces: Cut[] = [{ fromS, toS }];
      for (const cut of higher)
        pieces = pieces.flatMap((piece) =>
          [
            { fromS: piece.fromS, toS: Math.min(piece.toS, cut.fromS) },
            { fromS: Math.max(piece.fromS, cut.toS), toS: piece.toS },
          ].filter((rest) => rest.toS > rest.fromS),
        );
      return pieces;
    },
  };
}

/**
 * The last good word came before what is not known to be over; a bad one comes with the finding, of a time at which it was
 * true. That it is back may be heard before that it was cut off.
 */
function standing(cuts: readonly (Cut & { downKnownS: number; upKnownS: number })[], nowS: number): Standing {
  const begun = cuts.filter(({ fromS }) => fromS <= nowS);
  // What came after a change that is not learned yet is not known either.
  const unknownAt = begun.findIndex(({ upKnownS }) => upKnownS > nowS);
  const lastAt = unknownAt === -1 ? begun.length - 1 : unknownAt;
  const last = begun[lastAt];
  const ms = (s: number) => morningMs + s * 1000;
  if (last === undefined)
    return { goodMs: ms(nowS - 30), goodSinceMs: ms(-86_400), goodBeforeMs: null, badMs: null };
  const previousS = begun[lastAt - 1]?.toS ?? -86_400;
  const isFound = last.downKnownS <= nowS;
  if (last.upKnownS <= nowS) {
    return {
      goodMs: ms(Math.max(nowS - 30, last.toS)),
      goodSinceMs: ms(last.toS),
      goodBeforeMs: ms(last.fromS - 1),
      badMs: isFound ? ms(last.toS - 1) : null,
    };
  }
  return {
    goodMs: ms(last.fromS - 1),
    goodSinceMs: ms(previousS),
    goodBeforeMs: null,
    badMs: isFound ? ms(Math.min(last.downKnownS, last.toS) - 1) : null,
  };
}

function edgesWithin(cut: Cut, nowS: number, others: readonly Cut[]): number[] {
  const edges = others
    .flatMap(({ fromS, toS }) => [fromS, toS])
    .filter((s) => s > cut.fromS && s < cut.toS && s <= nowS);
  return [...new Set([cut.fromS, ...edges])].sort((a, b) => a - b);
}

function joinAlike(pieces: readonly (Cut & { root: string })[]): (Cut & { root: string })[] {
  const joined: (Cut & { root: string })[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last?.root === piece.root) last.toS = piece.toS;
    else joined.push({ ...piece });
  }
  return joined;
}

function toRow(site: string, { fromS, toS, root }: Cut & { root: string }): Outage {
  return {
    site,
    link: `l-${site}`,
    service: null,
    startMs: morningMs + fromS * 1000,
    endMs: toS === Infinity ? null : morningMs + toS * 1000,
    cause: site === root ? "link" : "backhaul",
    confidence: "high",
    evidence: [],
    root,
  };
}

function union(cuts: readonly Cut[]): Cut[] {
  const merged: Cut[] = [];
  for (const { fromS, toS } of [...cuts].sort((a, b) => a.fromS - b.fromS)) {
    const last = merged.at(-1);
    if (last !== undefined && fromS <= last.toS) last.toS = Math.max(last.toS, toS);
    else merged.push({ fromS, toS });
  }
  return merged;
}
