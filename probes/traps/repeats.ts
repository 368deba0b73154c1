import type { Clock } from "../probe.ts";
import type { Notification } from "./notification.ts";
import { isPersistent } from "./power-traps.ts";

/*
 * What was told already: an inform that its sender sent again because our acknowledgement was lost or late, and the trap
 * of a UPS that says every minute that it is still on battery.
 */
export interface Repeats {
  /** Notes this one, too. */
  isRepeated(address: string, notification: Notification, type: string): boolean;
}

/** snmpd gives up after 5 tries of 1 s, routers after 10 of 30 s: nobody retransmits for longer than this. */
const retransmitMs = 300_000;
/** How often the battery that goes on and on is told again. */
const persistentMs = 900_000;
const kept = 2_000;

export function createRepeats(clock: Clock): Repeats {
  const informs = createMemory(clock, retransmitMs);
  const batteries = createMemory(clock, persistentMs);
  return {
    isRepeated(address, { oid, requestId, uptimeS, varbinds }, type) {
      // With its time and size, lest a device that begins to count anew at each start is taken for its former self.
      const inform = `${address} ${requestId} ${oid} ${uptimeS} ${varbinds.length}`;
      if (requestId !== null && informs.knows(inform)) return true;
      if (type === "trap.onMains" || type === "trap.coldStart") batteries.forget(address);
      return isPersistent(oid) && batteries.knows(address);
    },
  };
}

function createMemory(clock: Clock, forMs: number) {
  const seenMs = new Map<string, number>();
  return {
    /** Whether it was seen within the time; seen from now on if not. */
    knows(key: string): boolean {
      const nowMs = clock.monoMs();
      const before = seenMs.get(key);
      if (before !== undefined && nowMs - before < forMs) return true;
      seenMs.delete(key);
      seenMs.set(key, nowMs);
      if (seenMs.size > kept) seenMs.delete(seenMs.keys().next().value!);
      return false;
    },
    forget: (key: string) => void seenMs.delete(key),
  };
}
