import pino from "pino";
import { describe, expect, it } from "vitest";
import type { Channel, Outcome } from "../../src/notify/channel.ts";
import { createOutbox } from "../../src/notify/outbox.ts";
import { retryWaitsMs } from "../../src/notify/retry.ts";
import { messageKey } from "../../src/notify/planner.ts";
import { createWebhookChannel } from "../../src/notify/webhook.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import type { NewMessage, OutboxMessage, StateStore } from "../../src/state/state-store.ts";
import { tempDir } from "../support/temp-dir.ts";
import { anAlert, anAlertRecord, morningMs } from "./factories.ts";
import { createHttpPeer } from "./http-peer.ts";

const logger = pino({ level: "silent" });
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/** A channel that notes what it is given and answers as it is told. */
function scripted(id: string, answer: (message: OutboxMessage, nth: number) => Outcome | Promise<Outcome>) {
  const got: OutboxMessage[] = [];
  const channel: Channel = {
    id,
    async deliver(message) {
      got.push(message);
      return answer(message, got.length);
    },
  };
  return { channel, got };
}

const yes = (): Outcome => ({ delivered: true });
const later = (given: Partial<Outcome> = {}): Outcome =>
  ({ delivered: false, permanent: false, reason: "no", ...given }) as Outcome;

/** A store on disk with a clock of its own. Alerts stay open until `close`. */
function setUp() {
  const dir = tempDir();
  const stores = openSqlite(dir.file("sambung.db"));
  const { state } = stores;
  const clock = { nowMs: morningMs };
  const alertIds = new Map<string, string>();
  let queued = 0;
  return {
    state,
    clock,
    async queue(channel: string, incident: string, type: "site.down" | "site.up" = "site.down") {
      const over = type === "site.up";
      if (!over) alertIds.set(incident, `${incident}@${clock.nowMs}`);
      const id = alertIds.get(incident)!;
      const message: NewMessage = {
        dedupeKey: messageKey(id, over ? "recovery" : "problem", channel),
        channel,
        type,
        alert: id,
        incident,
        payload: anAlert({ type, incident, endMs: over ? morningMs + 1_000 : null }),
        createdMs: clock.nowMs + queued++,
        nextTryMs: clock.nowMs,
      };
      const alert = anAlertRecord({ id, incident, closedMs: over ? clock.nowMs : null });
      await state.writeWatch({ outages: [], states: [], alerts: [alert], messages: [message] });
    },
    outbox: (
      channels: Channel[],
      of: StateStore = state,
      more: { pollMs?: number; batch?: number; fallbacks?: Map<string, string[]> } = {},
    ) =>
      createOutbox({
        state: of,
        channels,
        now: () => clock.nowMs,
        random: () => 0.5,
        logger,
        pollMs: 600_000,
        ...more,
      }),
    async stored(incident: string, type = "site.down") {
      const all = await state.messages({ limit: 100 });
      return all.find((message) => message.incident === incident && message.type === type)!;
    },
    [Symbol.dispose]() {
      stores.close();
      dir[Symbol.dispose]();
    },
  };
}

