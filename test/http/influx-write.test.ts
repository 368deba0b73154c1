import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AgentKind } from "../../src/state/state-store.ts";
import type { EnrolledV1 } from "#wire/ack-v1.ts";
import type { AgentTarget } from "#wire/targets-v1.ts";
import { createAdmission } from "../../src/ingest/admission.ts";
import { createLineProtocolIngest } from "../../src/ingest/accept-line-protocol.ts";
import type { LineProtocolIngest } from "../../src/ingest/accept-line-protocol.ts";
import { maxWriteBytes } from "../../src/ingest/line-protocol-body.ts";
import type { Touched } from "../../src/ingest/ingest.ts";
import type { Target } from "../../src/inventory/inventory.ts";
import { nowMs, openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { icmpTarget, makeInventory, makeSite } from "../support/inventory.ts";

/*
 * What a Telegraf meets at /api/v2/write. Telegraf is not in Debian, so the bodies here are what its influx serializer
 * writes for its ping, snmp and dns_query plugins (v1.30 and later), field for field.
 */

const site = "64.08.01.2001";
const dns: AgentTarget = {
  id: "nama",
  kind: "dns",
  intervalS: 60,
  timeoutMs: 5000,
  name: "lapor.go.id",
  recordType: "A",
  resolver: "10.1.0.53",
  expectRcode: ["NOERROR"],
  expectAnswer: [],
};
const targetOf = (probe: AgentTarget): Target => ({
  ...icmpTarget(site, probe.id, "device"),
  probe,
});
const icmp = (id: string, address: string) =>
  targetOf({ ...icmpTarget(site, id, "device").probe, id, address } as AgentTarget);
const inventory = makeInventory({
  sites: [makeSite("64.08", "Kutai Contoh"), makeSite("64.08.01", "Hulu"), makeSite(site, "Atas")],
  targets: [
    icmp("gw", "10.1.0.1"),
    icmp("ap", "10.1.0.2"),
    icmp("ap-lama", "10.1.0.2"),
    targetOf(dns),
    targetOf({ ...dns, id: "nama-blokir", name: "lain.go.id", expectAnswer: ["103.0.0.0/8"] }),
    targetOf({
      id: "rt",
      kind: "snmp",
      intervalS: 60,
      timeoutMs: 5000,
      address: "10.1.0.9",
      port: 161,
      auth: { version: "2c", community: "public" },
      oids: { sysUpTime: "1.3.6.1.2.1.1.3.0" },
      profile: "auto",
    }),
    targetOf({
      id: "tcp",
      kind: "tcp",
      intervalS: 60,
      timeoutMs: 5000,
      address: "10.1.0.1",
      port: 80,
      family: null,
    }),
  ],
});

let http: TestHttp;
let agent: EnrolledV1;
let touched: Touched[];
let lineProtocol: LineProtocolIngest;

beforeEach(async () => {
  touched = [];
  http = await openTestHttp({
    inventory,
    deps: {
      lineProtocol: {
        admit: (bytes, agent) => lineProtocol.admit(bytes, agent),
        acceptLines: (...all) => lineProtocol.acceptLines(...all),
      },
    },
  });
  lineProtocol = createLineProtocolIngest(parts());
  agent = await enrol("telegraf");
});
afterEach(() => http[Symbol.dispose]());

const parts = () => ({
  inventory: () => http.held.inventory,
  state: http.state,
  series: http.series,
  batchLog: http.batchLog,
  now: () => http.clock.ms,
  onStored: (change: Touched) => void touched.push(change),
});

async function enrol(kind: AgentKind): Promise<EnrolledV1> {
  const minted = (await (await http.post("/api/v1/agents/tokens", { site, kind })).json()) as {
    data: { token: string };
  };
  const body = JSON.stringify({ token: minted.data.token, hardware: "a box", version: "1" });
  const response = await http.request("/api/v1/agents/enrol", { method: "POST", key: null, body });
  return (await response.json()) as EnrolledV1;
}

interface Write {
  query?: string;
  authorization?: string | null;
  encoding?: string;
}

async function write(
  body: RequestInit["body"],
  { query = "?bucket=b&org=o", authorization = `Token ${agent.key}`, encoding }: Write = {},
) {
  const headers: Record<string, string> = { "Content-Type": "text/plain; charset=utf-8" };
  if (authorization !== null) headers["Authorization"] = authorization;
  if (encoding !== undefined) headers["Content-Encoding"] = encoding;
  const init = { method: "POST", key: null, body, headers, duplex: "half" } as RequestInit & { key: null };
  const response = await http.request(`/api/v2/write${query}`, init);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === "" ? null : JSON.parse(text)) as Record<string, unknown> | null,
  };
}

