import { afterEach, expect, it } from "vitest";
import { createCalendar } from "../../src/compose/calendar.ts";
import type { Repeat } from "../../src/compose/repeat.ts";
import { inForceAt } from "../../src/inventory/validity.ts";
import { makeDistrict, makeLink } from "../support/inventory.ts";
import { waitFor } from "../support/wait-for.ts";

let calendar: Repeat;
afterEach(() => calendar.stop());

const district = makeDistrict();
const village = district.sites.get("64.08.01.2001")!;
const all = {
  ...district,
  links: new Map([
    ...district.links,
    ["new", makeLink(village, { id: "new", from: "2026-10-15", to: "2026-10-15" })],
  ]),
};
const begin = Date.parse("2026-10-15T00:00:00+08:00");

it("takes the inventory of the day when a link begins and when it ends, and a bad one once", async () => {
  const held = { ms: begin - 1, inventory: inForceAt(all, begin - 1), isBad: false };
  const reloads: number[] = [];
  const errors: unknown[] = [];
  calendar = createCalendar({
    inventory: () => held.inventory,
    now: () => held.ms,
    async reload() {
      reloads.push(held.ms);
      if (held.isBad) throw new Error("no inventory");
      held.inventory = inForceAt(all, held.ms);
    },
    onError: (error) => void errors.push(error),
    everyMs: 1,
  });
  calendar.start();
  expect(held.inventory.links.has("new")).toBe(false);
  held.ms = begin;
  await waitFor("the link that begins", () => held.inventory.links.has("new"), { everyMs: 1 });
  held.isBad = true;
  held.ms = begin + 86_400_000;
  await waitFor("the refusal", () => errors.length > 0, { everyMs: 1 });
  await calendar.stop();
  expect(reloads).toEqual([begin, begin + 86_400_000]);
  expect(held.inventory.links.has("new")).toBe(true);
});
