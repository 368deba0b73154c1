import { Hono } from "hono";
import { etag } from "hono/etag";
import type { ApiDocument } from "./api-document.ts";
import { apiOverviewPage, apiSectionPage } from "./api-page.ts";
import { createLanguageDetector, languageOf, send } from "./create-pages.ts";
import type { PageEnv } from "./create-pages.ts";
import { notFoundPage } from "./not-found-page.ts";
import { apiPath } from "./paths.ts";
import { createSpeech } from "./speech.ts";

export interface ApiPagesDeps {
  /** The document as /openapi.json has it. */
  document: () => Promise<ApiDocument>;
  now: () => number;
  timeZone: string;
  /** Those that the page of the complaint service is about, asked for each time. */
  services: () => readonly { id: string; name: string }[];
  version: string;
}

/** The API's documentation, made from its own document: nothing is fetched from elsewhere, and there is no script. */
export function createApiPages({ document, now, timeZone, services, version }: ApiPagesDeps): Hono<PageEnv> {
  const speak = createSpeech({ timeZone, version, services });
  const pages = new Hono<PageEnv>();
  pages.get(apiPath, etag(), createLanguageDetector(), async (c) => {
    const language = languageOf(c);
    const tag = c.req.query("bagian");
    const path = tag === undefined ? apiPath : `${apiPath}?bagian=${encodeURIComponent(tag)}`;
    const page = speak({ language, path, isChosen: c.req.query("lang") === language, nowMs: now() });
    const made = await document();
    if (tag === undefined) return send(c, apiOverviewPage(page, made));
    const section = apiSectionPage(page, made, tag);
    return section === null ? send(c, notFoundPage(page, null), 404) : send(c, section);
  });
  return pages;
}
