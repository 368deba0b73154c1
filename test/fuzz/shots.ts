import fc from "fast-check";
import { precisions } from "../../src/ingest/line-protocol-gather.ts";
import {
  byteFault,
  damage,
  damagedBatch,
  goodBatch,
  mutatedBatch,
  mutatedText,
  pack,
  packing,
} from "./batch-cases.ts";
import { toJsonText } from "./json-text.ts";
import { mutate, mutation, nastyValue } from "./mutate.ts";
import type { Shot, UnderFire } from "./under-fire.ts";

/** A shot, ready to be fired, and the text of the batch in it where it has one that may be taken. */
export interface Aimed {
  shot: Shot;
  batchText?: Uint8Array;
}

/** Turns a drawn case into a shot at a collector; shown as the case. */
export type Aim = (target: UnderFire, nowMs: number) => Aimed;

const aims = <T>(drawn: fc.Arbitrary<T>, aim: (one: T, target: UnderFire, nowMs: number) => Aimed) =>
  drawn.map((one): Aim => {
    const bound: Aim = (target, nowMs) => aim(one, target, nowMs);
    return Object.assign(bound, { [fc.toStringMethod]: () => fc.stringify(one) });
  });

const batchShot = (key: string, body: Uint8Array, encoding: string): Shot => ({
  method: "POST",
  path: "/api/v1/batches",
  headers: { authorization: `Bearer ${key}`, "content-encoding": encoding },
  body,
});

export const mutatedBatches: fc.Arbitrary<Aim> = aims(mutatedBatch, (one, { agent }, nowMs) => {
  const text = mutatedText(one, agent.agentId, nowMs);
  const { body, encoding } = pack(text, one.packing);
  return { shot: batchShot(agent.key, body, encoding), batchText: text };
});

export const damagedBatches: fc.Arbitrary<Aim> = aims(damagedBatch, (one, { agent }, nowMs) => {
  const good = Buffer.from(JSON.stringify(goodBatch(agent.agentId, one.seq, nowMs)));
  const text = one.beforePacking === null ? good : damage(good, one.beforePacking);
  const { body, encoding } = pack(text, one.packing);
  const sent = one.afterPacking === null ? body : damage(body, one.afterPacking);
  return { shot: batchShot(agent.key, sent, encoding), batchText: text };
});

const documents: Record<string, object> = {
  "/api/v1/agents/enrol": { token: `sbe_${"t".repeat(36)}`, hardware: "fuzz", version: "1" },
  "/api/v1/agents/tokens": { site: "64.08.04", kind: "sambung" },
  "/api/v1/keys": { name: "fuzz", scopes: ["read"] },
};

/** Bodies of the other routes that take one. */
export const mutatedDocuments: fc.Arbitrary<Aim> = aims(
  fc.record({
    path: fc.constantFrom(...Object.keys(documents)),
    mutations: fc.array(mutation, { minLength: 1, maxLength: 3 }),
    type: fc.constantFrom(
      "application/json",
      "application/json",
      "text/plain",
      "application/json; charset=utf-16",
      "",
    ),
    fault: fc.option(byteFault, { freq: 4 }),
  }),
  ({ path, mutations, type, fault }, { adminKey }) => {
    const text = Buffer.from(toJsonText(mutate(documents[path], mutations)));
    const body = fault === null ? text : damage(text, fault);
    const headers = { authorization: `Bearer ${adminKey}`, "content-type": type };
    return { shot: { method: "POST", path, headers, body } };
  },
);

const lines = [
  "ping,url=127.0.0.1,target=gw packets_transmitted=5i,packets_received=5i,percent_packet_loss=0,minimum_response_ms=1,average_response_ms=2,maximum_response_ms=3",
  'net_response,server=127.0.0.1,port=25,protocol=tcp,result=success response_time=0.01,result_code=0i,result_type="success"',
  "snmp,agent_host=127.0.0.1,target=gw sysUpTime=812345u,ifHCInOctets=18446744073709551615u",
  "dns_query,server=1.1.1.1,domain=lapor.test,record_type=A,rcode=NOERROR query_time_ms=3.1,result_code=0i",
  "http_response,server=http://lapor.test/ response_time=0.2,http_response_code=200i,result_code=0i",
];
const timestamps = [
  "",
  "0",
  "-1",
  "9223372036854775807",
  "99999999999999999999",
  "1e9",
  "8640000000000001",
  "1795000000000000000",
];

/** Writes as Telegraf sends them, with what a line may be broken by. */
export const mutatedLines: fc.Arbitrary<Aim> = aims(
  fc.record({
    written: fc.array(
      fc.oneof(
        {
          weight: 4,
          arbitrary: fc
            .tuple(fc.constantFrom(...lines), fc.constantFrom(...timestamps))
            .map((parts) => parts.join(" ")),
        },
        { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            ",".repeat(5_000),
            "a=".repeat(5_000),
            '"',
            "\\",
            "ping ,= 1",
            `ping x="${"y".repeat(70_000)}"`,
          ),
        },
      ),
      { minLength: 1, maxLength: 8 },
    ),
    isNow: fc.boolean(),
    fault: fc.option(byteFault, { freq: 2 }),
    packing,
    precision: fc.constantFrom("", ...precisions, "h", "__proto__", "ns&precision=s"),
    scheme: fc.constantFrom("Token", "Bearer", "Basic"),
  }),
  ({ written, isNow, fault, packing: how, precision, scheme }, { telegraf }, nowMs) => {
    const text = Buffer.from(
      `${written.map((line) => (isNow ? `${line.trim()} ${nowMs}000000` : line)).join("\n")}\n`,
    );
    const { body, encoding } = pack(fault === null ? text : damage(text, fault), how);
    const query = precision === "" ? "" : `?precision=${precision}&bucket=b&org=o`;
    const headers = { authorization: `${scheme} ${telegraf.key}`, "content-encoding": encoding };
    return { shot: { method: "POST", path: `/api/v2/write${query}`, headers, body } };
  },
);

