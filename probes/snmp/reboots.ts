/*
 * Whether a device has rebooted between two readings of its uptime.
 *
 * sysUpTime counts hundredths of a second in 32 bits, so that it starts again at 0 after 497 days without any reboot, and
 * it is read with the delay of the network. What is compared is therefore the moment at which the device must have
 * started: a reboot moves it forward, and to after the reading before.
 */

export interface UptimeReading {
  /** Monotonic time of the agent at the reading. */
  monoMs: number;
  uptimeS: number;
  /** Uptime at which the counter starts again at 0; sysUpTime: 2^32 hundredths. */
  wrapsAtS: number;
}

export const sysUpTimeWrapS = 2 ** 32 / 100;
/** snmpEngineTime (RFC 3414 §2.2.2), which stands in for a sysUpTime that is not there. */
export const engineTimeWrapS = 2 ** 31;

/** What the network's delays, a clock of whole seconds and a cheap crystal may add up to. */
const jitterS = 10;
const driftRatio = 0.01;

/** An event of the batch. `device.uptime`: what a device said when it was heard for the first time in this start. */
export interface UptimeEvent {
  type: "device.rebooted" | "device.uptime";
  detail: { target: string; uptimeS: number };
}

export function findReboot(
  target: string,
  before: UptimeReading | null,
  now: UptimeReading,
): UptimeEvent | null {
  // The two counters cannot be compared with one another. One that stands still is broken, or a recording.
  if (before === null || before.wrapsAtS !== now.wrapsAtS || before.uptimeS === now.uptimeS) return null;
  const elapsedS = (now.monoMs - before.monoMs) / 1000;
  const toleranceS = jitterS + driftRatio * Math.max(0, elapsedS);
  const expectedS = before.uptimeS + elapsedS;
  if (Math.abs(now.uptimeS + now.wrapsAtS - expectedS) <= toleranceS) return null;
  const startedLaterS = expectedS - now.uptimeS;
  const startedSince = now.uptimeS < elapsedS + toleranceS;
  if (startedLaterS <= toleranceS || !startedSince) return null;
  return { type: "device.rebooted", detail: { target, uptimeS: Math.round(now.uptimeS) } };
}
