import pino from "pino";
import { describe, expect, it } from "vitest";
import type { Channel, Outcome } from "../../src/notify/channel.ts";
import type { DispatchPlan } from "../../src/notify/dispatch.ts";
import type { EscalationStep } from "../../src/notify/escalate.ts";
import { weekdays } from "../../src/notify/hours.ts";
import { createKeeper } from "../../src/notify/keeper.ts";
import type { KeeperOptions } from "../../src/notify/keeper.ts";
import { createOutbox } from "../../src/notify/outbox.ts";
import type { AlertPayload, DigestPayload } from "../../src/notify/payload.ts";
import { messageKey } from "../../src/notify/planner.ts";
import { unrouted } from "../../src/state/alert-store.ts";
import { unnamedActor } from "../../src/state/audit.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import type { OutboxMessage } from "../../src/state/state-store.ts";
import { tempDir } from "../support/temp-dir.ts";
import { anAlert, anAlertRecord } from "./factories.ts";

/* Keeper and outbox together over a store on disk: what becomes of a piece of news whatever happens to the channels. */

const minuteMs = 60_000;
/** 5 March 2026, 23.00 WITA. */
const eveningMs = Date.UTC(2026, 2, 5, 15);
const night = {
  hours: [{ fromMin: 21 * 60, toMin: 360, days: [...weekdays], holidays: "as-usual" as const }],
  passes: "critical" as const,
};
const here = (code: string, parent: string | null) =>
  [code, { code, kind: "desa", name: code, parent, latitude: 0, longitude: 0 }] as const;
const inventory = {
  sites: new Map([here("64.08", null), here("64.08.05.2001", "64.08"), here("64.08.05.2002", "64.08")]),
  links: new Map(),
  contracts: new Map(),
  services: new Map(),
  targets: new Map(),
};
const dead: Outcome = { delivered: false, permanent: true, reason: "answered 403" };
const busy: Outcome = { delivered: false, permanent: false, reason: "answered 503" };

interface Given {
  plan?: Partial<DispatchPlan>;
  steps?: EscalationStep[];
  fallbacks?: [string, string[]][];
  machines?: string[];
  readConditions?: KeeperOptions["readConditions"];
}

function setUp({ plan, steps = [], fallbacks = [], machines = [], readConditions = async () => [] }: Given) {
  const dir = tempDir();
  const stores = openSqlite(dir.file("sambung.db"));
  const { state } = stores;
  const clock = { nowMs: eveningMs };
  /** By channel, or by channel and type of message. */
  const answers = new Map<string, Outcome>();
  const got: OutboxMessage[] = [];
  const errors: unknown[] = [];
  const routed = Promise.withResolvers<void>();
  const create = (id: string): Channel => ({
    id,
    isMachine: machines.includes(id),
    async deliver(message) {
      const outcome = answers.get(`${id} ${message.type}`) ?? answers.get(id) ?? { delivered: true };
      if (outcome.delivered) got.push(message);
      return outcome;
    },
  });
  const keeper = createKeeper({
    state,
    inventory: () => inventory as ReturnType<Parameters<typeof createKeeper>[0]["inventory"]>,
    plan: {
      routes: [{ to: ["chat"], severity: "low", quiet: true }],
      machines: new Set(machines),
      quiet: null,
      budget: 6,
      digestMin: 360,
      ...plan,
    },
    steps,
    readConditions,
    watched: async () => () => true,
    workedOn: async () => new Set(),
    providersWhoKnow: async () => [],
    url: () => null,
    onMessages: () => routed.resolve(),
    onError: (error) => errors.push(error),
    now: () => clock.nowMs,
  });
  const outbox = createOutbox({
    state,
    channels: ["chat", "phone", "mail", "boss", "hook"].map(create),
    fallbacks: new Map(fallbacks),
    now: () => clock.nowMs,
    random: () => 0.5,
    logger: pino({ level: "silent" }),
  });
  return {
    state,
    clock,
    answers,
    keeper,
    /** Resolves when anything was routed. */
    routed: routed.promise,
    got: (channel?: string) => got.filter((message) => channel === undefined || message.channel === channel),
    /** What runs of the watch write down, the keeper not having looked in between. */
    async find(id: string, what: "problem" | "update1" | "recovery", alert: Partial<AlertPayload> = {}) {
      const isOver = what === "recovery";
      const type = isOver ? "site.up" : what === "problem" ? "site.down" : "site.update";
      const endMs = isOver ? clock.nowMs : null;
      const payload = anAlert({ alert: id, incident: id, startMs: eveningMs, endMs, ...alert, type });
      const { incident } = payload;
      const record = anAlertRecord({ id, incident, closedMs: endMs, facts: payload });
      const message = { channel: unrouted, type, alert: id, incident, payload, nextTryMs: clock.nowMs };
      const dedupeKey = messageKey(id, what, unrouted);
      await state.writeWatch({
        outages: [],
        states: [],
        alerts: [record],
        messages: [{ ...message, dedupeKey, createdMs: clock.nowMs }],
      });
    },
    /** The keeper looks, and what is due is delivered, as often as something comes of it. */
    async pass(minutes = 0): Promise<void> {
      clock.nowMs += minutes * minuteMs;
      await keeper.look();
      expect(errors).toEqual([]);
      for (let round = 0; round < 4; round += 1) await outbox.drain();
    },
    drain: () => outbox.drain(),
    [Symbol.dispose]() {
      stores.close();
      dir[Symbol.dispose]();
    },
  };
}

