import { once } from "node:events";
import { createInterface } from "node:readline";
import type { AgentTarget } from "#wire/targets-v1.ts";
import { machineClock, readHost } from "../../../probes/clock.ts";
import { createPathWatch } from "../../../probes/path/path-watch.ts";
import { createResolve } from "../../../probes/resolve.ts";
import { quietLog } from "../../support/agent-parts.ts";

/*
 * The path watch in a process of its own, to be started in a network namespace. Says `ready`; the targets of each line
 * that comes in go down together; prints each event as a line of JSON; ends with its input.
 */
const watch = createPathWatch({
  clock: machineClock(),
  log: quietLog,
  resolve: createResolve(),
  host: readHost(),
  synced: () => true,
  onEvent: (type, detail) => void process.stdout.write(`${JSON.stringify({ type, detail })}\n`),
  times: { togetherMs: 200, everyMs: 1, sharedMs: 1 },
});
const lines = createInterface(process.stdin);
lines.on("line", (line) => {
  for (const target of JSON.parse(line) as AgentTarget[]) watch.wentDown(target);
});
process.stdout.write("ready\n");
await once(lines, "close");
await watch.stop();