const startMs = nowMs - 600_000;
const ns = (ms: number) => `${ms}000000`;
const ok = (ms: number, more = "target=gw,url=10.1.0.1") =>
  `ping,${more} average_response_ms=3,maximum_response_ms=5,minimum_response_ms=1,packets_received=5i,packets_transmitted=5i,percent_packet_loss=0,percentile25_ms=2,percentile50_ms=3,percentile75_ms=4,result_code=0i,standard_deviation_ms=1.4142135,ttl=63i ${ns(ms)}\n`;

const stored = async (id: string) => http.series.read([`${site}/${id}`], 0, nowMs * 2);

describe("a ping", () => {
  it("becomes a round with every reply, under the target that its tag names", async () => {
    expect((await write(ok(startMs) + ok(startMs + 30_000))).status).toBe(204);
    expect(await stored("gw")).toEqual([
      {
        key: `${site}/gw`,
        kind: "icmp",
        timeMs: [startMs, startMs + 30_000],
        sent: [5, 5],
        recv: [5, 5],
        rttUs: [1000, 2000, 3000, 4000, 5000, 1000, 2000, 3000, 4000, 5000],
      },
    ]);
    expect(touched).toEqual([{ keys: [`${site}/gw`], fromMs: startMs, newestMs: startMs + 30_000 }]);
  });

  it("without the tag is the target's that has its address, if one alone has", async () => {
    expect((await write(ok(startMs, "host=box,url=10.1.0.1"))).status).toBe(204);
    expect((await stored("gw"))[0]?.timeMs).toEqual([startMs]);
    const two = await write(ok(startMs, "url=10.1.0.2"));
    expect([two.status, two.body!["message"]]).toEqual([
      422,
      "line 1: ap, ap-lama are all icmp 10.1.0.2: set the tag target (0 lines taken, 1 not)",
    ]);
    expect((await write(ok(startMs, "url=10.9.9.9"))).status).toBe(422);
  });

  it("that nothing answered is lost, and one that could not be sent is not measured", async () => {
    const body = [
      `ping,target=gw,url=10.1.0.1 packets_received=0i,packets_transmitted=5i,percent_packet_loss=100,result_code=1i ${ns(startMs)}`,
      `ping,target=gw,url=10.1.0.1 result_code=1i ${ns(startMs + 1)}`,
      `ping,target=gw,url=10.1.0.1 result_code=2i ${ns(startMs + 2)}`,
      `ping,target=gw,url=10.1.0.1 packets_received=0i,packets_transmitted=0i,result_code=2i ${ns(startMs + 3)}`,
      // As the system's ping ends with 1 when a part of the replies was late.
      `ping,target=gw,url=10.1.0.1 average_response_ms=12.5,packets_received=1i,packets_transmitted=5i,percent_packet_loss=80,result_code=1i,ttl=63 ${ns(startMs + 4)}`,
    ].join("\n");
    expect((await write(body)).status).toBe(204);
    const [rounds] = await stored("gw");
    expect(rounds).toMatchObject({
      sent: [5, 0, 0, 0, 5],
      recv: [0, 0, 0, 0, 1],
      rttUs: [12_500],
      unsent: [null, "name", "local", "local", null],
    });
  });

  it.each([
    ["average_response_ms=3,packets_received=6i,packets_transmitted=5i", "packets_received is 6"],
    ["average_response_ms=3,packets_received=1.5,packets_transmitted=5i", "packets_received is 1.5"],
    ["packets_received=5i,packets_transmitted=5i", "needs average_response_ms"],
    ["average_response_ms=3,packets_transmitted=5i", "needs packets_received"],
    [
      "average_response_ms=9,minimum_response_ms=1,maximum_response_ms=5,packets_received=5i,packets_transmitted=5i",
      "least, mean and greatest",
    ],
    ["average_response_ms=-1,packets_received=5i,packets_transmitted=5i", "least, mean and greatest"],
    [
      'average_response_ms="3",packets_received=5i,packets_transmitted=5i',
      "average_response_ms is no number",
    ],
    ["result_code=0i", "needs packets_transmitted"],
    ["packets_received=5i,packets_transmitted=100000i", "packets_transmitted is 100000"],
  ])("with %s is refused: %s", async (fields, why) => {
    const { status, body } = await write(`ping,target=gw ${fields} ${ns(startMs)}`);
    expect(status).toBe(422);
    expect(body!["message"]).toContain(why);
    expect(await stored("gw")).toEqual([]);
  });
});

