import { html, raw } from "hono/html";
import type { Html, PageContext } from "./page-context.ts";
import { apiPath, openDataPath, reachPath } from "./paths.ts";
import { styleSheet } from "./style.ts";

export interface PageParts {
  title: string;
  /** Name of the whole district, beside the product's. */
  area: string;
  body: Html;
  /** Seconds after which a browser asks again; null: never. */
  refreshS: number | null;
}

/** The shell of every page. One document, no script; the style sheet is inside, so that a saved copy looks the same. */
export function layout(page: PageContext, parts: PageParts): Html {
  const { t, format, nowMs } = page;
  const other = page.language === "id" ? "en" : "id";
  return html`<!doctype html>
    <html lang="${page.language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        ${parts.refreshS === null ? "" : html`<meta http-equiv="refresh" content="${parts.refreshS}" />`}
        <title>${parts.title}</title>
        <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
        ${raw(styleElement)}
      </head>
      <body>
        <a class="skip" href="#isi">${t.skip}</a>
        <header>
          <a class="brand" href="${page.href("/")}">${raw(brandSign)}<b>Sambung</b></a>
          <span class="area">${parts.area === "" ? t.productLine : parts.area}</span>
          <time datetime="${new Date(nowMs).toISOString()}">${t.updated(format.time(nowMs))}</time>
          <a class="lang" lang="${other}" hreflang="${other}" href="${page.otherLanguageHref}"
            >${t.otherLanguage}</a
          >
        </header>
        <main id="isi">${parts.body}</main>
        <footer>
          <nav aria-label="${t.pages.title}">
            ${pagesOf(page).map(([path, name]) => html`<a href="${page.href(path)}">${name}</a>`)}
          </nav>
          <p>${t.footer}</p>
          <p>${format.date(nowMs)}, ${format.time(nowMs)} · ${t.version(page.version)}</p>
        </footer>
      </body>
    </html>`;
}

/** The pages beside the front page, which the name above leads to; where no service is on record, its page does not exist. */
function pagesOf({ t, hasServices }: PageContext): (readonly [string, string])[] {
  return [
    ...(hasServices ? [[reachPath, t.pages.reach] as const] : []),
    [openDataPath, t.pages.openData],
    [apiPath, t.pages.api],
  ];
}

// In one piece: the policy allows exactly this text, and formatters like to add space within an element.
const styleElement = `<style>${styleSheet}</style>`;

/** Two places and the line between them. */
const brandSign =
  '<svg viewBox="0 0 32 16" width="32" height="16" aria-hidden="true"><path d="M6 8h20" stroke="currentColor" stroke-width="2.5"/><circle cx="6" cy="8" r="5" fill="currentColor"/><circle cx="26" cy="8" r="5" fill="currentColor"/></svg>';

export const favicon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b5c6b"/><path d="M9 16h14" stroke="#fff" stroke-width="3"/><circle cx="9" cy="16" r="5" fill="#fff"/><circle cx="23" cy="16" r="5" fill="#fff"/></svg>';
