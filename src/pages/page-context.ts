import type { html } from "hono/html";
import type { Cause, SiteState } from "../outage/table.ts";
import type { Language } from "../report/language.ts";
import type { Words } from "../report/words.ts";
import type { Format } from "./format.ts";
import type { Texts } from "./texts.ts";

/** What hono's html`` gives. */
export type Html = ReturnType<typeof html>;

/** What every part of a page needs to speak: the language, its words and figures, the moment, and where links lead. */
export interface PageContext {
  language: Language;
  t: Texts;
  format: Format;
  nowMs: number;
  /** Of the software; shown at the foot. */
  version: string;
  /** A path of ours, carrying the chosen language along where it was chosen by `?lang=`. */
  href(path: string): string;
  /** This page in the other language. */
  otherLanguageHref: string;
  /** Whether there is a service to have a page about. */
  hasServices: boolean;
  /** Names of services by id. */
  serviceName(id: string): string;
  state: Words["state"];
  /** In the middle of a sentence: with a small first letter, unless it is an abbreviation. */
  cause(cause: Cause, state?: SiteState): string;
  confidence: Words["confidence"];
  statement: Words["statement"];
}

/** The path of a site's page. */
export function sitePath(code: string): string {
  return `/lokasi/${encodeURIComponent(code)}`;
}

/** "7 lokasi". */
export function countSites(page: PageContext, count: number): string {
  return page.t.sites(count, page.format.count(count));
}

export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
