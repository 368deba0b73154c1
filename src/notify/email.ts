import { createTransport } from "nodemailer";
import type { OutboxMessage } from "../state/state-store.ts";
import type { Channel, Outcome } from "./channel.ts";
import { alertOf } from "./channel.ts";
import { escapeHtml } from "./html.ts";
import type { AlertText } from "./say.ts";
import type { TextOptions } from "./texts.ts";
import { formatAlert } from "./texts.ts";

export interface EmailOptions extends TextOptions {
  id: string;
  host: string;
  /** Usually 587 for starttls, 465 for tls, 25 for none. */
  port: number;
  /** `starttls`: refuse to go on without it · `tls`: from the first byte · `none`: a relay on a trusted network. */
  security: "starttls" | "tls" | "none";
  /** Default: no authentication. */
  auth?: { user: string; password: string };
  /** PEM of the authority to trust instead of the public ones, for an office's own mail server. Default: the public ones. */
  ca?: string;
  /** Address, or "Name <address>". */
  from: string;
  /** One address: each has messages of its own, since mail servers answer for each by itself (members.ts). */
  to: string;
  /** Right side of Message-IDs: the domain of `from` by default. */
  messageIdDomain?: string;
  /** For each step of the conversation, ms. Default 15,000, from 1 to 60,000. */
  timeoutMs?: number;
}

export function createEmailChannel(options: EmailOptions): Channel {
  const { id, timeoutMs = 15_000 } = options;
  const domain = options.messageIdDomain ?? /@([\w.-]+)/.exec(options.from)?.[1];
  if (domain === undefined) throw new Error(`email ${id}: from: no address in it; expected name@domain`);
  return {
    id,
    async deliver(message, signal) {
      // Alerts are rare: a connection of its own for each leaves none behind to break in between.
      const transport = createTransport({
        host: options.host,
        port: options.port,
        secure: options.security === "tls",
        requireTLS: options.security === "starttls",
        ignoreTLS: options.security === "none",
        ...(options.auth === undefined
          ? {}
          : { auth: { user: options.auth.user, pass: options.auth.password } }),
        ...(options.ca === undefined ? {} : { tls: { ca: options.ca } }),
        connectionTimeout: timeoutMs,
        greetingTimeout: timeoutMs,
        socketTimeout: timeoutMs,
        // Nothing that came in a payload may name a file or address to be fetched.
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      try {
        await unlessAborted(transport.sendMail(toMail(message, options, domain)), signal);
        return { delivered: true };
      } catch (error) {
        return toOutcome(error);
      } finally {
        transport.close();
      }
    },
  };
}

/** Lets go when the program stops; the connection then ends by its own timeouts. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(new Error("stopped", { cause: signal.reason }));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    // Whichever lost may still fail; it has no one left to tell.
    work.catch(() => {});
  }
}

/** All mails of an incident refer to one id that no mail has: clients make one thread of them, in whatever order they come. */
function toMail(message: OutboxMessage, options: EmailOptions, domain: string) {
  const text = formatAlert(alertOf(message), message.createdMs, options);
  // An alert stays in its thread when it comes under another incident, and joins that one's.
  const incident = `<incident.${idPart(message.incident)}@${domain}>`;
  const alert = `<alert.${idPart(message.alert)}@${domain}>`;
  return {
    from: options.from,
    to: options.to,
    subject: text.subject,
    // The same in every retry, so that a mail server that saw it before can drop the second.
    messageId: `<${idPart(message.id)}@${domain}>`,
    inReplyTo: alert,
    references: [incident, alert],
    date: new Date(message.createdMs),
    text: `${[text.subject, "", ...text.lines].join("\n")}\n`,
    html: toHtml(text, options.language ?? "id"),
    headers: {
      // RFC 3834: no out-of-office answer to a machine. The second one is what Exchange listens to.
      "Auto-Submitted": "auto-generated",
      "X-Auto-Response-Suppress": "All",
    },
  };
}

function toHtml(text: AlertText, language: string): string {
  const lines = text.lines.map((line) => `<p style="margin:0 0 6px">${linked(escapeHtml(line))}</p>`);
  const subject = escapeHtml(text.subject);
  return [
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>${subject}</title></head>`,
    `<body style="font-family:sans-serif"><h1 style="font-size:18px;margin:0 0 12px">${subject}</h1>`,
    ...lines,
    "</body></html>",
  ].join("\n");
}

/** Addresses are already escaped, so nothing in them can leave the attribute. */
function linked(escaped: string): string {
  return escaped.replace(/https?:\/\/[^\s<>]+/g, (address) => `<a href="${address}">${address}</a>`);
}

const idPart = (id: string) => id.replace(/[^A-Za-z0-9._-]/g, "-");

interface SmtpError extends Error {
  code?: string;
  responseCode?: number;
}

function toOutcome(error: unknown): Outcome {
  const { message, code, responseCode = 0 } = error as SmtpError;
  // A refused password or a missing certificate is the operator's to mend, and the mail can go out then.
  const permanent = responseCode >= 500 && (code === "EENVELOPE" || code === "EMESSAGE");
  return { delivered: false, permanent, reason: message };
}
