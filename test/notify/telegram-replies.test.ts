import type { ServerResponse } from "node:http";
import pino from "pino";
import { describe, expect, it } from "vitest";
import { createChatMoves } from "../../src/notify/chat-moves.ts";
import { createTelegramReplies } from "../../src/notify/telegram-replies.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import type { StateStore } from "../../src/state/state-store.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { aDigest, aMessage, anAlert, anAlertRecord, morningMs } from "./factories.ts";
import type { Received } from "./http-peer.ts";
import { createHttpPeer } from "./http-peer.ts";

const token = "123456:AAH-secret_part";

interface Sent {
  text: string;
  chat?: number;
  to?: number;
}

/** A Bot API of which one may ask updates: what comes before `offset` is done with, and one that has none waits. */
function createBot() {
  const updates: object[] = [];
  const said: Record<string, unknown>[] = [];
  const faults: number[] = [];
  const offsets: number[] = [];
  let waiting: { response: ServerResponse; offset: number } | null = null;
  let next = 1_000;
  const send = (response: ServerResponse, status: number, body: object) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  function give(): void {
    if (waiting === null) return;
    const { offset, response } = waiting;
    const found = updates.filter((one) => (one as { update_id: number }).update_id >= offset);
    if (found.length === 0) return;
    waiting = null;
    send(response, 200, { ok: true, result: found });
  }
  return {
    said,
    faults,
    offsets,
    /** What no Telegram of today says. */
    writeOddly: () =>
      updates.push({
        update_id: next++,
        message: { message_id: 9, text: 5, chat: { id: -100123 }, reply_to_message: { message_id: 11 } },
      }),
    write({ text, chat = -100123, to }: Sent): void {
      const message = {
        message_id: next + 50,
        text,
        chat: { id: chat },
        from: { first_name: "Rudi", last_name: "H", username: "rudi" },
        ...(to === undefined ? {} : { reply_to_message: { message_id: to } }),
      };
      updates.push({ update_id: next++, message });
      give();
    },
    answer(request: Received, response: ServerResponse): void {
      const body = JSON.parse(request.body) as Record<string, unknown>;
      if (request.path.endsWith("/sendMessage")) {
        said.push(body);
        send(response, 200, { ok: true, result: { message_id: 1 } });
        return;
      }
      const fault = faults.shift();
      if (fault !== undefined) {
        send(response, fault, { ok: false, error_code: fault, description: "Conflict" });
        return;
      }
      offsets.push(body.offset as number);
      waiting = { response, offset: body.offset as number };
      give();
    },
  };
}

async function setUp() {
  const dir = tempDir();
  const stores = openSqlite(dir.file("sambung.db"));
  const { state } = stores;
  for (const [id, closedMs] of [
    ["a", null],
    ["b", null],
    ["over", morningMs],
  ] as const) {
    const message = aMessage(anAlert({ alert: id }), { dedupeKey: `chat:problem:${id}`, channel: "chat" });
    const alerts = [anAlertRecord({ id, closedMs })];
    await state.writeWatch({ outages: [], states: [], alerts, messages: [message] });
  }
  const numbers = { a: 11, b: 12, over: 13 };
  for (const { id, alert } of await state.messages({ limit: 9 }))
    await state.messageSent(id, morningMs, String(numbers[alert as "a"]));
  const bot = createBot();
  const peer = await createHttpPeer((request, response) => bot.answer(request, response));
  const start = (of = state) => {
    const replies = createTelegramReplies({
      chats: [{ id: "chat", token, chatId: "-100123", baseUrl: `${peer.url}/`, language: "id" }],
      state: of,
      moves: createChatMoves(state),
      logger: pino({ level: "silent" }),
      now: () => morningMs,
    });
    replies.start();
    return replies;
  };
  return {
    state,
    bot,
    peer,
    start,
    async [Symbol.asyncDispose]() {
      await peer[Symbol.asyncDispose]();
      stores.close();
      dir[Symbol.dispose]();
    },
  };
}

