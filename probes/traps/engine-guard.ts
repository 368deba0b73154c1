import type { Clock } from "../probe.ts";

/*
 * A key of SNMPv3 belongs to one engine, and making it takes a hash over 1 MB (RFC 3414 §A.2); net-snmp makes it for
 * whatever engine a message names, before it can know whether the message is genuine, and keeps it for ever. One who
 * knows a user's name could so fill the memory with keys for invented engines. So a source may bring a few engines that
 * nothing genuine came from: a device has one.
 */
export interface EngineGuard {
  mayTry(address: string, engineId: string): boolean;
  /** A message that named this engine was genuine. */
  believed(engineId: string): void;
}

const unprovedPerSource = 4;
const forgetMs = 3_600_000;
const keptSources = 1_000;
const keptEngines = 5_000;

/** `ownEngineId`: what informs name, after their discovery. */
export function createEngineGuard(ownEngineId: string, clock: Clock): EngineGuard {
  const proved = new Set<string>([ownEngineId, ""]);
  let unproved = new Map<string, Set<string>>();
  let startedMs = clock.monoMs();
  return {
    mayTry(address, engineId) {
      if (proved.has(engineId)) return true;
      if (clock.monoMs() - startedMs > forgetMs) {
        unproved = new Map();
        startedMs = clock.monoMs();
      }
      const tried = unproved.get(address) ?? new Set();
      if (tried.has(engineId)) return true;
      if (tried.size >= unprovedPerSource || unproved.size >= keptSources) return false;
      unproved.set(address, tried.add(engineId));
      return true;
    },
    believed(engineId) {
      if (proved.size < keptEngines) proved.add(engineId);
    },
  };
}