describe("SNMP", () => {
  const poll = (ms: number) => [
    `snmp,agent_host=10.1.0.9,target=rt sysName="kantor-desa",sysUpTime=81234500i ${ns(ms)}`,
    `interface,agent_host=10.1.0.9,index=1,target=rt ifHCInOctets=9007199254740993i,ifName="ether1",ifOperStatus=1i ${ns(ms)}`,
    `interface,agent_host=10.1.0.9,ifDescr=wlan\\ 1,ifIndex=2 ifHCInOctets=18446744073709551615u,ifOperStatus=2i ${ns(ms)}`,
  ];

  it("polls become rounds, one for all lines of a moment, with our names", async () => {
    expect((await write(poll(startMs).join("\n"))).status).toBe(204);
    expect(await stored("rt")).toEqual([
      {
        key: `${site}/rt`,
        kind: "snmp",
        timeMs: [startMs],
        ok: [1],
        values: {
          sysName: ["kantor-desa"],
          sysUpTime: [81_234_500],
          "ifHCInOctets.1": ["9007199254740993"],
          "ifName.1": ["ether1"],
          "ifOperStatus.1": [1],
          "ifDescr.2": ["wlan 1"],
          "ifHCInOctets.2": ["18446744073709551615"],
          "ifOperStatus.2": [2],
        },
      },
    ]);
  });

  it("keeps all of a poll that two writes share, and nothing of it twice", async () => {
    const [scalars, first, second] = poll(startMs) as [string, string, string];
    for (const body of [scalars, `${scalars}\n${first}`, [scalars, first, second].join("\n"), second])
      expect((await write(body)).status).toBe(204);
    const [rounds] = await stored("rt");
    if (rounds?.kind !== "snmp") throw new Error("no poll");
    for (const cells of Object.values(rounds.values))
      expect(cells.filter((cell) => cell !== null)).toHaveLength(1);
    expect(Object.keys(rounds.values)).toHaveLength(8);
  });

  it.each([
    [`interface,target=rt,index=x ifOperStatus=1i ${ns(startMs)}`, "no row of a table"],
    [`snmp,target=rt up_time=1i ${ns(startMs)}`, "field up_time is no object name"],
    [`snmp,target=rt sysDescr="${"x".repeat(256)}" ${ns(startMs)}`, "256 characters"],
    [`snmp,agent_host=10.1.0.8 sysUpTime=1i ${ns(startMs)}`, "no target of site"],
  ])("refuses %s", async (line, why) => {
    expect((await write(line)).body!["message"]).toContain(why);
    expect(await stored("rt")).toEqual([]);
  });
});

