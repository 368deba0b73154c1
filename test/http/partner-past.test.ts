import { describe, expect, it } from "vitest";
import { slaOfProvider } from "../../src/report/partner-sla.ts";
import { evidenceFor } from "../../src/report/partner-evidence.ts";
import { createChain } from "../../src/report/sla/evidence.ts";
import type { SlaMonth } from "../../src/report/sla/create-sla-book.ts";
import {
  cut,
  dayMs,
  hourMs,
  link,
  november,
  october,
  openVillage,
  site,
  up,
  villageOf,
  writeRounds,
} from "../report/sla/one-village.ts";
import type { Change, Made } from "../report/sla/one-village.ts";
import { verify } from "../report/sla/sla-world.ts";
import { needs } from "../support/needs.ts";
import { addPartnerKey } from "../support/partners.ts";
import { createWriter, icmpRounds } from "../support/rounds.ts";
import { enrol } from "../support/watch.ts";

/* What a provider's pack does not have: the link's time under another one, and the life of machines elsewhere. */

const lacking = needs({ commands: ["python3"] });
type Line = Record<string, unknown> & { type: string };
const linesOf = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
const ofType = (text: string, type: string) => linesOf(text).filter((line) => line.type === type);

async function open(changes: readonly Change[], handedOverMs?: number, made?: Made) {
  const http = await openVillage(changes, made);
  if (handedOverMs !== undefined) {
    await http.state.noteProviders(new Map([[link, "Lain"]]), 0);
    await http.state.noteProviders(new Map([[link, "Telkom"]]), handedOverMs);
  }
  const key = await addPartnerKey(http.state, "Telkom", november);
  const ask = async (path: string) => {
    const response = await http.request(`/api/v1/partner/sla${path}?period=2026-10`, { key });
    expect(response.status).toBe(200);
    return response.text();
  };
  const recorded = async () => {
    const response = await http.request("/api/v1/partner/outages?limit=100", { key });
    return ((await response.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
  };
  return Object.assign(http, { mine: () => ask(`/${link}/evidence`), month: () => ask(""), recorded });
}

describe("a link that was another provider's", () => {
  const before: Change[] = [
    up,
    [october - 20 * dayMs, "down", "link"],
    [october - 19 * dayMs, "up"],
    [october - 4 * hourMs, "down", "link"],
    [october + 6 * hourMs, "up"],
  ];
  it.skipIf(lacking !== null)(
    `has in its pack nothing of that time, and is accounted without it${lacking === null ? "" : `: ${lacking}`}`,
    async () => {
      using own = await open(before, october);
      await writeRounds(own, before);
      const text = await own.mine();
      expect(ofType(text, "segments")[0]!["rows"]).toEqual([
        [october, october + 6 * hourMs, "down", "link"],
        [october + 6 * hourMs, null, "up", null],
      ]);
      const [outage] = ofType(text, "outage");
      expect(outage).toMatchObject({ fromMs: october, lengthMs: 6 * hourMs });
      expect(outage!["table"]).toMatchObject([{ startMs: october, endMs: october + 6 * hourMs }]);
      const rounds = ofType(text, "rounds") as unknown as { timeMs: number[] }[];
      expect(rounds.length).toBeGreaterThan(0);
      for (const { timeMs } of rounds) expect(timeMs[0]).toBeGreaterThanOrEqual(october);
      expect(ofType(text, "pack")[0]).toMatchObject({ reachFromMs: october, sinceMs: october });
      expect(ofType(text, "figures")[0]!["counts"]).toMatchObject({
        countedMs: 6 * hourMs,
        repairMs: 6 * hourMs,
      });
      expect(await own.month()).not.toContain("2026-09-30T12:00");
      const { text: regency } = await own.pack();
      expect(verify([text, regency])).toMatchObject({ status: 0 });
    },
  );

  it("has of its machine's account the sums, and what was lost since then", () => {
    const { write, close } = createChain();
    write("pack", { site, link, sinceMs: october, nowMs: november, issue: null });
    write("segments", { rows: [] });
    const lost = [october - dayMs, october + dayMs].map((atMs) => ({ atMs, fromMs: null, toMs: null }));
    write("ledger", { site, lostRounds: 7, lost, thinned: lost });
    write("figures", {});
    const text = evidenceFor({ provider: "Telkom", isCentre: false, names: new Map() }, close());
    expect(ofType(text, "ledger")).toMatchObject([{ lostRounds: 7, lost: [lost[1]], thinned: [lost[1]] }]);
  });

  it("is cut at the hand-over before the month, whoever has it later", async () => {
    using own = await open(cut, october);
    await own.state.noteProviders(new Map([[link, "Lain"]]), november);
    const sinceMs = (atMs: number) => own.state.providerSince(link, atMs);
    expect(await sinceMs(october - 1)).toBe(0);
    expect(await sinceMs(october)).toBe(october);
    expect(await sinceMs(november - 1)).toBe(october);
    expect(await sinceMs(november)).toBe(november);
    expect(await own.state.providerSince("nowhere", november)).toBe(0);
  });

  it("has its whole month where it had no other before", async () => {
    using own = await open(before);
    expect(ofType(await own.mine(), "outage")[0]).toMatchObject({ fromMs: october - 4 * hourMs });
  });

  it("is not told what a correction would change of another's part of the month", async () => {
    const handedOverMs = october + 14 * dayMs;
    const parts = [
      { fromMs: october, toMs: handedOverMs },
      { fromMs: handedOverMs, toMs: november },
    ];
    const month = {
      links: parts.map((part) => ({ link, provider: "Telkom", part })),
      pending: parts.map((part) => ({ link, ...part })),
    } as unknown as SlaMonth;
    const state = { handedOver: async () => new Map([[link, handedOverMs]]) };
    const { links, pending } = await slaOfProvider({ state, inventory: villageOf() }, "Telkom", month);
    expect(links).toHaveLength(1);
    expect(pending).toEqual([{ link, fromMs: handedOverMs, toMs: november }]);
  });
});

describe("clocks in a provider's pack", () => {
  it.skipIf(lacking !== null)(
    `are of starts that reach into its outages, cut to their rounds${lacking === null ? "" : `: ${lacking}`}`,
    async () => {
      using own = await open(cut);
      const [, [fromMs], [toMs]] = cut as [Change, Change, Change];
      const agents = { [site]: "hub", "64.08": "to" };
      for (const [at, target] of Object.entries(agents)) {
        const write = createWriter(own.batchLog, await enrol(own.state, at, october));
        const boot = async (hostBoot: string, startMs: number, replies: readonly (readonly number[])[]) => {
          const wallMs = startMs + replies.length * 60_000;
          const monoMs = wallMs - startMs + hourMs;
          await write([icmpRounds(`${at}/${target}`, startMs, 60_000, replies)], {
            hostBoot,
            wallMs,
            monoMs,
            receivedMs: wallMs,
            offsetMs: wallMs - monoMs,
          });
        };
        await boot("a", october + 2 * dayMs, [[20]]);
        const during = Array.from({ length: (toMs - fromMs) / 60_000 + 60 }, (_, row) =>
          row < 30 || row >= (toMs - fromMs) / 60_000 + 30 ? [20, 21] : [],
        );
        await boot("b", fromMs - 1_800_000, during);
        await boot("c", november, [[20]]);
      }
      const { text: regency } = await own.pack();
      const text = await own.mine();
      expect(ofType(regency, "clock")).toHaveLength(6);
      const clocks = ofType(text, "clock").map(({ prev: _prev, ...clock }) => clock);
      const span = { bootMs: fromMs - 600_000, lastMs: toMs + 600_000, uncertaintyMs: expect.any(Number) };
      expect(clocks).toEqual(
        expect.arrayContaining([
          { type: "clock", agent: expect.stringMatching(/^ag_/), site, ...span },
          { type: "clock", agent: "elsewhere-1", site: "64.08", ...span },
        ]),
      );
      expect(clocks).toHaveLength(2);
      expect(verify([text, regency])).toMatchObject({ status: 0 });
    },
  );
});

describe("outages that SLA and the provider's record have", () => {
  const read = async (http: Awaited<ReturnType<typeof open>>) => {
    await http.followPartners();
    const { data } = JSON.parse(await http.month()) as {
      data: { group: string; countedS: number; outages: { outages: string[] }[] }[];
    };
    const row = data.find(({ group }) => group === link)!;
    return { countedS: row.countedS, named: row.outages.flatMap(({ outages }) => outages) };
  };
  it.skipIf(lacking !== null)(
    `are named by ids that exist: one of two links at once is in nobody's record${lacking === null ? "" : `: ${lacking}`}`,
    async () => {
      using own = await open(cut, undefined, { second: {} });
      await writeRounds(own, cut);
      expect(await read(own)).toEqual({ countedS: 8 * 3600, named: [] });
      expect(await own.recorded()).toEqual([]);
      const text = await own.mine();
      expect(ofType(text, "outage")[0]).toMatchObject({ ids: [null], table: [{ id: null, cause: "link" }] });
      expect(verify([text])).toMatchObject({ status: 0 });
    },
  );

  it.each([
    ["began later", { second: { from: "2026-11-01" } }],
    ["ended before", { second: { to: "2026-09-30" } }],
  ])("are the only link's of that time, where another one %s", async (_, made) => {
    using own = await open(cut, undefined, made);
    const { countedS, named } = await read(own);
    expect(countedS).toBe(8 * 3600);
    expect(named).toHaveLength(1);
    expect(await own.recorded()).toEqual(named);
  });
});
