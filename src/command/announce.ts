import type { Reader, SiteView } from "../report/reader.ts";
import type { Words } from "../report/words.ts";
import type { CommandTexts } from "./texts.ts";

/**
 * Tells the terminal when a site or a service changes, with the evidence of what is wrong. Looks every `everyMs`. Sites
 * that nobody measures are left out.
 */
export function announceChanges(
  reader: Reader,
  words: Words,
  texts: CommandTexts,
  print: (line: string) => void,
  everyMs: number,
): { stop(): void } {
  const told = new Map<string, string>();

  async function look(): Promise<void> {
    for (const site of await reader.sites()) {
      for (const [name, line, evidenceOf] of linesOf(site)) {
        if (told.get(name) === line) continue;
        const first = !told.has(name);
        told.set(name, line);
        print(line);
        if (!first || evidenceOf !== null) await explain(evidenceOf);
      }
    }
  }

  /** Name, line, and the outage whose evidence explains it. */
  function* linesOf(
    site: SiteView,
  ): Generator<[string, string, { site: string; service: string | null } | null]> {
    const isBad = (state: string) => state === "down" || state === "unreachable";
    if (site.state !== "unknown") {
      const line = texts.stateOf(site.name, words.state(site.state), words.cause(site.cause));
      yield [site.code, line, isBad(site.state) ? { site: site.code, service: null } : null];
    }
    for (const { service, state, cause } of site.services) {
      if (state === "unknown") continue;
      const line = texts.stateOf(`${site.name}, ${service}`, words.state(state), words.cause(cause));
      yield [`${site.code} ${service}`, line, state === "down" ? { site: site.code, service } : null];
    }
  }

  async function explain(what: { site: string; service: string | null } | null): Promise<void> {
    if (what === null) return;
    const [outage] = await reader.outages({ sites: [what.site], service: what.service, open: true });
    for (const item of outage?.evidence ?? []) print(texts.because(words.fact(item)));
  }

  const timer = setInterval(() => void look().catch(() => undefined), everyMs);
  return { stop: () => clearInterval(timer) };
}
