import { describe, expect, it } from "vitest";
import type { DnsTarget } from "#wire/targets-v1.ts";
import { probeDns } from "../../probes/dns.ts";
import { startDnsServer } from "../support/dns-server.ts";
import type { DnsAnswer } from "../support/dns-server.ts";
import { probeContext, targetBase } from "../support/probe-context.ts";
import { notebook } from "./http/checks.ts";

function dnsTarget(overrides: Partial<DnsTarget> = {}): DnsTarget {
  return {
    ...targetBase(),
    kind: "dns",
    name: "lapor.desa.test",
    recordType: "A",
    resolver: null,
    expectRcode: ["NOERROR"],
    expectAnswer: [],
    ...overrides,
  };
}

async function askServer(
  answer: DnsAnswer | undefined,
  overrides: Partial<DnsTarget> = {},
  timeoutMs = 5000,
) {
  await using server = await startDnsServer(() => answer);
  const target = dnsTarget({ resolver: server.address, ...overrides });
  const { note, notes } = notebook();
  const sample = await probeDns(target, probeContext({ timeoutMs, note }));
  return { sample, questions: server.questions, overTcp: server.overTcp(), notes };
}

describe("DNS", () => {
  it("passes on NOERROR with a record, and asks the named resolver for the named type", async () => {
    const { sample, questions } = await askServer({ rcode: 0, addresses: ["10.8.1.1"] });
    expect(sample).toMatchObject({ kind: "dns", ok: 1, rcode: "NOERROR", totalMs: expect.any(Number) });
    expect(questions).toEqual([{ name: "lapor.desa.test", type: 1 }]);
  });

  it("asks for AAAA where the target says so", async () => {
    const { sample, questions } = await askServer({ rcode: 0 }, { recordType: "AAAA" });
    expect(sample).toMatchObject({ ok: 0, rcode: "NOERROR" });
    expect(questions).toEqual([{ name: "lapor.desa.test", type: 28 }]);
  });

  it.each([
    ["NOERROR", 0],
    ["FORMERR", 1],
    ["SERVFAIL", 2],
    ["NXDOMAIN", 3],
    ["NOTIMP", 4],
    ["REFUSED", 5],
  ])("names the response code %s of an answer without a record", async (rcode, code) => {
    const { sample } = await askServer({ rcode: code });
    expect(sample).toMatchObject({ ok: 0, rcode, totalMs: expect.any(Number) });
  });

  it("has no response code from a resolver that is silent, nor from a closed port", async () => {
    const silent = await askServer(undefined, {}, 300);
    expect(silent.sample).toEqual({ kind: "dns", ok: 0, rcode: null, totalMs: null });
    expect(silent.questions.length).toBeGreaterThan(0);
    const closed = await askServer(undefined, { resolver: "127.0.0.1:1" }, 300);
    expect(closed.sample).toEqual({ kind: "dns", ok: 0, rcode: null, totalMs: null });
  });

  it("asks again each round: nothing is answered from memory", async () => {
    await using server = await startDnsServer(() => ({ rcode: 0, addresses: ["10.8.1.1"] }));
    const target = dnsTarget({ resolver: server.address });
    await probeDns(target, probeContext());
    await probeDns(target, probeContext());
    expect(server.questions).toHaveLength(2);
  });

  it("ends when the signal aborts", async () => {
    const stop = new AbortController();
    await using server = await startDnsServer(() => {
      stop.abort();
      return undefined;
    });
    const target = dnsTarget({ resolver: server.address });
    // The round alone would be longer than the test may take.
    const sample = await probeDns(target, probeContext({ signal: stop.signal, timeoutMs: 600_000 }));
    expect(sample).toEqual({ kind: "dns", ok: 0, rcode: null, totalMs: null });
  });
});

describe("DNS: the response code expected", () => {
  it("passes on a name that is not there where that is expected", async () => {
    const { sample } = await askServer({ rcode: 3 }, { expectRcode: ["NXDOMAIN"] });
    expect(sample).toEqual({ kind: "dns", ok: 1, rcode: "NXDOMAIN", totalMs: expect.any(Number) });
  });

  it("fails on a name that is there where none is expected", async () => {
    const { sample } = await askServer({ rcode: 0, addresses: ["10.8.1.1"] }, { expectRcode: ["NXDOMAIN"] });
    expect(sample).toMatchObject({ ok: 0, rcode: "NOERROR" });
  });

  it("passes on each of several", async () => {
    const expectRcode = ["NOERROR", "NXDOMAIN", "REFUSED"];
    expect((await askServer({ rcode: 3 }, { expectRcode })).sample).toMatchObject({ ok: 1 });
    expect((await askServer({ rcode: 5 }, { expectRcode })).sample).toMatchObject({ ok: 1 });
    expect((await askServer({ rcode: 2 }, { expectRcode })).sample).toMatchObject({ ok: 0 });
    // NOERROR alone is no answer: there has to be an address.
    expect((await askServer({ rcode: 0 }, { expectRcode })).sample).toMatchObject({ ok: 0 });
  });
});

