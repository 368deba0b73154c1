import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSlaBook } from "../../../src/report/sla/create-sla-book.ts";
import type { SlaBook } from "../../../src/report/sla/create-sla-book.ts";
import { commandActor } from "../../../src/state/audit.ts";
import { writeWatch } from "../../support/watch.ts";
import { inventoryOf, openVillages, villages } from "./sla-world.ts";

const those = villages(3);
const inventory = inventoryOf(those);
const period = "2028-03";
let http: Awaited<ReturnType<typeof openVillages>>;
let book: SlaBook;
/** Of how many sites states were asked for at once, since the last look. */
let asked: number[] = [];

beforeAll(async () => {
  http = await openVillages(those);
  const { state } = http;
  book = createSlaBook({
    inventory: () => inventory,
    state: {
      ...state,
      states: (filter) => {
        asked.push(filter.sites?.length ?? Infinity);
        return state.states(filter);
      },
    },
    series: http.series,
    nowMs: () => http.clock.ms,
    targetStatus: async () => [],
    version: "0.0.0",
    rawMs: 14 * 86_400_000,
  });
});
afterAll(() => http[Symbol.dispose]());

/** What is said of each link when all are asked for, and when it is asked for alone. */
async function both(asIssued: boolean) {
  const whole = (await book.month(period, asIssued))!;
  return Promise.all(
    those.map(async ({ link }) => {
      const of = <T extends { link: string }>(rows: readonly T[]) => rows.filter((row) => row.link === link);
      const { links, changes, pending } = whole;
      return {
        cut: { ...whole, links: of(links), changes: of(changes), pending: of(pending) },
        alone: (await book.month(period, asIssued, link))!,
      };
    }),
  );
}

describe("a month of one link", () => {
  it("says what the whole month says of it, before and after it was issued and what was signed has changed", async () => {
    const isSame = async (asIssued: boolean) => {
      for (const { cut, alone } of await both(asIssued)) {
        expect(alone.links).toHaveLength(1);
        expect(alone).toEqual(cut);
      }
    };
    await isSame(true);
    await book.issue(period, commandActor("test"));
    const { site, link } = those[1]!;
    const knownMs = http.clock.ms;
    const up = { site, service: "", startMs: 0, endMs: null, state: "up" as const, cause: null };
    await writeWatch(http.state, {
      states: [{ site, service: "", replaceFromMs: 0, knownMs, segments: [up] }],
    });
    http.clock.ms += 1000;
    expect((await book.month(period, true, link))!.pending).toMatchObject([{ link }]);
    await isSame(true);
    await isSame(false);
    await book.issue(period, commandActor("test"));
    expect((await book.month(period, true, link))!.changes).toMatchObject([{ link }]);
    await isSame(true);
  });

  it("is read of its own site alone, and of a link that there is not it has none", async () => {
    asked = [];
    await book.month(period, true, those[0]!.link);
    expect(new Set(asked)).toEqual(new Set([1]));
    expect(await book.month(period, true, "none")).toMatchObject({ links: [], pending: [] });
  });
});
