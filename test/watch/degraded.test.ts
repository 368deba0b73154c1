import { describe, expect, it } from "vitest";
import type { Inventory } from "../../src/inventory/inventory.ts";
import type { IcmpRounds } from "../../src/series/series-store.ts";
import { districtWithBackup, epochMs } from "../support/evidence.ts";
import { icmpTarget } from "../support/inventory.ts";
import { seededRandom, shuffled } from "../support/random.ts";
import { icmpRounds } from "../support/rounds.ts";
import { faultsOfStates, openDelivery } from "./delivery.ts";
import type { Delivery } from "./delivery.ts";
import { agentOf, kec, v1, v2 } from "./world.ts";
import type { Batch } from "./world.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const intervalS = 300;
const primary = `l-${v1}`;

/** Village 2001 with a fibre and a satellite, each tested; village 2002 behind a satellite. */
const inventory: Inventory = {
  ...districtWithBackup(),
  targets: new Map(
    [
      icmpTarget(v1, "noc-1", "noc", { link: primary }),
      icmpTarget(v1, "noc-2", "noc", { link: "vsat-2001" }),
      icmpTarget(v2, "noc", "noc"),
      icmpTarget(kec, "noc", "noc"),
    ].map((target) => [target.key, { ...target, probe: { ...target.probe, intervalS } }]),
  ),
};

/** Replies of one round, ms, ascending; fewer than five where some were lost. */
type Replies = (atMs: number, random: () => number) => number[];

const around =
  (ms: number): Replies =>
  (_, random) =>
    Array.from({ length: 5 }, () => ms * (0.97 + 0.06 * random())).toSorted((a, b) => a - b);

/** Two hours in each batch, which is how an agent in the field may send them. */
function measure(days: number, replies: Record<string, Replies>): Batch[] {
  const random = seededRandom(11);
  const batches: Batch[] = [];
  const perBatch = 24;
  for (let from = 0; from < (days * dayMs) / (intervalS * 1000); from += perBatch) {
    for (const [index, site] of [v1, v2, kec].entries()) {
      const fromMs = epochMs + from * intervalS * 1000 + index * 17_000;
      const rounds = [...inventory.targets.values()]
        .filter((target) => target.site === site)
        .map(({ key }): IcmpRounds => {
          const each = Array.from({ length: perBatch }, (_, row) =>
            replies[key]!(fromMs + row * intervalS * 1000, random),
          );
          return icmpRounds(key, fromMs, intervalS * 1000, each);
        });
      const seq = from / perBatch + 1;
      const lastMs = fromMs + perBatch * intervalS * 1000;
      batches.push({ agent: agentOf(site), site, seq, rounds, events: [], lastMs });
    }
  }
  return batches.sort((a, b) => a.lastMs - b.lastMs);
}

async function deliverAll(delivery: Delivery, batches: readonly Batch[], isSettled: boolean) {
  for (const batch of batches) {
    await delivery.deliver(batch);
    if (isSettled) await delivery.settle(Math.max(delivery.clock.ms, batch.lastMs) + 1_000);
  }
}

const shape = (states: Awaited<ReturnType<Delivery["states"]>>) =>
  states.map(({ site, link = "", state, cause, startMs, endMs }) =>
    [site, link, state, cause, startMs, endMs].join(" "),
  );

async function linkStates(delivery: Delivery, link: string) {
  const states = await delivery.states();
  return states
    .filter((segment) => segment.link === link)
    .map(({ state, cause, startMs }) => [state, cause, Math.round((startMs - epochMs) / hourMs)]);
}

