import type { Contract } from "../../../src/inventory/contract.ts";
import type { Inventory, Link } from "../../../src/inventory/inventory.ts";
import type { Cause, SiteState } from "../../../src/outage/table.ts";
import { openTestHttp } from "../../support/http.ts";
import { icmpTarget, makeContract, makeInventory, makeLink, makeSite } from "../../support/inventory.ts";
import { createWriter, icmpRounds } from "../../support/rounds.ts";
import { enrol, makeOutage, segments, writeWatch } from "../../support/watch.ts";

/* One village with one link in October 2026, behind the real HTTP surface, three days after the end of the month. */

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
export const october = Date.UTC(2026, 8, 30, 16);
export const november = october + 31 * dayMs;
export const site = "64.08.01.2001";
export const link = `${site}-1`;

export const terms = (more: Partial<Contract> = {}) =>
  makeContract({
    id: "c",
    slaRatio: 0.98,
    excludes: ["power"],
    thresholdS: 300,
    monthlyFeeIdr: 3_500_000,
    restitution: { rule: "pro-rata", ceiling: 1, roundIdr: 1, rounding: "nearest" },
    ...more,
  });

export interface Made {
  contracts?: readonly Contract[];
  link?: Partial<Link>;
  /** A second link of the village. */
  second?: Partial<Link>;
  hub?: string;
  kecamatan?: string;
  more?: Partial<Inventory>;
}

export function villageOf({
  contracts = [terms()],
  link: own,
  second,
  hub = "hub",
  kecamatan = "Hulu",
  more,
}: Made = {}) {
  const sites = [makeSite("64.08", "Kutai Contoh"), makeSite("64.08.01", kecamatan), makeSite(site, "Atas")];
  const village = sites[2]!;
  const others: Partial<Link> = { id: `${site}-2`, provider: "Lain", technology: "leo", ...second };
  const inventory: Inventory = {
    ...makeInventory({
      sites,
      links: [
        makeLink(village, { contract: "c", ...own }),
        ...(second === undefined ? [] : [makeLink(village, others)]),
      ],
      targets: [icmpTarget(site, hub, "hub"), icmpTarget("64.08", "to", "site", { of: site })],
    }),
    contracts: new Map(contracts.map((contract) => [contract.id, contract])),
    ...more,
  };
  return inventory;
}

export type Change = [fromMs: number, state: SiteState, cause?: Cause];

export const up: Change = [october - 40 * dayMs, "up"];
/** Eight hours on 10 October. */
export const cut: Change[] = [
  up,
  [october + 9 * dayMs, "down", "link"],
  [october + 9 * dayMs + 8 * hourMs, "up"],
];

export async function openVillage(changes: readonly Change[], made?: Made) {
  // Nobody measured here: the rounds are given up.
  const http = await openTestHttp({ inventory: villageOf(made), rawMs: 0 });
  http.clock.ms = november + 3 * dayMs;
  const states = { ...segments(site, "", [...changes]), knownMs: 1 };
  await writeWatch(http.state, {
    states: [states],
    outages: states.segments
      .filter(({ state }) => state === "down")
      .map(({ startMs, endMs, cause }, at) =>
        makeOutage({ id: `out_${at}`, site, link, root: site, startMs, endMs, cause: cause! }),
      ),
  });
  return {
    ...http,
    /** Another inventory is in force, and what was kept of answers is old. */
    reload(next: Made) {
      http.held.inventory = villageOf(next);
      http.clock.ms += 61_000;
    },
    rows: async (query = "") =>
      await http.get<{ data: Record<string, unknown>[]; meta: { pending: unknown[] } }>(
        `/api/v1/sla?period=2026-10${query}`,
      ),
    row: async (of = link) =>
      (
        await http.get<{ data: Record<string, number & object & string>[] }>("/api/v1/sla?period=2026-10")
      ).data.filter(({ group }) => group === of),
    issue: async () => (await http.post("/api/v1/sla/issues", { month: "2026-10" })).status,
    async pack(query = "", of = link) {
      const response = await http.request(`/api/v1/sla/${of}/evidence?period=2026-10${query}`);
      return { status: response.status, text: await response.text() };
    },
    file: async (name: string) =>
      Buffer.from(await (await http.request(`/api/v1/reports/${name}`)).arrayBuffer()),
    explain: async (lang = "id") =>
      (await http.get<{ data: string[] }>(`/api/v1/sla/${link}/explain?period=2026-10&lang=${lang}`)).data,
  };
}

/** A round a minute from both ends around what was down: lost while it was, answered before and after. */
export async function writeRounds(
  { state, batchLog }: Pick<Awaited<ReturnType<typeof openTestHttp>>, "state" | "batchLog">,
  changes: readonly Change[],
  hub = "hub",
): Promise<void> {
  const ends = [
    [`${site}/${hub}`, createWriter(batchLog, await enrol(state, site, october))],
    ["64.08/to", createWriter(batchLog, await enrol(state, "64.08", october))],
  ] as const;
  for (const [at, [fromMs, is]] of changes.entries()) {
    if (is !== "down") continue;
    const toMs = changes[at + 1]![0];
    const startMs = fromMs - 300_000;
    const replies = Array.from({ length: (toMs - fromMs) / 60_000 + 10 }, (_, row) => {
      const ms = startMs + row * 60_000;
      return ms < fromMs || ms >= toMs ? [20, 21] : [];
    });
    for (const [target, write] of ends) await write([icmpRounds(target, startMs, 60_000, replies)]);
  }
}