const readPaths = [
  "sites",
  "sites/{}",
  "map",
  "series",
  "smoke",
  "states",
  "outages",
  "outages/{}",
  "incidents",
  "targets",
  "whoami",
  "services/availability",
  "services/association",
  "agents/ledger",
  "services/{}/availability",
  "services/{}/association",
  "complaints/effect",
  "agents",
  "agents/{}/ledger",
  "alerts",
  "keys",
  "agent/config",
  "{}",
].map((path) => `/api/v1/${path}`);
const otherPaths = [
  "/metrics",
  "/openapi.json",
  "/livez",
  "/readyz",
  "/health",
  "/ping",
  "/",
  "/lokasi/{}",
  "/layanan-aduan",
  "/layanan-aduan/gangguan",
  "/data/{}",
  "/{}",
];
const queryNames = [
  "target",
  "metric",
  "step",
  "from",
  "to",
  "site",
  "cause",
  "open",
  "asOf",
  "by",
  "parent",
  "lang",
  "limit",
  "verbose",
  "exposure",
  "month",
  "bulan",
  "layanan",
  "lokasi",
  "penyebab",
];
const queryValues = [
  "64.08.04/gw",
  "64.08.04/*",
  "*",
  "rtt_ms",
  "snmp.constructor",
  "snmp.__proto__:rate",
  "1s",
  "1ms",
  "366d",
  "0",
  "-1",
  "999999999999999",
  "0000-01-01T00:00:00Z",
  "9999-12-31T23:59:59Z",
  "2026-11-22T14:05:00+08:00",
  "64.08",
  "site",
  "power",
  "true",
  "id",
  "%",
  "%00",
  "%ff",
  "\0",
  ",".repeat(3e3),
  "9".repeat(400),
  "NaN",
  "__proto__",
  "a%2fb",
  "..%2f..",
];

/** Reads with odd parameters; what changes something is asked with odd ids. */
export const oddReads: fc.Arbitrary<Aim> = aims(
  fc.record({
    path: fc.constantFrom(...readPaths, ...readPaths, ...otherPaths),
    method: fc.constantFrom("GET", "GET", "GET", "GET", "HEAD", "OPTIONS", "DELETE", "PUT", "PATCH", "TRACE"),
    id: fc.oneof(fc.constantFrom(...queryValues), fc.string({ unit: "binary", maxLength: 60 }).map(inUrl)),
    query: fc.array(
      fc.tuple(
        fc.oneof(
          { weight: 9, arbitrary: fc.constantFrom(...queryNames) },
          { weight: 1, arbitrary: fc.string().map(inUrl) },
        ),
        fc.oneof(fc.constantFrom(...queryValues), fc.string({ unit: "binary", maxLength: 60 }).map(inUrl)),
      ),
      { maxLength: 5 },
    ),
    headers: fc.dictionary(
      fc.constantFrom(
        "if-none-match",
        "accept",
        "range",
        "accept-language",
        "cookie",
        "x-forwarded-for",
        "x-request-id",
      ),
      fc.constantFrom(
        "",
        "*",
        "bytes=0-,-1",
        "text/html",
        '"',
        "x".repeat(4_000),
        "é",
        "../..",
        'W/"',
        "__proto__",
      ),
      { maxKeys: 2 },
    ),
    key: fc.constantFrom("admin", "admin", "agent", "wrong", "none"),
  }),
  ({ path, method, id, query, headers, key }, { adminKey, agent }) => {
    const keys: Record<string, string> = {
      admin: adminKey,
      agent: agent.key,
      wrong: `sbk_${"0".repeat(36)}`,
    };
    const text = query.map(([name, value]) => `${name}=${value}`).join("&");
    const where = `${path.replace("{}", id === "" ? "x" : id)}${text === "" ? "" : `?${text}`}`;
    const authorization = keys[key] === undefined ? {} : { authorization: `Bearer ${keys[key]}` };
    // What a URL cannot hold at all is refused on this side already.
    const safe = where.replace(/[^!-~]/g, (char) => encodeURIComponent(char.toWellFormed()));
    return { shot: { method, path: safe, headers: { ...headers, ...authorization } } };
  },
);

/** Keys that are none, at every door. */
export const oddKeys: fc.Arbitrary<Aim> = aims(
  fc.record({
    path: fc.constantFrom(
      "/api/v1/batches",
      "/api/v2/write",
      "/api/v1/sites",
      "/api/v1/agent/config",
      "/api/v1/agents/tokens",
    ),
    method: fc.constantFrom("GET", "POST"),
    authorization: fc.oneof(
      fc.constantFrom(
        "Bearer",
        "Bearer ",
        "bearer x",
        "Basic YTpi",
        "Token",
        `Bearer sba_${"9".repeat(5_000)}`,
        "Bearer a b",
        `Bearer ${"sbk_"}`,
      ),
      nastyValue.map((value) => `Bearer ${inUrl(JSON.stringify(value) ?? "")}`.slice(0, 6_000)),
    ),
  }),
  ({ path, method, authorization }) => ({
    shot: {
      method,
      path,
      headers: { authorization },
      ...(method === "POST" ? { body: Buffer.from("{}") } : {}),
    },
  }),
);

function inUrl(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