describe("outbox", () => {
  it("delivers what is due, in order, once", async () => {
    using at = setUp();
    const hook = scripted("hook", yes);
    for (const incident of ["in_3", "in_1", "in_2"]) await at.queue("hook", incident);
    const outbox = at.outbox([hook.channel]);
    await outbox.drain();
    await outbox.drain();
    expect(hook.got.map(({ incident }) => incident)).toEqual(["in_3", "in_1", "in_2"]);
    expect(await at.stored("in_1")).toMatchObject({ sentMs: morningMs, attempts: 1, failedMs: null });
  });

  it("tries again by the schedule and then gives up", async () => {
    using at = setUp();
    const hook = scripted("hook", () => later({ reason: "answered 500" }));
    await at.queue("hook", "in_1");
    const outbox = at.outbox([hook.channel]);
    for (const [index, waitMs] of retryWaitsMs.entries()) {
      await outbox.drain();
      const dueMs = at.clock.nowMs + waitMs;
      expect(await at.stored("in_1")).toMatchObject({
        attempts: index + 1,
        nextTryMs: dueMs,
        failedMs: null,
      });
      at.clock.nowMs = dueMs - 1;
      await outbox.drain();
      expect(hook.got).toHaveLength(index + 1);
      at.clock.nowMs = dueMs;
    }
    await outbox.drain();
    expect(await at.stored("in_1")).toMatchObject({ failedMs: at.clock.nowMs, lastError: "answered 500" });
    expect(new Set(hook.got.map(({ id }) => id)).size).toBe(1);
  });

  it("fails at once what will never work, and what has no channel any more", async () => {
    using at = setUp();
    const gone = scripted("hook", () => later({ permanent: true, reason: "answered 410" }));
    await at.queue("hook", "in_1");
    await at.queue("removed", "in_2");
    await at.outbox([gone.channel]).drain();
    expect(await at.stored("in_1")).toMatchObject({ failedMs: morningMs, lastError: "answered 410" });
    expect(await at.stored("in_2")).toMatchObject({ failedMs: morningMs, sentMs: null });
  });

  it("leaves the whole channel alone for as long as it asks", async () => {
    using at = setUp();
    const hook = scripted("hook", (_message, nth) => (nth === 1 ? later({ retryAfterS: 90 }) : yes()));
    await at.queue("hook", "in_1");
    await at.queue("hook", "in_2");
    const outbox = at.outbox([hook.channel]);
    await outbox.drain();
    at.clock.nowMs = morningMs + 89_999;
    await outbox.drain();
    expect(hook.got).toHaveLength(1);
    at.clock.nowMs = morningMs + 90_000;
    await outbox.drain();
    expect(hook.got.map(({ incident }) => incident)).toEqual(["in_1", "in_1", "in_2"]);
  });

  it("does not let a slow channel hold the others", async () => {
    using at = setUp();
    const release = Promise.withResolvers<Outcome>();
    const slow = scripted("slow", () => release.promise);
    const delivered = Promise.withResolvers<void>();
    const quick = scripted("quick", (_message, nth) => {
      if (nth === 2) delivered.resolve();
      return yes();
    });
    await at.queue("slow", "in_1");
    await at.queue("quick", "in_1");
    const outbox = at.outbox([slow.channel, quick.channel]);
    outbox.start();
    while (quick.got.length < 1) await new Promise(setImmediate);
    await at.queue("quick", "in_2");
    // The slow one is still at work; a poke and not the poll, ten minutes away, brings the next one out.
    outbox.poke();
    await delivered.promise;
    expect(slow.got).toHaveLength(1);
    release.resolve({ delivered: true });
    await outbox.stop();
    expect(await at.stored("in_2")).toMatchObject({ sentMs: morningMs });
  });

  it("does not let what has piled up for a dead channel crowd out the others", async () => {
    using at = setUp();
    const dead = scripted("dead", () => later({ reason: "answered 500" }));
    const live = scripted("live", yes);
    for (const n of [1, 2, 3, 4, 5]) await at.queue("dead", `in_${n}`);
    await at.queue("gone", "in_6");
    await at.queue("live", "in_7");
    const outbox = at.outbox([dead.channel, live.channel], at.state, { batch: 2 });
    await outbox.drain();
    expect(dead.got).toHaveLength(1);
    expect(live.got.map(({ incident }) => incident)).toEqual(["in_7"]);
    expect(await at.stored("in_6")).toMatchObject({ lastError: "no channel of this name is configured" });
  });

  it("does not send the first problem of an incident that began anew after its own end", async () => {
    using at = setUp();
    const hook = scripted("hook", (_message, nth) => (nth === 1 ? later() : yes()));
    const outbox = at.outbox([hook.channel]);
    await at.queue("hook", "in_1");
    await outbox.drain();
    at.clock.nowMs += 1_000;
    await at.queue("hook", "in_1", "site.up");
    at.clock.nowMs += 60_000;
    await at.queue("hook", "in_1");
    await outbox.drain();
    expect(hook.got.map(({ type, createdMs }) => [type, createdMs - morningMs])).toEqual([
      ["site.down", 0],
      ["site.up", 1_001],
      ["site.down", 61_002],
    ]);
  });

  it("says only that it is over when the problem could not be told in time", async () => {
    using at = setUp();
    const hook = scripted("hook", (_message, nth) => (nth === 1 ? later() : yes()));
    await at.queue("hook", "in_1");
    const outbox = at.outbox([hook.channel]);
    await outbox.drain();
    at.clock.nowMs += 60_000;
    await at.queue("hook", "in_1", "site.up");
    await outbox.drain();
    expect(hook.got.map(({ type }) => type)).toEqual(["site.down", "site.up"]);
    expect(await at.stored("in_1")).toMatchObject({ lastError: "over before it could be delivered" });
  });

  it("sends once more under the same id after a crash between delivery and writing it down", async () => {
    using at = setUp();
    await using peer = await createHttpPeer((_request, response) => response.writeHead(204).end());
    const channel = () =>
      createWebhookChannel({ id: "hook", url: peer.url, secrets: [secret], now: () => at.clock.nowMs });
    await at.queue("hook", "in_1");
    const crashing: StateStore = {
      ...at.state,
      messageSent: async () => {
        throw new Error("disk full");
      },
    };
    const before = at.outbox([channel()], crashing);
    await before.drain();
    // While the process lives it knows what it delivered, and does not repeat it.
    await before.drain();
    expect(peer.received).toHaveLength(1);
    await at.outbox([channel()]).drain();
    const [first, second] = peer.received;
    expect(peer.received).toHaveLength(2);
    expect(second!.headers["webhook-id"]).toBe(first!.headers["webhook-id"]);
    expect(second!.body).toBe(first!.body);
    expect(await at.stored("in_1")).toMatchObject({ sentMs: morningMs });
  });

  it("ends a delivery under way when it stops, and leaves the message as it was", async () => {
    using at = setUp();
    const arrived = Promise.withResolvers<void>();
    await using peer = await createHttpPeer(() => arrived.resolve());
    await at.queue("hook", "in_1");
    const hook = createWebhookChannel({ id: "hook", url: peer.url, secrets: [secret], now: () => morningMs });
    const outbox = at.outbox([hook]);
    outbox.start();
    await arrived.promise;
    await outbox.stop();
    await outbox.stop();
    expect(await at.stored("in_1")).toMatchObject({ attempts: 0, sentMs: null, failedMs: null });
  });

  it("takes a channel that throws for one that failed", async () => {
    using at = setUp();
    const broken = scripted("broken", () => {
      throw new TypeError("a bug");
    });
    await at.queue("broken", "in_1");
    await at.outbox([broken.channel]).drain();
    const lastError = "failed inside: TypeError: a bug";
    expect(await at.stored("in_1")).toMatchObject({ attempts: 1, failedMs: null, lastError });
  });

  it("goes on after the store could not be read", async () => {
    using at = setUp();
    const delivered = Promise.withResolvers<void>();
    const hook = scripted("hook", () => {
      delivered.resolve();
      return yes();
    });
    let reads = 0;
    const flaky: StateStore = {
      ...at.state,
      dueMessages: async (...asked) => {
        if (++reads === 1) throw new Error("database is locked");
        return at.state.dueMessages(...asked);
      },
    };
    await at.queue("hook", "in_1");
    const outbox = at.outbox([hook.channel], flaky, { pollMs: 10 });
    outbox.start();
    await delivered.promise;
    await outbox.stop();
    expect(await at.stored("in_1")).toMatchObject({ sentMs: morningMs });
  });

  it("lets nothing of an incident overtake what waits for its next try", async () => {
    using at = setUp();
    const hook = scripted("hook", (message, nth) =>
      nth === 1 && message.incident === "in_1" ? later() : yes(),
    );
    await at.queue("hook", "in_1");
    const outbox = at.outbox([{ ...hook.channel, isMachine: true }]);
    await outbox.drain();
    await at.queue("hook", "in_1", "site.up");
    await at.queue("hook", "in_2");
    // The channel has had its rest, the first message has not had its wait.
    at.clock.nowMs += 5_000 - 1;
    await outbox.drain();
    at.clock.nowMs += 1;
    await outbox.drain();
    await outbox.drain();
    expect(hook.got.map(({ incident, type }) => [incident, type])).toEqual([
      ["in_1", "site.down"],
      ["in_1", "site.down"],
      ["in_1", "site.up"],
      ["in_2", "site.down"],
    ]);
  });

  it("tells machines of a problem that is over by then, before its end", async () => {
    using at = setUp();
    const hook = scripted("hook", yes);
    await at.queue("hook", "in_1");
    await at.queue("hook", "in_1", "site.up");
    await at.outbox([{ ...hook.channel, isMachine: true }]).drain();
    expect(hook.got.map(({ type }) => type)).toEqual(["site.down", "site.up"]);
  });

  it("gives what a dead channel cannot deliver to its fallback, in order, and no twice", async () => {
    using at = setUp();
    const dead = scripted("dead", () => later({ reason: "answered 502" }));
    const next = scripted("next", yes);
    for (const incident of ["in_1", "in_2"]) await at.queue("dead", incident);
    await at.queue("next", "in_2");
    const outbox = at.outbox([dead.channel, next.channel], at.state, {
      fallbacks: new Map([["dead", ["next"]]]),
    });
    for (let round = 0; round < 8; round += 1) {
      await outbox.drain();
      at.clock.nowMs += 30_000;
    }
    expect(dead.got.length).toBeGreaterThanOrEqual(3);
    // What the fallback had of its own is not told a second time.
    expect(next.got.map(({ incident }) => incident)).toEqual(["in_2", "in_1"]);
    const tried = dead.got.length;
    await at.queue("dead", "in_3");
    await outbox.drain();
    await outbox.drain();
    expect(dead.got).toHaveLength(tried + 1);
    expect(next.got.at(-1)!.incident).toBe("in_3");
  });

  it("gives away at once what a channel will never take, and waits for one that asks for a moment", async () => {
    using at = setUp();
    const dead = scripted("dead", ({ incident }) =>
      incident === "in_1" ? later({ permanent: true, reason: "answered 403" }) : later({ retryAfterS: 30 }),
    );
    const next = scripted("next", yes);
    const outbox = at.outbox([dead.channel, next.channel], at.state, {
      fallbacks: new Map([["dead", ["next"]]]),
    });
    await at.queue("dead", "in_1");
    await at.queue("dead", "in_2");
    for (let round = 0; round < 12; round += 1) {
      await outbox.drain();
      at.clock.nowMs += 30_000;
    }
    await outbox.drain();
    expect(next.got.map(({ incident }) => incident)).toEqual(["in_1"]);
    // Ten minutes are too long, whatever it asks for.
    for (let round = 0; round < 20; round += 1) {
      await outbox.drain();
      at.clock.nowMs += 30_000;
    }
    await outbox.drain();
    expect(next.got.map(({ incident }) => incident)).toEqual(["in_1", "in_2"]);
  });

  it("tries at once all that waits when a channel is back", async () => {
    using at = setUp();
    let isBack = false;
    const hook = scripted("hook", () => (isBack ? yes() : later()));
    for (const n of [1, 2, 3, 4]) await at.queue("hook", `in_${n}`);
    const outbox = at.outbox([hook.channel]);
    for (let round = 0; round < 4; round += 1) {
      await outbox.drain();
      at.clock.nowMs += 5_000;
    }
    isBack = true;
    at.clock.nowMs += 25_000;
    const before = hook.got.length;
    await outbox.drain();
    await outbox.drain();
    expect(
      hook.got
        .slice(before)
        .map(({ incident }) => incident)
        .sort(),
    ).toEqual(["in_1", "in_2", "in_3", "in_4"]);
  });
});
