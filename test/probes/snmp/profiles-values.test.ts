import { describe, expect, it } from "vitest";
import { createAnswered } from "../../../probes/snmp/profiles/answered.ts";
import { evaluateProfile } from "../../../probes/snmp/profiles/evaluate.ts";
import { createProfileLibrary } from "../../../probes/snmp/profiles/load.ts";
import { planFor } from "../../../probes/snmp/profiles/plan.ts";
import { createMemoryReader } from "../../support/memory-reader.ts";

/*
 * What the facts of the MIBs make of raw values, with the profiles that come with the agent. Devices that are not at
 * hand as recordings, firmwares and faults among them.
 */

const library = createProfileLibrary();

async function valuesOf(name: string, objects: Record<string, number | bigint | string>) {
  const profile = await library.load(name);
  const reader = createMemoryReader(objects);
  const answered = createAnswered();
  for (const { scalars, columns } of Object.values(planFor([profile]))) {
    answered.addScalars((await reader.get(scalars)).varbinds);
    answered.addRows(columns, (await reader.walk(columns)).varbinds);
  }
  return Object.fromEntries(
    evaluateProfile(profile, answered).map((reading) => [reading.name, reading.value]),
  );
}

const e = "1.3.6.1.4.1";
const airmax = `${e}.41112.1.4`;
const airfiber = `${e}.41112.1.3.1.1`;
const optics = `${e}.2011.5.25.31.1.1.3.1`;
const sp2 = `${e}.12148.10`;
const sfp = `${e}.14988.1.1.19.1.1`;
const gauge = `${e}.14988.1.1.3.100.1`;
const ups = "1.3.6.1.2.1.33.1";
const entity = "1.3.6.1.2.1.99.1.1.1";
const smu = `${e}.2011.6.164.1`;

