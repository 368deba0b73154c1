import type { AgentEvent } from "#wire/batch-v1.ts";
import type { Notification, ReceivedVarbind } from "./notification.ts";
import { powerState } from "./power-traps.ts";

/*
 * A notification as an event of the batch: `trap.linkDown`, `trap.linkUp` (RFC 2863), `trap.coldStart`,
 * `trap.warmStart`, `trap.authenticationFailure`, `trap.egpNeighborLoss` (RFC 3418), `power.onBattery`, `power.onMains`,
 * `power.lowBattery`, `power.batteryRecovered` (power-traps.ts), and `trap.other` with what it carried.
 */
type Detail = AgentEvent["detail"];

const genericTraps = "1.3.6.1.6.3.1.1.5";
const genericTypes: Record<string, string> = {
  [`${genericTraps}.1`]: "trap.coldStart",
  [`${genericTraps}.2`]: "trap.warmStart",
  [`${genericTraps}.3`]: "trap.linkDown",
  [`${genericTraps}.4`]: "trap.linkUp",
  [`${genericTraps}.5`]: "trap.authenticationFailure",
  [`${genericTraps}.6`]: "trap.egpNeighborLoss",
};

/** Objects that are worth a name of their own: column or scalar → key. */
const named: Record<string, string> = {
  "1.3.6.1.2.1.2.2.1.1": "ifIndex",
  "1.3.6.1.2.1.2.2.1.2": "ifDescr",
  "1.3.6.1.2.1.2.2.1.7": "ifAdminStatus",
  "1.3.6.1.2.1.2.2.1.8": "ifOperStatus",
  "1.3.6.1.2.1.31.1.1.1.1": "ifName",
  "1.3.6.1.2.1.31.1.1.1.18": "ifAlias",
  "1.3.6.1.2.1.33.1.2.2": "secondsOnBattery",
  "1.3.6.1.2.1.33.1.2.3": "minutesRemaining",
};
/** Of ifAdminStatus and ifOperStatus (RFC 2863), 1 to 7. */
const interfaceStates = ["up", "down", "testing", "unknown", "dormant", "notPresent", "lowerLayerDown"];
/** snmpTrapCommunity: a proxy passes the secret of its own sender on in it. */
const secretOid = "1.3.6.1.6.3.18.1.4.0";

/** Varbinds of an unknown trap that an event carries. */
const keptVarbinds = 12;
const keptText = 200;

export function toEvent(notification: Notification): { type: string; detail: Detail } {
  const { oid, uptimeS } = notification;
  const varbinds = notification.varbinds.filter((varbind) => varbind.oid !== secretOid);
  const power = powerState(oid, varbinds);
  const type = power === null ? (genericTypes[oid] ?? "trap.other") : `power.${power}`;
  const detail: Detail = { oid: oid.slice(0, keptText), uptimeS, ...namedObjects(varbinds) };
  if (type === "trap.other") Object.assign(detail, asTheyAre(varbinds));
  else if (power !== null) Object.assign(detail, firstText(varbinds));
  return { type, detail };
}

function namedObjects(varbinds: readonly ReceivedVarbind[]): Detail {
  const detail: Detail = {};
  for (const varbind of varbinds) {
    const { object, index } = splitOid(varbind.oid);
    const key = named[object];
    if (key === undefined) continue;
    const value = toScalar(varbind);
    if (key === "ifAdminStatus" || key === "ifOperStatus") {
      detail[key] = interfaceStates[Number(value) - 1] ?? value;
    } else detail[key] = value;
    // Some devices send the states alone; their index says whose they are.
    if (key.startsWith("if")) detail["ifIndex"] ??= index;
  }
  return detail;
}

function splitOid(oid: string): { object: string; index: number } {
  const dot = oid.lastIndexOf(".");
  return { object: oid.slice(0, dot), index: Number(oid.slice(dot + 1)) };
}

function asTheyAre(varbinds: readonly ReceivedVarbind[]): Detail {
  const others = varbinds.filter(({ oid }) => named[splitOid(oid).object] === undefined);
  const detail: Detail = {};
  for (const varbind of others.slice(0, keptVarbinds))
    detail[varbind.oid.slice(0, keptText)] = toScalar(varbind);
  if (others.length > keptVarbinds) detail["varbindsLeftOut"] = others.length - keptVarbinds;
  return detail;
}

/** What the device says of it in words, as APC does in mtrapargsString. */
function firstText(varbinds: readonly ReceivedVarbind[]): Detail {
  const text = varbinds.find(({ value }) => Buffer.isBuffer(value) && readText(value) !== null);
  return text === undefined ? {} : { text: toScalar(text) };
}

const counter64Tag = 0x46;

function toScalar({ type, value }: ReceivedVarbind): string | number | boolean | null {
  if (Buffer.isBuffer(value)) {
    if (type === counter64Tag) return fromBigInt(BigInt(`0x${value.toString("hex") || "0"}`));
    return readText(value) ?? value.subarray(0, keptText / 2).toString("hex");
  }
  if (typeof value === "bigint") return fromBigInt(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "boolean") return value;
  return typeof value === "string" ? value.slice(0, keptText) : null;
}

function fromBigInt(value: bigint): number | string {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString().slice(0, keptText);
}

function readText(octets: Buffer): string | null {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(octets).replace(/\0+$/, "").trim();
  if (text === "" || /[^\P{Cc}\t\r\n]|\uFFFD/u.test(text)) return null;
  return text.slice(0, keptText);
}
