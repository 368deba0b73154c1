import { expect, it } from "vitest";
import type { Inventory, Link, Target } from "../../../src/inventory/inventory.ts";
import { createPlace } from "../../../src/report/create-reader.ts";
import { computeSla } from "../../../src/report/sla/compute-sla.ts";
import { districtWithBackup, epochMs } from "../../support/evidence.ts";
import { icmpTarget } from "../../support/inventory.ts";
import { icmpRounds } from "../../support/rounds.ts";
import { openDelivery } from "../../watch/delivery.ts";
import type { Delivery } from "../../watch/delivery.ts";
import { agentOf, kec, v1 } from "../../watch/world.ts";

/* A village whose second link comes and goes in the midst of a month, with the watch that really reloads. */

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const intervalS = 300;
const [first, second] = [`l-${v1}`, "vsat-2001"];
const every = (target: Target): Target => ({ ...target, probe: { ...target.probe, intervalS } });
const both = districtWithBackup();

/** With these links at the village, and what tests them; of the only one the target is bound to none. */
function inventoryWith(ids: readonly string[], days: Record<string, Partial<Link>> = {}): Inventory {
  const isThere = ({ site, id }: Link) => site !== v1 || ids.includes(id);
  const links = [...both.links.values()].filter(isThere).map((link) => ({ ...link, ...days[link.id] }));
  const targets = [
    ...ids.map((id) => icmpTarget(v1, `noc-${id}`, "noc", { link: ids.length > 1 ? id : null })),
    icmpTarget(kec, "noc", "noc"),
  ].map(every);
  return {
    ...both,
    links: new Map(links.map((link) => [link.id, link])),
    targets: new Map(targets.map((target) => [target.key, target])),
  };
}

/** A day of rounds of each target; `cut`: targets and hours in which nothing comes back. */
async function deliverDay(
  delivery: Delivery,
  inventory: Inventory,
  day: number,
  cut: readonly [link: string, fromH: number, toH: number][] = [],
) {
  const fromMs = epochMs + day * dayMs;
  for (const site of [v1, kec]) {
    const rounds = [...inventory.targets.values()]
      .filter((target) => target.site === site)
      .map(({ key }) =>
        icmpRounds(
          key,
          fromMs,
          intervalS * 1000,
          Array.from({ length: (dayMs / 1000 / intervalS) | 0 }, (_, row) => {
            const hour = (row * intervalS) / 3_600;
            const isCut = cut.some(
              ([link, from, to]) => key === `${v1}/noc-${link}` && hour >= from && hour < to,
            );
            return isCut ? [] : [20, 20, 21, 21, 22];
          }),
        ),
      );
    await delivery.deliver({
      agent: agentOf(site),
      site,
      seq: day + 1,
      rounds,
      events: [],
      lastMs: fromMs + dayMs - intervalS * 1000,
    });
  }
  await delivery.settle(fromMs + dayMs);
}

async function hoursOf(delivery: Delivery, inventory: Inventory, days: number) {
  const parts = await computeSla(delivery.state, createPlace(() => inventory)(), {
    month: { fromMs: epochMs, toMs: epochMs + days * dayMs },
    links: [...(inventory.allLinks ?? inventory.links).values()].filter(({ site }) => site === v1),
    nowMs: delivery.clock.ms,
    provenMs: new Map(),
  });
  const hours = (ms: number) => Math.round(ms / hourMs);
  return Object.fromEntries(
    parts.map(({ sla: { link, counts } }) => [
      link,
      { down: hours(counts.countedMs), up: hours(counts.upMs), unknown: hours(counts.notMeasuredMs) },
    ]),
  );
}

it("a second link that is added in the month leaves the first one what it was, and so does one that is taken out", async () => {
  const [alone, several] = [inventoryWith([first]), inventoryWith([first, second])];
  await using delivery = openDelivery(alone, epochMs);
  await deliverDay(delivery, alone, 0, [[first, 4, 12]]);
  for (const day of [1, 2, 3]) await deliverDay(delivery, alone, day);
  expect(await hoursOf(delivery, alone, 4)).toEqual({ [first]: { down: 8, up: 88, unknown: 0 } });

  // The watch looks back one day, so that links have states of their own from then on at the earliest.
  delivery.reload(several);
  await deliverDay(delivery, several, 4);
  await deliverDay(delivery, several, 5, [[first, 10, 13]]);
  const withBoth = await hoursOf(delivery, several, 6);
  // While the backup carried the site, the first link was down all the same.
  expect(withBoth[first]).toEqual({ down: 11, up: 133, unknown: 0 });
  expect(withBoth[second]!.down).toBe(0);
  expect(withBoth[second]!.up).toBeGreaterThanOrEqual(47);
  // Nobody had measured the second one before it was there; with its first day in the inventory nobody asks.
  expect(withBoth[second]!.unknown).toBeGreaterThanOrEqual(95);
  const dated = inventoryWith([first, second], { [second]: { from: isoDay(epochMs + 5 * dayMs) } });
  expect((await hoursOf(delivery, dated, 6))[second]).toEqual({
    down: 0,
    up: expect.any(Number),
    unknown: 0,
  });

  delivery.reload(alone);
  await deliverDay(delivery, alone, 6);
  await deliverDay(delivery, alone, 7, [[first, 1, 3]]);
  expect(await hoursOf(delivery, alone, 8)).toEqual({ [first]: { down: 13, up: 179, unknown: 0 } });
});

it("a link that is replaced by another has the days on which it was the only one", async () => {
  const change = isoDay(epochMs + 2 * dayMs);
  const [before, after] = [inventoryWith([first]), inventoryWith([second])];
  await using delivery = openDelivery(before, epochMs);
  await deliverDay(delivery, before, 0, [[first, 4, 12]]);
  await deliverDay(delivery, before, 1);
  delivery.reload(after);
  await deliverDay(delivery, after, 2);
  await deliverDay(delivery, after, 3, [[second, 4, 9]]);
  const dated = inventoryWith([first, second], {
    [first]: { to: isoDay(epochMs + dayMs) },
    [second]: { from: change },
  });
  const found = await hoursOf(delivery, { ...after, allLinks: dated.links }, 4);
  expect(found[first]!.down).toBe(8);
  expect(found[second]!.down).toBe(5);
});

/** The local day of a moment. */
function isoDay(ms: number): string {
  return new Date(ms + 8 * hourMs).toISOString().slice(0, 10);
}
