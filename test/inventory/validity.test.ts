import fc from "fast-check";
import { expect, it } from "vitest";
import { monthSpan } from "../../src/inventory/local-time.ts";
import { contractAt, inForceAt, monthParts } from "../../src/inventory/validity.ts";
import type { ContractUse } from "../../src/inventory/validity.ts";
import { makeContract, makeDistrict, makeLink } from "../support/inventory.ts";
import { messagesOf, read } from "./folder.ts";

const zone = "Asia/Makassar";
const october = monthSpan("2026-10", zone)!;
const dayMs = 86_400_000;
const site = makeDistrict().sites.get("64.08.01")!;
const bookOf = (...contracts: Parameters<typeof makeContract>[0][]) => ({
  contracts: new Map(contracts.map((contract) => [contract.id, makeContract(contract)])),
  timeZone: zone,
});
const shown = (book: ReturnType<typeof bookOf>, contract: readonly ContractUse[], more = {}) =>
  monthParts(book, makeLink(site, { contract, ...more }), october).map(
    ({ contract: of, fromMs, toMs, days, ofDays, index, of: parts }) => [
      of?.id ?? null,
      (fromMs - october.fromMs) / dayMs,
      (toMs - october.fromMs) / dayMs,
      `${days}/${ofDays}`,
      `${index}/${parts}`,
    ],
  );

it("a month has a part for each contract, and one for each stretch without", () => {
  const book = bookOf({ id: "a", to: "2026-10-10" }, { id: "b", from: "2026-10-21" });
  expect(shown(book, [{ id: "a" }, { id: "b" }])).toEqual([
    ["a", 0, 10, "10/31", "1/3"],
    [null, 10, 20, "10/31", "2/3"],
    ["b", 20, 31, "11/31", "3/3"],
  ]);
  expect(
    shown(
      book,
      [
        { id: "a", to: "2026-10-05" },
        { id: "b", to: "2026-10-25" },
      ],
      { to: "2026-10-25" },
    ),
  ).toEqual([
    ["a", 0, 5, "5/31", "1/3"],
    [null, 5, 20, "15/31", "2/3"],
    ["b", 20, 25, "5/31", "3/3"],
  ]);
  expect(shown(book, [], { from: "2026-10-31" })).toEqual([[null, 30, 31, "1/31", "1/1"]]);
  expect(shown(book, [], { from: "2026-11-01" })).toEqual([]);
});

it("the parts of a month are whole days and have all of it, whatever the days and the zone", () => {
  const day = fc.option(
    fc.integer({ min: 1, max: 31 }).map((n) => `2026-10-${String(n).padStart(2, "0")}`),
    { nil: null },
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(day, day), { maxLength: 4 }),
      // Clocks are put back there on 25 October.
      fc.constantFrom("Asia/Makassar", "Europe/Berlin"),
      (uses, timeZone) => {
        const month = monthSpan("2026-10", timeZone)!;
        const contract = uses.map(([from, to]) => ({ id: "a", from, to }));
        const parts = monthParts({ ...bookOf({ id: "a" }), timeZone }, makeLink(site, { contract }), month);
        expect(parts[0]!.fromMs).toBe(month.fromMs);
        expect(parts.at(-1)!.toMs).toBe(month.toMs);
        for (const [at, part] of parts.entries()) {
          expect(part.toMs).toBe(parts[at + 1]?.fromMs ?? month.toMs);
          expect(part.days).toBeGreaterThan(0);
        }
        expect(parts.reduce((sum, { days }) => sum + days, 0)).toBe(31);
      },
    ),
  );
});

it("a contract is in force on its first and its last day, by the clocks of the regency", () => {
  const book = bookOf({ id: "a", from: "2026-10-01", to: "2026-10-31" });
  const link = makeLink(site, { contract: "a" });
  const at = (ms: number) => contractAt(book, link, ms)?.id ?? null;
  expect([october.fromMs - 1, october.fromMs, october.toMs - 1, october.toMs].map(at)).toEqual([
    null,
    "a",
    "a",
    null,
  ]);
});

