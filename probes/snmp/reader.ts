import type { SnmpFailure, SnmpValue } from "#wire/rounds-v1.ts";

/*
 * What a poll needs of a device, whoever speaks to it: the session over the network, or a recording in a test.
 */

/** One object as the device answered it. */
export interface Varbind {
  /** Numeric, without a leading dot. */
  oid: string;
  /** Tag of the BER type, such as 2 INTEGER, 4 OCTET STRING, 65 Counter32, 66 Gauge32, 67 TimeTicks, 70 Counter64. */
  type: number;
  /** Whole numbers as numbers, above 2^53 as bigint; octets as Buffer; OIDs and IP addresses as dotted text. */
  value: number | bigint | string | Buffer | null;
}

export interface Answers {
  /** Objects that the device has; those that it does not have (noSuchObject, noSuchInstance, noSuchName) are left out. */
  varbinds: Varbind[];
  /** What kept the answer from being whole; null when it is. The varbinds that came before are kept. */
  why: SnmpFailure | null;
}

export interface SnmpReader {
  /** Reads single instances, in as many requests as they need. */
  get(oids: readonly string[]): Promise<Answers>;
  /**
   * Reads everything below these roots (columns of one table, best), strictly ascending, each root to its end or to
   * `maxVarbinds` in all (default 20,000; then why is `truncated`).
   */
  walk(roots: readonly string[], maxVarbinds?: number): Promise<Answers>;
  /** The GETBULK of this device cannot be relied on: it is read with GETNEXT from now on. */
  avoidBulk?(): void;
}

/**
 * What a profile makes of a device, beside its system and interfaces. Given by who puts the agent together, since the
 * profiles in turn know this file.
 */
export type ProfilePoll = (request: ProfileRequest) => Promise<ProfileAnswer>;

export interface ProfileRequest {
  /** `auto`, or the name of a profile. */
  profile: string;
  reader: SnmpReader;
  /** As answered last; null where the device has none. */
  sysObjectID: string | null;
  sysDescr: string | null;
  /** Empty at first; belongs to the poll, one for each target, and is emptied after a reboot. */
  memory: Map<string, unknown>;
}

export interface ProfileAnswer {
  values: Record<string, SnmpValue>;
  why: SnmpFailure | null;
}
