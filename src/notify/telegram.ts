import type { OutboxMessage } from "../state/state-store.ts";
import type { Channel, Outcome } from "./channel.ts";
import type { ChatMoves } from "./chat-moves.ts";
import { alertOf } from "./channel.ts";
import { telegramToken, telegramTokenAllowed } from "./credentials.ts";
import { cutUnits } from "./cut.ts";
import { escapeHtml } from "./html.ts";
import type { Answer } from "./http-post.ts";
import { post } from "./http-post.ts";
import type { AlertText } from "./say.ts";
import type { TextOptions } from "./texts.ts";
import { formatToFit } from "./texts.ts";

export interface TelegramOptions extends TextOptions {
  id: string;
  /** The bot's token, as BotFather gives it. */
  token: string;
  /** Number of the chat, such as "-1001234567890", or "@name" of a channel. */
  chatId: string;
  /** Topic within a group that has topics. Default: none. */
  threadId?: number;
  /** Default https://api.telegram.org; another for a Bot API server of one's own. */
  baseUrl?: string;
  /** Until the answer is read, ms. Default 15,000, from 1 to 30,000. */
  timeoutMs?: number;
  moves: ChatMoves;
}

/** Bot API, sendMessage: "text: 1-4096 characters after entities parsing", counted in UTF-16 code units. */
const maxTextUnits = 4_096;

interface TelegramAnswer {
  ok?: boolean;
  description?: string;
  parameters?: { retry_after?: number; migrate_to_chat_id?: number };
  result?: { message_id?: number };
}

export function createTelegramChannel(options: TelegramOptions): Channel {
  const { id, token, baseUrl = "https://api.telegram.org", timeoutMs = 15_000, moves } = options;
  if (!telegramToken.test(token)) {
    throw new Error(`telegram ${id}: token: expected ${telegramTokenAllowed}`);
  }
  const url = `${baseUrl.replace(/\/+$/, "")}/bot${token}/sendMessage`;

  async function send(chatId: string, text: string, signal: AbortSignal): Promise<SendResult> {
    const body = JSON.stringify({
      chat_id: chatId,
      text,
      parse_mode: "HTML",
      link_preview_options: { is_disabled: true },
      ...(options.threadId === undefined ? {} : { message_thread_id: options.threadId }),
    });
    const headers = { "content-type": "application/json" };
    const answer = await post({ url, headers, body, timeoutMs }, signal);
    if ("delivered" in answer) return { outcome: answer };
    return readAnswer(answer);
  }

  return {
    id,
    async deliver(message, signal) {
      const text = telegramText(message, options);
      const first = await send(await moves.of(options.chatId), text, signal);
      if (first.movedTo === undefined) return first.outcome;
      // The alert must not wait for someone to write the new number down, nor its replies.
      await moves.moved(options.chatId, first.movedTo);
      const second = await send(first.movedTo, text, signal);
      if (!second.outcome.delivered) return second.outcome;
      return { ...second.outcome, note: `the chat has moved: set chatId to ${first.movedTo}` };
    },
  };
}

interface SendResult {
  outcome: Outcome;
  movedTo?: string;
}

function readAnswer(answer: Answer): SendResult {
  const said = parseAnswer(answer.text);
  if (answer.status === 200 && said.ok === true) {
    const number = said.result?.message_id;
    return { outcome: { delivered: true, ...(number === undefined ? {} : { remoteId: String(number) }) } };
  }
  const { retry_after: retryAfterS, migrate_to_chat_id: movedTo } = said.parameters ?? {};
  return {
    outcome: {
      delivered: false,
      // 400: this text or chat will never do. 403: the bot was blocked or put out. Anything else may pass.
      permanent: answer.status === 400 || answer.status === 403,
      reason: `answered ${answer.status}${said.description === undefined ? "" : `: ${said.description}`}`,
      ...(retryAfterS === undefined ? {} : { retryAfterS }),
    },
    ...(movedTo === undefined ? {} : { movedTo: String(movedTo) }),
  };
}

function parseAnswer(text: string): TelegramAnswer {
  try {
    return (JSON.parse(text) as TelegramAnswer | null) ?? {};
  } catch {
    // A proxy or a captive portal answered; the status says enough.
    return {};
  }
}

/** Cut before it is marked up: a cut through `&amp;` or `<b>` would make Telegram refuse the message. */
export function telegramText(message: OutboxMessage, options: TextOptions = {}): string {
  const inFull = ({ subject, lines }: AlertText) => [subject, ...lines].join("\n");
  const fits = (text: AlertText) => inFull(text).length <= maxTextUnits;
  const text = formatToFit(alertOf(message), message.createdMs, options, fits);
  const plain = cutUnits(inFull(text), maxTextUnits);
  const [first = "", ...rest] = plain.split("\n");
  return [`<b>${escapeHtml(first)}</b>`, ...rest.map(escapeHtml)].join("\n");
}
