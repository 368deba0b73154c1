import { expect, it } from "vitest";
import { needs } from "../../support/needs.ts";
import { addPartnerKey } from "../../support/partners.ts";
import { dayMs, hourMs, link, october, openVillage, site, terms, up, writeRounds } from "./one-village.ts";
import type { Change } from "./one-village.ts";
import { verify } from "./sla-world.ts";

/* A link that is replaced by another provider's in the midst of the month, while the village is cut off. */

const lacking = needs({ commands: ["python3"] });
const handOver = october + 15 * dayMs;
const second = `${site}-2`;
const contracts = [terms({ id: "c", provider: "Telkom" }), terms({ id: "d", provider: "Icon+" })];
const replaced = {
  contracts,
  link: { to: "2026-10-15" },
  second: { provider: "Icon+", from: "2026-10-16", contract: "d" },
};
/** Six hours of Telkom's on 6 October, and what began four hours before midnight and ended four minutes after it. */
const over: Change[] = [
  up,
  [october + 5 * dayMs, "down", "link"],
  [october + 5 * dayMs + 6 * hourMs, "up"],
  [handOver - 4 * hourMs, "down", "link"],
  [handOver + 240_000, "up"],
];

interface Line {
  type: string;
  rows?: [fromMs: number, toMs: number | null][];
  table?: { startMs: number }[];
  timeMs?: number[];
}

it("has of an outage over the hand-over what lies in its own days, and the other the rest", async () => {
  using http = await openVillage(over, replaced);
  expect(await http.row(link)).toMatchObject([
    { countedS: 10 * 3600, countedLeastS: 10 * 3600, failures: 2, mttrS: 5 * 3600, notMeasuredS: 0 },
  ]);
  expect(await http.row(second)).toMatchObject([
    {
      countedS: 0,
      countedMostS: 0,
      shortS: 240,
      restitutionIdr: 0,
      notMeasuredS: 0,
      verdicts: { met: 1 },
      outages: [{ start: new Date(handOver).toISOString(), lengthS: 240, verdict: "short" }],
    },
  ]);
});

it("does so also where only outages of all links count", async () => {
  const all = contracts.map((each) => ({ ...each, countsWhen: "allLinksOut" as const }));
  using http = await openVillage(over, { ...replaced, contracts: all });
  expect(await http.row(link)).toMatchObject([{ countedS: 10 * 3600, mttrS: 5 * 3600 }]);
  expect(await http.row(second)).toMatchObject([{ countedS: 0, shortS: 240 }]);
});

it("lets what lasts last, also of a link whose last day is known and still to come", async () => {
  const lasting: Change[] = [up, [october + 34 * dayMs - 4 * hourMs, "down", "link"]];
  using http = await openVillage(lasting, { contracts, link: { to: "2026-11-20" } });
  expect(await http.row(link)).toMatchObject([{ countedS: 0 }]);
  const { data } = await http.get<{
    data: { group: string; outages: { end: unknown; lengthS: number }[] }[];
  }>("/api/v1/sla?period=2026-11");
  expect(data.find(({ group }) => group === link)?.outages).toMatchObject([{ end: null, lengthS: 4 * 3600 }]);
});

it.skipIf(lacking !== null)(
  `shows neither provider the time of the other${lacking === null ? "" : `: ${lacking}`}`,
  async () => {
    using http = await openVillage(over, replaced);
    await writeRounds(http, over);
    for (const [provider, of, isOwn] of [
      ["Telkom", link, (ms: number) => ms < handOver],
      ["Icon+", second, (ms: number) => ms >= handOver],
    ] as const) {
      const key = await addPartnerKey(http.state, provider, http.clock.ms);
      const response = await http.request(`/api/v1/partner/sla/${of}/evidence?period=2026-10`, { key });
      const pack = await response.text();
      expect(verify([pack, (await http.pack("", of)).text]).status).toBe(0);
      const lines = pack
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Line);
      const times = lines.flatMap(({ type, rows = [], table = [], timeMs = [] }) => {
        if (type === "segments") return rows.map(([from]) => from);
        return type === "outage" ? table.map(({ startMs }) => startMs) : timeMs.slice(0, 1);
      });
      expect(times.length).toBeGreaterThan(3);
      expect(times.filter((ms) => !isOwn(ms))).toEqual([]);
    }
  },
);
