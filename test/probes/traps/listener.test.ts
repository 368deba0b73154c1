import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { needs } from "../../support/needs.ts";
import { waitFor } from "../../support/wait-for.ts";
import { freeUdpPort } from "../../support/free-port.ts";
import { community, listenForTraps, snmpTarget, traps } from "./listen.ts";
import {
  createRandom,
  flood,
  ifIndex3,
  linkDown,
  nobodysTrapV3,
  recordInform,
  send,
  startSender,
  trapV2c,
  user,
  v2c,
  v3,
} from "./send.ts";

/** What is counted is told when the listener ends, so that it does not matter how slow the senders are. */
const toldAtTheEnd = { firstToldMs: 3_600_000 };
const missing = needs({ commands: ["snmptrap", "snmpinform"] });

describe.skipIf(missing !== null)(`traps and informs${missing ? ` (skipped: ${missing})` : ""}`, () => {
  it("tells a linkDown of SNMPv2c with its interface and its target", async () => {
    await using listening = await listenForTraps(traps({ sources: [] }), [snmpTarget("router", "127.0.0.1")]);
    const varbinds = [
      ifIndex3,
      "1.3.6.1.2.1.2.2.1.2.3 s ether3".split(" "),
      "1.3.6.1.2.1.2.2.1.7.3 i 1 1.3.6.1.2.1.2.2.1.8.3 i 2".split(" "),
    ].flat();
    await send("snmptrap", v2c(listening.port, "123456", linkDown, ...varbinds));
    expect(await listening.heard("trap.linkDown")).toEqual([
      {
        source: "127.0.0.1",
        target: "router",
        version: "2c",
        inform: false,
        oid: linkDown,
        uptimeS: 1234,
        ifIndex: 3,
        ifDescr: "ether3",
        ifAdminStatus: "up",
        ifOperStatus: "down",
      },
    ]);
  });

  it("translates traps of SNMPv1, generic ones and an enterprise's own", async () => {
    await using listening = await listenForTraps();
    const v1 = ["-v", "1", "-c", community, `127.0.0.1:${listening.port}`];
    await send("snmptrap", [...v1, "1.3.6.1.4.1.14988.1", "10.8.1.1", "2", "0", "500", ...ifIndex3]);
    await send("snmptrap", [...v1, "1.3.6.1.4.1.318", "10.8.1.7", "6", "5", "700"]);
    await send("snmptrap", [...v1, "1.3.6.1.4.1.935", "10.8.1.7", "6", "9", "800"]);
    const [down] = await listening.heard("trap.linkDown");
    expect(down).toMatchObject({
      version: "1",
      oid: linkDown,
      uptimeS: 5,
      agentAddress: "10.8.1.1",
      ifIndex: 3,
    });
    const [battery] = await listening.heard("power.onBattery");
    expect(battery).toMatchObject({ oid: "1.3.6.1.4.1.318.0.5", uptimeS: 7, target: null });
    const [mains] = await listening.heard("power.onMains");
    expect(mains).toMatchObject({ oid: "1.3.6.1.4.1.935.0.9", uptimeS: 8 });
  });

  it("acknowledges an inform and tells it once", async () => {
    await using listening = await listenForTraps();
    await send("snmpinform", v2c(listening.port, "100", "1.3.6.1.6.3.1.1.5.1"));
    expect(await listening.heard("trap.coldStart")).toMatchObject([
      { inform: true, version: "2c", uptimeS: 1 },
    ]);
  });

  it("does not tell a retransmitted inform again, and acknowledges it again", async () => {
    await using listening = await listenForTraps();
    const packet = await recordInform();
    const sender = createSocket("udp4");
    let answers = 0;
    sender.on("message", () => answers++);
    for (let times = 0; times < 3; times++) sender.send(packet, listening.port, "127.0.0.1");
    await waitFor("three acknowledgements", () => answers === 3, { everyMs: 20 });
    sender.close();
    expect(listening.events.map(({ type }) => type)).toEqual(["trap.warmStart"]);
  });

  it("believes a user of SNMPv3 with SHA-256 and AES, by trap and by inform", async () => {
    await using listening = await listenForTraps(traps({ users: [user], communities: [] }));
    await send("snmptrap", v3(listening.port, user.authKey, "100", linkDown, ...ifIndex3));
    await send("snmpinform", v3(listening.port, user.authKey, "200", "1.3.6.1.6.3.1.1.5.4", ...ifIndex3));
    expect(await listening.heard("trap.linkDown")).toMatchObject([
      { version: "3", inform: false, ifIndex: 3 },
    ]);
    expect(await listening.heard("trap.linkUp")).toMatchObject([{ version: "3", inform: true, ifIndex: 3 }]);
  });

  it("does not believe a wrong community, key, user or level, and keeps the secrets to itself", async () => {
    await using listening = await listenForTraps(traps({ users: [user] }));
    const to = `127.0.0.1:${listening.port}`;
    await send("snmptrap", ["-v", "2c", "-c", "salah-sekali", to, "1", linkDown]);
    await send("snmptrap", v3(listening.port, "kunci-yang-salah", "1", linkDown));
    await send("snmptrap", ["-v", "3", "-u", "orang-asing", "-l", "noAuthNoPriv", to, "1", linkDown]);
    await send("snmptrap", ["-v", "3", "-u", user.user, "-l", "noAuthNoPriv", to, "1", linkDown]);
    await expect(
      send("snmpinform", [
        "-v",
        "3",
        "-u",
        "orang-asing",
        "-l",
        "noAuthNoPriv",
        "-r",
        "0",
        to,
        "1",
        linkDown,
      ]),
    ).rejects.toThrow(/Unknown user name/i);
    await listening.update(null);
    const refused = listening.events.filter(({ type }) => type === "trap.refused");
    expect(listening.events).toEqual(refused);
    const all = refused.map(({ detail }) => detail["reasons"]).join(", ");
    for (const reason of ["community", "key", "user", "level"]) expect(all).toContain(reason);
    const told = JSON.stringify([listening.events, listening.logged]);
    for (const secret of ["salah-sekali", community, user.authKey, user.privKey])
      expect(told).not.toContain(secret);
  });

  it("does not believe a message of SNMPv3 without a user name, which net-snmp does", async () => {
    await using listening = await listenForTraps(traps({ users: [user] }));
    await flood(listening.port, [nobodysTrapV3(linkDown)]);
    expect(await listening.heard("trap.refused")).toMatchObject([{ count: 1, reasons: "user 1" }]);
    expect(listening.events).toHaveLength(1);
  });

  it("does not make keys for engine after engine that one source invents", async () => {
    await using listening = await listenForTraps(traps({ users: [user] }), [], toldAtTheEnd);
    const engines = Array.from({ length: 12 }, (_, engine) => `0x80001f888000000000000000${engine + 10}`);
    for (const engine of engines) {
      await send("snmptrap", ["-e", engine, ...v3(listening.port, "kunci-yang-salah", "1", linkDown)]);
    }
    await send("snmptrap", ["--clientaddr=127.0.0.1", ...v2c(listening.port, "1", linkDown)]);
    await listening.heard("trap.linkDown");
    await listening.update(null);
    const reasons = listening.events.map(({ detail }) => detail["reasons"]).join();
    expect(reasons).toMatch(/engine \d/);
    expect(reasons).toContain("key 4");
  });

  it("does not hear who is not listed, and counts them", async () => {
    const wanted = traps({ sources: ["127.0.0.1", "127.0.3.0/24"] });
    await using listening = await listenForTraps(wanted, [], toldAtTheEnd);
    const from = (address: string) => ["--clientaddr=" + address, ...v2c(listening.port, "1", linkDown)];
    await send("snmptrap", from("127.0.0.2"));
    await send("snmptrap", from("127.0.0.2"));
    await send("snmptrap", from("127.0.3.9"));
    expect(await listening.heard("trap.linkDown")).toMatchObject([{ source: "127.0.3.9" }]);
    await listening.update(null);
    expect(await listening.heard("trap.strangers")).toEqual([
      { count: 2, addresses: "127.0.0.2 2", reasons: "unlisted 2" },
    ]);
  });

  it("hears a target by its name", async () => {
    await using listening = await listenForTraps(traps({ sources: [] }), [snmpTarget("ups", "localhost")]);
    await send(
      "snmptrap",
      v2c(listening.port, "1", "1.3.6.1.2.1.33.2.1", "1.3.6.1.2.1.33.1.2.3.0", "i", "42"),
    );
    expect(await listening.heard("power.onBattery")).toMatchObject([{ target: "ups", minutesRemaining: 42 }]);
  });

  const missingSnmpd = needs({ commands: ["snmpd", "snmpget"] });
  it.skipIf(missingSnmpd !== null)(
    `hears what a device sends by itself${missingSnmpd ? ` (skipped: ${missingSnmpd})` : ""}`,
    async () => {
      await using listening = await listenForTraps();
      await using snmpd = await startSender(listening.port);
      expect(await listening.heard("trap.coldStart")).toMatchObject([{ version: "2c", inform: true }]);
      await snmpd.askWrongly();
      expect(await listening.heard("trap.authenticationFailure")).toMatchObject([
        { version: "2c", inform: true },
      ]);
    },
  );

  it("hears another configuration after an update, and nothing after null", async () => {
    await using listening = await listenForTraps();
    await listening.update(traps({ communities: ["baru"], port: listening.port }));
    await send("snmptrap", v2c(listening.port, "1", linkDown));
    await send("snmptrap", [
      "-v",
      "2c",
      "-c",
      "baru",
      `127.0.0.1:${listening.port}`,
      "1",
      "1.3.6.1.6.3.1.1.5.2",
    ]);
    await listening.heard("trap.warmStart");
    expect(listening.events.some(({ type }) => type === "trap.linkDown")).toBe(false);
    await listening.update(null);
    const free = createSocket("udp4");
    free.bind(listening.port, "127.0.0.1");
    await once(free, "listening");
    free.close();
  });
});

