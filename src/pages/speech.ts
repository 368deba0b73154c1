import { languages } from "../report/language.ts";
import type { Language } from "../report/language.ts";
import { createWords, lowerFirst } from "../report/words.ts";
import type { Words } from "../report/words.ts";
import { createFormat } from "./format.ts";
import type { PageContext } from "./page-context.ts";
import { texts } from "./texts.ts";

/** What a request adds to what is always the same. */
export interface Occasion {
  language: Language;
  /** Of this page, with the query that makes it another one, but without `lang`. */
  path: string;
  /** Chosen by `?lang=`: then links carry it along. */
  isChosen: boolean;
  nowMs: number;
}

/** Makes page contexts: one set of formats and words for each language, made once, since Intl's are dear to make. */
export function createSpeech(options: {
  timeZone: string;
  version: string;
  services: () => readonly { id: string; name: string }[];
}): (occasion: Occasion) => PageContext {
  const { timeZone, version, services } = options;
  const spoken = Object.fromEntries(
    languages.map((language) => [
      language,
      { format: createFormat(language, timeZone), words: createWords(language, timeZone) },
    ]),
  ) as Record<Language, { format: PageContext["format"]; words: Words }>;
  return ({ language, path, isChosen, nowMs }) => {
    const { format, words } = spoken[language];
    const names = new Map(services().map(({ id, name }) => [id, name]));
    const inLanguage = (to: string, which: Language) => `${to}${to.includes("?") ? "&" : "?"}lang=${which}`;
    return {
      language,
      t: texts[language],
      format,
      nowMs,
      version,
      href: (to) => (isChosen ? inLanguage(to, language) : to),
      otherLanguageHref: inLanguage(path, language === "id" ? "en" : "id"),
      hasServices: names.size > 0,
      serviceName: (id) => names.get(id) ?? id,
      state: (state) => words.state(state),
      cause: (cause, state) => lowerFirst(words.cause(cause, state) ?? ""),
      confidence: (confidence) => words.confidence(confidence),
      statement: (statement) => words.statement(statement),
    };
  };
}
