import type { Logger } from "pino";
import type { Actor } from "../state/audit.ts";
import type { StateStore } from "../state/state-store.ts";
import { storeTrouble } from "../state/store-trouble.ts";
import { defaultTimeZone } from "../inventory/local-time.ts";
import type { ChatMoves } from "./chat-moves.ts";
import type { Language } from "./payload.ts";
import { sayMoment } from "./times.ts";

/*
 * Replies in Telegram by which people say that they know of an alert. The Bot API's getUpdates is asked over and over; each
 * call waits until there is something. Asking for `offset` tells Telegram that what came before it is done with, so that the
 * offset is written down after what it stands for: a crash in between reads a reply twice, which changes nothing.
 *
 * Only replies to our own messages count, in the chat that the message went to, that begin with one of a few words and ask
 * nothing: a question under an alert is no answer to it.
 */

export interface TelegramChat {
  /** Of the channel. */
  id: string;
  token: string;
  chatId: string;
  baseUrl?: string | undefined;
  language: Language;
}

export interface TelegramRepliesOptions {
  chats: readonly TelegramChat[];
  moves: Pick<ChatMoves, "of">;
  state: Pick<StateStore, "setting" | "setSetting" | "alertOfRemote" | "acknowledge" | "acks">;
  logger: Pick<Logger, "info" | "warn" | "error">;
  now: () => number;
  timeZone?: string;
  /** How long one call waits for something to come, s. Default 50, from 1; Telegram's own limit is not told. */
  waitS?: number;
}

export interface TelegramReplies {
  start(): void;
  /** Twice is fine. */
  stop(): Promise<void>;
}

interface Update {
  update_id: number;
  message?: {
    message_id: number;
    text?: string;
    chat: { id: number; username?: string };
    from?: { first_name?: string; last_name?: string; username?: string };
    reply_to_message?: { message_id: number };
  };
}

interface Answer {
  ok?: boolean;
  description?: string;
  result?: unknown;
  parameters?: { retry_after?: number };
}

/** What people write who have seen it; more may follow. */
const answers = /^(ok(e|ey|ay)?|siap|sip|diketahui|sudah tahu|ack|noted|👍|✅)(?!\p{L})/iu;
/** With more it is the beginning of a question, as in "tahu dari mana". */
const loneAnswer = /^tahu[\s.!👍✅]*$/iu;

function saysSo(text: string): boolean {
  return !text.includes("?") && (answers.test(text) || loneAnswer.test(text));
}

/** After a call that failed, ms; twice as long with each, up to five minutes. */
const firstWaitMs = 2_000;
const longestWaitMs = 300_000;