describe("DNS queries", () => {
  const query = (tags: string, fields: string, ms: number) =>
    `dns_query,domain=lapor.go.id,record_type=A,server=10.1.0.53,${tags} ${fields} ${ns(ms)}\n`;

  it("become rounds by the response code that is expected", async () => {
    const body =
      query("rcode=NOERROR,result=success", "query_time_ms=23.456,rcode_value=0i,result_code=0i", startMs) +
      query("rcode=NXDOMAIN,result=error", "rcode_value=3i,result_code=2i", startMs + 1) +
      query("result=timeout", "result_code=1i", startMs + 2);
    expect((await write(body)).status).toBe(204);
    expect(await stored("nama")).toMatchObject([
      { ok: [1, 0, 0], rcode: ["NOERROR", "NXDOMAIN", null], totalMs: [23.5, null, null] },
    ]);
  });

  it("are refused where certain addresses are expected, since they tell none", async () => {
    const { status, body } = await write(
      `dns_query,target=nama-blokir,rcode=NOERROR result_code=0i ${ns(startMs)}`,
    );
    expect([status, body!["message"]]).toEqual([422, expect.stringContaining("expects certain addresses")]);
  });
});

describe("a write", () => {
  it.each<[string, string, number]>([
    ["", "000000", 204],
    ["?precision=ns", "000000", 204],
    ["?precision=us", "000", 204],
    ["?precision=ms", "", 204],
    ["?precision=m", "", 400],
  ])("%s has timestamps in its precision", async (query, zeros, status) => {
    const line = ok(startMs).replace(ns(startMs), `${startMs}${zeros}`);
    expect((await write(line, { query })).status).toBe(status);
    expect((await stored("gw"))[0]?.timeMs ?? null).toEqual(status === 204 ? [startMs] : null);
  });

  it("in seconds too", async () => {
    expect(
      (await write(ok(startMs).replace(ns(startMs), String(startMs / 1000)), { query: "?precision=s" }))
        .status,
    ).toBe(204);
    expect((await stored("gw"))[0]?.timeMs).toEqual([startMs]);
  });

  it("is taken as gzip, with Token or Bearer, and empty", async () => {
    const body = new Uint8Array(gzipSync(ok(startMs)));
    expect((await write(body, { encoding: "gzip" })).status).toBe(204);
    expect((await write(body, { encoding: "gzip", authorization: `Bearer ${agent.key}` })).status).toBe(204);
    expect((await write("", { encoding: "identity" })).status).toBe(204);
    expect((await stored("gw"))[0]?.timeMs).toEqual([startMs]);
  });

  it("that comes again, cut otherwise, doubles nothing", async () => {
    const lines = Array.from({ length: 20 }, (_, index) => ok(startMs + index * 30_000));
    for (const [from, to] of [
      [0, 8],
      [4, 12],
      [0, 20],
      [0, 20],
      [19, 20],
    ] as const)
      expect((await write(lines.slice(from, to).join(""))).status).toBe(204);
    const [rounds] = await stored("gw");
    expect(rounds?.timeMs).toEqual(lines.map((_, index) => startMs + index * 30_000));
    // What changed nothing told the watch of nothing.
    expect(touched.map(({ fromMs }) => (fromMs - startMs) / 30_000)).toEqual([0, 8, 12]);
  });

  it("that comes many times at once doubles nothing", async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => write(ok(startMs) + ok(startMs + 30_000))),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 204));
    expect((await stored("gw"))[0]?.timeMs).toEqual([startMs, startMs + 30_000]);
  });

  it("keeps its good lines beside bad ones, and tells the first bad one and how many", async () => {
    const body = `${ok(startMs)}\n# cpu is not ours\ncpu,cpu=cpu0 usage_idle=99 ${ns(startMs)}\nping,target=gw nonsense\n${ok(startMs + 30_000)}`;
    const answer = await write(body);
    expect(answer.status).toBe(422);
    expect(answer.body).toEqual({
      code: "unprocessable entity",
      message: expect.stringMatching(/^line 4: cpu is not taken here.*\(2 lines taken, 2 not\)$/) as string,
      line: 4,
      accepted: 2,
      rejected: 2,
    });
    expect(lineProtocol.counts()).toEqual({ lines: 2, linesRefused: 2 });
    expect((await stored("gw"))[0]?.timeMs).toEqual([startMs, startMs + 30_000]);
  });

  it.each<[string, string, string]>([
    ["no timestamp", ok(startMs).replace(` ${ns(startMs)}`, ""), "a timestamp is needed"],
    ["a clock that begins in 1970", ok(90_000), "is the clock of the box right?"],
    ["a clock that is 6 minutes fast", ok(nowMs + 360_000), "is the clock of the box right?"],
    [
      "milliseconds taken for nanoseconds",
      ok(startMs).replace(ns(startMs), String(startMs)),
      "clock of the box",
    ],
    ["another site's target", ok(startMs, "target=hub"), "target hub is none of site"],
    ["a target that is no ping", ok(startMs, "target=tcp"), "target tcp is tcp"],
  ])("with %s is refused", async (_, body, why) => {
    const answer = await write(body);
    expect([answer.status, answer.body!["line"]]).toEqual([422, 1]);
    expect(answer.body!["message"]).toContain(why);
    expect(await stored("gw")).toEqual([]);
  });

  it("that is not UTF-8 in one line keeps the others", async () => {
    const bad = Buffer.from(`snmp,target=rt sysName="\u00ff" ${ns(startMs)}\n`, "latin1");
    const answer = await write(new Uint8Array(Buffer.concat([Buffer.from(ok(startMs)), bad])));
    expect([answer.status, answer.body!["line"], answer.body!["accepted"]]).toEqual([422, 2, 1]);
    expect((await stored("gw"))[0]?.timeMs).toEqual([startMs]);
  });

  it("of days ago is told to the watch, and remembered until it has judged it", async () => {
    const longAgoMs = nowMs - 3 * 86_400_000;
    expect((await write(ok(longAgoMs))).status).toBe(204);
    expect(touched).toEqual([{ keys: [`${site}/gw`], fromMs: longAgoMs, newestMs: longAgoMs }]);
    expect(await http.state.lateTouches()).toMatchObject({ fromMs: longAgoMs });
  });
});

