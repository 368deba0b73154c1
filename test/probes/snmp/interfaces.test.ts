import { describe, expect, it } from "vitest";
import type { SnmpValue } from "#wire/rounds-v1.ts";
import { createInterfaceWatch } from "../../../probes/snmp/interfaces.ts";
import { compareOids, isBelow } from "../../../probes/snmp/oids.ts";
import type { SnmpReader, Varbind } from "../../../probes/snmp/reader.ts";

const ifTable = "1.3.6.1.2.1.2.2.1";
const ifXTable = "1.3.6.1.2.1.31.1.1.1";

/** A device as a table of its objects; counts what is walked. */
function createDevice(rows: Record<string, Varbind["value"]>) {
  const objects = new Map(Object.entries(rows));
  const walked: string[][] = [];
  const below = (root: string): Varbind[] =>
    [...objects.keys()]
      .filter((oid) => isBelow(root, oid))
      .toSorted((a, b) => compareOids(a, b))
      .map((oid) => ({ oid, type: Buffer.isBuffer(objects.get(oid)) ? 4 : 2, value: objects.get(oid)! }));
  const reader: SnmpReader = {
    get: () => Promise.reject(new Error("the interface table is walked")),
    walk(roots) {
      walked.push([...roots]);
      return Promise.resolve({ varbinds: roots.flatMap(below), why: null });
    },
  };
  return { reader, objects, walked };
}

async function read(
  watch: ReturnType<typeof createInterfaceWatch>,
  reader: SnmpReader,
  { nowMs = 0, tableMark = "2 0" } = {},
) {
  const values: Record<string, SnmpValue> = {};
  const why = await watch.poll(reader, { values, tableMark, nowMs });
  return { values, why };
}

const full = {
  [`${ifTable}.2.1`]: Buffer.from("ether1"),
  [`${ifTable}.5.1`]: 4_294_967_295,
  [`${ifTable}.7.1`]: 1,
  [`${ifTable}.8.1`]: 1,
  [`${ifTable}.10.1`]: 7,
  [`${ifXTable}.1.1`]: Buffer.from("ether1"),
  [`${ifXTable}.6.1`]: 5_000_000_007,
  [`${ifXTable}.15.1`]: 10_000,
  [`${ifXTable}.18.1`]: Buffer.from("ke kantor camat"),
};

describe("the interface table", () => {
  it("is read whole at first, then states and counters alone", async () => {
    const device = createDevice(full);
    const watch = createInterfaceWatch();
    const first = await read(watch, device.reader);
    expect(first.values).toEqual({
      "ifName.1": "ether1",
      "ifDescr.1": "ether1",
      "ifAlias.1": "ke kantor camat",
      "ifSpeedBps.1": 10_000_000_000,
      "ifAdminStatus.1": 1,
      "ifOperStatus.1": 1,
      "ifHCInOctets.1": 5_000_000_007,
    });
    const second = await read(watch, device.reader, { nowMs: 30_000 });
    expect(second.values).toEqual({
      "ifAdminStatus.1": 1,
      "ifOperStatus.1": 1,
      "ifHCInOctets.1": 5_000_000_007,
    });
    expect(device.walked[1]).toEqual([`${ifTable}.7`, `${ifTable}.8`, `${ifXTable}.6`]);
  });

  it.each([
    ["after an hour", { nowMs: 3_600_000 }, {}],
    ["when ifNumber or ifTableLastChange change", { tableMark: "3 0" }, {}],
    ["in the round after a new interface", {}, { [`${ifTable}.8.2`]: 1 }],
  ])("is read whole again %s", async (_what, round, added) => {
    const device = createDevice(full);
    const watch = createInterfaceWatch();
    await read(watch, device.reader);
    await read(watch, device.reader, { nowMs: 30_000 });
    for (const [oid, value] of Object.entries(added)) device.objects.set(oid, value);
    await read(watch, device.reader, round);
    if (Object.keys(added).length > 0) await read(watch, device.reader, round);
    expect(device.walked.at(-1)).toEqual(device.walked[0]);
  });

  it("falls back to 32 bits by interface: where 64 are missing, and where they stand still", async () => {
    const device = createDevice({
      [`${ifTable}.10.1`]: 11,
      [`${ifXTable}.6.1`]: 5_000_000_011,
      [`${ifTable}.10.2`]: 22,
      [`${ifTable}.10.3`]: 33,
      [`${ifXTable}.6.3`]: 0,
      [`${ifTable}.10.4194316032`]: 0,
      [`${ifXTable}.6.4194316032`]: 0,
    });
    const watch = createInterfaceWatch();
    const expected = {
      "ifHCInOctets.1": 5_000_000_011,
      "ifInOctets.2": 22,
      "ifInOctets.3": 33,
      "ifHCInOctets.4194316032": 0,
    };
    expect((await read(watch, device.reader)).values).toEqual(expected);
    expect((await read(watch, device.reader, { nowMs: 30_000 })).values).toEqual(expected);
  });

  it.each([
    ["ifHighSpeed above ifSpeed's end", 4_294_967_295, 10_000, 10_000_000_000],
    ["ifSpeed where ifHighSpeed is 0", 64_000, 0, 64_000],
    ["neither", 0, 0, undefined],
    ["ifSpeed at its end alone", 4_294_967_295, null, undefined],
  ])("takes the speed from %s", async (_what, ifSpeed, ifHighSpeed, expected) => {
    const rows: Record<string, number> = { [`${ifTable}.5.1`]: ifSpeed };
    if (ifHighSpeed !== null) rows[`${ifXTable}.15.1`] = ifHighSpeed;
    const { values } = await read(createInterfaceWatch(), createDevice(rows).reader);
    expect(values["ifSpeedBps.1"]).toBe(expected);
  });
});
