import type { SnmpFailure, SnmpValue } from "#wire/rounds-v1.ts";
import type { ProfileAnswer, ProfileRequest } from "../reader.ts";
import type { AnsweredStore } from "./answered.ts";
import { discoverProfiles } from "./discover.ts";
import { evaluateProfile } from "./evaluate.ts";
import type { Reading } from "./evaluate.ts";
import { createProfileLibrary } from "./load.ts";
import type { ProfileLibrary } from "./load.ts";
import type { ProfileError } from "./profile-error.ts";
import { memoryIn } from "./memory.ts";
import type { ProfileMemory } from "./memory.ts";
import { planFor, tableOf } from "./plan.ts";
import { isScalarOid } from "./profile.ts";
import { readObjects } from "./read-objects.ts";

export type { Reading };

export interface ProfilePollOptions {
  /** Default: the profiles that come with the agent. */
  library?: ProfileLibrary;
  /** Told once of each file of the default library that cannot be used. */
  onProblem?: (error: ProfileError) => void;
  /** Monotonic time. Default performance.now(). */
  nowMs?: () => number;
}

export interface ProfileResult extends ProfileAnswer {
  /** The same values, and where each comes from. */
  readings: Reading[];
  /** Names of the profiles that fit the device; empty while that is not known. */
  profiles: string[];
}

/** After this time a device is looked at anew: modules are plugged in, licences bought. */
const lookAnewMs = 3_600_000;
/** Rows may come and go all the time, as stations of an access point do; their names are read again this often at most. */
const readFixedAgainMs = 300_000;
/**
 * A table may be empty when a device is looked at: after a power cut the agent is often up before the radio has its
 * link or the modem its network. So those without rows are asked for again this often.
 */
const askEmptyAgainMs = 300_000;

/**
 * Polls devices by their profiles. What a device does not have is not asked for again until it is looked at anew, which
 * is every hour and whenever the memory of its target was emptied; tables without rows are sooner. Rejects with
 * ProfileError where a named profile does not exist or cannot be read.
 */
export function createProfilePoll(
  options: ProfilePollOptions = {},
): (request: ProfileRequest) => Promise<ProfileResult> {
  const {
    library = createProfileLibrary(undefined, options.onProblem),
    nowMs: clock = () => performance.now(),
  } = options;
  return async (request) => {
    const { reader } = request;
    const nowMs = clock();
    const memory = memoryIn(request.memory, nowMs, lookAnewMs);
    const lookFailed = await look(library, request, memory);
    if (memory.fits === null) return { values: {}, why: lookFailed, readings: [], profiles: [] };

    const { profiles, plan } = memory.fits;
    if (profiles.some((profile) => !profile.bulk)) reader.avoidBulk?.();
    const names = profiles.map((profile) => profile.name);
    const fresh = memory.fixed === null;
    if (memory.fixed === null) {
      const read = await readObjects(reader, plan.fixed, memory);
      // Without the scales of its sensors nothing can be said of them.
      if (read.fatal) return { values: {}, why: read.why, readings: [], profiles: names };
      memory.fixed = read.answered;
      memory.fixedMs = nowMs;
    }
    const emptyOnes = forgetEmptyTables(memory, nowMs);
    const { answered, why } = await readObjects(reader, plan.moving, memory);
    const { fixed } = memory;
    const hasFilled = emptyOnes.some((column) => answered.column(column).size > 0);
    if (hasFilled || (hasNewRows(answered, fixed) && nowMs - memory.fixedMs >= readFixedAgainMs))
      memory.fixed = null;
    answered.addMissing(fixed);
    const found = profiles.flatMap((profile) => evaluateProfile(profile, answered, fresh));
    return { ...toValues(found), why, profiles: names };
  };
}

async function look(
  library: ProfileLibrary,
  request: ProfileRequest,
  memory: ProfileMemory,
): Promise<SnmpFailure | null> {
  if (memory.fits !== null) return null;
  const { names, why } = await discoverProfiles(library, request, memory.probed);
  if (why !== null) return why;
  const profiles = await Promise.all(names.map((name) => library.load(name)));
  memory.fits = { profiles, plan: planFor(profiles) };
  return null;
}

/** Columns that are asked for again, because it is time to. */
function forgetEmptyTables(memory: ProfileMemory, nowMs: number): string[] {
  if (nowMs - memory.absentMs < askEmptyAgainMs) return [];
  memory.absentMs = nowMs;
  const columns = [...memory.absent].filter((oid) => !isScalarOid(oid));
  for (const column of columns) memory.absent.delete(column);
  return columns;
}

/** Whether a table has rows whose names or scales were not read yet. */
function hasNewRows(answered: AnsweredStore, fixed: AnsweredStore): boolean {
  const known = new Map([...fixed.columns].map(([column, rows]) => [tableOf(column), rows]));
  for (const [column, rows] of answered.columns) {
    const names = known.get(tableOf(column));
    if (names !== undefined && [...rows.keys()].some((index) => !names.has(index))) return true;
  }
  return false;
}

/**
 * Where two profiles of a device have a name in common, as a maker's MIB and the UPS-MIB do, the first keeps it and
 * the other's bears the profile's name.
 */
function toValues(found: readonly Reading[]): Pick<ProfileResult, "values" | "readings"> {
  const values: Record<string, SnmpValue> = {};
  const readings: Reading[] = [];
  for (const reading of found) {
    let { name } = reading;
    if (name in values) name = `${name}.${reading.profile.replaceAll("-", "")}`;
    if (name in values) continue;
    values[name] = reading.value;
    readings.push({ ...reading, name });
  }
  return { values, readings };
}