it("links are there on their days, and what tests them alone with them", () => {
  const links = `- { id: top, site: 64.08, provider: A, technology: fibre, gateway: 10.0.0.1 }
- { id: old, site: 64.08.05, provider: A, technology: radio, gateway: 10.1.0.1, to: 2026-10-15 }
- { id: new, site: 64.08.05, provider: B, technology: fibre, gateway: 10.2.0.1, from: 2026-10-14 }
`;
  const targets = `- { id: gw, role: gateway, kind: icmp, sites: ["64.08.05"], address: "{gateway}" }
- { id: via-old, role: noc, kind: icmp, sites: ["64.08.05"], address: 10.9.0.1, link: old }
- { id: via-new, role: noc, kind: icmp, sites: ["64.08.05"], address: 10.9.0.2, link: new }
`;
  const files = { "contracts.yaml": "", "links.yaml": links, "targets.yaml": targets };
  const on = (day: string) => {
    const inventory = read(files, {}, Date.parse(`${day}T12:00:00+08:00`));
    return {
      links: [...inventory.links.keys()],
      targets: [...inventory.targets.values()].map(
        ({ key, probe }) => `${key} ${"address" in probe ? probe.address : ""}`,
      ),
      next: inventory.changesMs === undefined ? null : new Date(inventory.changesMs).toISOString(),
      all: [...inventory.allLinks!.keys()],
    };
  };
  const all = ["top", "old", "new"];
  expect(on("2026-10-13")).toEqual({
    links: ["top", "old"],
    targets: ["64.08.05/gw 10.1.0.1", "64.08.05/via-old 10.9.0.1"],
    next: "2026-10-13T16:00:00.000Z",
    all,
  });
  expect(on("2026-10-15").links).toEqual(all);
  expect(on("2026-10-16")).toEqual({
    links: ["top", "new"],
    targets: ["64.08.05/gw 10.2.0.1", "64.08.05/via-new 10.9.0.2"],
    next: null,
    all,
  });
});

it("a circle of paths that is there on some days only is refused", () => {
  const links = `- { id: a, site: 64.08.05, provider: A, technology: radio, parent: 64.08.05.2001, from: 2026-10-10 }
- { id: b, site: 64.08.05.2001, provider: A, technology: radio, to: 2026-10-20, parent: 64.08.05 }
`;
  expect(messagesOf({ "contracts.yaml": "", "targets.yaml": "", "links.yaml": links })).toEqual([
    "links.yaml:1 parent: 64.08.05 → 64.08.05.2001 → 64.08.05 is not allowed; expected a path that ends at the top",
  ]);
});

it("an inventory without days is the same at every moment", () => {
  const inventory = makeDistrict();
  const now = inForceAt(inventory, 0);
  expect([...now.links]).toEqual([...inventory.links]);
  expect(now.changesMs).toBeUndefined();
});

it("what tests a link is not measured when that has ended, and known all the same, also where its id went on to another", () => {
  const inventory = read(
    {
      "contracts.yaml": "",
      "links.yaml": `- { id: top, site: 64.08, provider: A, technology: fibre }
- { id: a, site: 64.08.05, provider: A, technology: radio, to: 2026-10-15 }
- { id: b, site: 64.08.05, provider: B, technology: leo, from: 2026-10-16 }
`,
      "targets.yaml": `- { id: noc, sites: ["64.08.05"], role: noc, kind: icmp, address: 192.0.2.77, link: a }
- { id: noc, sites: ["64.08.05"], role: noc, kind: icmp, address: 192.0.2.78, link: b }
`,
    },
    {},
    Date.parse("2026-11-02T00:00:00Z"),
  );
  expect([...inventory.targets.values()].map(({ link }) => link)).toEqual(["b"]);
  expect(inventory.allTargets!.map(({ key, link }) => [key, link])).toEqual([
    ["64.08.05/noc", "a"],
    ["64.08.05/noc", "b"],
  ]);
});
