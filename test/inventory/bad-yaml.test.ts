import { describe, expect, it } from "vitest";
import { readInventory } from "../../src/inventory/read-inventory.ts";
import { inventoryFolder, messagesOf } from "./folder.ts";

/** links.yaml → the beginning of the one message: the rest is the YAML parser's own wording. */
const documents: [mistake: string, text: string, message: string][] = [
  [
    "a key twice",
    "- id: a\n  site: 64.08\n  site: 64.08.05\n",
    'links.yaml:3 (document): "site: 64.08.05" is not allowed; expected valid YAML (Map keys must be unique',
  ],
  ["an unclosed quote", '- id: "a\n  site: 64.08\n', "links.yaml:3 (document): "],
  ["two documents", "- id: a\n---\n- id: b\n", "links.yaml:2 (document): "],
  ["a tag that nobody knows", "- id: !x a\n", "links.yaml:1 (document): "],
  [
    "a mapping at the top",
    "# first\nlinks:\n  - id: a\n",
    'links.yaml:2 (document): "links:" is not allowed; expected a list of entries',
  ],
  [
    "an entry that is text",
    "- just text\n",
    'links.yaml:1 (entry): "just text" is not allowed; expected a mapping',
  ],
  ["an empty entry", "-\n", "links.yaml:1 (entry): null is not allowed; expected a mapping"],
];

describe("a YAML file", () => {
  it.each(documents)("is refused for %s", (_mistake, text, message) => {
    const messages = messagesOf({ "links.yaml": text });
    expect(messages.map((found) => found.slice(0, message.length))).toEqual([message]);
  });

  it("that cannot be parsed does not make references to it mistakes as well", () => {
    const target = "- { id: t, site: 64.08, link: top, role: device, kind: icmp, address: 127.0.0.1 }\n";
    const messages = messagesOf({ "links.yaml": "- [\n", "targets.yaml": target });
    expect(messages.length).toBeGreaterThan(0);
    expect(messages.every((message) => message.startsWith("links.yaml:"))).toBe(true);
  });

  it("does not show the line of a key that cannot be parsed", () => {
    const text = '- auth:\n    authKey: "very-secret\n';
    const messages = messagesOf({ "targets.yaml": text }).join("\n");
    expect(messages).toContain("targets.yaml:");
    expect(messages).not.toContain("very-secret");
  });

  it("does not show the text that the parser stumbled over", () => {
    const text = '- auth: { community: c }\n]"very-secret"\n';
    const messages = messagesOf({ "targets.yaml": text }).join("\n");
    expect(messages).toContain("expected valid YAML (Unexpected double-quoted-scalar token in YAML stream)");
    expect(messages).not.toContain("very-secret");
  });

  it("may use anchors and aliases", () => {
    const text = `- { id: a, site: 64.08, role: device, kind: snmp, address: a, auth: &v2 { version: 2c, community: c } }
- { id: b, site: 64.08, role: device, kind: snmp, address: b, auth: *v2 }
`;
    expect(messagesOf({ "targets.yaml": text })).toEqual([]);
  });

  it("is refused for an alias of nothing, which would otherwise be no value at all", () => {
    const text = "- { id: l1, site: 64.08, provider: A, technology: fibre, contract: *c1 }\n";
    expect(messagesOf({ "links.yaml": text })).toEqual([
      "links.yaml:1 contract: *c1 is not allowed; expected an alias of an anchor above it",
    ]);
  });

  it("that contains itself is refused", () => {
    const text = "- { id: t, site: 64.08, role: device, kind: icmp, address: &a [*a] }\n";
    expect(messagesOf({ "targets.yaml": text })).toEqual([
      "targets.yaml:1 address[0]: a value inside itself is not allowed; expected a value that ends",
      "targets.yaml:1 address: a list is not allowed; expected an address or host name",
    ]);
  });
});

describe("an inventory folder", () => {
  it("needs sites.csv alone", () => {
    const none = { "contracts.yaml": "", "links.yaml": "# nothing yet\n", "services.yaml": "[]\n" };
    expect(messagesOf(none)).toEqual([]);
  });

  it("without sites.csv is refused", () => {
    using folder = inventoryFolder({});
    expect(() => readInventory(folder.path, {})).toThrow(
      `sites.csv:1 (file): a missing file is not allowed; expected a file that can be read in the inventory folder ${folder.path}`,
    );
  });

  it("with a misspelt file name is refused, since its entries would be lost silently", () => {
    expect(messagesOf({ "link.yaml": "- id: a\n", "README.md": "text" })).toEqual([
      'link.yaml:1 (file): "link.yaml" is not allowed; expected one of the files sites.csv, aliases.csv, holidays.csv, contracts.yaml, exclusions.yaml, links.yaml, maintenance.yaml, population.csv, services.yaml, supply.yaml, targets.yaml',
    ]);
  });

  it("shows the mistakes of all files in one go, by file and line", () => {
    const messages = messagesOf({
      "contracts.yaml": "- { id: c1, provider: A, slaRatio: 9 }\n",
      "links.yaml": "- { id: a, site: 64.99, provider: A, technology: x }\n",
      "services.yaml": "- { id: s, name: S, url: x, control: 64.08 }\n",
      "targets.yaml": "- { id: t, site: 64.08, role: x, kind: icmp, address: a }\n",
    });
    expect(messages.map((message) => message.split(": ")[0])).toEqual([
      "contracts.yaml:1 slaRatio",
      "links.yaml:1 site",
      "links.yaml:1 technology",
      "services.yaml:1 url",
      "targets.yaml:1 role",
    ]);
  });
});