const told = (messages: readonly OutboxMessage[]) =>
  messages.map(({ channel, type, alert }) => `${channel} ${type} ${alert}`);

describe("a fall-over", () => {
  it("tells a digest that another had for itself beside its own", async () => {
    const areas = { wa: ["64.08.05.2001"], mail: ["64.08.05.2002"] };
    using at = setUp({
      plan: {
        quiet: night,
        routes: [
          { to: ["phone"], severity: "low", quiet: true, areas: areas.wa },
          { to: ["mail"], severity: "low", quiet: true, areas: areas.mail },
        ],
      },
      fallbacks: [["phone", ["mail"]]],
    });
    await at.find("a", "problem");
    await at.find("b", "problem", { root: "64.08.05.2002", sites: ["64.08.05.2002"] });
    await at.pass();
    at.answers.set("phone", dead);
    await at.pass(8 * 60);
    const digests = at.got("mail").map(({ payload }) => payload as DigestPayload);
    expect(digests.map(({ items }) => items.map(({ alert }) => alert)).sort()).toEqual([["a"], ["b"]]);
  });

  it("of a digest makes those who told it the ones who hear of the ends, whoever is back by then", async () => {
    using at = setUp({ plan: { quiet: night }, fallbacks: [["chat", ["mail"]]] });
    await at.find("a", "problem");
    await at.find("b", "problem");
    await at.find("b", "recovery");
    await at.pass();
    at.answers.set("chat", dead);
    await at.pass(7 * 60);
    at.answers.clear();
    await at.pass(60);
    await at.find("a", "recovery");
    await at.pass(1);
    expect(at.got().map(({ channel, type }) => [channel, type])).toEqual([
      ["mail", "digest"],
      ["mail", "site.up"],
    ]);
    // Nothing is kept for another digest.
    await at.pass(24 * 60);
    expect(at.got()).toHaveLength(2);
  });

  it.each([
    ["a digest", 7 * 60, "chat digest", ["mail digest", "mail site.up"]],
    // People are told of a problem that is over by its end.
    ["a problem", 0, "chat site.down", ["mail site.up"]],
  ])("of %s takes along the end that waits behind it", async (_, minutes, refused, expected) => {
    using at = setUp({
      plan: minutes === 0 ? {} : { quiet: night },
      fallbacks: [["chat", ["mail"]]],
      machines: minutes === 0 ? ["chat"] : [],
    });
    await at.find("a", "problem");
    at.answers.set("chat", busy);
    await at.pass();
    await at.pass(minutes);
    await at.find("a", "recovery");
    at.answers.clear();
    at.answers.set(refused, dead);
    await at.pass(1);
    expect(told(at.got()).map((one) => one.split(" ").slice(0, 2).join(" "))).toEqual(expected);
  });

  it("of a digest goes on to the next of the next, and tells nothing again that one had kept", async () => {
    using at = setUp({
      plan: {
        quiet: night,
        routes: [
          { to: ["chat"], severity: "low", quiet: true },
          { to: ["mail"], severity: "critical", quiet: true },
        ],
      },
      fallbacks: [
        ["chat", ["mail"]],
        ["mail", ["boss"]],
      ],
    });
    await at.find("a", "problem");
    await at.pass();
    at.answers.set("chat", dead);
    at.answers.set("mail", dead);
    await at.pass(7 * 60);
    at.answers.clear();
    await at.pass(60);
    await at.find("a", "recovery");
    await at.pass(1);
    expect(at.got().map(({ channel, type }) => [channel, type])).toEqual([
      ["boss", "digest"],
      ["boss", "site.up"],
    ]);
  });

  it("wakes whoever would have let it wait for the digest, and leaves it out of that", async () => {
    using at = setUp({
      plan: {
        quiet: night,
        routes: [
          { to: ["phone"], severity: "low", quiet: false },
          { to: ["mail"], severity: "low", quiet: true },
        ],
      },
      fallbacks: [["phone", ["mail"]]],
    });
    at.answers.set("phone", dead);
    await at.find("a", "problem");
    await at.pass();
    expect(told(at.got())).toEqual(["mail site.down a"]);
    await at.pass(8 * 60);
    expect(at.got()).toHaveLength(1);
  });

  it("is none where all who follow failed at it: it is given up, and not said to be handed over", async () => {
    using at = setUp({
      plan: { routes: [{ to: ["phone", "mail"], severity: "low", quiet: true }] },
      fallbacks: [
        ["phone", ["mail"]],
        ["mail", ["boss"]],
      ],
    });
    at.answers.set("mail", dead);
    at.answers.set("boss", dead);
    await at.find("a", "problem");
    // The mail's own message is given up by the time that the phone fails for good.
    at.answers.set("phone", busy);
    await at.pass();
    at.answers.set("phone", dead);
    at.answers.delete("boss");
    await at.pass(1);
    expect(told(at.got())).toEqual([]);
    const rows = await at.state.messages({ limit: 10 });
    expect(rows.every(({ failedMs }) => failedMs !== null)).toBe(true);
    expect(rows.find(({ channel }) => channel === "phone")!.lastError).toBe("answered 403");
  });

  it("goes on to the next of the next, and all who heard of it hear that it is over", async () => {
    using at = setUp({
      plan: { routes: [{ to: ["phone"], severity: "low", quiet: true }] },
      fallbacks: [
        ["phone", ["mail", "chat"]],
        ["mail", ["boss"]],
      ],
    });
    at.answers.set("phone", dead);
    at.answers.set("mail", dead);
    await at.find("a", "problem");
    await at.pass();
    expect(told(at.got()).sort()).toEqual(["boss site.down a", "chat site.down a"]);
    await at.find("a", "recovery");
    at.answers.clear();
    await at.pass(1);
    expect(told(at.got()).slice(2).sort()).toEqual(["boss site.up a", "chat site.up a"]);
  });
});

