import { expect, it } from "vitest";
import type { BatchV1, LedgerV1 } from "#wire/batch-v1.ts";
import { parseBatch } from "#wire/batch-v1.ts";
import type { DnsColumns, HttpColumns, IcmpColumns, SnmpColumns, TcpColumns } from "#wire/rounds-v1.ts";
import { batchBody } from "../../src/http/agent-schemas.ts";
import { exampleBatch } from "../support/wire.ts";

/*
 * /openapi.json describes what wire/ checks. Every field that the wire knows is here, the optional ones too: one that is
 * added to the types makes tsc ask for it below, and then the description has to know it.
 */

const once = { monoMs: [1_000], merged: [1], spanMs: [0] };
const icmp: Required<IcmpColumns> = {
  target: "gw",
  kind: "icmp",
  ...once,
  sent: [2],
  recv: [0],
  rttUs: [],
  unsent: [null],
  lossRun: [null],
};
const snmp: Required<SnmpColumns> = {
  target: "rt",
  kind: "snmp",
  ...once,
  ok: [0],
  values: { sysUpTime: ["18446744073709551615"] },
  why: ["timeout"],
};
const http: Required<HttpColumns> = {
  target: "lapor",
  kind: "http",
  ...once,
  ok: [0],
  phase: ["tls"],
  status: [null],
  dnsMs: [1],
  connectMs: [1],
  tlsMs: [null],
  ttfbMs: [null],
  totalMs: [3],
  certExpiresS: [-5],
  tlsError: ["CERT_HAS_EXPIRED"],
};
const dns: Required<DnsColumns> = {
  target: "dns",
  kind: "dns",
  ...once,
  ok: [1],
  rcode: ["NOERROR"],
  totalMs: [2],
};
const tcp: Required<TcpColumns> = {
  target: "ssh",
  kind: "tcp",
  ...once,
  ok: [1],
  phase: [null],
  connectMs: [2],
};
const ledger: Required<LedgerV1> = {
  produced: 5,
  thinned: 0,
  lost: 0,
  waiting: 1,
  oldestMs: 60_000,
  sentBytes: 9_000,
};
const clock: Required<BatchV1["clock"]> = {
  wallMs: 1_763_785_200_000,
  monoMs: 2_000,
  synced: true,
  fixes: [[1_500, 1_763_785_199_500, 20]],
};
const whole: Required<BatchV1> = {
  ...exampleBatch(),
  start: 7,
  clock,
  ledger,
  rounds: [icmp, snmp, http, dns, tcp],
  events: [{ monoMs: 1_000, type: "agent.start", detail: { text: "a", number: 1, flag: true, none: null } }],
};

it("a batch with every field that the wire knows is as /openapi.json describes it", () => {
  expect(parseBatch(JSON.parse(JSON.stringify(whole)))).toMatchObject({ start: 7, clock: { synced: true } });
  expect(batchBody.safeParse(whole).error).toBeUndefined();
  expect(batchBody.safeParse({ ...whole, more: 1 }).success).toBe(false);
});
