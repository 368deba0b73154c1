import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { readCommandLine as readAgentCommand } from "../../probes/command-line.ts";
import { readDemoCommand } from "../../probes/demo/command-line.ts";
import { readCommandLine } from "../../src/command/command-line.ts";
import { readConfig } from "../../src/config.ts";
import { inventoryFiles, readInventory } from "../../src/inventory/read-inventory.ts";
import { tempDir } from "../support/temp-dir.ts";
import { blocksOf, commandsOf, namesIn, readDocument, readDocuments, rowsOf, spansOf } from "./documents.ts";
import type { Document } from "./documents.ts";

/* Examples are read by the program's own readers. */

const configuration = readDocument("docs/configuration.md");
const inventory = readDocument("docs/inventory.md");

/** The block whose first line is `# <name>`. */
function example(document: Document, name: string): string {
  const found = blocksOf(document).find(({ text }) => text.startsWith(`# ${name}\n`));
  if (found === undefined) throw new Error(`${document.path} has no example of ${name}`);
  return found.text;
}

/** A value of the right shape for every variable: the readers look at that. */
function secretsIn(text: string): Record<string, string> {
  const names = [...text.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1]!);
  return Object.fromEntries(names.map((name) => [name, secretFor(name)]));
}

function secretFor(name: string): string {
  if (name.includes("WEBHOOK")) return `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
  if (name.includes("NTFY")) return "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2";
  return name.includes("TELEGRAM") ? "110201543:a-token" : "a value long enough";
}

function configOf(text: string) {
  using dir = tempDir();
  const file = dir.file("sambung.yaml");
  writeFileSync(file, text);
  return readConfig({ ...secretsIn(text), SAMBUNG_CONFIG: file }, dir.path);
}

function valueAt(value: unknown, path: string): unknown {
  return path.split(".").reduce((at, key) => (at as Record<string, unknown> | undefined)?.[key], value);
}

function leavesOf(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([key, item]) => leavesOf(item, path === "" ? key : `${path}.${key}`));
}

describe("docs/configuration.md", () => {
  const keyRows = rowsOf(configuration).filter(([key]) => /^`[a-z][A-Za-z.]+`$/.test(key!));
  const byKey = new Map(keyRows.map(([key, byDefault]) => [namesIn(key!)[0]!, byDefault!]));
  const channelRows = rowsOf(configuration).filter(([kind]) => kind === kind!.toLowerCase());
  const channels = new Map(
    channelRows.filter(([, keys]) => keys!.startsWith("`id`")).map(([kind, keys]) => [kind!, namesIn(keys!)]),
  );
  const settings = [...byKey.keys()].filter((key) => !channels.has(`\`${key}\``));

  it("has an example that is accepted and shows every key of the table", () => {
    const config = configOf(example(configuration, "sambung.yaml"));
    expect(settings.length).toBeGreaterThan(10);
    expect(settings.filter((key) => valueAt(config, key) === undefined)).toEqual([]);
  });

  it("sends no provider the alerts of others", () => {
    const { routes, channels: shown } = configOf(example(configuration, "sambung.yaml")).alerts;
    const narrowed = routes!.filter(({ providers }) => providers !== undefined).flatMap(({ to }) => to);
    const hooks = shown.filter(({ kind }) => kind === "webhook").map(({ id }) => id);
    expect(narrowed.filter((id) => hooks.includes(id))).toEqual([]);
  });

  it("has a table with every key that has a default, and its default", () => {
    const defaults = configOf("{}\n");
    expect(leavesOf(defaults).filter((key) => !settings.includes(key))).toEqual([]);
    for (const key of ["listen", "timeZone", "metrics", "agents.reportIntervalS", "alerts.holdS"]) {
      expect(`${key} ${byKey.get(key)}`).toBe(`${key} \`${String(valueAt(defaults, key))}\``);
    }
    expect(byKey.get("outages.badRounds")).toBe(`\`${defaults.outages.badRounds}\``);
    expect(byKey.get("agents.dayBytes")).toBe(`\`${String(defaults.agents.dayBytes)}\``);
  });

  it("has a channel of every kind, with all the keys that the table gives it", () => {
    const shown = configOf(example(configuration, "sambung.yaml")).alerts.channels;
    expect(shown.map(({ kind }) => `\`${kind}\``).toSorted()).toEqual([...channels.keys()].toSorted());
    for (const channel of shown) {
      expect(Object.keys(channel).toSorted()).toEqual(channels.get(`\`${channel.kind}\``)!.toSorted());
    }
  });
});

describe("docs/inventory.md", () => {
  it("has examples that make an inventory together", () => {
    using dir = tempDir();
    // A table has no comments: it is the one below the heading of its name.
    const tableOf = (file: string) =>
      new RegExp(`^## ${file}\n[^]*?^\`\`\`csv\n([^]*?)^\`\`\`$`, "m").exec(inventory.text)![1]!;
    const texts = inventoryFiles.map((file) =>
      file.endsWith(".csv") ? tableOf(file) : example(inventory, file),
    );
    inventoryFiles.forEach((file, index) => {
      mkdirSync(dirname(dir.file(file)), { recursive: true });
      writeFileSync(join(dir.path, file), texts[index]!);
    });
    const read = readInventory(dir.path, secretsIn(texts.join("\n")));
    expect([read.sites.size, read.links.size, read.contracts.size, read.services.size]).toEqual([3, 3, 2, 1]);
    expect([...read.targets.keys()]).toContain("64.08/below-64.08.06");
    expect(read.targets.get("64.08.06.2004/hub")?.probe).toMatchObject({ address: "192.0.2.1" });
  });
});

describe("commands in the documents", () => {
  const shown = readDocuments().flatMap((document) => [
    ...commandsOf(document),
    ...spansOf(document).filter((span) => /^sambung(-agent)? [a-z]/.test(span)),
  ]);
  const argumentsOf = (pattern: RegExp): string[][] =>
    shown.flatMap((line) => {
      const match = pattern.exec(line);
      // A secret is shown shortened; any of the right shape will do.
      const words = match?.groups?.words?.replaceAll("sbe_…", `sbe_${"a".repeat(36)}`);
      return match === null ? [] : [(words ?? "").split(" ").filter((word) => word !== "")];
    });

  it("are ones that the collector takes", () => {
    const given = [
      ...argumentsOf(/^npm start(?: -- (?<words>.*))?$/).map((words) => ["start", "--with-agent", ...words]),
      ...argumentsOf(/^npm run init(?: -- (?<words>.*))?$/).map((words) => ["init", ...words]),
      ...argumentsOf(/^(?:node src\/main\.ts|sambung) (?<words>.+)$/),
    ];
    expect(given.length).toBeGreaterThan(6);
    for (const words of given) expect(() => readCommandLine(words), words.join(" ")).not.toThrow();
  });

  it("are ones that the agent takes", () => {
    const environment = { SAMBUNG_SERVER: "https://sambung.example.go.id", SAMBUNG_AGENT_DATA: "/data" };
    const given = argumentsOf(
      /^(?:npm run agent --|npx sambung-agent|node probes\/main\.ts|sambung-agent) (?<words>.+)$/,
    );
    expect(given.length).toBeGreaterThan(5);
    for (const words of given) {
      expect(() => readAgentCommand(words, environment), words.join(" ")).not.toThrow();
    }
  });

  it("are ones that the demonstration takes", () => {
    const given = argumentsOf(/^npm run demo(?: -- (?<words>.*))?$/);
    expect(given.length).toBeGreaterThan(0);
    for (const words of given) expect(() => readDemoCommand(words), words.join(" ")).not.toThrow();
  });
});