it("is told while the conditions are read from an engine that hangs", async () => {
  const reading = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<[]>();
  using at = setUp({
    readConditions() {
      reading.resolve();
      return answer.promise;
    },
  });
  at.keeper.start();
  await reading.promise;
  await at.find("a", "problem");
  at.keeper.poke();
  await at.routed;
  await at.drain();
  expect(told(at.got())).toEqual(["chat site.down a"]);
  answer.resolve([]);
  await at.keeper.stop();
});

describe("an alert that changes while it waits", () => {
  it("is told by its end where a look at the channels comes before it is routed", async () => {
    using at = setUp({});
    at.answers.set("chat", busy);
    await at.find("a", "problem");
    await at.pass();
    at.clock.nowMs += minuteMs;
    await at.find("a", "recovery");
    at.answers.clear();
    await at.drain();
    await at.pass();
    await at.pass(1);
    expect(told(at.got())).toEqual(["chat site.up a"]);
  });

  it("is not said to be unanswered after somebody answered", async () => {
    const steps: EscalationStep[] = [{ afterMin: 15, to: ["boss"], severity: "low" }];
    using at = setUp({ steps });
    at.answers.set("boss", busy);
    await at.find("a", "problem");
    await at.find("b", "problem");
    await at.pass();
    await at.pass(16);
    const ack = { atMs: at.clock.nowMs, by: "Budi", via: "link" as const };
    expect(await at.state.acknowledge("a", ack, unnamedActor)).toBe("done");
    at.answers.clear();
    await at.pass(60);
    await at.pass(60);
    expect(new Set(told(at.got("boss")))).toEqual(new Set(["boss site.down b"]));
    // Who was told nothing of it hears nothing of its end.
    await at.find("a", "recovery");
    await at.pass(1);
    expect(told(at.got()).filter((one) => one.endsWith("up a"))).toEqual(["chat site.up a"]);
  });

  it("is told in the digest that waits for its next try before its end is", async () => {
    using at = setUp({ plan: { quiet: night } });
    await at.find("a", "problem");
    await at.pass();
    at.answers.set("chat", busy);
    await at.pass(7 * 60);
    await at.pass(0.2);
    at.answers.clear();
    await at.find("a", "recovery");
    await at.pass(0.1);
    expect(at.got().map(({ type }) => type)).toEqual(["digest", "site.up"]);
  });

  it("is held back by a digest that cannot be told yet, and others of the channel are not", async () => {
    using at = setUp({ plan: { quiet: night } });
    await at.find("a", "problem");
    await at.pass();
    at.answers.set("chat", busy);
    await at.pass(7 * 60);
    await at.pass(0.2);
    at.answers.clear();
    await at.find("a", "update1");
    await at.find("b", "problem");
    await at.pass(0.1);
    expect(told(at.got())).toEqual(["chat site.down b"]);
    await at.pass(60);
    expect(at.got().map(({ type }) => type)).toEqual(["site.down", "digest", "site.update"]);
  });

  it("has no end for those whom no digest reached", async () => {
    using at = setUp({ plan: { quiet: night } });
    await at.find("a", "problem");
    await at.pass();
    at.answers.set("chat", dead);
    await at.pass(7 * 60);
    at.answers.clear();
    await at.find("a", "recovery");
    await at.pass(1);
    await at.pass(24 * 60);
    expect(told(at.got())).toEqual([]);
  });

  it("keeps its order when its incident is another by then", async () => {
    using at = setUp({
      plan: { routes: [{ to: ["hook"], severity: "low", quiet: true }] },
      machines: ["hook"],
    });
    at.answers.set("hook", busy);
    await at.find("a", "problem", { incident: "in_village" });
    await at.pass();
    await at.pass(0.1);
    at.answers.clear();
    at.clock.nowMs += 6_000;
    await at.find("a", "update1", { incident: "in_parent" });
    // Nothing of the incident that it came under overtakes it either.
    await at.find("b", "problem", { incident: "in_parent" });
    await at.find("c", "problem", { incident: "in_other" });
    await at.pass();
    expect(told(at.got())).toEqual(["hook site.down c"]);
    await at.pass(10);
    expect(told(at.got()).slice(1)).toEqual(["hook site.down a", "hook site.update a", "hook site.down b"]);
  });

  it("keeps its order where all of it is routed at once", async () => {
    using at = setUp({
      plan: { routes: [{ to: ["hook"], severity: "low", quiet: true }] },
      machines: ["hook"],
    });
    const ids = Array.from({ length: 40 }, (_, n) => `a${n}`);
    for (const id of ids) {
      await at.find(id, "problem");
      await at.find(id, "recovery");
    }
    await at.pass();
    expect(told(at.got())).toEqual(ids.flatMap((id) => [`hook site.down ${id}`, `hook site.up ${id}`]));
  });
});
