import type { ProfileKey } from "./profile.ts";

/** What a device says of itself; null where it says nothing. */
export interface Identity {
  sysObjectId: string | null;
  sysDescr: string | null;
}

export interface Candidates {
  /**
   * Profiles of the maker, in the order in which they are to be tried: those of the longest prefix together, and those
   * of a shorter one only where none of them applies.
   */
  makers: ProfileKey[][];
  /** Profiles of standards, each of which may apply beside the maker's. */
  generics: ProfileKey[];
}

/**
 * Net-SNMP's own sysObjectIDs (NET-SNMP-TC, netSnmpAgentOIDs): what the makers of small routers leave in place, so that it
 * says nothing of who made the device. A device that says nothing at all, or something that nobody knows, is
 * tried as one of these.
 */
const unknownMaker = "1.3.6.1.4.1.8072.3.2";

/** Which profiles may fit a device, by the longest prefix of its sysObjectID. */
export function candidatesFor(keys: readonly ProfileKey[], identity: Identity): Candidates {
  const generics = keys.filter((key) => key.generic);
  const { sysObjectId, sysDescr } = identity;
  const makers = sysObjectId === null ? [] : rank(keys, sysObjectId, sysDescr);
  if (sysObjectId === null || !isBelow(sysObjectId, unknownMaker)) {
    makers.push(...rank(keys, unknownMaker, sysDescr));
  }
  return { makers, generics };
}

function rank(keys: readonly ProfileKey[], sysObjectId: string, sysDescr: string | null): ProfileKey[][] {
  const byLength = new Map<number, ProfileKey[]>();
  for (const key of keys) {
    if (key.generic || (key.sysDescr !== null && !key.sysDescr.test(sysDescr ?? ""))) continue;
    const longest = Math.max(
      0,
      ...key.sysObjectIds.filter((id) => isBelow(sysObjectId, id)).map((id) => id.length),
    );
    if (longest === 0) continue;
    const level = byLength.get(longest);
    if (level === undefined) byLength.set(longest, [key]);
    else level.push(key);
  }
  return [...byLength].sort(([a], [b]) => b - a).map(([, level]) => level);
}

/** Whether an OID is another one, or below it. */
export function isBelow(oid: string, root: string): boolean {
  return oid === root || oid.startsWith(`${root}.`);
}