describe("a trap listener under pressure", () => {
  it("stays with its rate in a flood, tells how many it left out, and hears on", async () => {
    await using listening = await listenForTraps(traps({ perMinute: 60 }));
    const packet = trapV2c("1.3.6.1.6.3.1.1.5.5");
    await flood(
      listening.port,
      Array.from({ length: 10_000 }, () => packet),
    );
    await listening.heard("trap.limited");
    // Its own loop still turns: a stranger's packet is counted after all of them.
    await flood(listening.port, [packet], "127.0.0.2");
    await listening.heard("trap.strangers");
    await listening.update(null);
    const told = listening.events.filter(({ type }) => type === "trap.authenticationFailure").length;
    expect(told).toBeGreaterThanOrEqual(60);
    // A token a second comes back while the flood goes on; the kernel may have dropped packets before us.
    expect(told).toBeLessThan(240);
    const limited = await listening.heard("trap.limited");
    expect(limited.reduce((sum, { count }) => sum + Number(count), 0)).toBeGreaterThan(1_000);
  });

  it("takes garbage, random and half-right, for what it is", async () => {
    await using listening = await listenForTraps(traps({ perMinute: 6_000, users: [user] }));
    const random = createRandom(20_251_122);
    const valid = trapV2c(linkDown);
    const packets: Buffer[] = [
      Buffer.alloc(0),
      Buffer.from([0x30]),
      Buffer.from([0x30, 0x80]),
      Buffer.alloc(9_000, 0x30),
    ];
    for (let length = 1; length < 600; length++) {
      packets.push(Buffer.from(Array.from({ length }, () => Math.floor(random() * 256))));
    }
    for (let round = 0; round < 2_000; round++) {
      const packet = Buffer.from(
        valid.subarray(0, random() < 0.3 ? Math.floor(random() * valid.length) : valid.length),
      );
      for (let changes = 0; changes < 3 && packet.length > 0; changes++) {
        packet[Math.floor(random() * packet.length)] = Math.floor(random() * 256);
      }
      packets.push(packet);
    }
    await flood(listening.port, packets);
    const [refused] = await listening.heard("trap.refused");
    expect(refused!["reasons"]).toContain("garbage");
    await waitFor("a good trap after the bad ones", async () => {
      await flood(listening.port, [trapV2c("1.3.6.1.6.3.1.1.5.2")]);
      return listening.events.some(({ type }) => type === "trap.warmStart");
    });
  });

  it("says that its port is taken, and hears when it is free again", async () => {
    const port = await freeUdpPort();
    const other = createSocket("udp4");
    other.bind(port, "127.0.0.1");
    await once(other, "listening");
    await using listening = await listenForTraps(traps({ port }));
    expect(await listening.heard("trap.deaf")).toEqual([
      { address: "127.0.0.1", port, code: "EADDRINUSE", advice: expect.stringContaining("snmptrapd") },
    ]);
    other.close();
    await listening.heard("trap.hearing");
    await flood(port, [trapV2c(linkDown)]);
    await listening.heard("trap.linkDown");
    expect(listening.events.filter(({ type }) => type === "trap.deaf")).toHaveLength(1);
  });

  it("says what to do where it has not the address", async () => {
    await using listening = await listenForTraps(traps({ address: "192.0.2.7" }));
    const [deaf] = await listening.heard("trap.deaf");
    expect(deaf).toMatchObject({ code: "EADDRNOTAVAIL", advice: expect.stringContaining("0.0.0.0") });
  });

  it("hears IPv4 senders on an IPv6 socket by their IPv4 address", async () => {
    await using listening = await listenForTraps(traps({ address: "::" }), [
      snmpTarget("radio", "127.0.0.1"),
    ]);
    await flood(listening.port, [trapV2c(linkDown)]);
    expect(await listening.heard("trap.linkDown")).toMatchObject([{ source: "127.0.0.1", target: "radio" }]);
  });

  it("leaves a source out that it cannot read, and names it", async () => {
    await using listening = await listenForTraps(traps({ sources: ["127.0.0.1", "10.8.0.0/77"] }));
    await flood(listening.port, [trapV2c(linkDown)]);
    await listening.heard("trap.linkDown");
    expect(listening.logged.join("\n")).toContain('"field":"traps.sources[1]","value":"10.8.0.0/77"');
  });
});
