import { appendFileSync } from "node:fs";
import { createAgent } from "../../probes/agent.ts";
import { machineClock, readHost } from "../../probes/clock.ts";
import { createTransport } from "../../probes/transport.ts";
import { icmp, probeOnly, quietLog } from "./agent-parts.ts";
import { stubToken } from "./collector-stub.ts";

/*
 * A whole agent in a process of its own, to be killed: node agent-child.ts <server> <folder> <witness>. Its probe takes
 * no time, so that many rounds come in a short test, and writes down each round in the witness file before it ends.
 */
const [server, folder, witness] = process.argv.slice(2) as [string, string, string];
const clock = machineClock();
const agent = createAgent(
  { folder, token: stubToken, version: "1.2.3" },
  {
    createInstruments: async () =>
      probeOnly(async (target) => {
        appendFileSync(witness, `${target.id}\n`);
        return icmp(1_000 + (clock.monoMs() % 1_000));
      }),
    clock,
    host: readHost(),
    transport: createTransport({ server, userAgent: "test" }),
    log: quietLog,
    random: Math.random,
  },
);
process.once("SIGTERM", () => void agent.stop());
await agent.start();
await agent.finished;
