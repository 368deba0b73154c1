import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { getServers } from "node:dns";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { parseDocument } from "yaml";
import { readConfig } from "../config.ts";
import type { Config } from "../config.ts";
import type { Environment } from "../inventory/secrets.ts";
import { readInventory } from "../inventory/read-inventory.ts";
import { addTargets, shippedInventory, writeStarterInventory } from "../inventory/starter.ts";
import type { TargetEntry } from "../inventory/starter.ts";
import { withDoor } from "./door.ts";
import type { InitTexts } from "./texts.ts";

export interface InitOptions {
  folder: string;
  yes: boolean;
  texts: InitTexts;
  print: (line: string) => void;
  env: Environment;
  /** Default: Linux's routing table. */
  routeFile?: string;
  /** Default: what the machine's resolver is set to. */
  resolvers?: readonly string[];
}

/** As the configuration names it: relative to itself. */
const ownInventory = "./inventory";

const configText = `# Sambung. Semua kunci boleh dihilangkan; lihat docs/configuration.md.
listen: 127.0.0.1:8080
data: ./data
inventory: ${ownInventory}
`;

/** Makes the operator's own configuration and inventory, and offers what the machine knows of its surroundings as targets. */
export async function init(options: InitOptions): Promise<void> {
  const { texts, print } = options;
  const config = writeOwnFiles(options);
  const { inventory } = config;
  const env = withDoor(options.env, config);
  const known = readInventory(inventory, env);
  const root = [...known.sites.values()].find(({ parent }) => parent === null)!.code;
  const found = findSurroundings(options, root, known.services.keys().next().value);
  const proposals = found.filter(({ entry }) => !known.targets.has(`${root}/${String(entry.id)}`));
  if (found.length === 0) print(texts.nothingFound);
  else if (proposals.length === 0) print(texts.nothingNew);
  for (const { what, address, entry } of proposals) {
    print(texts.found(what, address));
    if (await agreed(options, what, address, root)) {
      addTargets(inventory, [entry]);
      print(texts.added(String(entry.id)));
    } else {
      print(texts.notAdded(address));
    }
  }
  // Whatever was added has to be right before anyone relies on it.
  readInventory(inventory, env);
  print(texts.next);
}

function writeOwnFiles({ folder, texts, print, env }: InitOptions): Config {
  const file = join(folder, "sambung.yaml");
  const read = () => readConfig({ ...env, SAMBUNG_CONFIG: file }, folder);
  const isThere = existsSync(file);
  if (isThere) {
    print(texts.exists);
    const config = read();
    if (config.inventory !== shippedInventory) return config;
  }
  for (const path of writeStarterInventory(join(folder, "inventory"))) print(texts.wrote(path));
  if (isThere) {
    nameInventory(file, ownInventory);
    print(texts.named(file, ownInventory));
  } else {
    writeFileSync(file, configText);
    print(texts.wrote(file));
  }
  return read();
}

/** Adds the key and keeps everything else, comments too. The file is replaced in one step, so that a crash leaves the old one. */
function nameInventory(file: string, inventory: string): void {
  const document = parseDocument(readFileSync(file, "utf8"));
  document.set("inventory", inventory);
  const draft = `${file}.new`;
  writeFileSync(draft, document.toString({ lineWidth: 0 }));
  renameSync(draft, file);
}

interface Proposal {
  what: string;
  address: string;
  entry: TargetEntry;
}

/** What the machine knows of its surroundings, as targets of the district's own office; resolvers are asked for a service. */
function findSurroundings(options: InitOptions, site: string, service: string | undefined): Proposal[] {
  const { texts, routeFile = "/proc/net/route", resolvers = getServers() } = options;
  const gateway = existsSync(routeFile) ? defaultGateway(readFileSync(routeFile, "utf8")) : null;
  const outside = (service === undefined ? [] : resolvers).filter(
    (address) => !/^(127\.|::1$|\[::1\])/.test(address),
  );
  return [
    ...(gateway === null
      ? []
      : [
          {
            what: texts.gateway,
            address: gateway,
            entry: {
              id: "gw",
              site,
              role: "gateway",
              kind: "icmp",
              address: gateway,
            } as TargetEntry,
          },
        ]),
    ...outside.map((address, index): Proposal => ({
      what: texts.resolver,
      address,
      entry: {
        id: `dns-${index + 1}`,
        site,
        role: "service",
        service,
        kind: "dns",
        resolver: address,
      } as TargetEntry,
    })),
  ];
}

/**
 * The gateway of the default route with the least metric, from the text of /proc/net/route: addresses there are 32-bit
 * numbers in hex, in the machine's own byte order, which is little-endian on all that Node runs on today.
 */
export function defaultGateway(table: string): string | null {
  const routes = table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(
      (fields) =>
        fields[1] === "00000000" &&
        fields[7] === "00000000" &&
        fields[2] !== undefined &&
        fields[2] !== "00000000",
    )
    .sort((a, b) => Number(a[6]) - Number(b[6]));
  const hex = routes[0]?.[2];
  if (hex === undefined) return null;
  return [6, 4, 2, 0].map((at) => parseInt(hex.slice(at, at + 2), 16)).join(".");
}

async function agreed(
  { yes, texts, print }: InitOptions,
  what: string,
  address: string,
  site: string,
): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY) {
    print(texts.noTerminal);
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = (await terminal.question(texts.ask(what, address, site))).trim().toLowerCase();
    return !["t", "tidak", "n", "no"].includes(answer);
  } finally {
    terminal.close();
  }
}
