import type { SnmpValue } from "#wire/rounds-v1.ts";
import type { Varbind } from "./reader.ts";
import { engineTimeWrapS, sysUpTimeWrapS } from "./reboots.ts";
import type { UptimeReading } from "./reboots.ts";
import { toSnmpValue } from "./value.ts";

/*
 * The system group (RFC 3418) and the scalars that tell whether anything else has to be read again.
 */

export const systemOids = {
  sysDescr: "1.3.6.1.2.1.1.1.0",
  sysObjectID: "1.3.6.1.2.1.1.2.0",
  sysUpTime: "1.3.6.1.2.1.1.3.0",
  sysName: "1.3.6.1.2.1.1.5.0",
  ifNumber: "1.3.6.1.2.1.2.1.0",
  ifTableLastChange: "1.3.6.1.2.1.31.1.5.0",
  snmpEngineTime: "1.3.6.1.6.3.10.2.1.3.0",
} as const;

type SystemName = keyof typeof systemOids;

/** Read at first, hourly and after a reboot: they hardly ever change. */
const rarely: readonly SystemName[] = ["sysDescr", "sysObjectID", "sysName"];
const everyRound: readonly SystemName[] = ["sysUpTime", "ifNumber", "ifTableLastChange"];
/** These travel; the others are for the agent. */
const told: readonly SystemName[] = ["sysDescr", "sysObjectID", "sysUpTime", "sysName"];

export const rareMs = 3_600_000;

export interface SystemReading {
  values: Record<string, SnmpValue>;
  /** Differs from round to round when the interface table has to be read anew. */
  tableMark: string;
}

export interface SystemWatch {
  /** What to ask for in this round. */
  oids(nowMs: number): string[];
  /** Takes what was answered, and remembers what the device does not have until the next rare round. */
  take(varbinds: readonly Varbind[], nowMs: number): SystemReading;
  /** As answered last. */
  readonly sysObjectID: string | null;
  readonly sysDescr: string | null;
  forget(): void;
}

export function createSystemWatch(): SystemWatch {
  let rareAtMs = -Infinity;
  let asked: readonly SystemName[] = [];
  let missing = new Set<SystemName>();
  const known = new Map<SystemName, SnmpValue>();

  const text = (name: SystemName) => {
    const value = known.get(name);
    return typeof value === "string" ? value : null;
  };

  return {
    get sysObjectID() {
      return text("sysObjectID");
    },
    get sysDescr() {
      return text("sysDescr");
    },
    oids(nowMs) {
      const isRare = nowMs >= rareAtMs;
      if (isRare) missing = new Set();
      // One that is missing costs a request of its own each time with v1.
      asked = [...everyRound.filter((name) => !missing.has(name)), ...(isRare ? rarely : [])];
      if (isRare || missing.has("sysUpTime")) asked = [...asked, "snmpEngineTime"];
      return asked.filter((name) => !missing.has(name)).map((name) => systemOids[name]);
    },
    take(varbinds, nowMs) {
      const answered = new Map(varbinds.map((varbind) => [varbind.oid, varbind]));
      const values: Record<string, SnmpValue> = {};
      for (const name of asked) {
        const varbind = answered.get(systemOids[name]);
        if (varbind === undefined) {
          missing.add(name);
          continue;
        }
        const value = toSnmpValue(varbind);
        known.set(name, value);
        if (told.includes(name)) values[name] = value;
      }
      if (asked.includes("sysObjectID")) rareAtMs = nowMs + rareMs;
      return { values, tableMark: `${known.get("ifNumber")} ${known.get("ifTableLastChange")}` };
    },
    forget() {
      rareAtMs = -Infinity;
    },
  };
}

/** The uptime in an answer, by sysUpTime, which some agents send as an INTEGER, or else by snmpEngineTime. */
export function uptimeOf(varbinds: readonly Varbind[], monoMs: number): UptimeReading | null {
  const of = (oid: string) => varbinds.find((varbind) => varbind.oid === oid)?.value;
  const ticks = of(systemOids.sysUpTime);
  if (typeof ticks === "number" && ticks >= 0) {
    return { monoMs, uptimeS: ticks / 100, wrapsAtS: sysUpTimeWrapS };
  }
  const engineS = of(systemOids.snmpEngineTime);
  if (typeof engineS !== "number" || engineS < 0) return null;
  return { monoMs, uptimeS: engineS, wrapsAtS: engineTimeWrapS };
}