describe("what Telegraf is answered", () => {
  it("401 without a key, with a wrong one and with a revoked one, so that it keeps its buffer", async () => {
    for (const authorization of [
      null,
      "Token",
      "Token sba_wrong",
      `Token sba_${"x".repeat(36)}`,
      `Basic ${agent.key}`,
    ]) {
      const answer = await write(ok(startMs), { authorization });
      expect([answer.status, answer.body!["code"]]).toEqual([401, "unauthorized"]);
    }
    await http.state.revokeAgent(agent.agentId, nowMs);
    expect((await write(ok(startMs))).status).toBe(401);
    expect(await stored("gw")).toEqual([]);
  });

  it("401 before a byte of the body is read", async () => {
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled++;
          controller.enqueue(new Uint8Array(1024));
        },
      },
      { highWaterMark: 0 },
    );
    expect((await write(body, { authorization: null })).status).toBe(401);
    expect(pulled).toBe(0);
  });

  it("403 with the key of an agent that sends batches, whose numbers these would be", async () => {
    const other = await enrol("sambung");
    const answer = await write(ok(startMs), { authorization: `Token ${other.key}` });
    expect([answer.status, answer.body!["code"]]).toEqual([403, "forbidden"]);
  });

  it("403 the other way round: its key sends no batches", async () => {
    const headers = { "Content-Type": "application/json", Authorization: `Bearer ${agent.key}` };
    const response = await http.request("/api/v1/batches", {
      method: "POST",
      key: null,
      headers,
      body: "{}",
    });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: "agent.kind" });
  });

  it("403 while its site is not in the inventory", async () => {
    http.held.inventory = makeInventory({ sites: [makeSite("64.08", "Kutai Contoh")] });
    expect((await write(ok(startMs))).status).toBe(403);
    http.held.inventory = inventory;
    expect((await write(ok(startMs))).status).toBe(204);
  });

  it("413 above the limit, as sent and expanded, with the limit", async () => {
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(maxWriteBytes + 1, 0x20)));
    const whole = new Uint8Array(maxWriteBytes + 1).fill(0x20);
    for (const answer of [await write(bomb, { encoding: "gzip" }), await write(whole)]) {
      expect(answer.status).toBe(413);
      expect(answer.body).toMatchObject({ code: "request too large", maxLength: maxWriteBytes });
    }
  });

  it("400 and 415 for what it would send again in vain", async () => {
    expect((await write("not gzip", { encoding: "gzip" })).status).toBe(400);
    const whole = gzipSync(ok(startMs));
    expect((await write(new Uint8Array(whole.subarray(0, -9)), { encoding: "gzip" })).status).toBe(400);
    expect((await write(ok(startMs), { encoding: "zstd" })).status).toBe(415);
  });

  it("503 and seconds to wait while the store cannot be written, and 204 once it can", async () => {
    const down = new Error("disk full");
    lineProtocol = createLineProtocolIngest({ ...parts(), batchLog: { commit: () => Promise.reject(down) } });
    const answer = await write(ok(startMs));
    expect([answer.status, answer.body!["code"], answer.headers.get("Retry-After")]).toEqual([
      503,
      "unavailable",
      "30",
    ]);
    expect(
      http.log.some(({ level, fields }) => level === "error" && (fields["err"] as Error).cause === down),
    ).toBe(true);
    lineProtocol = createLineProtocolIngest(parts());
    expect((await write(ok(startMs))).status).toBe(204);
    expect((await stored("gw"))[0]?.timeMs).toEqual([startMs]);
  });

  it("503 when too many writes wait", async () => {
    const gate = Promise.withResolvers<void>();
    const real = parts();
    lineProtocol = createLineProtocolIngest({
      ...real,
      admission: createAdmission({ maxBytes: 1_048_576, lagMs: () => 0 }),
      batchLog: { commit: async (...all) => gate.promise.then(() => real.batchLog.commit(...all)) },
    });
    const waiting = Array.from({ length: 80 }, (_, index) => write(ok(startMs + index)));
    const first = await Promise.race(waiting);
    expect([first.status, first.headers.get("Retry-After")]).toEqual([503, "5"]);
    gate.resolve();
    const statuses = (await Promise.all(waiting)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([204, 503]));
    const taken = statuses.filter((status) => status === 204).length;
    expect((await stored("gw"))[0]?.timeMs).toHaveLength(taken);
  });

  it("500 for a bug, without its text, and it is logged", async () => {
    lineProtocol = { ...lineProtocol, acceptLines: () => Promise.reject(new TypeError("secret detail")) };
    const answer = await write(ok(startMs));
    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer.body)).not.toContain("secret");
    expect(http.log.some(({ level }) => level === "error")).toBe(true);
  });

  it("its questions after health, without a key", async () => {
    const ask = (path: string) => http.request(path, { key: null });
    const ping = await ask("/ping");
    expect([ping.status, ping.headers.get("X-Influxdb-Version")]).toEqual([204, "sambung-0.0.1"]);
    expect(await (await ask("/health")).json()).toEqual({
      name: "sambung",
      status: "pass",
      message: "ready for writes",
      version: "0.0.1",
    });
    expect(await (await ask("/ready")).json()).toMatchObject({ status: "ready" });
    expect((await ask("/readyz")).status).toBe(200);
  });
});

describe("the list of agents", () => {
  it("says which report by Telegraf, heard when, and that nothing is counted of them", async () => {
    await write(ok(startMs));
    const other = await enrol("sambung");
    const { data } = await http.get("/api/v1/agents");
    const telegraf = data.find(({ id }) => id === agent.agentId)!;
    expect(telegraf).toMatchObject({
      kind: "telegraf",
      lastSeq: null,
      lastSeen: new Date(nowMs).toISOString(),
    });
    expect(telegraf).not.toHaveProperty("producedRounds");
    expect(data.find(({ id }) => id === other.agentId)).toMatchObject({ kind: "sambung" });
    const ledger = await http.request(`/api/v1/agents/${agent.agentId}/ledger`);
    expect([ledger.status, ((await ledger.json()) as { detail: string }).detail]).toEqual([
      404,
      expect.stringContaining("not counted"),
    ]);
    const metrics = await (await http.request("/metrics")).text();
    expect(metrics).toMatch(
      new RegExp(`^sambung_agent_last_seen_timestamp_seconds\\{agent="${agent.agentId}"`, "m"),
    );
    expect(metrics).not.toMatch(new RegExp(`^sambung_agent_ledger_rounds\\{agent="${agent.agentId}"`, "m"));
  });
});
