import { describe, expect, it } from "vitest";
import { createProfilePoll } from "../../../probes/snmp/profiles/poll.ts";
import { createMemoryReader } from "../../support/memory-reader.ts";
import type { MemoryReader } from "../../support/memory-reader.ts";

const mikrotik = "1.3.6.1.4.1.14988.1";
const health = `${mikrotik}.1.3`;
const gauge = `${health}.100.1`;
const cpu = "1.3.6.1.2.1.25.3.3.1.2";
const router = {
  [`${cpu}.1`]: 21,
  [`${health}.8.0`]: 243,
  [`${gauge}.2.14`]: "temperature",
  [`${gauge}.3.14`]: 38,
  [`${gauge}.4.14`]: 1,
};

function watch(reader: MemoryReader, profile = "auto", sysObjectID: string | null = mikrotik) {
  const clock = { nowMs: 0 };
  const memory = new Map<string, unknown>();
  const pollProfile = createProfilePoll({ nowMs: () => clock.nowMs });
  return {
    memory,
    async round(atMs: number) {
      clock.nowMs = atMs;
      reader.asked.get = [];
      reader.asked.walk = [];
      return pollProfile({ profile, reader, sysObjectID, sysDescr: null, memory });
    },
  };
}

describe("a poll by profiles", () => {
  it("finds the maker's profile and the standards beside it", async () => {
    const { round } = watch(createMemoryReader(router));
    const { profiles, values, why } = await round(0);
    expect(profiles).toEqual(["mikrotik", "host-resources"]);
    expect(why).toBeNull();
    expect(values).toEqual({
      "voltageV.board": 24.3,
      "temperatureC.gauge.14": 38,
      "sensorName.gauge.14": "temperature",
      "cpuRatio.1": 0.21,
    });
  });

  it("asks later for what the device has alone, and tells no name again", async () => {
    const reader = createMemoryReader(router);
    const { round } = watch(reader);
    await round(0);
    const { values } = await round(30_000);
    expect(reader.asked.get).toEqual([[`${health}.8.0`]]);
    expect(reader.asked.walk).toEqual([[cpu, `${gauge}.3`]]);
    expect(values).toEqual({ "voltageV.board": 24.3, "temperatureC.gauge.14": 38, "cpuRatio.1": 0.21 });
  });

  it("looks at the device anew after an hour, and after its memory was emptied", async () => {
    const reader = createMemoryReader(router);
    const { round, memory } = watch(reader);
    await round(0);
    reader.objects.set(`${health}.10.0`, 350);
    expect((await round(3_599_999)).values).not.toHaveProperty(["temperatureC.board"]);
    expect((await round(3_600_000)).values).toMatchObject({ "temperatureC.board": 35 });
    reader.objects.set(`${health}.12.0`, 55);
    memory.clear();
    expect((await round(3_600_001)).values).toMatchObject({ "powerW.board": 5.5 });
  });

  it("reads names and units again where a table has new rows", async () => {
    const reader = createMemoryReader(router);
    const { round } = watch(reader);
    await round(0);
    reader.objects.set(`${gauge}.3.15`, 240);
    reader.objects.set(`${gauge}.4.15`, 3);
    expect((await round(300_000)).values).not.toHaveProperty(["voltageV.gauge.15"]);
    expect((await round(330_000)).values).toMatchObject({ "voltageV.gauge.15": 24 });
  });

  it("asks for tables that were empty at first every five minutes, and for their names", async () => {
    const reader = createMemoryReader({ [`${health}.8.0`]: 243, [`${cpu}.1`]: 21 });
    const { round } = watch(reader);
    await round(0);
    for (const column of [2, 3, 4]) {
      const object = `${gauge}.${column}.14`;
      reader.objects.set(object, router[object as keyof typeof router]!);
    }
    await round(299_999);
    expect(reader.asked.walk).toEqual([[cpu]]);
    await round(300_000);
    expect((await round(330_000)).values).toMatchObject({
      "temperatureC.gauge.14": 38,
      "sensorName.gauge.14": expect.anything(),
    });
    await round(360_000);
    expect(reader.asked.walk).toEqual([[cpu, `${gauge}.3`]]);
  });

  it("walks tables one by one where one of them goes round in circles, and keeps the others", async () => {
    const reader = createMemoryReader(router);
    const { round } = watch(reader);
    await round(0);
    reader.spoiled.set(gauge, "loop");
    const { values, why } = await round(30_000);
    expect(why).toBe("loop");
    expect(values).toEqual({ "voltageV.board": 24.3, "cpuRatio.1": 0.21 });
    await round(60_000);
    expect(reader.asked.walk).toEqual([[cpu], [`${gauge}.3`]]);
  });

  it("goes on in the next round with a look that was cut short", async () => {
    const reader = createMemoryReader(router);
    const { round } = watch(reader);
    reader.spoiled.set("1.3.6.1.2.1.33.1", "truncated");
    expect(await round(0)).toMatchObject({ values: {}, why: "truncated", profiles: [] });
    reader.spoiled.clear();
    expect((await round(30_000)).profiles).toEqual(["mikrotik", "host-resources"]);
  });

  it("takes a named profile for a device that says nothing of itself, with the standards", async () => {
    const { round } = watch(createMemoryReader(router), "mikrotik", null);
    expect((await round(0)).profiles).toEqual(["mikrotik", "host-resources"]);
  });

  it("takes a named standard alone", async () => {
    const { round } = watch(createMemoryReader(router), "host-resources");
    expect(await round(0)).toMatchObject({ profiles: ["host-resources"], values: { "cpuRatio.1": 0.21 } });
  });

  it("refuses a profile that does not exist, by its name", async () => {
    const { round } = watch(createMemoryReader(router), "acme");
    await expect(round(0)).rejects.toThrow(/there is no profile "acme"; expected one of apc, /);
  });

  it("gives what a maker's MIB and a standard both name a name each", async () => {
    const objects = { "1.3.6.1.2.1.33.1.2.4.0": 97, "1.3.6.1.4.1.318.1.1.1.2.3.1.0": 960 };
    const { round } = watch(createMemoryReader(objects), "auto", "1.3.6.1.4.1.318.1.3.27");
    expect((await round(0)).values).toEqual({ batteryChargeRatio: 0.96, "batteryChargeRatio.upsmib": 0.97 });
  });

  it("tells the two MIBs of Teltonika apart by their objects", async () => {
    const linux = "1.3.6.1.4.1.8072.3.2.10";
    const old = {
      "1.3.6.1.4.1.48690.2.2.0": "READY",
      "1.3.6.1.4.1.48690.2.4.0": "-84",
      "1.3.6.1.4.1.48690.2.23.0": "-101",
    };
    const { round } = watch(createMemoryReader(old), "auto", linux);
    expect(await round(0)).toMatchObject({
      profiles: ["teltonika-legacy"],
      values: { "rssiDbm.lte": -84, "rsrpDbm.lte": -101 },
    });
    const rutx = { "1.3.6.1.4.1.48690.2.1.0": 1, "1.3.6.1.4.1.48690.2.2.1.20.1": -112 };
    const later = watch(createMemoryReader(rutx), "auto", linux);
    expect(await later.round(0)).toMatchObject({
      profiles: ["teltonika"],
      values: { "rsrpDbm.lte.1": -112 },
    });
  });
});
