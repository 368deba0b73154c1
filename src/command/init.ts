import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { getServers } from "node:dns";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { readConfig } from "../config.ts";
import type { Environment } from "../inventory/secrets.ts";
import { readInventory } from "../inventory/read-inventory.ts";
import { addTargets, shippedInventory, writeStarterInventory } from "../inventory/starter.ts";
import type { TargetEntry } from "../inventory/starter.ts";
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

const configText = `# Sambung. Semua kunci boleh dihilangkan; lihat docs/configuration.md.
listen: 127.0.0.1:8080
data: ./data
inventory: ./inventory
`;

/** Makes the operator's own configuration and inventory, and offers what the machine knows of its surroundings as targets. */
export async function init(options: InitOptions): Promise<void> {
  const { folder, texts, print } = options;
  const inventory = writeOwnFiles(options);
  const known = readInventory(inventory, options.env);
  const proposals = findSurroundings(options).filter(
    ({ entry }) => !known.targets.has(`64.08/${String(entry.id)}`),
  );
  if (proposals.length === 0) print(texts.nothingFound);
  for (const { what, address, entry } of proposals) {
    print(texts.found(what, address));
    if (await agreed(options, what, address)) {
      addTargets(inventory, [entry]);
      print(texts.added(String(entry.id)));
    } else {
      print(texts.notAdded(address));
    }
  }
  // Whatever was added has to be right before anyone relies on it.
  readInventory(inventory, options.env);
  print(`${texts.next} (${folder})`);
}

function writeOwnFiles({ folder, texts, print, env }: InitOptions): string {
  const config = join(folder, "sambung.yaml");
  if (existsSync(config)) {
    print(texts.exists);
    const { inventory } = readConfig({ ...env, SAMBUNG_CONFIG: config }, folder);
    if (inventory !== shippedInventory) return inventory;
  }
  const inventory = join(folder, "inventory");
  for (const path of writeStarterInventory(inventory)) print(texts.wrote(path));
  if (!existsSync(config)) {
    writeFileSync(config, configText);
    print(texts.wrote(config));
  }
  return inventory;
}

interface Proposal {
  what: string;
  address: string;
  entry: TargetEntry;
}

function findSurroundings({
  texts,
  routeFile = "/proc/net/route",
  resolvers = getServers(),
}: InitOptions): Proposal[] {
  const gateway = existsSync(routeFile) ? defaultGateway(readFileSync(routeFile, "utf8")) : null;
  const outside = resolvers.filter((address) => !/^(127\.|::1$|\[::1\])/.test(address));
  return [
    ...(gateway === null
      ? []
      : [
          {
            what: texts.gateway,
            address: gateway,
            entry: {
              id: "gw",
              site: "64.08",
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
        site: "64.08",
        role: "service",
        service: "lapor",
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

async function agreed({ yes, texts, print }: InitOptions, what: string, address: string): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY) {
    print(texts.noTerminal);
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = (await terminal.question(texts.ask(what, address))).trim().toLowerCase();
    return !["t", "tidak", "n", "no"].includes(answer);
  } finally {
    terminal.close();
  }
}
