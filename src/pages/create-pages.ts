import { createHash } from "node:crypto";
import { Hono } from "hono";
import type { Context } from "hono";
import { etag } from "hono/etag";
import { languageDetector } from "hono/language";
import { hideKeys } from "#wire/hide-keys.ts";
import type { OpenData } from "../report/open-data.ts";
import type { Reader } from "../report/reader.ts";
import { languages } from "../report/language.ts";
import type { Language } from "../report/language.ts";
import { createAvailabilityMemo } from "./availability-memo.ts";
import { districtPage } from "./district-page.ts";
import { gatherDistrict, gatherSite } from "./gather.ts";
import { gatherReach, gatherReachOutages } from "./gather-reach.ts";
import { favicon } from "./layout.ts";
import { notFoundPage } from "./not-found-page.ts";
import { openDataPage } from "./open-data-page.ts";
import { sitePath } from "./page-context.ts";
import type { Html, PageContext } from "./page-context.ts";
import { reachListPage } from "./reach-list-page.ts";
import { reachPage } from "./reach-page.ts";
import { openDataPath, reachPath } from "./paths.ts";
import { reachListPath, readChoice, readView } from "./reach-query.ts";
import { sitePage } from "./site-page.ts";
import { createSpeech } from "./speech.ts";
import { styleSheet } from "./style.ts";

export interface PagesDeps {
  reader: Reader;
  /** Epoch ms. */
  now: () => number;
  /** IANA name; days begin and end by it, and times are shown in it. Default: Asia/Makassar (WITA). */
  timeZone?: string;
  /** Services to show, in this order; asked for each time, since the inventory reloads. */
  services: () => readonly { id: string; name: string }[];
  /** What there is of open data. */
  openData: Pick<OpenData, "sets">;
  /** Of the software. */
  version: string;
}

export type PageEnv = { Variables: { language: string } };
type Env = PageEnv;

/** By `?lang=`, else by what the browser asks for, else Indonesian. */
export function createLanguageDetector() {
  return languageDetector({
    order: ["querystring", "header"],
    supportedLanguages: [...languages],
    fallbackLanguage: "id",
    caches: false,
  });
}

export function languageOf(c: Context<PageEnv>): Language {
  return c.get("language") as Language;
}

/**
 * The public pages, to be mounted at `/`. Its middleware runs on its own routes alone. For addresses that nobody knows,
 * the app that mounts it may hand a request to `pages.fetch`, whose answer is then the 404 page.
 */
export function createPages(deps: PagesDeps): Hono<Env> {
  const { reader, now, services, version } = deps;
  const timeZone = deps.timeZone ?? "Asia/Makassar";
  const speak = createSpeech({ timeZone, version, services });
  const availability = createAvailabilityMemo(reader, now);
  const serviceIds = () => services().map((service) => service.id);
  const detectLanguage = createLanguageDetector();

  function contextOf(c: Context<Env>): PageContext {
    const language = languageOf(c);
    return speak({ language, path: pathOf(c), isChosen: c.req.query("lang") === language, nowMs: now() });
  }

  /** With the query, without the language: what else stands in it makes it another page. */
  function pathOf(c: Context<Env>): string {
    const query = new URL(c.req.url).searchParams;
    query.delete("lang");
    return query.size === 0 ? c.req.path : `${c.req.path}?${query.toString()}`;
  }

  const pages = new Hono<Env>();
  pages.get("/", etag(), detectLanguage, async (c) => {
    const page = contextOf(c);
    return send(c, districtPage(page, await gatherDistrict(reader, serviceIds(), page.nowMs)));
  });
  pages.get("/lokasi/:code", etag(), detectLanguage, async (c) => {
    const page = contextOf(c);
    const code = c.req.param("code");
    const site = await reader.site(code);
    if (site === null) return send(c, notFoundPage(page, code), 404);
    const { nowMs } = page;
    const data = await gatherSite(reader, site, { nowMs, timeZone, services: serviceIds(), availability });
    return send(c, sitePage(page, data));
  });
  pages.get(reachPath, etag(), detectLanguage, async (c) => {
    const page = contextOf(c);
    const view = readView(c.req.query(), serviceIds(), page.nowMs, timeZone);
    if (view === null) return send(c, notFoundPage(page, null), 404);
    const data = await gatherReach(reader, view, services(), page.nowMs, timeZone);
    return send(c, reachPage(page, data, { allSites: c.req.query("semua") === "1" }));
  });
  pages.get(reachListPath, etag(), detectLanguage, async (c) => {
    const page = contextOf(c);
    const view = readView(c.req.query(), serviceIds(), page.nowMs, timeZone);
    const choice = readChoice(c.req.query());
    if (view === null || choice === null) return send(c, notFoundPage(page, null), 404);
    return send(c, reachListPage(page, await gatherReachOutages(reader, view, choice), choice));
  });
  pages.get(openDataPath, etag(), detectLanguage, async (c) => {
    const [sets, sites] = await Promise.all([deps.openData.sets(), reader.sites()]);
    const area = sites.find(({ parent }) => parent === null)?.name ?? "";
    return send(c, openDataPage(contextOf(c), sets, area));
  });
  pages.get("/data", (c) => c.redirect(`${openDataPath}${new URL(c.req.url).search}`, 301));
  pages.get("/sites/:code", (c) =>
    c.redirect(sitePath(c.req.param("code")) + new URL(c.req.url).search, 301),
  );
  for (const path of ["/lokasi", "/sites"]) {
    pages.get(path, (c) => c.redirect(`/${new URL(c.req.url).search}`, 301));
  }
  // Programs that show no page, such as a viewer of JSON, ask for the .ico without being told.
  for (const path of ["/favicon.svg", "/favicon.ico"]) {
    pages.get(path, (c) =>
      c.body(favicon, 200, { "Content-Type": "image/svg+xml", "Cache-Control": "public, max-age=604800" }),
    );
  }
  pages.notFound(async (c) => {
    const context = c as Context<Env>;
    await detectLanguage(context, () => Promise.resolve());
    return send(context, notFoundPage(contextOf(context), null), 404);
  });
  return pages;
}

const styleHash = createHash("sha256").update(styleSheet).digest("base64");
/** Nothing but the one style sheet and our own icon: there is no script to allow. */
const contentPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** A line break beside a block: it shows nowhere, and with the templates' indentation it would be a fifth of the page. */
const idleBreak =
  /\n(?=<\/?(?:body|head|header|main|footer|section|div|ul|ol|li|details|p|h\d|t\w+|dl|dt|dd|meta)\b)/g;

export async function send(c: Context<Env>, page: Html, status: 200 | 404 = 200): Promise<Response> {
  const made = (await page)
    .toString()
    .replaceAll(/\s*\n\s*/g, "\n")
    .replaceAll(idleBreak, "");
  // An address that nobody knows is repeated in the page, and may be a key that was pasted into the wrong place.
  const text = status === 404 ? hideKeys(made) : made;
  c.header("Cache-Control", "public, max-age=30, stale-if-error=86400");
  c.header("Content-Security-Policy", contentPolicy);
  c.header("Vary", "Accept-Language", { append: true });
  c.header("X-Content-Type-Options", "nosniff");
  c.header("Referrer-Policy", "no-referrer");
  return c.html(text, status);
}
