import { createSocket } from "node:dgram";
import type { RemoteInfo, Socket } from "node:dgram";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SnmpValue } from "#wire/rounds-v1.ts";
import type { SnmpTarget } from "#wire/targets-v1.ts";
import type { SnmpSample } from "../../probes/probe.ts";
import { createProbers } from "../../probes/probers.ts";
import type { Varbind } from "../../probes/snmp/reader.ts";
import { toSnmpValue } from "../../probes/snmp/value.ts";
import { needs } from "../support/needs.ts";
import { probeContext, targetBase } from "../support/probe-context.ts";
import { community, startSnmpd, v3AuthUser, v3OpenUser, v3User } from "../support/snmpd.ts";
import type { Snmpd } from "../support/snmpd.ts";

const sysUpTime = "1.3.6.1.2.1.1.3.0";

function snmpTarget(port: number, overrides: Partial<SnmpTarget> = {}): SnmpTarget {
  return {
    ...targetBase(),
    kind: "snmp",
    address: "127.0.0.1",
    port,
    auth: { version: "2c", community },
    oids: { sysUpTime },
    profile: null,
    ...overrides,
  };
}

async function poll(target: SnmpTarget, timeoutMs = 5000): Promise<SnmpSample> {
  return (await createProbers().snmp(target, probeContext({ timeoutMs }))) as SnmpSample;
}

type AuthV3 = Extract<SnmpTarget["auth"], { version: "3" }>;

function authV3(overrides: Partial<AuthV3> = {}): AuthV3 {
  const { user, authKey, privKey } = v3User;
  return { version: "3", user, authProtocol: "sha256", authKey, privProtocol: "aes", privKey, ...overrides };
}

const silent = (why: SnmpSample["why"]) => ({ kind: "snmp", ok: 0, values: { sysUpTime: null }, why });
const answered = { kind: "snmp", ok: 1, values: { sysUpTime: expect.any(Number) }, why: null };

