import type { SnmpTarget } from "#wire/targets-v1.ts";
import { createInterfaceWatch } from "./interfaces.ts";
import type { InterfaceWatch } from "./interfaces.ts";
import type { UptimeReading } from "./reboots.ts";
import { createSystemWatch } from "./system.ts";
import type { SystemWatch } from "./system.ts";

/** What is kept of a target from round to round. */
export interface TargetMemory {
  system: SystemWatch;
  interfaces: InterfaceWatch;
  profile: Map<string, unknown>;
  uptime: UptimeReading | null;
  /** null: not read yet. */
  onBattery: boolean | null;
}

export interface TargetBook {
  of(target: SnmpTarget, nowMs: number): TargetMemory;
}

/** A target that was not polled for this long is no longer configured: more than the longest interval, a day. */
const keepMs = 2 * 86_400_000;

export function createTargetBook(): TargetBook {
  const book = new Map<string, { memory: TargetMemory; usedMs: number }>();
  let sweepAtMs = -Infinity;
  return {
    of({ id, address, port, profile }, nowMs) {
      if (nowMs >= sweepAtMs) {
        for (const [key, { usedMs }] of book) if (nowMs - usedMs > keepMs) book.delete(key);
        sweepAtMs = nowMs + keepMs;
      }
      // Another address under the same id is another device.
      const key = `${id} ${address} ${port} ${profile}`;
      let entry = book.get(key);
      if (entry === undefined) book.set(key, (entry = { memory: createTargetMemory(), usedMs: nowMs }));
      entry.usedMs = nowMs;
      return entry.memory;
    },
  };
}

function createTargetMemory(): TargetMemory {
  return {
    system: createSystemWatch(),
    interfaces: createInterfaceWatch(),
    profile: new Map(),
    uptime: null,
    onBattery: null,
  };
}