describe("values by a profile", () => {
  it.each([
    [
      "a rectifier of Huawei counts volts and amperes in tenths: 1064 W in all",
      "huawei-smu",
      { [`${smu}.6.1.3.0`]: 520, [`${smu}.6.1.4.0`]: 205, [`${smu}.3.1.3.0`]: 209, [`${smu}.4.2.1.0`]: -35 },
      { "busVoltageV.0": 52, "loadCurrentA.0": 20.5, "rectifierCurrentA.0": 20.9, "batteryCurrentA.0": -3.5 },
    ],
    [
      "airOS gives plain degrees",
      "ubiquiti-airmax",
      { [`${airmax}.8.4.0`]: 41 },
      { "temperatureC.host": 41 },
    ],
    [
      "airOS 8.7.4 gives 10^7 of them",
      "ubiquiti-airmax",
      { [`${airmax}.8.4.0`]: 410_000_000 },
      { "temperatureC.host": 41 },
    ],
    [
      "airOS 5 counts CCQ in thousandths",
      "ubiquiti-airmax",
      { [`${airmax}.5.1.7.1`]: 991 },
      { "ccqRatio.1": 0.991 },
    ],
    [
      "airFiber 5 gives MHz",
      "ubiquiti-airfiber",
      { [`${airfiber}.5.1`]: 5775 },
      { "frequencyHz.tx.1": 5_775_000_000 },
    ],
    [
      "airFiber 11 gives kHz",
      "ubiquiti-airfiber",
      { [`${airfiber}.5.1`]: 10_735_000 },
      { "frequencyHz.tx.1": 10_735_000_000 },
    ],
    [
      "Canopy of 900 MHz counts 100 kHz",
      "cambium-pmp",
      { [`${e}.161.19.3.1.7.37.0`]: 9_060 },
      { frequencyHz: 906_000_000 },
    ],
    [
      "Canopy FSK of 5 GHz counts MHz",
      "cambium-pmp",
      { [`${e}.161.19.3.1.7.37.0`]: 5_775 },
      { frequencyHz: 5_775_000_000 },
    ],
    [
      "Huawei: a negative power is 0.01 dBm",
      "huawei-vrp",
      { [`${optics}.8.7`]: -849 },
      { "rxPowerDbm.optics.7": -8.49 },
    ],
    [
      "Huawei: a positive one is microwatts",
      "huawei-vrp",
      { [`${optics}.8.7`]: 100 },
      { "rxPowerDbm.optics.7": -10 },
    ],
    ["Huawei: no light has no dBm", "huawei-vrp", { [`${optics}.8.7`]: 0 }, { "rxPowerDbm.optics.7": null }],
    [
      "Huawei: 2147483647 is none",
      "huawei-vrp",
      { [`${optics}.5.7`]: 2_147_483_647 },
      { "temperatureC.optics.7": null },
    ],
    [
      "Huawei: the bias of a laser in microamperes",
      "huawei-vrp",
      { [`${optics}.7.7`]: 2195 },
      { "currentA.optics.7": 0.002195 },
    ],
    ["Huawei: or in milliamperes", "huawei-vrp", { [`${optics}.7.7`]: 33 }, { "currentA.optics.7": 0.033 }],
    [
      "UPS: 4294967295 minutes are none",
      "ups-mib",
      { [`${ups}.2.3.0`]: 4_294_967_295 },
      { batteryRuntimeS: null },
    ],
    ["UPS: on battery", "ups-mib", { [`${ups}.4.1.0`]: 5 }, { outputState: 5, onBattery: 1 }],
    ["UPS: on mains", "ups-mib", { [`${ups}.4.1.0`]: 3 }, { outputState: 3, onBattery: 0 }],
    [
      "UHP: a Gauge32 below zero",
      "uhp",
      { [`${e}.8000.22.5.5.6.0`]: 4_294_967_275 },
      { levelAdjustDb: -2.1 },
    ],
    ["UHP: locked", "uhp", { [`${e}.8000.22.9.4.0`]: 136 }, { snrDb: 13.6, lockState: 136 }],
    ["UHP: no lock is no C/N", "uhp", { [`${e}.8000.22.9.4.0`]: 0 }, { snrDb: null, lockState: 0 }],
    [
      "MINI-LINK writes texts",
      "ericsson-minilink",
      { [`${e}.193.223.2.7.1.1.1.110101`]: "-43.0 dBm" },
      { "rxPowerDbm.110101": -43 },
    ],
    [
      "V-SOL: dBm behind mW",
      "vsol",
      { [`${e}.37950.1.1.5.12.2.1.8.1.7.1.4`]: "0.03 mW (-14.61 dBm)" },
      { "rxPowerDbm.onu.1.4": -14.61 },
    ],
    [
      "V-SOL: dBm alone",
      "vsol",
      { [`${e}.37950.1.1.5.12.2.1.8.1.7.1.4`]: "-21.5" },
      { "rxPowerDbm.onu.1.4": -21.5 },
    ],
    [
      "V-SOL: no light",
      "vsol",
      { [`${e}.37950.1.1.5.12.2.1.8.1.7.1.4`]: "N/A" },
      { "rxPowerDbm.onu.1.4": null },
    ],
    [
      "Morningstar: nan is none",
      "morningstar-genstar",
      { [`${e}.33333.10.41.0`]: "nan" },
      { batteryChargeRatio: null },
    ],
    [
      "Peplink: -9999 is none, as a number",
      "peplink",
      { [`${e}.23695.200.1.12.1.1.1.7.0`]: -9999 },
      { "rsrpDbm.lte.0": null },
    ],
    [
      "Mimosa: -100 dBm is no signal",
      "mimosa",
      { [`${e}.43356.2.1.2.6.1.1.3.2`]: -1000 },
      { "rxPowerDbm.2": null },
    ],
    [
      "APC: the coarse object where there is no fine one",
      "apc",
      { [`${e}.318.1.1.1.2.2.1.0`]: 96 },
      { batteryChargeRatio: 0.96 },
    ],
    [
      "APC: the fine object before the coarse one",
      "apc",
      { [`${e}.318.1.1.1.2.2.1.0`]: 96, [`${e}.318.1.1.1.2.3.1.0`]: 963 },
      { batteryChargeRatio: 0.963 },
    ],
    [
      "APC: a sensor that is not there",
      "apc",
      { [`${e}.318.1.1.25.1.2.1.6.1.1`]: -1 },
      { "temperatureC.room.1.1": null },
    ],
    [
      "Megatec: 9999 s fill a gap",
      "megatec",
      { [`${e}.935.1.1.1.2.2.4.0`]: 9999 },
      { batteryRuntimeS: null },
    ],
    [
      "UniFi: used is what is not free",
      "ubiquiti-unifi",
      { [`${e}.10002.1.1.1.1.1.0`]: 1000, [`${e}.10002.1.1.1.1.2.0`]: 250 },
      { "memoryUsedRatio.host": 0.75, "memoryFreeBytes.host": 256_000 },
    ],
    [
      "a Counter64 above 2^53 keeps its digits",
      "mikrotik",
      { [`${e}.14988.1.1.22.1.1.0`]: 2n ** 63n },
      { connections: "9223372036854775808" },
    ],
  ])("%s", async (_what, name, objects, expected) => {
    expect(await valuesOf(name, objects as Record<string, number | bigint | string>)).toEqual(expected);
  });

  it("Eltek: in A or in 0.1 A, in C or in F, as the device is set", async () => {
    const objects = { [`${sp2}.9.2.5.0`]: 56, [`${sp2}.10.7.5.0`]: 77 };
    expect(await valuesOf("eltek-enexus", objects)).toEqual({ loadCurrentA: 56, batteryTemperatureC: 77 });
    const set = { ...objects, [`${sp2}.2.15.0`]: 1, [`${sp2}.2.16.0`]: 1 };
    expect(await valuesOf("eltek-enexus", set)).toEqual({ loadCurrentA: 5.6, batteryTemperatureC: 25 });
  });

  it("Eltek: a capacity in percent is a ratio, one in Ah is a charge", async () => {
    const objects = { [`${sp2}.10.9.5.0`]: 90 };
    expect(await valuesOf("eltek-enexus", objects)).toEqual({ batteryRemainingAh: 90 });
    expect(await valuesOf("eltek-enexus", { ...objects, [`${sp2}.2.17.0`]: 1 })).toEqual({
      batteryChargeRatio: 0.9,
    });
  });

  it("MikroTik: an empty cage has no readings, a module at 0 dBm has", async () => {
    const row = (figures: number[]) =>
      Object.fromEntries([6, 7, 8, 9, 10].map((column, index) => [`${sfp}.${column}.3`, figures[index]!]));
    const none = await valuesOf("mikrotik", row([0, 0, 0, 0, 0]));
    expect(Object.values(none)).toEqual([null, null, null, null, null]);
    const some = await valuesOf("mikrotik", row([40, 3300, 7, 0, -5000]));
    expect(some).toMatchObject({
      "txPowerDbm.optics.3": 0,
      "rxPowerDbm.optics.3": -5,
      "voltageV.optics.3": 3.3,
    });
  });

  it("MikroTik: the unit of a gauge says what it measures", async () => {
    const units = { 13: [243, 3], 14: [38, 1], 17: [4200, 2], 18: [12, 4], 19: [315, 5], 20: [1, 6] };
    const objects: Record<string, number> = {};
    for (const [index, [value, unit]] of Object.entries(units)) {
      objects[`${gauge}.3.${index}`] = value!;
      objects[`${gauge}.4.${index}`] = unit!;
    }
    expect(await valuesOf("mikrotik", objects)).toEqual({
      "voltageV.gauge.13": 24.3,
      "temperatureC.gauge.14": 38,
      "fanRpm.gauge.17": 4200,
      "currentA.gauge.18": 1.2,
      "powerW.gauge.19": 31.5,
      "sensorState.gauge.20": 1,
    });
  });

  it("MikroTik: the address of a client does not travel", async () => {
    const row = `${e}.14988.1.1.1.2.1.3`;
    const values = await valuesOf("mikrotik", {
      [`${row}.184.105.244.1.2.3.2`]: -63,
      [`${row}.184.105.244.1.2.4.2`]: -70,
    });
    expect(Object.values(values)).toEqual([-63, -70]);
    for (const name of Object.keys(values)) {
      expect(name).toMatch(/^signalDbm\.client\.[a-z0-9]{1,7}$/);
      expect(name).not.toContain("184");
    }
  });

  it("RFC 3433: scale and precision of each sensor, and none that is out of order", async () => {
    const sensor = (index: number, [type, scale, precision, value, state]: number[]) => ({
      [`${entity}.1.${index}`]: type!,
      [`${entity}.2.${index}`]: scale!,
      [`${entity}.3.${index}`]: precision!,
      [`${entity}.4.${index}`]: value!,
      [`${entity}.5.${index}`]: state!,
    });
    const objects = {
      ...sensor(1, [8, 9, 1, 345, 1]),
      ...sensor(2, [4, 8, 0, 12_059, 1]),
      ...sensor(3, [6, 10, 0, 2, 1]),
      ...sensor(4, [8, 9, 0, 0, 3]),
      ...sensor(5, [9, 9, 0, 45, 1]),
    };
    const sorted = Object.fromEntries(Object.entries(objects).sort(([a], [b]) => (a < b ? -1 : 1)));
    expect(await valuesOf("entity-sensors", sorted)).toEqual({
      "voltageV.entity.2": 12.059,
      "powerW.entity.3": 2000,
      "temperatureC.entity.1": 34.5,
      "temperatureC.entity.4": null,
      "humidityRatio.entity.5": 0.45,
    });
  });

  it("OpenWrt: the name of the script says what it measures", async () => {
    const row = (token: string) =>
      `${e}.8072.1.3.2.3.1.1.${token.length}.${[...Buffer.from(token)].join(".")}`;
    expect(
      await valuesOf("openwrt", {
        [row("clients-wlan0")]: "2",
        [row("frequency-wlan0")]: "5180",
        [row("rate-rx-wlan0-min")]: "24000000",
        [row("uptime")]: "99",
      }),
    ).toEqual({ "clients.wlan0": 2, "frequencyHz.wlan0": 5_180_000_000, "rateBps.rx.wlan0.min": 24_000_000 });
  });

  it("host resources: the share used of the memory alone", async () => {
    const storage = "1.3.6.1.2.1.25.2.3.1";
    const row = (index: number, type: string, units: number, size: number, used: number) => ({
      [`${storage}.2.${index}`]: type,
      [`${storage}.3.${index}`]: `storage ${index}`,
      [`${storage}.4.${index}`]: units,
      [`${storage}.5.${index}`]: size,
      [`${storage}.6.${index}`]: used,
    });
    const values = await valuesOf("host-resources", {
      ...row(1, ".1.3.6.1.2.1.25.2.1.2", 1024, 1000, 250),
      ...row(31, ".1.3.6.1.2.1.25.2.1.4", 4096, 100, 99),
    });
    expect(values).toMatchObject({
      "memoryUsedRatio.1": 0.25,
      "storageUsedBytes.31": 405_504,
      "storageSizeBytes.31": 409_600,
      "storageName.31": "storage 31",
    });
    expect(values).not.toHaveProperty(["memoryUsedRatio.31"]);
  });
});
