import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { createChatMoves } from "../../src/notify/chat-moves.ts";
import type { ChatMoves } from "../../src/notify/chat-moves.ts";
import { createTelegramChannel, telegramText } from "../../src/notify/telegram.ts";
import { aDigest, aMessage, anAlert } from "./factories.ts";
import { createHttpPeer } from "./http-peer.ts";

const token = "123456:AAH-secret_part";
const never = new AbortController().signal;
const message = aMessage(anAlert());
/** What is remembered of chats that moved. */
function memory(): ChatMoves {
  const settings = new Map<string, string>();
  return createChatMoves({
    setting: async (name) => settings.get(name) ?? null,
    setSetting: async (name, value) => void settings.set(name, value),
  });
}
const channelTo = (baseUrl: string, threadId?: number) =>
  createTelegramChannel({
    id: "telegram",
    token,
    chatId: "-100123",
    baseUrl,
    moves: memory(),
    ...(threadId === undefined ? {} : { threadId }),
  });

/** The Bot API's answers: a JSON object with ok, and the status once more in error_code. */
function answer(response: ServerResponse, status: number, said: Record<string, unknown>): void {
  const error = status === 200 ? { ok: true } : { ok: false, error_code: status };
  response
    .writeHead(status, { "content-type": "application/json" })
    .end(JSON.stringify({ ...error, ...said }));
}

describe("telegram", () => {
  it("posts the text to the chat", async () => {
    await using peer = await createHttpPeer((_request, response) =>
      answer(response, 200, { result: { message_id: 1 } }),
    );
    expect(await channelTo(`${peer.url}/`, 7).deliver(message, never)).toEqual({
      delivered: true,
      remoteId: "1",
    });
    const [request] = peer.received;
    expect(request).toMatchObject({ method: "POST", path: `/bot${token}/sendMessage` });
    expect(JSON.parse(request!.body)).toEqual({
      chat_id: "-100123",
      message_thread_id: 7,
      text: "<b>PUTUS - Mekar Baru (Busang)</b>\nSejak 09.10 WITA.\nDugaan penyebab: pemadaman listrik (keyakinan tinggi).",
      parse_mode: "HTML",
      link_preview_options: { is_disabled: true },
    });
  });

  it("waits for as long as Telegram asks", async () => {
    await using peer = await createHttpPeer((_request, response) =>
      answer(response, 429, {
        description: "Too Many Requests: retry after 33",
        parameters: { retry_after: 33 },
      }),
    );
    expect(await channelTo(peer.url).deliver(message, never)).toEqual({
      delivered: false,
      permanent: false,
      reason: "answered 429: Too Many Requests: retry after 33",
      retryAfterS: 33,
    });
  });

  it.each([
    [400, "Bad Request: chat not found", true],
    [403, "Forbidden: bot was kicked from the group chat", true],
    [401, "Unauthorized", false],
    [500, "Internal Server Error", false],
  ])("takes %i %s as a failure", async (status, description, permanent) => {
    await using peer = await createHttpPeer((_request, response) =>
      answer(response, status, { description }),
    );
    expect(await channelTo(peer.url).deliver(message, never)).toEqual({
      delivered: false,
      permanent,
      reason: `answered ${status}: ${description}`,
    });
  });

  it("does not take a captive portal's page for success", async () => {
    await using peer = await createHttpPeer((_request, response) =>
      response.end("<html>Please log in</html>"),
    );
    expect(await channelTo(peer.url).deliver(message, never)).toMatchObject({
      delivered: false,
      permanent: false,
    });
  });

  it("follows a group that became a supergroup and says what to change", async () => {
    await using peer = await createHttpPeer((_request, response, nth) => {
      if (nth === 1)
        answer(response, 400, { description: "moved", parameters: { migrate_to_chat_id: -100999 } });
      else answer(response, 200, {});
    });
    const channel = channelTo(peer.url);
    expect(await channel.deliver(message, never)).toEqual({
      delivered: true,
      note: "the chat has moved: set chatId to -100999",
    });
    expect(JSON.parse(peer.received[1]!.body)).toMatchObject({ chat_id: "-100999" });
    // From then on without asking at the old number.
    await channel.deliver(message, never);
    expect(JSON.parse(peer.received[2]!.body)).toMatchObject({ chat_id: "-100999" });
  });

  it("never shows the token in a reason", async () => {
    const peer = await createHttpPeer(() => {});
    await peer[Symbol.asyncDispose]();
    expect(JSON.stringify(await channelTo(peer.url).deliver(message, never))).not.toContain("secret_part");
    expect(() => createTelegramChannel({ id: "t", token: "wrong", chatId: "1", moves: memory() })).toThrow(
      "telegram t: token:",
    );
  });
});

describe("telegramText", () => {
  it("escapes what Telegram would read as markup", () => {
    const text = telegramText(aMessage(anAlert({ name: 'Desa <b>"A&B"</b>' })));
    expect(text).toContain("<b>PUTUS - Desa &lt;b&gt;&quot;A&amp;B&quot;&lt;/b&gt; (Busang)</b>");
  });

  it("cuts a digest by whole lines and says how many are left, where to look and to answer", () => {
    const ackUrl = (alert: string) => `https://s.example/peringatan?t=${alert}`;
    const lines = telegramText(aMessage(aDigest(60)), { ackUrl }).split("\n");
    const shown = lines.filter((line) => line.startsWith("- "));
    expect(shown.length).toBeGreaterThan(30);
    expect(shown.every((line) => line.endsWith("masih berlangsung"))).toBe(true);
    expect(lines.slice(2 + shown.length)).toEqual([
      `… dan ${60 - shown.length} lainnya.`,
      "Rincian: https://s.example/",
      "Tandai semua yang masih berlangsung sebagai diketahui: https://s.example/peringatan?t=digest-1-chat",
    ]);
  });

  it("cuts long texts to 4,096 before the markup, between characters", () => {
    const evidence = Array.from({ length: 300 }, (_, i) => ({ id: `${"&".repeat(20)} 📡 ${i}`, en: "" }));
    for (let pad = 0; pad < 40; pad++) {
      const text = telegramText(aMessage(anAlert({ name: "x".repeat(pad), evidence })));
      const shown = text
        .replace(/<\/?b>/g, "")
        .replace(/&(amp|lt|gt|quot);/g, (entity) => (entity === "&amp;" ? "&" : "?"));
      expect(shown.length).toBeLessThanOrEqual(4_096);
      expect(shown.length).toBeGreaterThanOrEqual(4_095);
      expect(shown.endsWith("…")).toBe(true);
      expect(shown.isWellFormed()).toBe(true);
      expect(text).not.toMatch(/&(?!(amp|lt|gt|quot);)/);
    }
  });
});
