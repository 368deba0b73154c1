import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Inventory, Link } from "../../src/inventory/inventory.ts";
import { createPartnerFeed } from "../../src/report/partner-feed.ts";
import { alarmBase } from "../../src/report/tmf-alarm.ts";
import type { OutageRecord } from "../../src/state/state-store.ts";
import { nowMs, openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { addPartnerKey, outageRow, twoProviders } from "../support/partners.ts";
import { createDeliveryTo } from "./partner-deliveries.ts";
import type { DeliveryTo } from "./partner-deliveries.ts";

/* A link that has another provider, or a neighbour: who is told what, by answer, webhook, hub and replay. */

const dayMs = 86_400_000;

let http: TestHttp;
let telkom: string;
let bakti: string;
let sent: DeliveryTo;

beforeEach(async () => {
  http = await openTestHttp({ inventory: twoProviders() });
  telkom = await addPartnerKey(http.state, "Telkom", nowMs);
  bakti = await addPartnerKey(http.state, "BAKTI", nowMs);
  sent = createDeliveryTo(http);
});
afterEach(async () => {
  await sent.delivery.stop();
  http[Symbol.dispose]();
});

let names = 0;
async function ask<T = { data: Record<string, unknown>[] }>(path: string, key = telkom, body?: unknown) {
  const response = await http.request(path, {
    method: body === undefined ? "GET" : "POST",
    key,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { "Content-Type": "application/json", "Idempotency-Key": `"move-${(names += 1)}"` },
  });
  expect(response.status).toBeLessThan(300);
  return (await response.json()) as T;
}
const outages = async (key = telkom) => (await ask("/api/v1/partner/outages", key)).data;
const write = (...rows: OutageRecord[]) =>
  http.state.writeWatch({ outages: rows, states: [], alerts: [], messages: [] });

function withLink(id: string, more: Partial<Link>): Inventory {
  const inventory = twoProviders();
  const links = [...inventory.links.values()].map((link) => (link.id === id ? { ...link, ...more } : link));
  return { ...inventory, links: new Map(links.map((link) => [link.id, link])) };
}
const baktis = () => withLink("hulu", { provider: "BAKTI", circuitId: "BAKTI-77" });

async function registerBoth(): Promise<string> {
  const made = await ask<{ data: { id: string } }>("/api/v1/partner/webhooks", telkom, {
    url: "http://127.0.0.1:9/hook",
  });
  await ask(`${alarmBase}/hub`, telkom, { callback: "http://127.0.0.1:9/hub" });
  return made.data.id;
}

describe("a link that gets another provider", () => {
  const hulu = outageRow("out_hulu");
  const ended = { ...hulu, revision: 2, endMs: nowMs - 1000, knownMs: nowMs };

  it("is told of to its former provider no more, by webhook, hub or replay", async () => {
    const hook = await registerBoth();
    await write(hulu, outageRow("out_muara", { site: "64.08.02.2001", root: "64.08.02.2001" }));
    await sent.delivery.drain();
    expect(
      sent
        .told()
        .map(({ link }) => link)
        .toSorted(),
    ).toEqual(["hulu", "hulu", "muara", "muara"]);
    http.held.inventory = baktis();
    await write(ended);
    await sent.delivery.drain();
    expect(sent.told()).toHaveLength(4);
    const replayed = await ask<{ data: object }>(
      `/api/v1/partner/webhooks/${hook}/replay?from=2020-01-01T00:00:00Z`,
      telkom,
      {},
    );
    expect(replayed.data).toEqual({ deliveries: 1 });
    await sent.delivery.drain();
    expect(sent.told().slice(4)).toMatchObject([{ link: "muara" }]);
    expect(JSON.stringify(sent.bodies)).not.toContain("BAKTI");
    expect((await outages()).map(({ link }) => link)).toEqual(["muara"]);
    expect(await outages(bakti)).toEqual([]);
  });

  it("takes what waited for the former provider out of its way", async () => {
    await registerBoth();
    sent.answer = () => 500;
    await write(hulu);
    await sent.delivery.drain();
    expect(sent.bodies).toHaveLength(2);
    http.held.inventory = baktis();
    sent.answer = () => 200;
    http.clock.ms += dayMs;
    await sent.delivery.drain();
    expect(sent.bodies).toHaveLength(2);
    expect((await ask("/api/v1/partner/webhooks")).data).toMatchObject([{ waiting: 0, lastSent: null }]);
  });

  it("moves nothing in the former provider's feed, and is brought up to date when it comes back", async () => {
    await write(hulu);
    const [before] = await outages();
    http.held.inventory = baktis();
    await write(ended);
    expect(await outages()).toEqual([]);
    const own = outageRow("out_muara", { site: "64.08.02.2001", root: "64.08.02.2001", knownMs: nowMs });
    await write(own);
    await outages();
    const [muara] = await http.state.partnerRecordsOf("out_muara");
    expect(muara).toMatchObject({ number: 2, seq: 2 });
    http.held.inventory = twoProviders();
    const back = (await outages()).find(({ link }) => link === "hulu");
    expect(back).toMatchObject({ id: before!["id"], end: new Date(nowMs - 1000).toISOString() });
  });

  it("takes no past along that is learned late", async () => {
    await outages();
    http.held.inventory = baktis();
    const late = (id: string, startMs: number) =>
      outageRow(id, { startMs, endMs: startMs + 60_000, knownMs: nowMs + 3_600_000 });
    await outages();
    http.clock.ms += 3_600_000;
    await write(late("out_old", nowMs - 40 * dayMs), late("out_new", nowMs + 60_000));
    expect((await outages(bakti)).map(({ start }) => start)).toEqual([
      new Date(nowMs + 60_000).toISOString(),
    ]);
    expect(await outages()).toEqual([]);
    // It was Telkom's then, and is again.
    http.held.inventory = twoProviders();
    expect((await outages()).map(({ start }) => start)).toEqual([new Date(nowMs - 40 * dayMs).toISOString()]);
    expect(await outages(bakti)).toEqual([]);
  });
});

describe("how a link stands that got another provider", () => {
  it("is told since then, and its month as well", async () => {
    const since = nowMs - 5 * 3_600_000;
    const where = { site: "64.08.01", service: "" };
    const down = { ...where, startMs: since, endMs: null, state: "down" as const, cause: null };
    const states = [{ ...where, replaceFromMs: since, knownMs: nowMs, segments: [down] }];
    await http.state.writeWatch({ outages: [], states, alerts: [], messages: [] });
    const hulu = async (key: string) =>
      (await ask("/api/v1/partner/links", key)).data.find(({ link }) => link === "hulu");
    expect(await hulu(telkom)).toMatchObject({
      state: "down",
      since: new Date(since).toISOString(),
      month: { downS: 5 * 3_600 },
    });
    http.held.inventory = baktis();
    const moved = new Date(nowMs).toISOString();
    expect(await hulu(bakti)).toMatchObject({ state: "down", since: moved, month: null });
    http.clock.ms += 3_600_000;
    expect(await hulu(bakti)).toMatchObject({
      state: "down",
      since: moved,
      month: { from: moved, downS: 3_600, availabilityRatio: 0 },
    });
    expect(await hulu(telkom)).toBeUndefined();
  });
});

describe("a link that got another provider while the collector did not run", () => {
  it("takes no past along either", async () => {
    const feed = (inventory: Inventory, atMs: number) =>
      createPartnerFeed(
        http.state,
        () => inventory,
        () => atMs,
      )();
    await feed(twoProviders(), nowMs - dayMs);
    const at = (id: string, startMs: number) =>
      outageRow(id, { startMs, endMs: startMs + 1_000, knownMs: nowMs });
    await write(at("out_before", nowMs - dayMs), at("out_after", nowMs + 1_000));
    await feed(baktis(), nowMs);
    const of = async (id: string) => (await http.state.partnerRecordsOf(id)).map(({ provider }) => provider);
    expect([await of("out_before"), await of("out_after")]).toEqual([[], ["BAKTI"]]);
  });
});

describe("a link of another provider at the same site", () => {
  it("does not show in an alarm", async () => {
    const alarm = async (inventory: Inventory, row: OutageRecord) => {
      using world = await openTestHttp({ inventory });
      const key = await addPartnerKey(world.state, "Telkom", nowMs);
      await world.state.writeWatch({ outages: [row], states: [], alerts: [], messages: [] });
      return (await world.request(`${alarmBase}/alarm`, { key })).text();
    };
    const alone = twoProviders();
    const beside = { ...alone.links.get("atas-2")!, id: "hulu-2", site: "64.08.01" };
    const two: Inventory = { ...alone, links: new Map([...alone.links, ["hulu-2", beside]]) };
    expect(await alarm(two, { ...outageRow("out_hulu"), link: "hulu", ofLink: true })).toBe(
      await alarm(alone, outageRow("out_hulu")),
    );
  });

  it("may be there a great many times", async () => {
    const { links, ...inventory } = twoProviders();
    const theirs = links.get("hilir")!;
    const many = Array.from({ length: 33_000 }, (_, at): [string, Link] => [
      `far-${at}`,
      { ...theirs, id: `far-${at}` },
    ]);
    http.held.inventory = { ...inventory, links: new Map([...links, ...many]) };
    await write(outageRow("out_hulu"));
    expect(await outages()).toMatchObject([{ link: "hulu" }]);
  });
});
