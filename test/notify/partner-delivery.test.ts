import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCallback } from "../../src/notify/callback.ts";
import { createPartnerDelivery } from "../../src/notify/partner-delivery.ts";
import { standardWaitsMs } from "../../src/notify/retry.ts";
import type { PartnerDeliveries } from "../../src/notify/partner-delivery.ts";
import { createPartnerFeed } from "../../src/report/partner-feed.ts";
import { createPartnerMessage } from "../../src/report/partner-message.ts";
import { createWords } from "../../src/report/words.ts";
import { unnamedActor } from "../../src/state/audit.ts";
import type { PartnerHook } from "../../src/state/partner-store.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import type { SqliteStores } from "../../src/state/sqlite.ts";
import type { OutageRecord } from "../../src/state/state-store.ts";
import { partnerReadings } from "../../src/watch/partner-readings.ts";
import { addPartnerKey, outageRow, twoProviders } from "../support/partners.ts";
import { tempDir } from "../support/temp-dir.ts";
import { createHttpPeer } from "./http-peer.ts";
import type { HttpPeer, Received } from "./http-peer.ts";

/* Real HTTP to a receiver that checks signatures by the public library of Standard Webhooks. */

const inventory = twoProviders();
const words = createWords("id", "Asia/Makassar");
const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const quiet = pino({ level: "silent" });

let dir: ReturnType<typeof tempDir>;
let stores: SqliteStores;
let peer: HttpPeer;
let answer: (request: Received, nth: number) => { status: number; headers?: Record<string, string> } | null;
let clockMs: number;
let delivery: PartnerDeliveries;

beforeEach(async () => {
  dir = tempDir();
  stores = openSqlite(join(dir.path, "sambung.db"));
  answer = () => ({ status: 204 });
  peer = await createHttpPeer((request, response, nth) => {
    const given = answer(request, nth);
    if (given !== null) response.writeHead(given.status, given.headers).end();
  });
  // As receivers check the time of a signature, it is the real one.
  clockMs = Date.now();
  await addPartnerKey(stores.state, "Telkom", clockMs);
  delivery = makeDelivery();
});
afterEach(async () => {
  await delivery.stop();
  await peer[Symbol.asyncDispose]();
  stores.close();
  dir[Symbol.dispose]();
});

const loopback = createCallback({ networks: ["127.0.0.0/8"] });

function makeDelivery(timeoutMs = 15_000, post = loopback.post): PartnerDeliveries {
  return createPartnerDelivery({
    state: stores.state,
    follow: createPartnerFeed(
      stores.state,
      () => inventory,
      () => clockMs,
    ),
    render: createPartnerMessage({ words, inventory: () => inventory, base: "" }),
    post,
    now: () => clockMs,
    random: () => 0.5,
    logger: quiet,
    timeoutMs,
  });
}

function hookOf(more: Partial<PartnerHook> = {}): PartnerHook {
  return {
    id: "whk_1",
    provider: "Telkom",
    kind: "webhook",
    key: "key_telkom",
    url: `${peer.url}/hook`,
    types: [],
    query: null,
    secrets: [{ secret, untilMs: null }],
    madeMs: clockMs,
    disabledMs: null,
    disabledReason: null,
    dropped: 0,
    ...more,
  };
}

const write = (...outages: OutageRecord[]) =>
  stores.state.writeWatch({ outages, states: [], alerts: [], messages: [] });
const verify = ({ body, headers }: Received, by = secret) =>
  new Webhook(by).verify(body, headers as Record<string, string>) as {
    type: string;
    data: { id: string; end: string | null; link: string; comment?: { text: string } };
  };
/** How the provider's webhooks stand to those who look after them here. */
const told = async () =>
  partnerReadings(await stores.state.allHooks(), inventory, clockMs)
    .filter(({ subject }) => subject === "Telkom")
    .map(({ subject, level, count }) => `${subject} ${level} ${count}`);