export function createTelegramReplies(options: TelegramRepliesOptions): TelegramReplies {
  const { state, logger, now, timeZone = defaultTimeZone, waitS = 50 } = options;
  const stopping = new AbortController();
  const bots = Map.groupBy(options.chats, ({ token, baseUrl }) => `${baseOf(baseUrl)}/bot${token}`);
  let running: Promise<unknown> | null = null;

  async function call(url: string, method: string, body: object, timeoutMs: number): Promise<Answer> {
    const response = await fetch(`${url}/${method}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      redirect: "error",
      signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(timeoutMs)]),
    });
    return (await response.json()) as Answer;
  }

  /** One bot: every chat of it. */
  async function listen(url: string, chats: readonly TelegramChat[]): Promise<void> {
    // The number of a bot is in its name's place, and no secret.
    const setting = `telegram.offset.${chats[0]!.token.split(":")[0]}`;
    let offset = Number((await state.setting(setting)) ?? 0);
    let waitMs = firstWaitMs;
    while (!stopping.signal.aborted) {
      try {
        const body = { offset, timeout: waitS, allowed_updates: ["message"] };
        const answer = await call(url, "getUpdates", body, (waitS + 15) * 1000);
        if (answer.ok !== true) {
          waitMs = Math.max(waitMs, (answer.parameters?.retry_after ?? 0) * 1000);
          throw new Error(`getUpdates: ${answer.description ?? "no answer of Telegram's"}`);
        }
        const updates = answer.result as Update[];
        for (const update of updates) {
          await takeOrPassOver(url, chats, update);
          offset = Math.max(offset, update.update_id + 1);
        }
        if (updates.length > 0) await state.setSetting(setting, String(offset));
        waitMs = firstWaitMs;
      } catch (error) {
        if (stopping.signal.aborted) return;
        logger.warn(
          { channel: chats[0]!.id, reason: (error as Error).message },
          "telegram: replies are not read",
        );
        await pause(waitMs);
        waitMs = Math.min(longestWaitMs, waitMs * 2);
      }
    }
  }

  /** What one update does to us is no reason to hear nobody else's; what the store cannot write down is asked for again. */
  async function takeOrPassOver(url: string, chats: readonly TelegramChat[], update: Update): Promise<void> {
    try {
      await take(url, chats, update);
    } catch (error) {
      if (stopping.signal.aborted || mayPass(error)) throw error;
      const { update_id: number } = update;
      logger.error(
        { err: error, channel: chats[0]!.id, update: number },
        "telegram: a reply was passed over",
      );
    }
  }

  async function take(url: string, chats: readonly TelegramChat[], { message }: Update): Promise<void> {
    const replied = message?.reply_to_message?.message_id;
    if (message === undefined || replied === undefined || !saysSo((message.text ?? "").trim())) return;
    const { chat } = message;
    const names = [String(chat.id), `@${chat.username ?? ""}`];
    for (const channel of chats) {
      if (!names.includes(await options.moves.of(channel.chatId))) continue;
      const alert = await state.alertOfRemote(channel.id, String(replied));
      if (alert === null) continue;
      const by = nameOf(message.from);
      const ack = { atMs: now(), by, via: "telegram" as const };
      const actor: Actor = { id: "telegram", name: `${by} (${channel.id})`, address: null };
      const result = await state.acknowledge(alert, ack, actor);
      const first = (await state.acks([alert])).get(alert);
      logger.info({ alert, channel: channel.id, result }, "telegram: acknowledged by a reply");
      const text = sayResult(result, first ?? ack, channel.language, now(), timeZone);
      await answer(url, chat.id, message.message_id, text);
      return;
    }
  }

  /** A courtesy: that it cannot be said does not undo what was done. */
  async function answer(url: string, chat: number, replyTo: number, text: string): Promise<void> {
    const body = { chat_id: chat, text, reply_parameters: { message_id: replyTo } };
    await call(url, "sendMessage", body, 15_000).catch((error: unknown) =>
      logger.warn({ reason: (error as Error).message }, "telegram: the answer to a reply was not sent"),
    );
  }

  async function pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    stopping.signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
  }

  return {
    start() {
      running ??= Promise.all(
        [...bots].map(([url, chats]) =>
          listen(url, chats).catch((error: unknown) =>
            logger.error({ err: error, channel: chats[0]!.id }, "telegram: replies are read no more"),
          ),
        ),
      );
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** SQLite's code for a store that another program holds. */
const busyCode = 5;

function mayPass(error: unknown): boolean {
  return storeTrouble(error) !== null || (error as { errcode?: unknown } | null)?.errcode === busyCode;
}

const baseOf = (baseUrl = "https://api.telegram.org") => baseUrl.replace(/\/+$/, "");

function nameOf(from: NonNullable<Update["message"]>["from"]): string {
  const name = [from?.first_name, from?.last_name].filter((part) => part !== undefined).join(" ");
  return (name || from?.username || "Telegram").slice(0, 80);
}

function sayResult(
  result: Awaited<ReturnType<StateStore["acknowledge"]>>,
  ack: { atMs: number; by: string },
  language: Language,
  nowMs: number,
  timeZone: string,
): string {
  const when = sayMoment(ack.atMs, nowMs, language, timeZone);
  const isEnglish = language === "en";
  if (result === "over") return isEnglish ? "This is over already." : "Peringatan ini sudah selesai.";
  if (result === "unknown") return isEnglish ? "This alert is not known." : "Peringatan ini tidak dikenal.";
  return isEnglish ? `Acknowledged by ${ack.by}, ${when}.` : `Diketahui oleh ${ack.by}, ${when}.`;
}
