import { describe, expect, it } from "vitest";
import { messagesOf, read } from "./folder.ts";

const link = "- { id: l1, site: 64.08.05, provider: A, technology: fibre";

/** links.yaml → the one message. */
const links: [mistake: string, text: string, message: string][] = [
  [
    "a technology that is none",
    "# comment\n- id: l1\n  site: 64.08.05\n  provider: A\n  technology: fiber\n",
    'links.yaml:5 technology: "fiber" is not allowed; expected one of fibre, 4g, radio, vsat, leo',
  ],
  [
    "no technology",
    "- id: l1\n  site: 64.08.05\n  provider: A\n",
    "links.yaml:1 technology: nothing is not allowed; expected one of fibre, 4g, radio, vsat, leo",
  ],
  [
    "a day that is none",
    `${link}, from: 2026-02-30 }\n`,
    'links.yaml:1 from: "2026-02-30" is not allowed; expected a day such as 2026-10-31, or null',
  ],
  [
    "a last day before the first",
    `${link}, from: 2026-10-16, to: 2026-10-15 }\n`,
    'links.yaml:1 to: "2026-10-15" is not allowed; expected a day that is not before from',
  ],
  [
    "two contracts at a time",
    `${link}, contract: [{ id: c1, to: 2026-10-15 }, { id: c1, from: 2026-10-15 }] }\n`,
    "links.yaml:1 contract[1]: a mapping is not allowed; expected a contract that begins after the one before it has ended; give them from and to",
  ],
  [
    "two contracts without days",
    `${link}, contract: [c1, c1] }\n`,
    'links.yaml:1 contract[1]: "c1" is not allowed; expected a contract that begins after the one before it has ended; give them from and to',
  ],
  [
    "a contract that begins when the link has ended",
    `${link}, to: 2026-10-15, contract: [{ id: c1, from: 2026-10-16 }] }\n`,
    "links.yaml:1 contract[0]: a mapping is not allowed; expected a contract with a day in force while the link is, and is under it",
  ],
  [
    "a contract of a list that is not there",
    `${link}, contract: [c1, c9] }\n`,
    'links.yaml:1 contract[1]: "c9" is not allowed; expected the id of a contract in contracts.yaml',
  ],
  [
    "an unknown key at a contract",
    `${link}, contract: [{ id: c1, until: 2026-10-15 }] }\n`,
    'links.yaml:1 contract[0].until: "2026-10-15" is not allowed; expected one of the keys id, from, to',
  ],
  [
    "a contract that is a mapping",
    `${link}, contract: { id: c1 } }\n`,
    "links.yaml:1 contract: a mapping is not allowed; expected the id of a contract, a list of them, each as an id or { id, from, to }, or null",
  ],
  [
    "an id twice",
    `${link} }\n${link} }\n`,
    'links.yaml:2 id: "l1" is not allowed; expected another id: line 1 has this one',
  ],
  [
    "an id with a blank",
    '- { id: "l 1", site: 64.08.05, provider: A, technology: fibre }\n',
    "links.yaml:1 id: \"l 1\" is not allowed; expected 1 to 64 letters, digits, '.', '_' or '-'",
  ],
  [
    "no id",
    "- { site: 64.08.05, provider: A, technology: fibre }\n",
    "links.yaml:1 id: nothing is not allowed; expected 1 to 64 letters, digits, '.', '_' or '-'",
  ],
  [
    "a site that is not there",
    "- { id: l1, site: 64.08.99, provider: A, technology: fibre }\n",
    'links.yaml:1 site: "64.08.99" is not allowed; expected the code of a site in sites.csv',
  ],
  [
    "an empty site",
    '- { id: l1, site: "", provider: A, technology: fibre }\n',
    'links.yaml:1 site: "" is not allowed; expected the code of a site in sites.csv',
  ],
  [
    "no provider",
    "- { id: l1, site: 64.08.05, technology: fibre }\n",
    "links.yaml:1 provider: nothing is not allowed; expected 1 to 200 characters on one line",
  ],
  [
    "a circuit id that is a list",
    `${link}, circuitId: [1] }\n`,
    "links.yaml:1 circuitId: a list is not allowed; expected 1 to 200 characters on one line",
  ],
  [
    "a parent that is not there",
    `${link}, parent: 64.90 }\n`,
    "links.yaml:1 parent: 64.90 is not allowed; expected the code of another site in sites.csv; only the links of the top lead out",
  ],
  [
    "a site that hangs from itself",
    `${link}, parent: 64.08.05 }\n`,
    'links.yaml:1 parent: "64.08.05" is not allowed; expected the code of another site in sites.csv; only the links of the top lead out',
  ],
  [
    "a kecamatan whose link leads out",
    `${link}, parent: null }\n`,
    "links.yaml:1 parent: null is not allowed; expected the code of another site in sites.csv; only the links of the top lead out",
  ],
  [
    "a top that hangs from a kecamatan",
    "- { id: l1, site: 64.08, provider: A, technology: fibre, parent: 64.08.05 }\n",
    'links.yaml:1 parent: "64.08.05" is not allowed; expected null: the links of 64.08, the top, lead out',
  ],
  [
    "a circle of one choice and one administrative parent",
    `${link} }\n- { id: l2, site: 64.08.05.2001, provider: A, technology: 4g }\n`.replace(
      "technology: fibre",
      "technology: fibre, parent: 64.08.05.2001",
    ),
    "links.yaml:1 parent: 64.08.05 → 64.08.05.2001 → 64.08.05 is not allowed; expected a path that ends at the top",
  ],
  [
    "a gateway that is no address",
    `${link}, gateway: 10.8.1 }\n`,
    'links.yaml:1 gateway: "10.8.1" is not allowed; expected an IP address such as 10.8.1.1, or null',
  ],
  [
    "a gateway that is a name",
    `${link}, gateway: router.example }\n`,
    'links.yaml:1 gateway: "router.example" is not allowed; expected an IP address such as 10.8.1.1, or null',
  ],
  [
    "a contract that is not there",
    `${link}, contract: c9 }\n`,
    'links.yaml:1 contract: "c9" is not allowed; expected the id of a contract in contracts.yaml',
  ],
  [
    "a contract of another provider",
    "- { id: l1, site: 64.08.05, provider: B, technology: fibre, contract: c1 }\n",
    'links.yaml:1 contract: "c1" is not allowed; expected a contract of B, the link\'s provider; this one is of A',
  ],
  [
    "a contract of another provider in a list",
    "- { id: l1, site: 64.08.05, provider: B, technology: fibre, contract: [{ id: c1 }] }\n",
    'links.yaml:1 contract[0].id: "c1" is not allowed; expected a contract of B, the link\'s provider; this one is of A',
  ],
  [
    "a misspelt key",
    `${link}, gatway: 10.8.1.1 }\n`,
    'links.yaml:1 gatway: "gatway" is not allowed; expected one of the keys id, site, provider, technology, circuitId, parent, gateway, contract, from, to',
  ],
];

