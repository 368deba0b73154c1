import { Hono } from "hono";
import { html } from "hono/html";
import type { Context } from "hono";
import type { Ack, AlertEntry } from "../state/alert-store.ts";
import type { StateStore } from "../state/state-store.ts";
import type { AckTokens } from "../notify/ack-token.ts";
import type { Language, Payload } from "../notify/payload.ts";
import { formatAlert } from "../notify/texts.ts";
import { sayMoment } from "../notify/times.ts";
import type { Admission } from "./auth.ts";
import type { HttpEnv } from "./env.ts";

/*
 * Where the link in a message leads. To open it changes nothing, since mail filters and previews open links too; its button
 * says that somebody knows of the alert. Whoever has the message has the token, and the token is good for that alone.
 */

const path = "/peringatan";

/** In the query, which is never logged. */
export function ackPath(token: string, language: Language): string {
  return `${path}?t=${token}${language === "en" ? "&lang=en" : ""}`;
}

export interface AckPageDeps {
  state: Pick<StateStore, "alertEntry" | "acknowledge">;
  ackTokens: AckTokens;
  nowMs: () => number;
  timeZone: string;
}

const texts = {
  id: {
    title: "Peringatan",
    button: "Tandai diketahui",
    noteAll:
      "Dengan menekan tombol ini Anda menyatakan bahwa semua masalah yang masih berlangsung dalam rekap ini sudah diketahui; pesan pengingatnya tidak dikirim lagi.",
    name: "Nama Anda (boleh kosong)",
    note: "Dengan menekan tombol ini Anda menyatakan bahwa gangguan ini sudah diketahui; pesan pengingat tidak dikirim lagi.",
    known: (by: string, when: string) => `Sudah diketahui oleh ${by}, ${when}.`,
    over: "Peringatan ini sudah selesai.",
    ended: "Tautan ini sudah tidak berlaku lagi.",
    invalid: "Tautan ini tidak sah. Salin seluruh alamat dari pesan.",
    unknown: "Peringatan ini tidak dikenal.",
  },
  en: {
    title: "Alert",
    button: "Acknowledge",
    name: "Your name (may stay empty)",
    note: "By this button you say that somebody knows of this fault; no more reminders are sent.",
    noteAll:
      "By this button you say that somebody knows of everything in this digest that is still on; no more reminders of it are sent.",
    known: (by: string, when: string) => `Acknowledged by ${by}, ${when}.`,
    over: "This is over already.",
    ended: "This link is no longer valid.",
    invalid: "This link is not valid. Copy the whole address from the message.",
    unknown: "This alert is not known.",
  },
} as const;

export function createAckPage(deps: AckPageDeps, admission: Pick<Admission, "client">): Hono<HttpEnv> {
  const { state, ackTokens, nowMs } = deps;
  const app = new Hono<HttpEnv>();
  const languageOf = (c: Context): Language => (c.req.query("lang") === "en" ? "en" : "id");

  async function find(c: Context<HttpEnv>) {
    const t = texts[languageOf(c)];
    const claim = ackTokens.read(c.req.query("t") ?? "", nowMs());
    if (claim === "invalid") return { refusal: refuse(c, 400, t.invalid) };
    if (claim === "ended") return { refusal: refuse(c, 410, t.ended) };
    const entry = await state.alertEntry(claim.alert);
    return entry === null ? { refusal: refuse(c, 404, t.unknown) } : { claim, entry };
  }

  function refuse(c: Context<HttpEnv>, status: 400 | 404 | 410, text: string) {
    return c.html(page(languageOf(c), text, html`<p>${text}</p>`), status, headers);
  }

  function show(c: Context<HttpEnv>, entry: AlertEntry, status: 200 | 409 = 200) {
    const language = languageOf(c);
    return c.html(body(entry, language, nowMs(), deps.timeZone), status, headers);
  }

  app.get(path, async (c) => {
    const found = await find(c);
    return "refusal" in found ? found.refusal : show(c, found.entry);
  });
  app.post(path, async (c) => {
    const found = await find(c);
    if ("refusal" in found) return found.refusal;
    const { claim } = found;
    const given = (await c.req.parseBody())["name"];
    const name = typeof given === "string" ? given.replace(/\s+/g, " ").trim().slice(0, 80) : "";
    const by = name === "" ? claim.channel : name;
    const ack: Ack = { atMs: nowMs(), by, via: "link" };
    const actor = { id: "link", name: claim.channel, address: admission.client(c).address };
    const result = await state.acknowledge(claim.alert, ack, actor);
    return show(c, (await state.alertEntry(claim.alert))!, result === "over" ? 409 : 200);
  });
  return app;
}

const headers = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
  "X-Robots-Tag": "noindex",
};

function body({ facts, ack, closedMs }: AlertEntry, language: Language, now: number, timeZone: string) {
  const t = texts[language];
  const told = facts as Payload | null;
  const text =
    told === null ? { subject: t.title, lines: [] } : formatAlert(told, now, { language, timeZone });
  const known = ack === null ? null : t.known(ack.by, sayMoment(ack.atMs, now, language, timeZone));
  const button = html`<form method="post">
    <p>${told?.type === "digest" ? t.noteAll : t.note}</p>
    <p>
      <label>${t.name} <input name="name" maxlength="80" autocomplete="name" /></label>
    </p>
    <p><button type="submit">${t.button}</button></p>
  </form>`;
  return page(
    language,
    text.subject,
    html`${text.lines.map((line) => html`<p>${line}</p>`)}
    ${known !== null ? html`<p><strong>${known}</strong></p>` : closedMs !== null ? html`<p>${t.over}</p>` : button}`,
  );
}

function page(language: Language, title: string, inside: ReturnType<typeof html>) {
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${inside}
        </main>
      </body>
    </html>`;
}
