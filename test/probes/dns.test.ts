import { describe, expect, it } from "vitest";
import type { DnsTarget } from "#wire/agent-config-v1.ts";
import { createProbers } from "../../probes/probers.ts";
import { startDnsServer } from "../support/dns-server.ts";
import type { DnsAnswer } from "../support/dns-server.ts";
import { probeContext, targetBase } from "../support/probe-context.ts";

async function askServer(
  answer: DnsAnswer | undefined,
  overrides: Partial<DnsTarget> = {},
  timeoutMs = 5000,
) {
  await using server = await startDnsServer(() => answer);
  const target: DnsTarget = {
    ...targetBase(),
    kind: "dns",
    name: "lapor.desa.test",
    recordType: "A",
    resolver: server.address,
    ...overrides,
  };
  const sample = await createProbers().dns(target, probeContext({ timeoutMs }));
  return { sample, questions: server.questions };
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
    const probers = createProbers();
    const target: DnsTarget = {
      ...targetBase(),
      kind: "dns",
      name: "lapor.desa.test",
      recordType: "A",
      resolver: server.address,
    };
    await probers.dns(target, probeContext());
    await probers.dns(target, probeContext());
    expect(server.questions).toHaveLength(2);
  });

  it("ends when the signal aborts", async () => {
    const stop = new AbortController();
    await using server = await startDnsServer(() => {
      stop.abort();
      return undefined;
    });
    const target: DnsTarget = {
      ...targetBase(),
      kind: "dns",
      name: "lapor.desa.test",
      recordType: "A",
      resolver: server.address,
    };
    // The round alone would be longer than the test may take.
    const sample = await createProbers().dns(
      target,
      probeContext({ signal: stop.signal, timeoutMs: 600_000 }),
    );
    expect(sample).toEqual({ kind: "dns", ok: 0, rcode: null, totalMs: null });
  });
});
