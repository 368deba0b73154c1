import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TestHttp } from "../support/http.ts";
import { openPartnerWorld, others } from "./partner-world.ts";
import type { PartnerWorld } from "./partner-world.ts";

/*
 * With one provider's key nothing shows of another's links. The same requests go to four districts that differ in nothing but
 * the other provider's links (partner-world.ts), and each answer has to be the same in all of them, byte for byte, and so has
 * what is delivered to webhooks and callbacks. Half way two links change hands.
 */

const runs = 40;
const requestsOfRun = 250;

interface Asked {
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: (world: PartnerWorld, own: Own) => string;
  body?: (world: PartnerWorld, own: Own) => unknown;
  key: number;
}

/** What the answers so far gave to go on with: the same in each world, or the test has failed already. */
interface Own {
  outages: string[];
  cursors: string[];
  hooks: string[];
}

const links = ["pusat", "hulu", "hilir", "atas-1", "atas-2", "muara", "kuala", "batas", "tepi", "nowhere"];
const at = <T>(of: readonly T[], index: number): T | undefined => of[index % Math.max(1, of.length)];

/** Its own outage, the other's, or nobody's; the other's are named in its own world alone. */
const outageName = fc
  .tuple(fc.constantFrom("own", "foreign", "nobody"), fc.nat(50))
  .map(([whose, index]) => (world: PartnerWorld, own: Own) => {
    if (whose === "own") return at(own.outages, index) ?? "pout_0";
    return (
      (whose === "foreign" ? at(world.foreign.outages, index) : undefined) ?? "pout_00000000000000000000"
    );
  });
const hookName = fc.tuple(fc.boolean(), fc.nat(5)).map(
  ([isOwn, index]) =>
    (world: PartnerWorld, own: Own) =>
      (isOwn ? at(own.hooks, index) : at(world.foreign.hooks, index)) ?? "whk_0",
);
const cursorName = fc.tuple(fc.boolean(), fc.nat(50)).map(
  ([isOwn, index]) =>
    (world: PartnerWorld, own: Own) =>
      (isOwn ? at(own.cursors, index) : world.foreign.cursor) ?? "AAAA",
);
const moment = fc.integer({ min: 0, max: 60 }).map((hours) => Date.UTC(2026, 8, 19) + hours * 3_600_000);
const filters = fc
  .record(
    {
      link: fc.constantFrom(...links),
      open: fc.constantFrom("true", "false", "true", "false", "maybe"),
      from: moment.map(String),
      to: moment.map(String),
      since: moment.map(String),
      limit: fc.constantFrom("1", "2", "3", "4", "5", "8", "50", "1000", "0", "x"),
      lang: fc.constantFrom("id", "en"),
      provider: fc.constant("BAKTI"),
      sort: fc.constant("link"),
    },
    { requiredKeys: [] },
  )
  .map((query) => {
    // Names that nobody knows are refused as a whole: they come seldom.
    const { provider, sort, ...known } = query;
    const more = known.limit === "0" ? { provider, sort } : {};
    return Object.entries({ ...known, ...more }).filter((entry): entry is [string, string] =>
      Boolean(entry[1]),
    );
  });

const get = (path: Asked["path"]): Omit<Asked, "key"> => ({ method: "GET", path });
const listed = fc.tuple(filters, fc.nat(8), cursorName).map(([query, chance, cursor]) =>
  get((world, own) => {
    const search = new URLSearchParams(query);
    // Seldom: it was given for another query, and is refused.
    if (chance === 0) search.set("cursor", cursor(world, own));
    return `/api/v1/partner/outages?${search.toString()}`;
  }),
);
/** What was given to go on with, without a filter, so that it fits. */
const walked = fc
  .tuple(cursorName, fc.constantFrom("", "&limit=2", "&limit=3&lang=en"))
  .map(([cursor, more]) =>
    get((world, own) => `/api/v1/partner/outages?cursor=${cursor(world, own)}${more}`),
  );
const begun = fc
  .constantFrom("", "?limit=2", "?limit=5&lang=en")
  .map((query) => get(() => `/api/v1/partner/outages${query}`));
const detail = fc
  .tuple(outageName, fc.constantFrom("", "?lang=en", "?all=true"))
  .map(([name, query]) => get((world, own) => `/api/v1/partner/outages/${name(world, own)}${query}`));