describe("DNS: the answer expected", () => {
  const longIpv6 = "2001:db8:0:0:0:0:0:7";

  it.each([
    [["10.8.1.1"], ["10.8.1.1"], 1],
    [["10.8.1.1"], ["10.8.0.0/16"], 1],
    [["10.8.1.1", "10.9.1.1"], ["10.8.0.0/16", "10.9.1.1"], 1],
    [["10.8.1.1", "192.0.2.1"], ["10.8.0.0/16"], 0],
    [["192.0.2.1"], ["10.8.0.0/16", "2001:db8::/32"], 0],
    [["10.8.1.1"], ["0.0.0.0/0"], 1],
    [[longIpv6], ["2001:db8::/32"], 1],
    [[longIpv6], ["2001:db8::7"], 1],
    [[longIpv6], ["2001:db8:1::/48", "0.0.0.0/0"], 0],
  ])("answered %j where %j is expected: ok %i", async (addresses, expectAnswer, ok) => {
    const recordType = addresses[0]!.includes(":") ? "AAAA" : "A";
    const { sample, notes } = await askServer({ rcode: 0, addresses }, { expectAnswer, recordType });
    expect(sample).toMatchObject({ ok, rcode: "NOERROR", totalMs: expect.any(Number) });
    expect(notes.filter(({ step }) => step === "record")).toHaveLength(addresses.length);
  });

  it("needs an address where a range is expected", async () => {
    const { sample } = await askServer({ rcode: 0 }, { expectAnswer: ["0.0.0.0/0"] });
    expect(sample).toMatchObject({ ok: 0, rcode: "NOERROR" });
  });

  it.each([
    [{ expectAnswer: ["10.8.0.0/33"] }, "expectAnswer 10.8.0.0/33"],
    [{ expectAnswer: ["dead"] }, "expectAnswer dead"],
    [{ resolver: "1.2.3" }, "resolver 1.2.3"],
    [{ resolver: "127.0.0.1:99999" }, "resolver 127.0.0.1:99999"],
    [{ name: "lapor..test" }, "name lapor..test"],
  ])("says which field is the operator's mistake: %j", async (overrides, message) => {
    await expect(
      probeDns(dnsTarget({ resolver: "127.0.0.1:1", ...overrides }), probeContext()),
    ).rejects.toThrow(message);
  });
});

describe("DNS: answers that are none", () => {
  it("asks again over TCP for an answer that was cut short", async () => {
    const { sample, questions, overTcp } = await askServer({
      rcode: 0,
      addresses: ["10.8.1.1"],
      truncated: true,
    });
    expect(sample).toMatchObject({ ok: 1, rcode: "NOERROR" });
    expect(overTcp).toBe(1);
    expect(questions).toHaveLength(2);
  });

  const nothing = { kind: "dns", ok: 0, rcode: null, totalMs: null };
  const answered = (query: Buffer, flags: number, rest: Buffer) => {
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(flags, 2);
    head.writeUInt16BE(1, 6);
    head.writeUInt16BE(0, 10);
    return Buffer.concat([head, rest]);
  };

  it.each<[string, (query: Buffer) => Buffer]>([
    ["text", () => Buffer.from("hello")],
    ["nothing", () => Buffer.alloc(0)],
    ["the id and then noise", (query) => Buffer.concat([query.subarray(0, 2), Buffer.alloc(40, 0xff)])],
    ["a name that points at itself", (query) => answered(query, 0x8180, Buffer.from([0xc0, 12, 0, 1, 0, 1]))],
    [
      "another id",
      (query) =>
        Buffer.concat([
          Buffer.from([query[0]! ^ 1]),
          answered(query, 0x8180, query.subarray(12)).subarray(1),
        ]),
    ],
  ])("takes %s for no answer", async (_what, raw) => {
    const { sample, notes } = await askServer({ rcode: 0, raw }, {}, 400);
    expect(sample).toEqual(nothing);
    expect(notes.find(({ step }) => step === "answer")?.detail).toMatchObject({ error: expect.any(String) });
  });

  it("notes what it asked, whom, and what came", async () => {
    const { notes } = await askServer(
      { rcode: 0, addresses: ["10.8.1.1"] },
      { expectAnswer: ["10.9.0.0/16"] },
    );
    expect(notes).toEqual([
      {
        step: "query",
        detail: {
          name: "lapor.desa.test",
          recordType: "A",
          resolvers: expect.stringMatching(/^127\.0\.0\.1:/),
        },
      },
      { step: "answer", detail: { rcode: "NOERROR", ms: expect.any(Number), records: 1 } },
      { step: "record", detail: { address: "10.8.1.1", ttlS: 60, expected: false } },
    ]);
  });
});
