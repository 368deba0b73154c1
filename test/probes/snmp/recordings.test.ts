import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseColumns } from "#wire/rounds-v1.ts";
import type { SnmpTarget } from "#wire/targets-v1.ts";
import { createProfilePoll } from "../../../probes/snmp/profiles/poll.ts";
import type { ProfileResult } from "../../../probes/snmp/profiles/poll.ts";
import { createSnmpProbe } from "../../../probes/snmp/snmp.ts";
import type { SnmpSample } from "../../../probes/probe.ts";
import { createResolve } from "../../../probes/resolve.ts";
import { needs } from "../../support/needs.ts";
import { probeContext, targetBase } from "../../support/probe-context.ts";
import { checkInterfaces, checkMemory, checkSensors, checkSystem } from "../../support/snmp-expected.ts";
import { readExpected, recordingsFolder } from "../../support/snmp-recordings.ts";
import { startSnmpsim } from "../../support/snmpsim.ts";
import type { Snmpsim } from "../../support/snmpsim.ts";

/*
 * Every recording, served by Debian's snmpsim and polled by the agent's own probe with the profile `auto`: every
 * expected value has to be met. The recordings lie beside the project, or where SAMBUNG_SNMP_RECORDINGS says.
 */

const folder = recordingsFolder();
const lacking =
  folder === null ? "no recordings (SAMBUNG_SNMP_RECORDINGS)" : needs({ commands: ["snmpsimd"] });
const devices = folder === null ? [] : readExpected(folder);

// Where they are missing, this names the reason.
test.skipIf(lacking !== null)(`there are SNMP recordings${lacking === null ? "" : `: ${lacking}`}`, () => {
  expect(devices.length).toBeGreaterThan(0);
});

describe.skipIf(lacking !== null)("SNMP recordings", () => {
  let sim: Snmpsim;
  const table: string[] = [];

  beforeAll(async () => {
    sim = await startSnmpsim(
      folder!,
      async (port) => (await poll(port, devices[0]!.name, 5000)).sample.ok === 1,
    );
  }, 150_000);

  afterAll(async () => {
    await sim?.[Symbol.asyncDispose]();
    process.stdout.write(
      `${["device: values met / expected, and the profiles found", ...table].join("\n")}\n`,
    );
  }, 60_000);

  test.each(devices)("meets every value expected of $name", { timeout: 180_000 }, async (device) => {
    const { sample, found } = await poll(sim.port, device.name, 120_000);
    const checks = [
      checkSystem(device, sample),
      checkInterfaces(device, sample),
      checkSensors(device, found.readings),
      checkMemory(device, found.readings),
    ];
    const missed = checks.flatMap((check) => check.missed);
    const expected = checks.reduce((sum, check) => sum + check.expected, 0);
    table.push(`${device.name}: ${expected - missed.length} / ${expected} (${found.profiles.join(", ")})`);
    expect(missed).toEqual([]);
    expect(sample).toMatchObject({ ok: 1, why: null });
    expect(() => asColumns(sample)).not.toThrow();
  });
});

async function poll(
  port: number,
  community: string,
  timeoutMs: number,
): Promise<{ sample: SnmpSample; found: ProfileResult }> {
  const pollProfile = createProfilePoll();
  let found: ProfileResult = { values: {}, why: null, readings: [], profiles: [] };
  const probe = createSnmpProbe(createResolve(), {
    pollProfile: async (request) => (found = await pollProfile(request)),
  });
  const target: SnmpTarget = {
    ...targetBase(),
    timeoutMs,
    kind: "snmp",
    address: "127.0.0.1",
    port,
    auth: { version: "2c", community },
    oids: {},
    profile: "auto",
  };
  const sample = (await probe(target, probeContext({ timeoutMs }))) as SnmpSample;
  return { sample, found };
}

/** Whether the collector takes what was read. */
function asColumns({ ok, values }: SnmpSample) {
  const columns = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]]));
  return parseColumns("rounds[0]", { target: "t", kind: "snmp", monoMs: [1], ok: [ok], values: columns }, 1);
}