const missing = needs({ commands: ["snmpd"] });
describe.skipIf(missing !== null)(`SNMP against snmpd${missing ? ` (skipped: ${missing})` : ""}`, () => {
  let snmpd: Snmpd;
  beforeAll(async () => void (snmpd = await startSnmpd()));
  afterAll(() => snmpd[Symbol.asyncDispose]());

  it("reads ticks, texts, counters, identifiers and what is not there", async () => {
    const { ok, values } = await poll(
      snmpTarget(snmpd.port, {
        oids: {
          sysUpTime,
          sysObjectID: "1.3.6.1.2.1.1.2.0",
          sysLocation: "1.3.6.1.2.1.1.6.0",
          "ifOperStatus.1": "1.3.6.1.2.1.2.2.1.8.1",
          "ifHCInOctets.1": "1.3.6.1.2.1.31.1.1.1.6.1",
          noSuchInstance: "1.3.6.1.2.1.1.3.7",
          noSuchObject: "1.3.6.1.2.1.99.1.0",
        },
      }),
    );
    expect(ok).toBe(1);
    expect(values).toEqual({
      sysUpTime: expect.any(Number),
      sysObjectID: "1.3.6.1.4.1.8072.3.2.10",
      sysLocation: "Sangatta, Kutai Timur",
      "ifOperStatus.1": 1,
      "ifHCInOctets.1": expect.any(Number),
      noSuchInstance: null,
      noSuchObject: null,
    });
  });

  it("gives each of 45 objects its own value, over several requests", async () => {
    const oids: Record<string, string> = {};
    for (let i = 0; i < 15; i++) {
      oids[`sysUpTime.${i}`] = sysUpTime;
      oids[`sysLocation.${i}`] = "1.3.6.1.2.1.1.6.0";
      oids[`sysContact.${i}`] = "1.3.6.1.2.1.1.4.0";
    }
    const { values } = await poll(snmpTarget(snmpd.port, { oids }));
    for (let i = 0; i < 15; i++) {
      expect(values[`sysUpTime.${i}`]).toEqual(expect.any(Number));
      expect(values[`sysLocation.${i}`]).toBe("Sangatta, Kutai Timur");
      expect(values[`sysContact.${i}`]).toBe("ops@example.test");
    }
  });

  it("answers whether the device is there where no objects are named", async () => {
    expect(await poll(snmpTarget(snmpd.port, { oids: {} }))).toEqual({
      kind: "snmp",
      ok: 1,
      values: {},
      why: null,
    });
  });

  it.each([
    ["authPriv, SHA-256 and AES", authV3()],
    ["authNoPriv, SHA-256", authV3({ user: v3AuthUser, privProtocol: "none", privKey: "" })],
    [
      "noAuthNoPriv",
      authV3({ user: v3OpenUser, authProtocol: "none", authKey: "", privProtocol: "none", privKey: "" }),
    ],
  ])("opens version 3 with %s", async (_level, auth) => {
    expect(await poll(snmpTarget(snmpd.port, { auth }))).toEqual(answered);
  });

  it.each([
    ["v2c", { version: "2c" as const, community: "salah" }],
    ["v1", { version: "1" as const, community: "salah" }],
  ])("is not ok with a wrong community, %s", async (_what, auth) => {
    expect(await poll(snmpTarget(snmpd.port, { auth }), 600)).toEqual(silent("timeout"));
  });

  it.each(["1", "2c"] as const)("reads system and interfaces with version %s", async (version) => {
    const target = snmpTarget(snmpd.port, { auth: { version, community }, oids: {}, profile: "interfaces" });
    const { ok, why, values } = await poll(target, 15_000);
    expect({ ok, why }).toEqual({ ok: 1, why: null });
    const octets = version === "1" ? "ifInOctets.1" : "ifHCInOctets.1";
    expect(values).toMatchObject({
      sysObjectID: "1.3.6.1.4.1.8072.3.2.10",
      "ifName.1": "lo",
      "ifOperStatus.1": 1,
      [octets]: expect.any(Number),
    });
  });

  it("takes no answer from anyone but the device it asked", async () => {
    // The stranger knows the request, community and id included, and answers it rightly from another port.
    await using device = await startPeer((request, asker) => {
      const toSnmpd = createSocket("udp4");
      toSnmpd.once("message", (answer) => toSnmpd.send(answer, asker.port, asker.address));
      strangers.push(toSnmpd);
      toSnmpd.send(request, snmpd.port, "127.0.0.1");
    });
    const strangers: Socket[] = [];
    expect(await poll(snmpTarget(device.port), 500)).toEqual(silent("timeout"));
    expect(strangers.length).toBeGreaterThan(0);
    for (const stranger of strangers) stranger.close();
  });

  it("asks for fewer objects at once when the device finds the answer too big", async () => {
    const sizes: number[] = [];
    await using toSnmpd = await startPeer((answer) => device.answer(answer));
    await using device = await startPeer((request) => {
      sizes.push(request.length);
      if (request.length > 100) device.answer(refuse(request));
      else toSnmpd.send(request, snmpd.port);
    });
    const oids: Record<string, string> = {};
    // The system group; snmpd has no sysServices, the seventh.
    for (const i of [1, 2, 3, 4, 5, 6, 8]) oids[`object${i}`] = `1.3.6.1.2.1.1.${i}.0`;
    const { ok, values } = await poll(snmpTarget(device.port, { oids }));
    expect(ok).toBe(1);
    expect(values).toMatchObject({ object4: "ops@example.test", object6: "Sangatta, Kutai Timur" });
    expect(Object.values(values).filter((value) => value === null)).toEqual([]);
    expect(Math.max(...sizes)).toBeGreaterThan(100);
  });
});

