import { describe, expect, it } from "vitest";
import { createEngineGuard } from "../../../probes/traps/engine-guard.ts";
import { createLimits } from "../../../probes/traps/limits.ts";
import { toEvent } from "../../../probes/traps/meaning.ts";
import { readNotification } from "../../../probes/traps/notification.ts";
import type { Notification, ReceivedVarbind } from "../../../probes/traps/notification.ts";
import { createRepeats } from "../../../probes/traps/repeats.ts";
import { findSources, plainAddress } from "../../../probes/traps/sources.ts";
import { createHandClock, quietLog } from "../../support/agent-parts.ts";
import { snmpTarget } from "./listen.ts";

const octets = (text: string) => ({ type: 4, value: Buffer.from(text) });
const notification = (oid: string, more: Partial<Notification> = {}): Notification => ({
  oid,
  uptimeS: 1,
  requestId: null,
  agentAddress: null,
  varbinds: [],
  ...more,
});

describe("what a notification means", () => {
  const upsAlarm = (alarm: string): ReceivedVarbind[] => [
    { oid: "1.3.6.1.2.1.33.1.6.2.1.1.7", type: 2, value: 7 },
    { oid: "1.3.6.1.2.1.33.1.6.2.1.2.7", type: 6, value: `1.3.6.1.2.1.33.1.6.3.${alarm}` },
  ];

  it.each([
    ["1.3.6.1.6.3.1.1.5.2", [], "trap.warmStart"],
    ["1.3.6.1.6.3.1.1.5.5", [], "trap.authenticationFailure"],
    ["1.3.6.1.2.1.33.2.1", [], "power.onBattery"],
    ["1.3.6.1.2.1.33.2.0.1", [], "power.onBattery"],
    ["1.3.6.1.2.1.33.2.3", upsAlarm("2"), "power.onBattery"],
    ["1.3.6.1.2.1.33.2.4", upsAlarm("2"), "power.onMains"],
    ["1.3.6.1.2.1.33.2.3", upsAlarm("4"), "power.lowBattery"],
    ["1.3.6.1.2.1.33.2.4", upsAlarm("3"), "power.batteryRecovered"],
    ["1.3.6.1.2.1.33.2.4", upsAlarm("5"), "trap.other"],
    ["1.3.6.1.4.1.318.0.9", [], "power.onMains"],
    ["1.3.6.1.4.1.318.9", [], "power.onMains"],
    ["1.3.6.1.4.1.318.0.90", [], "trap.other"],
    ["1.3.6.1.4.1.935.0.5", [], "power.onBattery"],
    ["1.3.6.1.4.1.935.10.1.2.0.2", [], "power.onMains"],
    ["1.3.6.1.4.1.534.1.0.0.0.3", [], "power.onBattery"],
    ["1.3.6.1.4.1.534.1.0.0.5", [], "power.onMains"],
    ["1.3.6.1.4.1.534.1.11.4.1.0.5", [], "power.onMains"],
    ["1.3.6.1.4.1.8072.4.0.2", [], "trap.other"],
  ])("%s is told as what it is", (oid, varbinds, type) => {
    expect(toEvent(notification(oid, { varbinds })).type).toBe(type);
  });

  it("gives an unknown one with what it carried, but no community that a proxy passes on", () => {
    const varbinds = [
      { oid: "1.3.6.1.4.1.2011.6.164.2.1.0", ...octets("Mains Failure") },
      { oid: "1.3.6.1.6.3.18.1.4.0", ...octets("rahasia") },
      { oid: "1.3.6.1.4.1.12148.10.1.0", type: 0x46, value: Buffer.from("00ffffffffffffffff", "hex") },
      { oid: "1.3.6.1.4.1.12148.10.2.0", type: 4, value: Buffer.from([0, 1, 255]) },
      { oid: "1.3.6.1.2.1.31.1.1.1.1.4", ...octets("wlan1") },
    ];
    expect(toEvent(notification("1.3.6.1.4.1.2011.6.164.9", { varbinds }))).toEqual({
      type: "trap.other",
      detail: {
        oid: "1.3.6.1.4.1.2011.6.164.9",
        uptimeS: 1,
        ifIndex: 4,
        ifName: "wlan1",
        "1.3.6.1.4.1.2011.6.164.2.1.0": "Mains Failure",
        "1.3.6.1.4.1.12148.10.1.0": "18446744073709551615",
        "1.3.6.1.4.1.12148.10.2.0": "0001ff",
      },
    });
  });

  it("stays within what an event may carry, however much there is", () => {
    const varbinds = Array.from({ length: 300 }, (_, index) => ({
      oid: `1.3.6.1.4.1.99999.${index}${".4294967295".repeat(30)}`,
      ...octets("panjang ".repeat(500)),
    }));
    const { detail } = toEvent(notification(`1.3.6${".4294967295".repeat(100)}`, { varbinds }));
    expect(Object.keys(detail).length).toBeLessThanOrEqual(20);
    expect(Object.values(detail).every((value) => String(value).length <= 500)).toBe(true);
  });

  it("gives what a UPS says in words", () => {
    const varbinds = [{ oid: "1.3.6.1.4.1.318.2.3.3.0", ...octets("UPS: On battery power.\0") }];
    const { detail } = toEvent(notification("1.3.6.1.4.1.318.0.5", { varbinds }));
    expect(detail["text"]).toBe("UPS: On battery power.");
  });

  it("is nothing without the object that says which trap it is", () => {
    const varbinds = [{ oid: "1.3.6.1.2.1.1.3.0", type: 67, value: 5 }];
    expect(readNotification({ type: 0xa7, id: 1, varbinds })).toBeNull();
    expect(readNotification({ type: 0xa4, generic: 6, specific: 1, varbinds })).toBeNull();
  });
});