describe("a bad links.yaml", () => {
  it.each(links)("with %s", (_mistake, text, message) => {
    expect(messagesOf({ "links.yaml": text })).toEqual([message]);
  });

  it("reports a circle once, however many sites hang below it", () => {
    const text = `- { id: a, site: 64.08.05.2001, provider: A, technology: 4g, parent: 64.08.05.1002 }
- { id: b, site: 64.08.05.1002, provider: A, technology: 4g, parent: 64.08.05.2001 }
- { id: c, site: 64.08.05, provider: A, technology: 4g, parent: 64.08.05.2001 }
`;
    expect(messagesOf({ "links.yaml": text })).toEqual([
      "links.yaml:1 parent: 64.08.05.2001 → 64.08.05.1002 → 64.08.05.2001 is not allowed; expected a path that ends at the top",
    ]);
  });
});

describe("a good links.yaml", () => {
  it("gives a link the administrative parent, and the top's link none", () => {
    const { links: byId } = read({});
    expect([...byId.values()].map(({ id, parent }) => [id, parent])).toEqual([
      ["top", null],
      ["hub", "64.08"],
      ["village", "64.08.05"],
      ["backup", "64.08"],
    ]);
  });

  it("may spell out that the top's link leads out, and hang a kecamatan from a village", () => {
    const text = `- { id: a, site: 64.08, provider: A, technology: fibre, parent: null }
- { id: b, site: 64.08.05, provider: A, technology: radio, parent: 64.08.05.2001 }
- { id: c, site: 64.08.05.2001, provider: A, technology: radio, parent: 64.08 }
`;
    expect(messagesOf({ "links.yaml": text })).toEqual([]);
  });

  it("lets a backup link hang from a site that hangs from this one: only primary links make the path", () => {
    const text = `${link} }\n- { id: b, site: 64.08.05, provider: B, technology: leo, parent: 64.08.05.2001 }\n`;
    expect(messagesOf({ "links.yaml": text })).toEqual([]);
  });

  it("takes codes and circuit ids without quotes as they are written", () => {
    const sites = read({}).sites;
    const text = "- { id: a, site: 64.08, provider: 10, technology: 4g, circuitId: 0017.10 }\n";
    const found = read({ "links.yaml": text }).links.get("a")!;
    expect(sites.has(found.site)).toBe(true);
    expect(found).toMatchObject({ site: "64.08", provider: "10", circuitId: "0017.10" });
  });
});
