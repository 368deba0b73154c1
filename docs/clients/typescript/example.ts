import { createClient } from "./sambung.ts";
import type { PartnerOutage } from "./sambung.ts";

/*
 * node example.ts https://sambung.example.go.id sbk_… [CURSOR]: a provider's outages that are new since the cursor of the last
 * run, and the cursor for the next one.
 */

type Client = Pick<ReturnType<typeof createClient>, "getPartnerOutages">;

/** Everything that changed behind the cursor, page by page. */
export async function changedOutages(
  client: Client,
  cursor: string | undefined,
): Promise<{ outages: PartnerOutage[]; cursor: string }> {
  const outages: PartnerOutage[] = [];
  let at = cursor;
  for (;;) {
    const { data, meta } = await client.getPartnerOutages({
      query: { limit: 200, lang: "en", ...(at === undefined ? {} : { cursor: at }) },
    });
    outages.push(...data);
    at = meta.nextCursor;
    if (!meta.hasMore) return { outages, cursor: at };
  }
}

export function lineOf({ link, name, start, end, causeText, withdrawn }: PartnerOutage): string {
  const until = withdrawn ? "was none" : end === null ? "lasts" : `until ${end}`;
  return `${link} (${name}): ${start}, ${until}: ${causeText}`;
}

if (import.meta.main) {
  const [baseUrl = "", key = "", cursor] = process.argv.slice(2);
  const changed = await changedOutages(createClient({ baseUrl, key }), cursor);
  for (const outage of changed.outages) process.stdout.write(`${lineOf(outage)}\n`);
  process.stdout.write(`${changed.cursor}\n`);
}
