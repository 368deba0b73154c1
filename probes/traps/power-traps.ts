/*
 * The traps by which a UPS says that the mains went, came back, or that its battery ends. Sources: UPS-MIB RFC 1628 §4
 * · PowerNet-MIB of APC · XPPC-MIB (Megatec and the many that sell its cards, NetAgent among them) and its successor
 * under 935.10 · DeltaUPS-MIB · TRIPPUPS1-MIB · SOCOMECUPS-MIB · XUPS-MIB of Eaton, basic and described form; as
 * published in October 2024. Rectifiers of Huawei (SMU) and Eltek tell everything by an alarm trap of their own whose
 * varbinds carry the meaning; no published list of it is at hand, so they arrive as `trap.other` with their texts.
 */
export type PowerState = "onBattery" | "onMains" | "lowBattery" | "batteryRecovered";

const enterprises = "1.3.6.1.4.1";
const upsTraps = "1.3.6.1.2.1.33.2";

const states: Record<string, PowerState> = {
  [`${upsTraps}.1`]: "onBattery",
  [`${enterprises}.318.5`]: "onBattery",
  [`${enterprises}.318.7`]: "lowBattery",
  [`${enterprises}.318.9`]: "onMains",
  [`${enterprises}.318.11`]: "batteryRecovered",
  [`${enterprises}.935.5`]: "onBattery",
  [`${enterprises}.935.7`]: "lowBattery",
  [`${enterprises}.935.9`]: "onMains",
  [`${enterprises}.935.11`]: "batteryRecovered",
  [`${enterprises}.935.10.1.2.1`]: "onBattery",
  [`${enterprises}.935.10.1.2.2`]: "onMains",
  [`${enterprises}.935.10.1.2.3`]: "lowBattery",
  [`${enterprises}.2254.2.4.20.3`]: "onBattery",
  [`${enterprises}.2254.2.4.20.4`]: "onMains",
  [`${enterprises}.2254.2.4.20.5`]: "lowBattery",
  [`${enterprises}.850.5`]: "onBattery",
  [`${enterprises}.850.6`]: "onMains",
  [`${enterprises}.850.7`]: "lowBattery",
  [`${enterprises}.4555.1.1.7.2.1`]: "onBattery",
  [`${enterprises}.4555.1.1.7.2.23`]: "onMains",
  [`${enterprises}.534.1.0.0.3`]: "onBattery",
  [`${enterprises}.534.1.0.0.4`]: "lowBattery",
  [`${enterprises}.534.1.0.0.5`]: "onMains",
  [`${enterprises}.534.1.11.4.1.3`]: "onBattery",
  [`${enterprises}.534.1.11.4.1.4`]: "lowBattery",
  [`${enterprises}.534.1.11.4.1.5`]: "onMains",
};

/** UPS-MIB has no trap for the return of the mains: the alarm upsAlarmOnBattery leaves its table. */
const alarmAdded = `${upsTraps}.3`;
const alarmRemoved = `${upsTraps}.4`;
const upsAlarmDescr = "1.3.6.1.2.1.33.1.6.2.1.2";
const wellKnownAlarms = "1.3.6.1.2.1.33.1.6.3";
const onBatteryAlarm = `${wellKnownAlarms}.2`;
/** upsAlarmLowBattery and upsAlarmDepletedBattery. */
const lowBatteryAlarms = [`${wellKnownAlarms}.3`, `${wellKnownAlarms}.4`];

export function powerState(
  oid: string,
  varbinds: readonly { oid: string; value: unknown }[],
): PowerState | null {
  const key = withoutZero(oid);
  // As it came first: one that lost its 0 may end in another, as those of Eaton's basic form do.
  if (key !== alarmAdded && key !== alarmRemoved) return states[oid] ?? states[key] ?? null;
  const alarm = varbinds.find((varbind) => varbind.oid.startsWith(`${upsAlarmDescr}.`))?.value;
  if (typeof alarm !== "string") return null;
  if (alarm === onBatteryAlarm) return key === alarmAdded ? "onBattery" : "onMains";
  if (lowBatteryAlarms.includes(alarm)) return key === alarmAdded ? "lowBattery" : "batteryRecovered";
  return null;
}

/** upsSecondsOnBattery, which upsTrapOnBattery carries: it begins anew with each outage of the mains. */
export const secondsOnBatteryOid = "1.3.6.1.2.1.33.1.2.2.0";

/** Whether this trap is sent again every minute while it lasts, as RFC 1628 says of upsTrapOnBattery. */
export function isPersistent(oid: string): boolean {
  return withoutZero(oid) === `${upsTraps}.1`;
}

/**
 * A trap defined for SNMPv1 has a 0 before its last number when it travels as SNMPv2 (RFC 3584 §3.1), and one defined
 * for SNMPv2 gets it on a way through SNMPv1; some devices forget the one or the other.
 */
function withoutZero(oid: string): string {
  return oid.replace(/\.0(\.\d+)$/, "$1");
}