const byTelkom = { id: "key_telkom", name: "Telkom NOC", address: null };
const keep = () => ({
  provider: "Telkom",
  key: "k",
  fingerprint: "f",
  atMs: clockMs,
  status: 202,
  body: "{}",
});
const hook = async () => (await stores.state.hooks("Telkom", "webhook"))[0]!;

describe("a webhook of a provider", () => {
  it("is told of every change of its links in order, signed, and of nobody else's", async () => {
    await stores.state.addHook(hookOf(), unnamedActor);
    const first = outageRow("out_hulu", { knownMs: clockMs });
    await write(first, outageRow("out_hilir", { site: "64.08.02", knownMs: clockMs }));
    await delivery.drain();
    await write({ ...first, revision: 2, endMs: first.startMs + 60_000, knownMs: clockMs });
    await delivery.drain();
    const told = peer.received.map((request) => verify(request));
    expect(told.map(({ type, data }) => [type, data.link, data.end === null])).toEqual([
      ["outage.opened", "hulu", true],
      ["outage.ended", "hulu", false],
    ]);
    expect(new Set(peer.received.map(({ headers }) => headers["webhook-id"])).size).toBe(2);
    expect(peer.received[0]!.body.length).toBeLessThan(20_000);
    expect(await hook()).toMatchObject({ waiting: 0, lastError: null, lastSentMs: clockMs });
  });

  it("is told again after 5xx, 429 and silence, by one id and the same bytes, when it is time", async () => {
    await delivery.stop();
    delivery = makeDelivery(200);
    await stores.state.addHook(hookOf(), unnamedActor);
    await write(outageRow("out_hulu", { knownMs: clockMs }));
    const answers = [{ status: 503 }, { status: 429, headers: { "Retry-After": "900" } }, null];
    answer = (_request, nth) => (nth <= answers.length ? answers[nth - 1]! : { status: 200 });
    await delivery.drain();
    expect(await hook()).toMatchObject({ waiting: 1, lastError: "answered 503" });
    // Not before 5 s have passed.
    await delivery.drain();
    expect(peer.received).toHaveLength(1);
    clockMs += 5_000;
    await delivery.drain();
    expect(peer.received).toHaveLength(2);
    // The schedule says 5 minutes, the receiver 15.
    clockMs += 899_000;
    await delivery.drain();
    expect(peer.received).toHaveLength(2);
    clockMs += 1_000;
    await delivery.drain();
    expect(await hook()).toMatchObject({ lastError: "no answer within 200 ms" });
    clockMs += standardWaitsMs[2]!;
    await delivery.drain();
    expect(await hook()).toMatchObject({ waiting: 0, lastError: null });
    expect(
      new Set(peer.received.map(({ body, headers }) => `${String(headers["webhook-id"])} ${body}`)).size,
    ).toBe(1);
    expect(peer.received).toHaveLength(4);
  });

  it("holds back what came after of the same outage, and of no other", async () => {
    await stores.state.addHook(hookOf(), unnamedActor);
    const hulu = outageRow("out_hulu", { knownMs: clockMs });
    const ended = { ...hulu, revision: 2, endMs: hulu.startMs + 60_000, knownMs: clockMs + 1 };
    await write(hulu, outageRow("out_muara", { site: "64.08.02.2001", knownMs: clockMs + 2 }));
    await write(ended);
    let refuse = true;
    answer = ({ body }) => ({ status: refuse && body.includes('"link":"hulu"') ? 500 : 200 });
    await delivery.drain();
    // The hook rests for a moment after a failure; then the other outage is told.
    clockMs += 4_600;
    await delivery.drain();
    expect(peer.received).toHaveLength(1);
    clockMs += 500;
    await delivery.drain();
    const told = () =>
      peer.received.map(({ body }) => {
        const { type, data } = JSON.parse(body) as ReturnType<typeof verify>;
        return [type, data.link];
      });
    expect(told().filter(([, link]) => link === "muara")).toEqual([["outage.opened", "muara"]]);
    expect(told()).not.toContainEqual(["outage.ended", "hulu"]);
    refuse = false;
    clockMs += standardWaitsMs[1]! * 1.2;
    await delivery.drain();
    expect(told().slice(-2)).toEqual([
      ["outage.opened", "hulu"],
      ["outage.ended", "hulu"],
    ]);
  });

  it("gets what waited as soon as its address is back, and what it refuses alone waits for its time", async () => {
    await stores.state.addHook(hookOf(), unnamedActor);
    const hulu = outageRow("out_hulu", { knownMs: clockMs });
    await write(hulu, { ...hulu, revision: 2, endMs: hulu.startMs + 60_000, knownMs: clockMs + 1 });
    answer = () => ({ status: 503 });
    for (const waitMs of [0, ...standardWaitsMs.slice(0, 4)]) {
      clockMs += waitMs * 1.1;
      await delivery.drain();
    }
    // Some 3 hours later; the next try would be in 5.
    expect(peer.received).toHaveLength(5);
    clockMs += 600_000;
    answer = () => ({ status: 200 });
    await write(outageRow("out_muara", { site: "64.08.02.2001", root: "64.08.02.2001", knownMs: clockMs }));
    await delivery.drain();
    const told = () => peer.received.map(({ body }) => JSON.parse(body) as ReturnType<typeof verify>);
    expect(
      told()
        .slice(5)
        .map(({ type, data }) => [type, data.link]),
    ).toEqual([
      ["outage.opened", "muara"],
      ["outage.opened", "hulu"],
      ["outage.ended", "hulu"],
    ]);
    expect(await hook()).toMatchObject({ waiting: 0 });

    // One message that is always refused is not tried again with each one that is taken.
    answer = ({ body }) => ({ status: body.includes('"link":"pusat"') ? 400 : 200 });
    await write(outageRow("out_pusat", { site: "64.08", root: "64.08", knownMs: clockMs }));
    await delivery.drain();
    for (let nth = 0; nth < 5; nth++) {
      clockMs += 5_500;
      await write(outageRow(`out_${nth}`, { knownMs: clockMs }));
      await delivery.drain();
    }
    expect(told().filter(({ data }) => data.link === "pusat")).toHaveLength(2);
  });

  it("does not hold up the end of the program where its name does not resolve", async () => {
    await delivery.stop();
    const asked = Promise.withResolvers<void>();
    const { post } = createCallback({
      networks: [],
      resolve() {
        asked.resolve();
        return new Promise(() => {});
      },
    });
    delivery = makeDelivery(60_000, post);
    await stores.state.addHook(hookOf({ url: "https://slow.example.id/" }), unnamedActor);
    await write(outageRow("out_hulu", { knownMs: clockMs }));
    delivery.start();
    await asked.promise;
    await delivery.stop();
    expect(await hook()).toMatchObject({ waiting: 1, lastError: null });
  });

  it("is disabled at once by 410, and by the last try; enabled again it gets what waited", async () => {
    await stores.state.addHook(hookOf(), unnamedActor);
    await write(outageRow("out_hulu", { knownMs: clockMs }));
    answer = () => ({ status: 410 });
    await delivery.drain();
    expect(await hook()).toMatchObject({ disabledMs: clockMs, disabledReason: "answered 410", waiting: 1 });
    expect(await told()).toEqual(["Telkom bad 1"]);
    const enable = () => stores.state.enableHook("Telkom", "whk_1", clockMs, byTelkom, keep());
    await enable();
    expect(await told()).toEqual(["Telkom good 0"]);
    answer = () => ({ status: 404 });
    for (const waitMs of [0, ...standardWaitsMs]) {
      expect(await hook()).toMatchObject({ disabledMs: null });
      clockMs += waitMs * 1.1;
      await delivery.drain();
    }
    expect(peer.received).toHaveLength(2 + standardWaitsMs.length);
    expect(await hook()).toMatchObject({ disabledReason: "10 tries, the last: answered 404", waiting: 1 });
    clockMs += 90_000_000;
    await delivery.drain();
    expect(peer.received).toHaveLength(2 + standardWaitsMs.length);
    await enable();
    answer = () => ({ status: 200 });
    await delivery.drain();
    expect(await hook()).toMatchObject({ waiting: 0 });
    const actions = (await stores.state.audit({ limit: 20 })).map(({ action }) => action);
    expect(actions.filter((action) => action === "webhook.disabled")).toHaveLength(2);
    // One that is disabled and then removed is nobody's worry either.
    await stores.state.disableHook("whk_1", "answered 410", clockMs);
    expect(await told()).toEqual(["Telkom bad 1"]);
    await stores.state.removeHook("whk_1", clockMs, unnamedActor);
    expect(await told()).toEqual(["Telkom good 0"]);
  });

  it("is signed by the old secret as well while it is being replaced", async () => {
    const next = `whsec_${Buffer.alloc(24, 9).toString("base64")}`;
    const secrets = [
      { secret: next, untilMs: null },
      { secret, untilMs: clockMs + 1_000 },
    ];
    await stores.state.addHook(hookOf({ secrets }), unnamedActor);
    const first = outageRow("out_hulu", { knownMs: clockMs });
    await write(first);
    await delivery.drain();
    expect(verify(peer.received[0]!, next)).toEqual(verify(peer.received[0]!, secret));
    clockMs += 1_000;
    await write({ ...first, revision: 2, endMs: clockMs - 10, knownMs: clockMs });
    await delivery.drain();
    verify(peer.received[1]!, next);
    expect(() => verify(peer.received[1]!, secret)).toThrow("No matching signature");
  });

  it("does not follow a redirect", async () => {
    const other = await createHttpPeer((_request, response) => void response.writeHead(200).end());
    await stores.state.addHook(hookOf(), unnamedActor);
    answer = () => ({ status: 307, headers: { Location: `${other.url}/metadata` } });
    await write(outageRow("out_hulu", { knownMs: clockMs }));
    await delivery.drain();
    expect(other.received).toEqual([]);
    expect(await hook()).toMatchObject({ waiting: 1, lastError: "answered 307" });
    await other[Symbol.asyncDispose]();
  });

  it("gets everything since a moment once more, by the ids that it had", async () => {
    await stores.state.addHook(hookOf(), unnamedActor);
    await write(
      outageRow("out_a", { knownMs: clockMs - 2_000 }),
      outageRow("out_b", { site: "64.08", root: "64.08", knownMs: clockMs - 1_000 }),
    );
    await delivery.drain();
    expect(await stores.state.replayHook(await hook(), clockMs - 1_000, () => false, keep)).toBe(1);
    await delivery.drain();
    const ids = peer.received.map(({ headers }) => headers["webhook-id"]);
    expect([ids.length, ids[2]]).toEqual([3, ids[1]]);
  });

  it("loses nothing when delivery stops in the midst, and begins anew with another process", async () => {
    await stores.state.addHook(hookOf(), unnamedActor);
    const count = 40;
    const rows = Array.from({ length: count }, (_, at) =>
      outageRow(`out_${at}`, {
        startMs: clockMs - (count - at) * 60_000,
        knownMs: clockMs - (count - at) * 1000,
      }),
    );
    await write(...rows);
    answer = (_request, nth) => {
      if (nth === 13) void delivery.stop();
      return { status: 200 };
    };
    await delivery.drain();
    delivery = makeDelivery();
    await delivery.drain();
    const told = peer.received.map((request) => verify(request).data.id);
    expect(new Set(told).size).toBe(count);
    // What was under way when it stopped is sent again, and nothing else.
    expect(told.length).toBeLessThanOrEqual(count + 1);
  });
});
