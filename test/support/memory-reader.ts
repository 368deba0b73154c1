import type { SnmpFailure } from "#wire/rounds-v1.ts";
import type { Answers, SnmpReader, Varbind } from "../../probes/snmp/reader.ts";

/** A device that lives in memory, and what it was asked for. */
export interface MemoryReader extends SnmpReader {
  objects: Map<string, Varbind["value"]>;
  asked: { get: string[][]; walk: string[][] };
  /** Subtrees that a walk does not get through, and how it ends there. */
  spoiled: Map<string, SnmpFailure>;
}

/** Objects in the order in which the device is to give them. Numbers are INTEGER, texts octets, OIDs begin with a dot. */
export function createMemoryReader(objects: Record<string, number | bigint | string>): MemoryReader {
  const values = new Map<string, Varbind["value"]>();
  for (const [oid, value] of Object.entries(objects)) {
    if (typeof value !== "string") values.set(oid, value);
    else values.set(oid, value.startsWith(".1.") ? value.slice(1) : Buffer.from(value));
  }
  const varbind = (oid: string): Varbind => {
    const value = values.get(oid)!;
    return { oid, type: Buffer.isBuffer(value) ? 4 : typeof value === "string" ? 6 : 2, value };
  };
  const asked: MemoryReader["asked"] = { get: [], walk: [] };
  const spoiled = new Map<string, SnmpFailure>();
  return {
    objects: values,
    asked,
    spoiled,
    async get(oids): Promise<Answers> {
      asked.get.push([...oids]);
      return { varbinds: oids.filter((oid) => values.has(oid)).map(varbind), why: null };
    },
    async walk(roots, maxVarbinds = 20_000): Promise<Answers> {
      asked.walk.push([...roots]);
      const varbinds: Varbind[] = [];
      for (const root of roots) {
        const why = [...spoiled].find(([subtree]) => root === subtree || root.startsWith(`${subtree}.`))?.[1];
        if (why !== undefined) return { varbinds, why };
        for (const oid of values.keys()) {
          if (!oid.startsWith(`${root}.`)) continue;
          if (varbinds.length >= maxVarbinds) return { varbinds, why: "truncated" };
          varbinds.push(varbind(oid));
        }
      }
      return { varbinds, why: null };
    },
  };
}
