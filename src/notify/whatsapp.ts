import type { OutboxMessage } from "../state/state-store.ts";
import type { Channel, Outcome } from "./channel.ts";
import { alertOf } from "./channel.ts";
import { cutUnits } from "./cut.ts";
import type { Answer } from "./http-post.ts";
import { post, retryAfterS } from "./http-post.ts";
import type { AlertText } from "./say.ts";
import type { TextOptions } from "./texts.ts";
import { formatToFit, mayAnswer } from "./texts.ts";

/*
 * WhatsApp Business Platform, Cloud API: POST /{phone number id}/messages. Whoever has not written within 24 hours may
 * only be sent a template that Meta has approved. Ours has three places in its body:
 *
 *   {{1}} what and where, as the subject of a mail · {{2}} the rest in one line · {{3}} where to say that one knows of it,
 *   else the address of the page, or "-"
 *
 * The answer says that Meta took the message; whether the phone got it would come by a webhook, which is not read.
 */

export interface WhatsappOptions extends TextOptions {
  id: string;
  /** Of the sending number, from Meta's console; digits. */
  phoneNumberId: string;
  token: string;
  /** Who is told: country code and number, digits alone, such as 6281234567890. */
  to: string;
  /** Name of the approved template. */
  template: string;
  /** Default https://graph.facebook.com/v23.0. */
  baseUrl?: string;
  /** Until the answer is read, ms. Default 15,000, from 1 to 30,000. */
  timeoutMs?: number;
  now: () => number;
}

/** A body has 1,024 characters, of which the template's own words need some. */
const maxSubject = 200;
const maxDetail = 600;

/**
 * Errors that the same message meets again (Cloud API, "Error codes"): a parameter that is not right, a number that has no WhatsApp,
 * templates that are missing or have other places. Those of rates (130429, 131048, 131056), of tokens (190) and of Meta's own may pass, and
 * so may a template that is paused or disabled (132015, 132016: paused for hours, or replaced by the operator) and a sender that is not registered
 * (133010): the message is tried again for days, and a fallback takes over as from any channel that is down.
 */
const permanentCodes = [100, 131_008, 131_009, 131_026, 131_051, 132_000, 132_001, 132_005, 132_007, 132_012];

/** The same recipient is to be left alone for so long after 131056, s. */
const pairWaitS = 6;

export function createWhatsappChannel(options: WhatsappOptions): Channel {
  const { id, token, baseUrl = "https://graph.facebook.com/v23.0", timeoutMs = 15_000, now } = options;
  const url = `${baseUrl.replace(/\/+$/, "")}/${options.phoneNumberId}/messages`;
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  return {
    id,
    async deliver(message, signal) {
      const body = JSON.stringify(toTemplate(message, options));
      const answer = await post({ url, headers, body, timeoutMs }, signal);
      return "delivered" in answer ? answer : readAnswer(answer, now());
    },
  };
}

function toTemplate(message: OutboxMessage, options: WhatsappOptions) {
  const alert = alertOf(message);
  const { language, timeZone, ackUrl } = options;
  // Addresses have a place of their own.
  const spoken = {
    ...(language === undefined ? {} : { language }),
    ...(timeZone === undefined ? {} : { timeZone }),
  };
  const detailOf = ({ lines }: AlertText) => inOneLine(lines.join(" "));
  const fits = (text: AlertText) => detailOf(text).length <= maxDetail;
  const text = formatToFit({ ...alert, url: null }, message.createdMs, spoken, fits);
  const answer = mayAnswer(alert) ? (ackUrl?.(alert.alert, message.createdMs) ?? null) : null;
  const places = [
    cutUnits(inOneLine(text.subject), maxSubject),
    cutUnits(detailOf(text), maxDetail),
    answer ?? alert.url ?? "-",
  ];
  return {
    messaging_product: "whatsapp",
    to: options.to,
    type: "template",
    template: {
      name: options.template,
      language: { code: options.language ?? "id" },
      components: [{ type: "body", parameters: places.map((text) => ({ type: "text", text })) }],
    },
  };
}

/** A place may hold no line break, no tab and no four spaces in a row; nor may it be empty. */
function inOneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim() || "-";
}

interface WhatsappAnswer {
  messages?: { id?: unknown }[];
  error?: { message?: unknown; code?: unknown };
}

function readAnswer({ status, headers, text }: Answer, nowMs: number): Outcome {
  const said = parseAnswer(text);
  if (status === 200 && typeof said.messages?.[0]?.id === "string") return { delivered: true };
  const code = typeof said.error?.code === "number" ? said.error.code : null;
  const waitS = retryAfterS(headers.get("retry-after"), nowMs) ?? (code === 131_056 ? pairWaitS : undefined);
  const detail = typeof said.error?.message === "string" ? `: ${said.error.message}` : "";
  return {
    delivered: false,
    permanent: code !== null && permanentCodes.includes(code),
    reason: `answered ${status}${detail}`,
    ...(waitS === undefined ? {} : { retryAfterS: waitS }),
  };
}

function parseAnswer(text: string): WhatsappAnswer {
  try {
    return (JSON.parse(text) as WhatsappAnswer | null) ?? {};
  } catch {
    return {};
  }
}
