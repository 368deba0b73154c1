import type { SnmpFailure } from "#wire/rounds-v1.ts";
import type { ProfileRequest, SnmpReader } from "../reader.ts";
import type { ProfileLibrary } from "./load.ts";
import { candidatesFor, isBelow } from "./match.ts";
import type { ProfileKey } from "./profile.ts";

/** Subtrees looked for with one walk: their first objects fit into one answer. */
const rootsPerWalk = 12;

export interface Discovered {
  /** The maker's first, then those of standards. */
  names: string[];
  /** What kept the look from its end; null when all was found out. */
  why: SnmpFailure | null;
}

/**
 * Which profiles fit a device: the maker's, or the named one, and beside it the standards that the device follows. What
 * was found out of its subtrees stays in `probed`, so that a look that the round's end cuts short goes on in the next.
 */
export async function discoverProfiles(
  library: ProfileLibrary,
  { profile, reader, sysObjectID, sysDescr }: Omit<ProfileRequest, "memory">,
  probed: Map<string, boolean>,
): Promise<Discovered> {
  const keys = await library.keys();
  const { makers, generics } = candidatesFor(keys, { sysObjectId: sysObjectID, sysDescr });
  const names: string[] = [];
  if (profile !== "auto") {
    const { name, generic } = await library.load(profile);
    names.push(name);
    if (generic) return { names, why: null };
  }
  const levels = profile === "auto" && makers.length > 0 ? makers : [[]];
  for (const [level, tried] of levels.entries()) {
    // The first level goes with the standards: nearly always it is the one that applies.
    const why = await probe(reader, level === 0 ? [...tried, ...generics] : tried, probed);
    if (why !== null) return { names, why };
    const fitting = tried.filter((key) => applies(key, probed));
    names.push(...fitting.map((key) => key.name));
    if (fitting.length > 0) break;
  }
  names.push(...generics.filter((key) => applies(key, probed)).map((key) => key.name));
  return { names, why: null };
}

function applies(key: ProfileKey, probed: ReadonlyMap<string, boolean>): boolean {
  return key.probes.length === 0 || key.probes.some((root) => probed.get(root) === true);
}

/** Looks for the subtrees of these profiles that were not looked for before. */
async function probe(
  reader: SnmpReader,
  keys: readonly ProfileKey[],
  probed: Map<string, boolean>,
): Promise<SnmpFailure | null> {
  const open = [...new Set(keys.flatMap((key) => key.probes))].filter((root) => !probed.has(root));
  for (let at = 0; at < open.length; at += rootsPerWalk) {
    const roots = open.slice(at, at + rootsPerWalk);
    const why = await look(reader, roots, 2 * roots.length, probed);
    if (why !== null) return why;
    // Where large subtrees used up the answer, or one of them was answered with nonsense, each is asked for alone.
    for (const root of roots) {
      if (probed.has(root)) continue;
      const whyAlone = await look(reader, [root], 1, probed);
      if (whyAlone !== null) return whyAlone;
    }
  }
  return null;
}

/** What a device does wrong below one root says nothing of the others. */
const ofOneRoot: readonly SnmpFailure[] = ["error", "loop", "garbage"];

async function look(
  reader: SnmpReader,
  roots: string[],
  maxVarbinds: number,
  probed: Map<string, boolean>,
): Promise<SnmpFailure | null> {
  const { varbinds, why } = await reader.walk(roots, maxVarbinds);
  const isFull = why === "truncated" && varbinds.length >= maxVarbinds;
  const isWhole = why === null || (roots.length === 1 && ofOneRoot.includes(why));
  for (const root of roots) {
    if (varbinds.some((varbind) => isBelow(varbind.oid, root))) probed.set(root, true);
    else if (isWhole) probed.set(root, false);
  }
  return why === null || isFull || ofOneRoot.includes(why) ? null : why;
}
