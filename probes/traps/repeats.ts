import type { Clock } from "../probe.ts";
import type { Notification } from "./notification.ts";
import { isPersistent, secondsOnBatteryOid } from "./power-traps.ts";

/*
 * What was told already: an inform that its sender sent again because our acknowledgement was lost or late, and the trap
 * of a UPS that says every minute that it is still on battery. UPS-MIB has no trap for the return of the mains, and the
 * one that stands for it may be lost or never sent; so a battery that has run for less time than before tells of another
 * outage.
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
  const ranForS = new Map<string, number>();

  /** Whether the battery has run for less time than when it was heard last. */
  function beganAnew(address: string, varbinds: Notification["varbinds"]): boolean {
    const seconds = varbinds.find(({ oid }) => oid === secondsOnBatteryOid)?.value;
    if (typeof seconds !== "number") return false;
    const before = ranForS.get(address);
    ranForS.delete(address);
    ranForS.set(address, seconds);
    if (ranForS.size > kept) ranForS.delete(ranForS.keys().next().value!);
    return before !== undefined && seconds < before;
  }

  return {
    isRepeated(address, { oid, requestId, uptimeS, varbinds }, type) {
      // With its time and size, lest a device that begins to count anew at each start is taken for its former self.
      const inform = `${address} ${requestId} ${oid} ${uptimeS} ${varbinds.length}`;
      if (requestId !== null && informs.knows(inform)) return true;
      if (type === "power.onMains" || type === "trap.coldStart") batteries.forget(address);
      if (!isPersistent(oid)) return false;
      if (beganAnew(address, varbinds)) batteries.forget(address);
      return batteries.knows(address);
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