describe("who is heard", () => {
  const deps = { log: quietLog, signal: new AbortController().signal };

  it("knows targets by name and by address, ranges of both families, and nobody else", async () => {
    const resolve = async (host: string) =>
      host === "radio.desa.test"
        ? [{ address: "10.8.1.20", family: 4 as const }]
        : Promise.reject(new Error("no such name"));
    const targets = [snmpTarget("radio", "radio.desa.test"), snmpTarget("ups", "ups.desa.test")];
    const sources = await findSources(["10.8.0.0/24", "2001:db8::/32"], targets, { ...deps, resolve });
    expect(sources.find("10.8.1.20")).toEqual({ target: "radio" });
    expect(sources.find("10.8.0.255")).toEqual({ target: null });
    expect(sources.find("2001:db8::1")).toEqual({ target: null });
    for (const stranger of ["10.8.1.21", "2001:db9::1", ""]) expect(sources.find(stranger)).toBeNull();
    expect(sources.unresolved).toEqual(["ups.desa.test"]);
  });

  it.each([
    ["::ffff:10.8.1.1", "10.8.1.1"],
    ["fe80::1%eth0", "fe80::1"],
    ["2001:db8::1", "2001:db8::1"],
  ])("compares %s as %s", (given, plain) => {
    expect(plainAddress(given)).toBe(plain);
  });
});

describe("how much is read", () => {
  it("gives each source its events a minute, and all of them four times that", () => {
    const clock = createHandClock();
    const limits = createLimits({ perMinute: 10, clock });
    const told = (address: string) =>
      Array.from({ length: 50 }, () => limits.mayRead(address) && limits.takeEvent(address)).filter(Boolean)
        .length;
    expect(["a", "b", "c", "d", "e"].map(told)).toEqual([10, 10, 10, 10, 0]);
    clock.advance(6_000);
    // A tenth of a minute is a tenth of each.
    expect(["e", "a", "a"].map(told)).toEqual([4, 0, 0]);
  });

  it("does not decode without end what never becomes an event", () => {
    const limits = createLimits({ perMinute: 10, clock: createHandClock() });
    const read = Array.from({ length: 500 }, () => limits.mayRead("a")).filter(Boolean);
    expect(read).toHaveLength(40);
  });

  it("lets a source bring four engines that are not proved, and any that is", () => {
    const clock = createHandClock();
    const guard = createEngineGuard("00ff", clock);
    const tried = ["1", "2", "3", "4", "5", "1", "00ff", ""].map((engine) => guard.mayTry("a", engine));
    expect(tried).toEqual([true, true, true, true, false, true, true, true]);
    guard.believed("5");
    expect(guard.mayTry("a", "5")).toBe(true);
    clock.advance(3_600_001);
    expect(guard.mayTry("a", "6")).toBe(true);
  });
});

describe("what is told once", () => {
  const onBattery = notification("1.3.6.1.2.1.33.2.1");

  it("tells a battery that goes on every 15 minutes, and at once after the mains came back", () => {
    const clock = createHandClock();
    const repeats = createRepeats(clock);
    const told: number[] = [];
    for (let minute = 0; minute < 40; minute++) {
      if (!repeats.isRepeated("ups", onBattery, "power.onBattery")) told.push(minute);
      if (minute === 34) repeats.isRepeated("ups", notification("1.3.6.1.2.1.33.2.4"), "power.onMains");
      clock.advance(60_000);
    }
    expect(told).toEqual([0, 15, 30, 35]);
  });

  it("tells a battery that began anew at once, though nothing said that the mains were back", () => {
    const clock = createHandClock();
    const repeats = createRepeats(clock);
    const isTold = (seconds: number) => {
      clock.advance(60_000);
      const varbinds = [{ oid: "1.3.6.1.2.1.33.1.2.2.0", type: 2, value: seconds }];
      const trap = notification("1.3.6.1.2.1.33.2.1", { varbinds });
      return !repeats.isRepeated("ups", trap, "power.onBattery");
    };
    expect([1, 61, 121, 1, 61].map(isTold)).toEqual([true, false, false, true, false]);
  });

  it("takes an inform for repeated by its id, sender and time together", () => {
    const clock = createHandClock();
    const repeats = createRepeats(clock);
    const isNew = (address: string, requestId: number, uptimeS: number) =>
      !repeats.isRepeated(
        address,
        notification("1.3.6.1.6.3.1.1.5.3", { requestId, uptimeS }),
        "trap.linkDown",
      );
    expect(isNew("a", 1, 10)).toBe(true);
    expect(isNew("a", 1, 10)).toBe(false);
    expect(isNew("b", 1, 10)).toBe(true);
    expect(isNew("a", 2, 10)).toBe(true);
    expect(isNew("a", 1, 11)).toBe(true);
    clock.advance(300_000);
    expect(isNew("a", 1, 10)).toBe(true);
  });
});