const wrote = fc.tuple(outageName, fc.nat(6)).map(([name, kind]): Omit<Asked, "key"> => {
  const acts = [
    ["POST", "acknowledgement", {}],
    ["POST", "acknowledgement", { note: "sudah tahu" }],
    ["POST", "comments", { text: "teknisi berangkat" }],
    ["POST", "comments", { text: "" }],
    ["PUT", "ticket", { number: "IN1", start: "2026-09-21T10:00:00Z" }],
    ["PUT", "ticket", { number: "IN2", status: "closed" }],
    ["PUT", "ticket", { number: "IN3", end: "kapan" }],
  ] as const;
  const [method, what, body] = acts[kind]!;
  return {
    method,
    path: (world, own) => `/api/v1/partner/outages/${name(world, own)}/${what}`,
    body: () => body,
  };
});
const hooked = fc.tuple(hookName, fc.nat(5), moment).map(([name, kind, from]): Omit<Asked, "key"> => {
  const of = (tail: string) => (world: PartnerWorld, own: Own) =>
    `/api/v1/partner/webhooks${tail.replace("ID", name(world, own))}`;
  const all: Omit<Asked, "key">[] = [
    { method: "GET", path: of("") },
    { method: "POST", path: of(""), body: () => ({ url: "http://127.0.0.1:9/telkom" }) },
    { method: "POST", path: of("/ID/test") },
    { method: "POST", path: of(`/ID/replay?from=${from}`) },
    { method: "POST", path: of("/ID/rotate"), body: () => ({}) },
    { method: "DELETE", path: of("/ID") },
  ];
  return all[kind]!;
});
const tmf = "/tmf-api/alarmManagement/v4";
const alarmId = fc.constantFrom("0", "1", "2", "5", "12", "13", "99", "x");
const alarmed = fc
  .tuple(
    fc.constantFrom(
      "",
      "limit=3&offset=2",
      "perceivedSeverity=critical",
      "state=cleared&fields=id,comment",
      "alarmedObject.id=hilir",
      "alarmedObject.id=muara",
      "place.name=Hilir",
      "comment.comment=rahasia BAKTI",
      "provider=BAKTI",
      "limit=0",
    ),
    alarmId,
    fc.nat(9),
  )
  .map(([query, id, kind]): Omit<Asked, "key"> => {
    const who = { ackUserId: "budi", ackSystemId: "NMS" };
    const patterns = [[{ id }], [{ alarmedObject: { id: "hilir" } }], [{ place: [{ id: "64.08.02" }] }]];
    const alarmPattern = patterns[kind % 3];
    const comment = { comment: "teknisi berangkat" };
    const ticket = {
      externalId: "IN9",
      description: "putus",
      severity: "Major",
      ticketType: "networkOutage",
      relatedEntity: [{ id }],
    };
    const all: Omit<Asked, "key">[] = [
      get(() => `${tmf}/alarm?${query}`),
      get(() => `${tmf}/alarm?${query}`),
      get(() => `${tmf}/alarm/${id}`),
      { method: "POST", path: () => `${tmf}/ackAlarms`, body: () => ({ ...who, alarmPattern }) },
      { method: "POST", path: () => `${tmf}/unAckAlarms`, body: () => ({ ...who, alarmPattern }) },
      { method: "POST", path: () => `${tmf}/commentAlarms`, body: () => ({ comment, alarmPattern }) },
      { method: "POST", path: () => "/tmf-api/troubleTicket/v4/troubleTicket", body: () => ticket },
      get(() => `/tmf-api/troubleTicket/v4/troubleTicket/${id}`),
      get(() => "/tmf-api/troubleTicket/v4/troubleTicket"),
      get(() => `${tmf}/hub`),
    ];
    return all[kind]!;
  });
const plain = fc
  .constantFrom(
    "/api/v1/partner/links",
    "/api/v1/partner/links?lang=en",
    "/api/v1/partner/links/hilir",
    "/api/v1/partner/sla?period=2026-09",
    "/api/v1/partner/sla?period=2026-09&figures=now",
    ...["hulu", "atas-1", "muara", "pusat", "batas", "tepi", "hilir", "atas-2", "nowhere"].map(
      (link) => `/api/v1/partner/sla/${link}/evidence?period=2026-09`,
    ),
    "/api/v1/partner",
    "/api/v1/outages/out_bakti1",
    "/api/v1/sites/64.08.02",
  )
  .map((path) => get(() => path));

