import { expect, it } from "vitest";
import { revise } from "../../src/outage/revise.ts";
import type { OutageRecord } from "../../src/state/state-store.ts";
import { createAlertBook } from "./alert-book.ts";
import { anOutage, morningMs } from "./factories.ts";

/*
 * A kecamatan loses its uplink, two villages and one relay village with a village behind it go with it. Which is seen
 * first, and which comes back first, is chance. Within the hold all of it is seen.
 */
const parents: Record<string, string | null> = {
  "64.08.05": null,
  "64.08.05.2001": "64.08.05",
  "64.08.05.2002": "64.08.05",
  "64.08.05.2003": "64.08.05",
  "64.08.05.2004": "64.08.05.2003",
};
const sites = Object.keys(parents);
const holdMs = 60_000;

/** mulberry32: enough chance for an order, and the same one each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** The highest site that is seen to be down, without an unseen one in between that is up: here, the highest seen one. */
function rootOf(site: string, seen: ReadonlySet<string>): string {
  let root = site;
  for (let at = parents[site] ?? null; at !== null; at = parents[at] ?? null) if (seen.has(at)) root = at;
  return root;
}

/** The table at a moment, written down over what was known before by the same rules as the watch does. */
function createTable() {
  const records = new Map<string, OutageRecord>();
  return (nowMs: number, seen: readonly string[], ended: ReadonlySet<string>): OutageRecord[] => {
    const set = new Set(seen);
    const table = seen.map((site) => {
      const root = rootOf(site, set);
      const endMs = ended.has(site) ? morningMs + 600_000 : null;
      return anOutage({ id: "", incident: "", site, root, endMs });
    });
    const changes = revise({
      previous: [...records.values()].filter((record) => !record.withdrawn),
      table,
      fromMs: morningMs - 600_000,
      knownMs: nowMs,
      idOf: (text) => `out_${text}`,
    });
    for (const change of changes) records.set(change.id, change);
    return [...records.values()];
  };
}

it("sends one problem and one recovery for a cut, in whatever order 1,000 times it is seen", () => {
  for (let seed = 0; seed < 1_000; seed++) {
    const random = seeded(seed);
    const tableAt = createTable();
    const book = createAlertBook({ holdMs });
    let nowMs = morningMs;
    const run = (seen: readonly string[], ended: ReadonlySet<string>) => {
      // Some runs come twice: a second look at the same evidence must change nothing.
      for (let times = random() < 0.3 ? 2 : 1; times > 0; times--)
        book.run(nowMs, tableAt(nowMs, seen, ended));
    };

    const found = shuffled(sites, random);
    for (let i = 1; i <= found.length; i++) {
      run(found.slice(0, i), new Set());
      nowMs += random() * (holdMs / sites.length);
    }
    nowMs += holdMs;
    run(found, new Set());
    expect(book.messages().map((message) => message.type)).toEqual(["site.down"]);
    expect(book.messages()[0]!.payload.root).toBe("64.08.05");

    const ended = new Set<string>();
    for (const site of shuffled(sites, random)) {
      expect(book.messages()).toHaveLength(1);
      ended.add(site);
      nowMs += random() * 30_000;
      run(found, ended);
    }
    nowMs += 10 * holdMs;
    run(found, ended);
    const told = book.messages();
    expect(told.map((message) => message.type)).toEqual(["site.down", "site.up"]);
    expect(new Set(told.map((message) => message.incident)).size).toBe(1);
    expect(told.every((message) => message.payload.correction === null)).toBe(true);
    expect(book.open()).toEqual([]);
  }
});
