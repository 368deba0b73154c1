import type { SnmpTarget } from "../../../src/wire/targets-v1.ts";
import { machineClock } from "../../../probes/clock.ts";
import { createProbe, createProbers } from "../../../probes/probers.ts";
import { createSchedule } from "../../../probes/schedule.ts";

/*
 * The agent's own schedule and SNMP probe and nothing else, to be weighed: node poll-program.ts <targets as JSON>. Prints
 * `ready` once each target gave values; ends with code 1 when a round is not whole.
 */
const targets = JSON.parse(process.argv[2]!) as SnmpTarget[];
const heard = new Set<string>();

function fail(reason: string): void {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}

createSchedule({
  agentId: "ag_bench",
  clock: machineClock(),
  probe: createProbe(createProbers()),
  onRound(target, _monoMs, sample) {
    if (sample.kind !== "snmp" || sample.ok === 0)
      return fail(`${target.id}: ${JSON.stringify(sample).slice(0, 200)}`);
    if (heard.add(target.id).size === targets.length) process.stdout.write("ready\n");
  },
  onBroken: (target, error) => fail(`${target.id}: ${String(error)}`),
}).update(targets);
