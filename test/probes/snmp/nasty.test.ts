import { createSocket } from "node:dgram";
import type { RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import type { SnmpTarget } from "#wire/targets-v1.ts";
import type { ProbeFn, SnmpSample } from "../../../probes/probe.ts";
import { createResolve } from "../../../probes/resolve.ts";
import { startDeadline } from "../../../probes/deadline.ts";
import { createSnmpClient } from "../../../probes/snmp/session.ts";
import { createSnmpProbe } from "../../../probes/snmp/snmp.ts";
import { probeContext, targetBase } from "../../support/probe-context.ts";
import { seededRandom } from "../../support/random.ts";
import {
  answerFrom,
  decodeRequest,
  encodeAnswer,
  integer,
  isBulk,
  refuse,
  startMadeAgent,
  text,
} from "./made-agent.ts";
import type { MadeAgent, MadeRequest } from "./made-agent.ts";

const sysUpTime = "1.3.6.1.2.1.1.3.0";
const ifTable = "1.3.6.1.2.1.2.2.1";

/** Four interfaces, and the scalars of the system group. */
const objects = new Map<string, Buffer>([
  ["1.3.6.1.2.1.1.1.0", text("Perangkat uji")],
  ["1.3.6.1.2.1.1.2.0", Buffer.from("060a2b06010401bf0803020a", "hex")],
  [sysUpTime, integer(8_123_456, 0x43)],
  ["1.3.6.1.2.1.1.5.0", text("rt-uji")],
  ["1.3.6.1.2.1.2.1.0", integer(4)],
]);
for (const index of [1, 2, 3, 4_194_316_032]) {
  objects.set(`${ifTable}.2.${index}`, text(`eth${index}`));
  objects.set(`${ifTable}.7.${index}`, integer(1));
  objects.set(`${ifTable}.8.${index}`, integer(index === 2 ? 2 : 1));
  objects.set(`${ifTable}.10.${index}`, integer(4_000_000_000 + (index % 1000), 0x41));
}

const good = (request: MadeRequest) => answerFrom(objects, request);

const oids = { sysUpTime };
const silent = { sysUpTime: null };

function targetOf(agent: { port: number }, overrides: Partial<SnmpTarget> = {}): SnmpTarget {
  return {
    ...targetBase(),
    kind: "snmp",
    address: "127.0.0.1",
    port: agent.port,
    auth: { version: "2c", community: "lontar" },
    oids,
    profile: null,
    ...overrides,
  };
}

const createProbe = (): ProbeFn<SnmpTarget> => createSnmpProbe(createResolve());

async function poll(
  agent: { port: number },
  overrides: Partial<SnmpTarget> = {},
  { timeoutMs = 5_000, probe = createProbe() } = {},
): Promise<SnmpSample> {
  return (await probe(targetOf(agent, overrides), probeContext({ timeoutMs }))) as SnmpSample;
}

async function walk(agent: MadeAgent, roots: string[], maxVarbinds?: number) {
  using deadline = startDeadline(probeContext({ timeoutMs: 8_000 }));
  using session = await createSnmpClient().open({
    targetId: "rt",
    auth: { version: "2c", community: "lontar" },
    address: { address: "127.0.0.1", family: 4 },
    port: agent.port,
    deadline,
  });
  return await session.walk(roots, maxVarbinds);
}

const interfaces = { profile: "interfaces", oids: {} };
const allRows = {
  "ifOperStatus.1": 1,
  "ifOperStatus.2": 2,
  "ifOperStatus.3": 1,
  "ifOperStatus.4194316032": 1,
  "ifInOctets.4194316032": 4_000_000_032,
  "ifDescr.3": "eth3",
};

describe("SNMP answers that are none", () => {
  it.each<[string, (request: MadeRequest) => Buffer | Buffer[], SnmpSample["why"]]>([
    ["garbage", () => Buffer.from("bukan SNMP"), "garbage"],
    ["an empty sequence", () => Buffer.from([0x30, 0x00]), "truncated"],
    ["a length that no datagram has", () => Buffer.from("308affffffffffffffff", "hex"), "garbage"],
    ["a truncated packet", (request) => encodeAnswer(request, good(request)).subarray(0, -3), "truncated"],
    [
      "another request id",
      (request) => encodeAnswer({ ...request, id: request.id ^ 1 }, good(request)),
      "garbage",
    ],
    [
      "another community",
      (request) => encodeAnswer({ ...request, community: Buffer.from("lain") }, good(request)),
      "garbage",
    ],
    [
      "an object that was not asked for",
      (request) => encodeAnswer(request, { varbinds: [["1.3.6.1.2.1.1.4.0", text("x")]] }),
      "garbage",
    ],
    [
      "the same object twice",
      (request) =>
        encodeAnswer(request, {
          varbinds: [
            [sysUpTime, integer(1)],
            [sysUpTime, integer(2)],
          ],
        }),
      "garbage",
    ],
    ["no object at all", (request) => encodeAnswer(request, { varbinds: [] }), "truncated"],
    ["65,000 octets of nothing", () => Buffer.alloc(65_000, 0x7f), "garbage"],
  ])("%s", async (_what, answer, why) => {
    await using agent = await startMadeAgent(answer);
    const { ok, why: reason } = await poll(agent, {}, { timeoutMs: 1_000 });
    expect({ ok, why: reason }).toEqual({ ok: 0, why });
  });

  it.each<[string, SnmpTarget["auth"]]>([
    ["v1", { version: "1", community: "lontar" }],
    [
      "v3",
      {
        version: "3",
        user: "u",
        authProtocol: "sha256",
        authKey: "12345678",
        privProtocol: "aes",
        privKey: "12345678",
      },
    ],
  ])("garbage is told with %s too, whatever it is", async (_version, auth) => {
    await using socket = await startRaw((packet) => [
      Buffer.from("bukan"),
      packet.subarray(0, -2),
      Buffer.from([0x30]),
    ]);
    expect(await poll(socket, { auth }, { timeoutMs: 1_000 })).toMatchObject({
      ok: 0,
      why: expect.stringMatching(/garbage|truncated/),
    });
  });

  it("an answer from another port is not heard", async () => {
    const stranger = createSocket("udp4");
    await using agent = await startRaw((packet, from) => {
      const answer = encodeAnswer(decodeRequest(packet), good(decodeRequest(packet)));
      stranger.send(answer, from.port, from.address);
      return [];
    });
    const sample = await poll(agent, {}, { timeoutMs: 1_000 });
    stranger.close();
    expect(sample).toEqual({ kind: "snmp", ok: 0, values: silent, why: "timeout" });
  });

  it("an answer that comes twice counts once, and a late one is no garbage", async () => {
    const late: Buffer[] = [];
    await using agent = await startMadeAgent((request) => {
      const answer = encodeAnswer(request, good(request));
      late.push(answer);
      return [...late, answer];
    });
    const probe = createProbe();
    for (let round = 0; round < 3; round++) {
      expect(await poll(agent, {}, { probe })).toEqual({
        kind: "snmp",
        ok: 1,
        values: { sysUpTime: 8_123_456 },
        why: null,
      });
    }
  });
});

describe("SNMP devices that stop or go round", () => {
  it("a repeated object ends the walk", async () => {
    await using agent = await startMadeAgent((request) =>
      isGetLike(request)
        ? good(request)
        : { varbinds: request.oids.map(() => [`${ifTable}.7.1`, integer(1)] as const) },
    );
    expect(await poll(agent, interfaces)).toMatchObject({ ok: 0, why: "loop" });
  });

  it("two objects in turn end the walk", async () => {
    let turn = 0;
    await using agent = await startMadeAgent(() => ({
      varbinds: [[`${ifTable}.7.${1 + (turn++ % 2)}`, integer(1)]],
    }));
    expect(await walk(agent, [`${ifTable}.7`])).toMatchObject({ why: "loop" });
  });

  it("a table without an end is cut", async () => {
    let index = 0;
    await using agent = await startMadeAgent((request) => ({
      varbinds: Array.from(
        { length: request.maxRepetitions },
        () => [`${ifTable}.7.${++index}`, integer(1)] as const,
      ),
    }));
    const { varbinds, why } = await walk(agent, [`${ifTable}.7`], 500);
    expect({ read: varbinds.length, why }).toEqual({ read: 500, why: "truncated" });
  });

  it("one that stops half-way is truncated, and what it said is kept", async () => {
    let answers = 0;
    await using agent = await startMadeAgent((request) => (answers++ < 1 ? good(request) : null));
    const sample = await poll(agent, interfaces, { timeoutMs: 1_500 });
    expect(sample).toMatchObject({ ok: 0, why: "truncated", values: { sysUpTime: 8_123_456 } });
  });

  it("one that was truncated is read whole in the next round", async () => {
    let rounds = 0;
    await using agent = await startMadeAgent((request) => {
      if (request.oids.includes(sysUpTime)) rounds++;
      return rounds > 1 || isGetLike(request) ? good(request) : null;
    });
    const probe = createProbe();
    const target = targetOf(agent, interfaces);
    const rt = async () => (await probe(target, probeContext({ timeoutMs: 1_200 }))) as SnmpSample;
    expect(await rt()).toMatchObject({ ok: 0, why: "truncated" });
    expect(await rt()).toMatchObject({ ok: 1, why: null, values: allRows });
  });
});

describe("SNMP devices with half the protocol", () => {
  it.each([
    ["genErr for everything", 5],
    ["tooBig for everything", 1],
  ])("%s is not ok", async (_what, status) => {
    await using agent = await startMadeAgent((request) => refuse(request, status));
    expect(await poll(agent)).toEqual({ kind: "snmp", ok: 0, values: silent, why: "error" });
  });

  it("an object that fails does not take the others with it", async () => {
    const bad = "1.3.6.1.2.1.1.5.0";
    await using agent = await startMadeAgent((request) => {
      const at = request.oids.indexOf(bad);
      return at < 0 ? good(request) : refuse(request, 5, at + 1);
    });
    expect(await poll(agent, { oids: { ...oids, sysName: bad } })).toEqual({
      kind: "snmp",
      ok: 1,
      values: { sysUpTime: 8_123_456, sysName: null },
      why: "error",
    });
  });

  it.each<[string, (request: MadeRequest) => ReturnType<typeof good> | null]>([
    ["deaf to GETBULK", () => null],
    ["refusing GETBULK", (request) => refuse(request, 5)],
    ["empty to GETBULK", () => ({ varbinds: [] })],
  ])("%s is walked by GETNEXT, and that is remembered", async (_what, toBulk) => {
    await using agent = await startMadeAgent((request) =>
      isBulk(request) ? toBulk(request) : good(request),
    );
    const probe = createProbe();
    const target = targetOf(agent, interfaces);
    const rt = async () => (await probe(target, probeContext({ timeoutMs: 12_000 }))) as SnmpSample;
    expect(await rt()).toMatchObject({ ok: 1, why: null, values: allRows });
    const bulks = agent.requests.filter(isBulk).length;
    expect(bulks).toBeGreaterThan(0);
    const { ok, values } = await rt();
    expect(ok).toBe(1);
    expect(values).toMatchObject({ "ifOperStatus.2": 2, "ifInOctets.3": 4_000_000_003 });
    expect(agent.requests.filter(isBulk)).toHaveLength(bulks);
  });

  it("one lost packet does not cost a device its GETBULK", async () => {
    let lost = 0;
    await using agent = await startMadeAgent((request) =>
      isBulk(request) && lost++ === 0 ? null : good(request),
    );
    const probe = createProbe();
    const target = targetOf(agent, interfaces);
    const rt = async () => (await probe(target, probeContext({ timeoutMs: 12_000 }))) as SnmpSample;
    expect(await rt()).toMatchObject({ ok: 1, why: null, values: allRows });
    await rt();
    expect(isBulk(agent.requests.at(-1)!)).toBe(true);
  });

  it("a device that v1 spoke to is not taken for one without GETBULK", async () => {
    await using agent = await startMadeAgent(good);
    const probe = createProbe();
    const auth = { version: "1" as const, community: "lontar" };
    expect(await poll(agent, { ...interfaces, auth }, { probe })).toMatchObject({ ok: 1 });
    expect(await poll(agent, interfaces, { probe })).toMatchObject({ ok: 1, values: allRows });
    expect(isBulk(agent.requests.at(-1)!)).toBe(true);
  });

  it("longer answers are given up where their fragments do not pass", async () => {
    const many = new Map(objects);
    for (let index = 10; index < 160; index++) {
      for (const column of [7, 8, 10, 16]) many.set(`${ifTable}.${column}.${index}`, integer(1));
    }
    let tooLong = 0;
    await using agent = await startMadeAgent((request) => {
      const answer = encodeAnswer(request, answerFrom(many, request));
      if (answer.length <= 1_472) return answer;
      tooLong++;
      return null;
    });
    const probe = createProbe();
    const target = targetOf(agent, interfaces);
    const rt = async () => (await probe(target, probeContext({ timeoutMs: 15_000 }))) as SnmpSample;
    for (let round = 0; round < 3; round++) {
      expect(await rt()).toMatchObject({ ok: 1, why: null, values: { "ifOperStatus.159": 1 } });
    }
    const before = tooLong;
    expect(before).toBeGreaterThan(0);
    await rt();
    expect(tooLong).toBe(before);
  });

  it("v1 alone: missing objects are dropped one by one, the table is walked", async () => {
    await using agent = await startMadeAgent((request) => (request.version === 0 ? good(request) : null));
    const auth = { version: "1" as const, community: "lontar" };
    const missing = { a: "1.3.6.1.2.1.99.1.0", b: "1.3.6.1.2.1.99.2.0" };
    const sample = await poll(agent, { ...interfaces, auth, oids: { ...oids, ...missing } });
    expect(sample).toMatchObject({
      ok: 1,
      why: null,
      values: { ...allRows, a: null, b: null, sysUpTime: 8_123_456 },
    });
  });

  it("tooBig: less is asked for, and the size remembered", async () => {
    await using agent = await startMadeAgent((request) => {
      const objectsAsked = request.oids.length * (isBulk(request) ? request.maxRepetitions : 1);
      return objectsAsked > 7 ? refuse(request, 1) : good(request);
    });
    const probe = createProbe();
    const target = targetOf(agent, interfaces);
    const rt = async () => (await probe(target, probeContext({ timeoutMs: 12_000 }))) as SnmpSample;
    expect(await rt()).toMatchObject({ ok: 1, why: null, values: allRows });
    const requests = agent.requests.length;
    expect(await rt()).toMatchObject({ ok: 1, why: null });
    const tooBig = agent.requests
      .slice(requests)
      .filter((request) => request.oids.length * Math.max(1, request.maxRepetitions) > 7);
    expect(tooBig).toEqual([]);
  });

  it.each([1, 3, 10])("answers cut short at %i objects are put together", async (most) => {
    await using agent = await startMadeAgent((request) => {
      const answer = good(request);
      return { ...answer, varbinds: answer.varbinds.slice(0, most) };
    });
    expect(await poll(agent, interfaces, { timeoutMs: 12_000 })).toMatchObject({
      ok: 1,
      why: null,
      values: allRows,
    });
  });

  it("two targets of one device do not ask it more than twice at once", async () => {
    let under = 0;
    let most = 0;
    const socket = await startSlow((request) => {
      most = Math.max(most, ++under);
      return () => {
        under--;
        return encodeAnswer(request, good(request));
      };
    });
    await using _agent = socket;
    const probe = createProbe();
    const samples = await Promise.all(
      Array.from({ length: 8 }, () => poll(socket, {}, { probe, timeoutMs: 20_000 })),
    );
    expect(samples.map(({ ok }) => ok)).toEqual(samples.map(() => 1));
    expect(most).toBe(2);
  });
});

describe("SNMP and anything at all", () => {
  it("random octets, and answers with octets changed, never throw out of the wrapper", async () => {
    const random = seededRandom(20_261_122);
    const pick = (below: number) => Math.floor(random() * below);
    const noise = () => Buffer.from(Array.from({ length: pick(80) }, () => pick(256)));
    const damage = (packet: Buffer) => {
      const damaged = Buffer.from(packet.subarray(0, pick(3) === 0 ? pick(packet.length) : packet.length));
      for (let i = 0; i <= pick(4) && damaged.length > 0; i++) damaged[pick(damaged.length)] = pick(256);
      return damaged;
    };
    await using agent = await startRaw((packet) => {
      const answers = [noise(), damage(packet), noise()];
      try {
        const request = decodeRequest(packet);
        answers.push(damage(encodeAnswer(request, good(request))));
      } catch {
        // A request of v3 is none that this agent can read.
      }
      return answers;
    });
    const probe = createProbe();
    const user = { version: "3" as const, user: "u", authKey: "12345678", privKey: "12345678" };
    const auths: SnmpTarget["auth"][] = [
      { version: "2c", community: "lontar" },
      { version: "1", community: "lontar" },
      { ...user, authProtocol: "sha", privProtocol: "aes" },
      { ...user, authProtocol: "none", privProtocol: "none" },
    ];
    for (let round = 0; round < 10; round++) {
      const polls = auths.map((auth) => poll(agent, { ...interfaces, auth }, { probe, timeoutMs: 700 }));
      const samples = await Promise.all(polls);
      expect(samples.filter(({ ok, why }) => ok === 0 && why === null)).toEqual([]);
    }
  }, 60_000);
});

interface Raw extends AsyncDisposable {
  port: number;
}

/** An agent that is given its packets as they are; what it returns is sent back. */
async function startRaw(answer: (packet: Buffer, from: RemoteInfo) => Buffer[]): Promise<Raw> {
  const socket = createSocket("udp4");
  socket.on("message", (packet, from) => {
    for (const datagram of answer(packet, from)) socket.send(datagram, from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    port: socket.address().port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** An agent that takes its time: it hears all that has come before it answers the first. */
async function startSlow(begin: (request: MadeRequest) => () => Buffer): Promise<Raw> {
  const socket = createSocket("udp4");
  const seen = new Set<number>();
  socket.on("message", (packet, from) => {
    const request = decodeRequest(packet);
    if (seen.has(request.id)) return;
    seen.add(request.id);
    const finish = begin(request);
    setTimeout(() => socket.send(finish(), from.port, from.address), 20);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    port: socket.address().port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

const isGetLike = ({ pdu }: MadeRequest) => pdu === 0xa0;