describe("SNMP against what is no agent", () => {
  it("is not ok when nothing listens on the port", async () => {
    const peer = await startPeer(() => undefined);
    await peer[Symbol.asyncDispose]();
    expect(await poll(snmpTarget(peer.port))).toEqual(silent("refused"));
  });

  it("asks again within the round when the first request is lost, and the values count", async () => {
    let requests = 0;
    await using device = await startPeer((request) => {
      requests++;
      if (requests > 1) device.answer(acknowledge(request));
    });
    expect(await poll(snmpTarget(device.port), 1500)).toMatchObject({ ok: 1 });
  });

  it("waits on for the answer when something that is no SNMP comes first", async () => {
    await using device = await startPeer((request) => {
      device.answer(Buffer.from("bukan SNMP"));
      device.answer(acknowledge(request));
    });
    expect(await poll(snmpTarget(device.port))).toMatchObject({ ok: 1 });
  });

  it("survives packets that are no SNMP", async () => {
    await using device = await startPeer(() => {
      device.answer(Buffer.from("bukan SNMP"));
      device.answer(Buffer.from([0x30, 0x82, 0xff, 0xff, 0x02, 0x01]));
      device.answer(Buffer.from([0x30, 0x00]));
    });
    for (const auth of [{ version: "2c" as const, community }, authV3()]) {
      const { ok, why } = await poll(snmpTarget(device.port, { auth }), 500);
      expect({ ok, why }).toEqual({ ok: 0, why: expect.stringMatching(/garbage|truncated/) });
    }
  });

  it("is not ok, and the objects are null, when the device answers an error to every object", async () => {
    await using device = await startPeer((request) => device.answer(refuse(request)));
    const oids = { a: sysUpTime, b: "1.3.6.1.2.1.1.6.0" };
    expect(await poll(snmpTarget(device.port, { oids }))).toEqual({
      kind: "snmp",
      ok: 0,
      values: { a: null, b: null },
      why: "error",
    });
  });

  it("refuses privacy without authentication, naming the field", async () => {
    const auth = authV3({ authProtocol: "none", privProtocol: "aes" });
    await expect(poll(snmpTarget(161, { id: "rt", auth }))).rejects.toThrow(
      /target rt: auth\.privProtocol aes needs an auth\.authProtocol/,
    );
  });
});

describe("SNMP values", () => {
  const [octets, opaque, counter64] = [4, 68, 70];
  it.each<[string, number, Varbind["value"], SnmpValue]>([
    ["a Counter64 above 2^53", counter64, 9_007_199_254_740_993n, "9007199254740993"],
    ["a Counter64 at 2^53 - 1", counter64, BigInt(Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER],
    ["a text", octets, Buffer.from("Désa Sangatta"), "Désa Sangatta"],
    ["a physical address", octets, Buffer.from("02005e10aa01", "hex"), "02005e10aa01"],
    ["octets that are no UTF-8", octets, Buffer.from([0xff, 0xfe]), "fffe"],
    ["a text that is too long to travel", octets, Buffer.alloc(300, "x"), "x".repeat(255)],
    ["a float in its wrapping", opaque, Buffer.from("9f780441480000", "hex"), 12.5],
    ["a double in its wrapping", opaque, Buffer.from("9f79084029000000000000", "hex"), 12.5],
    ["a float that is no number", opaque, Buffer.from("9f78047fc00000", "hex"), null],
    ["an integer", 2, -71, -71],
    ["an object without a value", 5, null, null],
  ])("%s", (_what, type, value, expected) => {
    expect(toSnmpValue({ oid: sysUpTime, type, value })).toBe(expected);
  });
});

interface Peer extends AsyncDisposable {
  port: number;
  /** Sends to whoever asked last. */
  answer(packet: Buffer): void;
  send(packet: Buffer, port: number): void;
}

/** A device of the test's own on a free UDP port of the loopback. */
async function startPeer(receive: (packet: Buffer, from: RemoteInfo) => void): Promise<Peer> {
  const socket = createSocket("udp4");
  let last: RemoteInfo | undefined;
  socket.on("message", (packet, from) => {
    last = from;
    receive(packet, from);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    port: socket.address().port,
    answer: (packet) => socket.send(packet, last!.port, last!.address),
    send: (packet, port) => socket.send(packet, port, "127.0.0.1"),
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/**
 * A v2c request made its own answer (RFC 3416 §3): the PDU's tag A0 becomes A2, and after its request id stand the
 * error status and the error index, each 02 01 00.
 */
function acknowledge(request: Buffer, errorStatus = 0): Buffer {
  const answer = Buffer.from(request);
  const tagAt = answer.indexOf(0xa0, answer.indexOf(community) + community.length);
  answer[tagAt] = 0xa2;
  const lengthOctets = answer[tagAt + 1]! < 0x80 ? 1 : 1 + (answer[tagAt + 1]! & 0x7f);
  const idAt = tagAt + 1 + lengthOctets;
  const statusAt = idAt + 2 + answer[idAt + 1]!;
  answer[statusAt + 2] = errorStatus;
  return answer;
}

/** Answers tooBig, or whatever a device calls it. */
function refuse(request: Buffer): Buffer {
  return acknowledge(request, 1);
}
