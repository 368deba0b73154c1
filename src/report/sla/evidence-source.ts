import { createHash } from "node:crypto";
import type { Link, Target } from "../../inventory/inventory.ts";
import { defaultTimeZone } from "../../inventory/local-time.ts";
import type { StateSegment } from "../../outage/table.ts";
import type { AccountedBlip, Standing } from "../../relation/account.ts";
import type { IssuedEvidence } from "../../state/sla-store.ts";
import type { OutageRecord } from "../../state/state-store.ts";
import type { Place } from "../site-view.ts";
import { reachOf } from "./link-counts.ts";
import type { ReadMonth } from "./read-link-months.ts";

/*
 * What a part of a link's month was counted from, and what it takes to show it: kept with the month when it is issued, so
 * that its evidence is the same whatever becomes of the inventory and of the states.
 */

export interface EvidenceSource {
  read: EvidenceRead;
  /** What is measured at the site over the link, and from elsewhere to it. */
  targets: Target[];
  timeZone: string;
  /** Whether the hub of the site stands at the top of the tree. */
  hubIsNoc: boolean;
}

export interface EvidenceRead {
  link: Link;
  input: {
    nowMs: number;
    edgeMs?: number;
    segments: readonly StateSegment[];
    standingOf: (segment: StateSegment) => Standing;
    blips: readonly AccountedBlip[];
    /** Since when the link is under its provider, epoch ms. Default: 0, always. */
    sinceMs?: number;
  };
  rows: readonly OutageRecord[];
}

export function sourceOf({ inventory, tree }: Place, read: ReadMonth): EvidenceSource {
  const { link, input, rows, part } = read;
  const reach = reachOf(input);
  const isNear = ({ startMs, endMs }: Pick<StateSegment, "startMs" | "endMs">) =>
    startMs < reach.toMs && (endMs ?? Infinity) > reach.fromMs;
  const around = tree.allTargetsAround(link.site);
  const own = around.filter((target) => target.link === null || target.link === link.id);
  const keys = new Set(own.map(({ key }) => key));
  // Where an outage is one of all links, what tests the others tells of it as well.
  const others =
    part.contract?.countsWhen === "allLinksOut" ? around.filter(({ key }) => !keys.has(key)) : [];
  const parent = link.parent ?? tree.parentOf(link.site);
  return {
    read: {
      link,
      input: { ...input, segments: input.segments.filter(isNear) },
      rows: rows.filter(isNear),
    },
    targets: [...own, ...others],
    timeZone: inventory.timeZone ?? defaultTimeZone,
    hubIsNoc: parent !== null && tree.parentOf(parent) === null,
  };
}

type Stored = Omit<EvidenceSource, "read"> & {
  read: Omit<EvidenceRead, "input"> & {
    input: Omit<EvidenceRead["input"], "standingOf" | "segments"> & {
      segments: [StateSegment, Standing][];
    };
  };
};

/** The parts of one link, as they are stored. */
export function packSources(sources: readonly EvidenceSource[]): IssuedEvidence {
  const [first] = sources;
  const stored = sources.map(({ read, ...source }): Stored => {
    const { nowMs, edgeMs = 0, sinceMs = 0, segments, standingOf, blips } = read.input;
    const told = segments.map((segment): [StateSegment, Standing] => [segment, standingOf(segment)]);
    return { ...source, read: { ...read, input: { nowMs, edgeMs, sinceMs, blips, segments: told } } };
  });
  return {
    link: first!.read.link.id,
    site: first!.read.link.site,
    targets: [...new Set(sources.flatMap(({ targets }) => targets.map(({ key }) => key)))],
    source: JSON.stringify(stored),
  };
}

export function unpackSources(text: string): EvidenceSource[] {
  return (JSON.parse(text) as Stored[]).map(({ read, ...source }) => {
    const standings = new Map(read.input.segments);
    const input = {
      ...read.input,
      segments: [...standings.keys()],
      standingOf: (segment: StateSegment) => standings.get(segment)!,
    };
    return { ...source, read: { ...read, input } };
  });
}

export const digestOf = (text: string) => createHash("sha256").update(text).digest("hex");
