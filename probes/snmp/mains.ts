import type { SnmpSample } from "../probe.ts";

/*
 * Whether a UPS or a rectifier runs on its battery, from the readings of its profile (`onBattery`: UPS-MIB upsOutputSource =
 * battery(5), RFC 1628, and what other makes have instead). A reading says how it is, and an event when that changed, in the
 * same words as a trap of the device (traps/power-traps.ts): most are never told where to send traps to.
 */

/** An event of the batch. */
export interface PowerEvent {
  type: "power.onBattery" | "power.onMains";
  /** `polled`: we asked; a device's own word has its varbinds instead. */
  detail: { target: string; polled: true };
}

/** null: nothing that was read tells. Of several strings of batteries one that is drained is enough. */
export function readsOnBattery(values: SnmpSample["values"]): boolean | null {
  const told = Object.entries(values).flatMap(([name, value]) =>
    (name === "onBattery" || name.startsWith("onBattery.")) && typeof value === "number" ? [value] : [],
  );
  return told.length === 0 ? null : told.some((value) => value !== 0);
}

/**
 * `before`: null where it was not read since the agent started. It is told then as well: what the device said last, before a
 * power cut took the agent along, may have been that it is on battery.
 */
export function findMainsChange(target: string, before: boolean | null, now: boolean): PowerEvent | null {
  if (before === now) return null;
  return { type: now ? "power.onBattery" : "power.onMains", detail: { target, polled: true } };
}