const asked: fc.Arbitrary<Asked> = fc
  .tuple(
    fc.oneof(
      { weight: 6, arbitrary: listed },
      { weight: 1, arbitrary: begun },
      { weight: 3, arbitrary: walked },
      { weight: 6, arbitrary: detail },
      { weight: 4, arbitrary: wrote },
      { weight: 2, arbitrary: hooked },
      { weight: 4, arbitrary: alarmed },
      { weight: 2, arbitrary: plain },
    ),
    fc.nat(40),
  )
  .map(([request, key]) => ({ ...request, key }));

interface Answered {
  status: number;
  headers: Record<string, string>;
  body: string;
}

async function ask(world: PartnerWorld, { method, path, body, key }: Asked, own: Own): Promise<Answered> {
  const response = await world.http.request(path(world, own), {
    method,
    key: world.telkom,
    ...(method === "GET" || method === "DELETE" ? {} : { body: JSON.stringify(body?.(world, own) ?? {}) }),
    headers: { "Content-Type": "application/json", "Idempotency-Key": `"${key}"` },
  });
  const { "x-request-id": _, ...headers } = Object.fromEntries(response.headers);
  return { status: response.status, headers, body: await response.text() };
}

/** Names that chance gave, which are others in each world, and what was only repeated from the request. */
function comparable(answer: Answered, own: Own, path: string): string {
  let text = JSON.stringify(answer)
    .replaceAll(/\\"requestId\\":\\"[^"]+\\"/g, "")
    .replaceAll(/\\"instance\\":\\"[^"]+\\"/g, "")
    .replaceAll(/whsec_[A-Za-z0-9+/=]+/g, "SECRET");
  // Tasks of TMF642 have names of their own.
  text = text.replaceAll(/(Alarms\/|\\"id\\":\\")[0-9a-f]{16}\\"/g, "$1TASK");
  for (const [at, hook] of own.hooks.entries()) text = text.replaceAll(hook, `HOOK${at}`);
  // A list of webhooks has their names, and its tag is made of the list.
  if (/\/webhooks|\/hub$/.test(path)) text = text.replace(/"etag":"[^}]*?",/, "");
  if (answer.status === 400)
    text = text.replaceAll(/cursor: [^;]+;/g, "").replaceAll(/\\"value\\":\\"[^"]*\\"/g, "");
  return text;
}

function goOn(own: Own, { status, headers, body }: Answered, path: string): void {
  const isJson = headers["content-type"] === "application/json";
  if (status >= 300 || body === "" || !isJson || !path.startsWith("/api/")) return;
  const { data, meta } = JSON.parse(body) as {
    data: { id?: string } | { id: string }[];
    meta?: { nextCursor?: string };
  };
  const rows = Array.isArray(data) ? data : [];
  if (path.startsWith("/api/v1/partner/outages")) {
    for (const { id } of rows) if (!own.outages.includes(id)) own.outages.push(id);
    if (meta?.nextCursor !== undefined) own.cursors.push(meta.nextCursor);
  }
  const id = Array.isArray(data) ? undefined : data.id;
  if (id?.startsWith("whk_") === true && !own.hooks.includes(id)) own.hooks.push(id);
}

/** Of an address that several hooks may have. */
const isShared = (text: string) => text.startsWith("http://127.0.0.1:9/telkom ");

/** The same messages in the same order to each address. Resolves with how many. */
async function compareDeliveries(worlds: readonly PartnerWorld[]): Promise<number> {
  for (const { sent } of worlds) await sent.delivery.drain();
  const all = worlds.map(({ sent }) => {
    // A message's id is made of that of its hook, which is drawn.
    const told = sent.bodies.map(({ url, body }) => `${url} ${body.replace(/msg_[0-9a-f]{24}/, "msg_")}`);
    const [one, several] = [told.filter((text) => !isShared(text)), told.filter(isShared)];
    // Which address is told first is by the hooks' names.
    return [...Object.values(Object.groupBy(one, (text) => text.split(" ")[0]!)), several.toSorted()];
  });
  const [first, ...rest] = all;
  for (const other of rest) expect(other).toEqual(first);
  const bodies = worlds[0]!.sent.bodies.map(({ body }) => body).join("\n");
  for (const word of foreignWords) expect(bodies).not.toContain(word);
  return worlds[0]!.sent.bodies.length;
}

const foreignWords = [
  "rahasia-",
  "BAKTI",
  "bakti",
  "hilir",
  "kuala",
  "atas-2",
  "Hilir",
  "Kuala",
  "siblings",
  "parent.down",
  "inc_",
];

describe("with the key of one provider", () => {
  it(
    `${runs * requestsOfRun} random requests are answered alike whatever the links of the other did`,
    { timeout: 1_200_000 },
    async () => {
      let count = 0;
      let rows = 0;
      let delivered = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.integer(),
          fc.array(asked, { minLength: requestsOfRun, maxLength: requestsOfRun }),
          async (seed, requests) => {
            const worlds = await Promise.all(others.map((of) => openPartnerWorld(of, seed)));
            const owns = worlds.map(({ hooks }): Own => ({ outages: [], cursors: [], hooks: [...hooks] }));
            try {
              for (const [nth, request] of requests.entries()) {
                if (nth === requestsOfRun / 2) for (const world of worlds) await world.handOver();
                const answers = await Promise.all(worlds.map((world, at) => ask(world, request, owns[at]!)));
                count += 1;
                const path = request.path(worlds[0]!, owns[0]!);
                for (const [at, answer] of answers.entries()) goOn(owns[at]!, answer, path);
                const [first, ...rest] = answers.map((answer, at) => comparable(answer, owns[at]!, path));
                for (const other of rest) expect(other, `${request.method} ${path}`).toBe(first);
                if (answers[0]!.status === 200) {
                  rows += 1;
                  for (const word of foreignWords) expect(answers[0]!.body).not.toContain(word);
                }
                for (const { http } of worlds) http.clock.ms += 1_000;
                if (nth % 10 === 0) for (const { sent } of worlds) await sent.delivery.drain();
              }
              delivered += await compareDeliveries(worlds);
            } finally {
              for (const world of worlds) await world[Symbol.asyncDispose]();
            }
          },
        ),
        { numRuns: runs, endOnFailure: true },
      );
      expect(count).toBe(runs * requestsOfRun);
      // Most of them were answered with something.
      expect(rows).toBeGreaterThan(count / 4);
      expect(delivered).toBeGreaterThan(runs * 50);
    },
  );

  it("what is another's is looked for in the same steps as what is nobody's", async () => {
    await using world = await openPartnerWorld("one", 5);
    const steps = async (path: string, init: RequestInit) => {
      const calls = await storeCalls(world.http, () =>
        world.http.request(path, { ...init, key: world.telkom }),
      );
      expect(calls.length).toBeGreaterThan(1);
      return calls;
    };
    const json = { "Content-Type": "application/json" };
    const requests: [string, RequestInit][] = [
      ["", {}],
      ["/ticket", { method: "PUT", body: '{"number":"1"}', headers: json }],
      ["/acknowledgement", { method: "POST", body: "{}", headers: { ...json, "Idempotency-Key": "a" } }],
    ];
    const path = "/api/v1/partner/outages";
    for (const [tail, init] of requests)
      expect(await steps(`${path}/${world.foreign.outages[0]}${tail}`, init)).toEqual(
        await steps(`${path}/pout_00000000000000000000${tail}`, init),
      );
    expect(await steps(`${path}?link=hilir`, {})).toEqual(await steps(`${path}?link=nowhere`, {}));
    const evidence = (link: string) => steps(`/api/v1/partner/sla/${link}/evidence?period=2026-09`, {});
    // The month is computed once, whoever asks first.
    await evidence("nowhere");
    expect(await evidence("hilir")).toEqual(await evidence("nowhere"));
  });
});

/** Which of the store's methods a request calls, in order. */
async function storeCalls({ state }: TestHttp, act: () => Promise<Response>): Promise<string[]> {
  const calls: string[] = [];
  const held = state as unknown as Record<string, (...given: unknown[]) => unknown>;
  const originals = { ...held };
  for (const [name, method] of Object.entries(originals))
    held[name] = (...given) => {
      calls.push(name);
      return method(...given);
    };
  await act();
  Object.assign(held, originals);
  return calls;
}
