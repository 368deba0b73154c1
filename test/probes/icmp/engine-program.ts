import { createInterface } from "node:readline";
import type { IcmpTarget } from "#wire/targets-v1.ts";
import { machineClock } from "../../../probes/clock.ts";
import { createFpingEngine } from "../../../probes/icmp/fping.ts";
import { createResolve } from "../../../probes/resolve.ts";

// A program: the engine, where the test wants it. Orders come as lines of JSON, what it does goes out as such.
// Arguments: the hosts file, and the fping to use.

const [hostsFile, command] = process.argv.slice(2);
const tell = (event: object) => process.stdout.write(`${JSON.stringify(event)}\n`);
const machine = machineClock();
let wallStepMs = 0;
const log = (fields: unknown, text?: unknown) => tell({ log: text, fields });

const engine = createFpingEngine({
  resolve: createResolve({ hostsFile: hostsFile!, nameservers: ["127.0.0.1:1"] }),
  clock: { monoMs: machine.monoMs, wallMs: () => machine.wallMs() + wallStepMs },
  log: { debug: log, info: log, warn: log, error: log },
  onRound: (target, monoMs, sample) => tell({ round: target.id, monoMs, nowMs: machine.monoMs(), sample }),
  onBroken: (target, error) => tell({ broken: target.id, message: (error as Error).message }),
  ...(command === undefined ? {} : { command }),
});

interface Order {
  update?: IcmpTarget[];
  wallStepMs?: number;
}

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Order;
  if (order.update !== undefined) engine.update(order.update);
  wallStepMs = order.wallStepMs ?? wallStepMs;
}
// The end of the orders is the end of the program: of the engine, and of all that it started.
await engine.stop();
tell({ stopped: true });
