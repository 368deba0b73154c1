import { startDnsServer, typeA } from "../support/dns-server.ts";

/** A resolver as a program of its own, which knows one name: node name-server.ts <own address> <name> <its address>. */
const [host, name, address] = process.argv.slice(2) as [string, string, string];
await startDnsServer(
  (asked, type) => ({
    rcode: asked.toLowerCase() === name ? 0 : 3,
    addresses: asked.toLowerCase() === name && type === typeA ? [address] : [],
  }),
  { host, port: 53 },
);
process.once("SIGTERM", () => process.exit(0));