describe("round-trip times against the target's own past", () => {
  const shift = { fromMs: epochMs + 4 * dayMs + 10 * hourMs, toMs: epochMs + 4 * dayMs + 15 * hourMs };
  const batches = measure(5, {
    [`${v1}/noc-1`]: (atMs, random) =>
      around(atMs >= shift.fromMs && atMs < shift.toMs ? 60 : 20)(atMs, random),
    [`${v1}/noc-2`]: around(600),
    [`${v2}/noc`]: around(600),
    [`${kec}/noc`]: around(15),
  });
  const endMs = epochMs + 5 * dayMs + 2 * minuteMs;
  const live = async (delivery: Delivery) => {
    await deliverAll(delivery, batches, true);
    await delivery.settle(endMs);
    return delivery;
  };

  it("tell a fibre at 60 ms that was at 20, and no satellite at 600 ms", async () => {
    await using delivery = await live(openDelivery(inventory, epochMs));
    expect(await linkStates(delivery, primary)).toEqual([
      ["up", null, 0],
      ["degraded", "link", 106],
      ["up", null, 111],
    ]);
    expect(await linkStates(delivery, "vsat-2001")).toEqual([["up", null, 0]]);
    const states = await delivery.states();
    expect(states.filter(({ link, state }) => link === undefined && state !== "up")).toEqual([]);
    expect(await delivery.outages()).toEqual([]);
    expect(faultsOfStates(states)).toEqual([]);
  });

  it("tell nothing in the first days, when nobody knows what is usual", async () => {
    const early = batches.filter(({ lastMs }) => lastMs <= epochMs + 2 * dayMs);
    await using delivery = openDelivery(inventory, epochMs);
    const slow = early.map((batch) => ({
      ...batch,
      rounds: batch.rounds.map((rounds) =>
        rounds.kind === "icmp" && batch.lastMs > epochMs + dayMs
          ? { ...rounds, rttUs: rounds.rttUs.map((us) => us * 5) }
          : rounds,
      ),
    }));
    await deliverAll(delivery, slow, true);
    expect((await delivery.states()).filter(({ state }) => state === "degraded")).toEqual([]);
  });

  it("tell the same when they come days late, in any order, and when the collector was started again", async () => {
    await using inOrder = await live(openDelivery(inventory, epochMs));
    const expected = shape(await inOrder.states());
    expect(expected.some((line) => line.includes("degraded"))).toBe(true);

    await using late = openDelivery(inventory, epochMs);
    const isLate = ({ site, lastMs }: Batch) => site === v1 && lastMs > epochMs + 2 * dayMs;
    await deliverAll(
      late,
      batches.filter((batch) => !isLate(batch)),
      true,
    );
    await deliverAll(late, shuffled(batches.filter(isLate), seededRandom(3)), false);
    late.clock.ms = Math.min(late.clock.ms, endMs - 2_000);
    await late.settle(endMs);
    expect(shape(await late.states())).toEqual(expected);

    await using restarted = openDelivery(inventory, epochMs);
    const amid = epochMs + 4 * dayMs + 13 * hourMs;
    await deliverAll(
      restarted,
      batches.filter(({ lastMs }) => lastMs <= amid),
      true,
    );
    await restarted.restart(amid + hourMs);
    await deliverAll(
      restarted,
      batches.filter(({ lastMs }) => lastMs > amid),
      true,
    );
    await restarted.settle(endMs);
    expect(shape(await restarted.states())).toEqual(expected);
  });
});

describe("a village with two links", () => {
  const cut = (fromH: number, toH: number, ms: number): Replies => {
    const isCut = (atMs: number) => atMs >= epochMs + fromH * hourMs && atMs < epochMs + toH * hourMs;
    return (atMs, random) => (isCut(atMs) ? [] : around(ms)(atMs, random));
  };
  const batches = measure(1, {
    [`${v1}/noc-1`]: cut(4, 12, 20),
    [`${v1}/noc-2`]: cut(8, 10, 600),
    [`${v2}/noc`]: around(600),
    [`${kec}/noc`]: around(15),
  });

  it("is down where both are; each link has rows, states and revisions of its own, live and after a reload", async () => {
    await using delivery = openDelivery(inventory, epochMs);
    await deliverAll(delivery, batches, true);
    const rows = async () =>
      (await delivery.outages()).map(({ link, ofLink, cause, startMs, endMs }) => [
        link,
        ofLink ?? false,
        cause,
        Math.round((startMs - epochMs) / hourMs),
        endMs === null ? null : Math.round((endMs - epochMs) / hourMs),
      ]);
    expect(await rows()).toEqual([
      [primary, true, "link", 4, 12],
      [null, false, "link", 8, 10],
      ["vsat-2001", true, "link", 8, 10],
    ]);
    expect((await linkStates(delivery, primary)).map(([state]) => state)).toEqual(["up", "down", "up"]);
    const facts = (await delivery.outages())[0]!.evidence.map(({ fact }) => fact);
    expect(facts).toContain("link.onBackup");

    // With one link left nothing is told of links any more, and what was told stays; the site's own outage has a link now.
    const links = new Map([...inventory.links].filter(([id]) => id !== "vsat-2001"));
    const targets = new Map([...inventory.targets].filter(([, { link }]) => link !== "vsat-2001"));
    const told = await rows();
    delivery.reload({ ...inventory, links, targets });
    await delivery.settle(epochMs + dayMs + hourMs);
    const withoutLink = (lines: typeof told) => lines.map(([, ...line]) => line);
    expect(withoutLink(await rows())).toEqual(withoutLink(told));
    const open = (await delivery.states()).filter(({ link, endMs }) => link !== undefined && endMs === null);
    expect(open).toEqual([]);
  });
});
