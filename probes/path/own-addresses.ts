import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { toAddress6 } from "./routes.ts";

/**
 * All addresses of this machine. os.networkInterfaces() leaves out those of an interface without a carrier, which is
 * just when this machine refuses its own packets by them; the kernel's tables have these, too:
 *
 *   /proc/net/fib_trie       |-- 10.8.1.9          /proc/net/if_inet6   fe80…0001 02 40 20 80 eth0
 *                               /32 host LOCAL
 */
export async function readOwnAddresses(root = "/"): Promise<Set<string>> {
  const listed = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const trie = await textOf(join(root, "proc/net/fib_trie"));
  const table6 = await textOf(join(root, "proc/net/if_inet6"));
  return new Set([
    ...listed.map(({ address }) => address),
    ...[...trie.matchAll(/\|-- (\S+)\s+\/32 host LOCAL/g)].map(([, address]) => address!),
    ...[...table6.matchAll(/^([0-9a-f]{32}) /gm)].map(([, hex]) => toAddress6(hex!)),
  ]);
}

/** A table of the kernel; empty on a machine that does not have it, such as one without IPv6. */
export async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return "";
  }
}
