import type { OutageRecord } from "../state/state-store.ts";
import type { Reader, SiteView } from "../report/reader.ts";
import type { Words } from "../report/words.ts";
import type { CommandTexts } from "./texts.ts";

export interface AnnounceOptions {
  reader: Reader;
  /** The site whose changes are told. */
  site: string;
  words: Words;
  texts: CommandTexts;
  print: (line: string) => void;
  /** Time between two looks, ms. */
  everyMs: number;
}

/** Tells the terminal how the agent's own site stands and whether services can be reached from it: now, and at each change. */
export function announceChanges({ reader, site: code, words, texts, print, everyMs }: AnnounceOptions): {
  stop(): void;
} {
  const told = new Map<string, string>();

  function tell(about: string, lines: readonly string[]): void {
    const text = lines.join("\n");
    if (told.get(about) === text) return;
    told.set(about, text);
    print(text);
  }

  async function look(): Promise<void> {
    const site = await reader.site(code);
    if (site === null) return;
    const open = await reader.outages({ sites: [code], open: true });
    const own = open.find(({ service }) => service === null);
    if (site.state !== "unknown") tell("site", siteLines(site, own));
    for (const { id, name } of await reader.services()) {
      const seen = site.services.find(({ service }) => service === id);
      if (seen === undefined || seen.state === "unknown") continue;
      const outage = open.find(({ service }) => service === id);
      tell(id, [serviceLine(name, site.name, seen, outage ?? own)]);
    }
  }

  function siteLines(site: SiteView, outage: OutageRecord | undefined): string[] {
    const facts = (outage?.evidence ?? []).map((item) => texts.because(words.fact(item)));
    return [
      texts.stateOf(site.name, words.state(site.state), words.cause(site.cause, site.state)),
      ...new Set(facts),
    ];
  }

  function serviceLine(
    name: string,
    site: string,
    seen: SiteView["services"][number],
    outage: OutageRecord | undefined,
  ): string {
    if (seen.state === "up") return texts.serviceUp(name, site);
    const phase =
      outage?.evidence.map(({ detail }) => detail["phase"]).find((value) => typeof value === "string") ??
      null;
    const blame =
      seen.cause === "service"
        ? texts.theService
        : seen.cause === "unknown"
          ? texts.nobodyKnows
          : texts.theNetwork;
    return texts.serviceDown(name, site, phase, seen.cause === "dns" ? (words.cause("dns") ?? "dns") : blame);
  }

  const timer = setInterval(() => void look().catch(() => undefined), everyMs);
  return { stop: () => clearInterval(timer) };
}