describe("replies in Telegram", () => {
  it("acknowledge the alert that they answer, by whom, and say so", async () => {
    await using at = await setUp();
    const replies = at.start();
    at.bot.write({ text: "Siap, diketahui", to: 11 });
    await waitFor("the answer", () => at.bot.said.length === 1, { everyMs: 10 });
    expect((await at.state.acks(["a"])).get("a")).toEqual({ atMs: morningMs, by: "Rudi H", via: "telegram" });
    expect(at.bot.said[0]).toMatchObject({
      chat_id: -100123,
      text: "Diketahui oleh Rudi H, 09.10 WITA.",
      reply_parameters: { message_id: 1_050 },
    });
    at.bot.write({ text: "ok", to: 13 });
    await waitFor("the answer", () => at.bot.said.length === 2, { everyMs: 10 });
    expect(at.bot.said[1]).toMatchObject({ text: "Peringatan ini sudah selesai." });
    const [audit] = await at.state.audit({ limit: 1 });
    expect(audit).toMatchObject({ subject: "a", by: { id: "telegram", name: "Rudi H (chat)" } });
    await replies.stop();
    await replies.stop();
  });

  it("count only as replies to our messages, in that chat, by a word that says so", async () => {
    await using at = await setUp();
    const replies = at.start();
    for (const sent of [
      { text: "ok" },
      { text: "ok", to: 99 },
      { text: "ok", to: 11, chat: -666 },
      { text: "okelah nanti saya tanya", to: 11 },
      { text: "apa ini?", to: 11 },
      { text: "tahukah kamu", to: 11 },
      { text: "belum diketahui", to: 11 },
      { text: "tahu dari mana?", to: 11 },
      { text: "Tahu penyebabnya apa", to: 11 },
      { text: "ok, tapi siapa yang ke sana?", to: 11 },
      { text: "👍", to: 12 },
    ])
      at.bot.write(sent);
    await waitFor("the last of them", () => at.bot.said.length === 1, { everyMs: 10 });
    expect([...(await at.state.acks(["a", "b", "over"])).keys()]).toEqual(["b"]);
    await replies.stop();
  });

  it("count from the new number of a group that became a supergroup", async () => {
    await using at = await setUp();
    const replies = at.start();
    at.bot.write({ text: "ok", to: 11, chat: -100777 });
    await createChatMoves(at.state).moved("-100123", "-100777");
    // Messages are numbered anew there.
    const message = aMessage(anAlert({ alert: "a" }), { dedupeKey: "chat:update1:a", channel: "chat" });
    await at.state.writeWatch({ outages: [], states: [], alerts: [], messages: [message] });
    const { id } = (await at.state.messages({ limit: 9 })).find(
      ({ dedupeKey }) => dedupeKey === "chat:update1:a",
    )!;
    await at.state.messageSent(id, morningMs + 1, "12");
    at.bot.write({ text: "tahu.", to: 12, chat: -100777 });
    await waitFor("the answer", () => at.bot.said.some(({ chat_id: chat }) => chat === -100777), {
      everyMs: 10,
    });
    expect([...(await at.state.acks(["a", "b"])).keys()]).toEqual(["a"]);
    await replies.stop();
  });

  it("are read on from where the last was, after a stop and after trouble", async () => {
    await using at = await setUp();
    const first = at.start();
    at.bot.write({ text: "ok", to: 11 });
    await waitFor("the offset", async () => (await at.state.setting("telegram.offset.123456")) === "1001", {
      everyMs: 10,
    });
    await first.stop();
    at.bot.faults.push(409);
    at.bot.write({ text: "ack", to: 12 });
    const second = at.start();
    await waitFor("the second", async () => (await at.state.acks(["b"])).size === 1, { everyMs: 20 });
    await waitFor("its answer", () => at.bot.said.length === 2, { everyMs: 10 });
    expect(at.bot.offsets).toContain(1_001);
    expect(at.bot.offsets.slice(-1)[0]).toBeGreaterThanOrEqual(1_001);
    await second.stop();
    const settings = await at.state.setting("telegram.offset.123456");
    expect(settings).toMatch(/^100[12]$/);
  });

  it("are read past one that nobody can make anything of", async () => {
    await using at = await setUp();
    at.bot.writeOddly();
    at.bot.write({ text: "ok", to: 12 });
    const replies = at.start();
    await waitFor("the answer to the next", () => at.bot.said.length === 1, { everyMs: 10 });
    expect([...(await at.state.acks(["a", "b"])).keys()]).toEqual(["b"]);
    await waitFor("the offset", async () => (await at.state.setting("telegram.offset.123456")) === "1002", {
      everyMs: 10,
    });
    await replies.stop();
  });

  it("are read again where the store could not take one", async () => {
    await using at = await setUp();
    let full = 2;
    const acknowledge: StateStore["acknowledge"] = async (...given) => {
      full -= 1;
      if (full >= 0) throw Object.assign(new Error("database or disk is full"), { errcode: 13 });
      return at.state.acknowledge(...given);
    };
    at.bot.write({ text: "ok", to: 11 });
    const replies = at.start({ ...at.state, acknowledge });
    await waitFor("the answer", () => at.bot.said.length === 1, { everyMs: 10 });
    expect((await at.state.acks(["a"])).size).toBe(1);
    await replies.stop();
  });

  it("take an answer to a digest of which it is not known what lasted in it", async () => {
    await using at = await setUp();
    const { lasting: _, ...digest } = aDigest(2);
    const message = {
      dedupeKey: "chat:digest:d",
      channel: "chat",
      type: "digest" as const,
      alert: "digest-d",
    };
    const times = { createdMs: morningMs, nextTryMs: morningMs };
    await at.state.writeAlerts({
      messages: [{ ...message, ...times, incident: "digest-d", payload: digest }],
      nowMs: morningMs,
    });
    const [sent] = await at.state.messages({ limit: 1 });
    await at.state.messageSent(sent!.id, morningMs, "14");
    at.bot.write({ text: "ok", to: 14 });
    const replies = at.start();
    await waitFor("the answer", () => at.bot.said.length === 1, { everyMs: 10 });
    expect(at.bot.said[0]!.text).toBe("Peringatan ini sudah selesai.");
    await replies.stop();
  });
});
