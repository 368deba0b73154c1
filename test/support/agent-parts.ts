import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DnsTarget, IcmpTarget } from "#wire/targets-v1.ts";
import type { BatchV1 } from "#wire/batch-v1.ts";
import { createClockWatch } from "../../probes/clock.ts";
import type { Host } from "../../probes/clock.ts";
import type { Instruments } from "../../probes/instruments.ts";
import type { Log } from "../../probes/log.ts";
import type { Clock, IcmpSample, ProbeFn } from "../../probes/probe.ts";
import { openSpool } from "../../probes/spool/spool.ts";
import type { SpoolOptions } from "../../probes/spool/spool.ts";

/** Two clocks that move when the test says so. */
export interface HandClock extends Clock {
  wall: number;
  mono: number;
  advance(ms: number): void;
}

export function createHandClock(wall = 1_790_000_000_000, mono = 5_000_000): HandClock {
  const clock: HandClock = {
    wall,
    mono,
    wallMs: () => clock.wall,
    monoMs: () => clock.mono,
    advance(ms) {
      clock.wall += ms;
      clock.mono += ms;
    },
  };
  return clock;
}

export const testHost = (bootId = "host-1"): Host => ({ bootId, bootIdKnown: true, uptimeS: () => 5_000 });

/** A folder of its own, removed at the end of the block. */
export function tempFolder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), "sambung-agent-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export function openTestSpool(
  folder: string,
  clock: Clock,
  more: Partial<SpoolOptions> & { hostBootId?: string } = {},
) {
  const { hostBootId, ...options } = more;
  const host = testHost(hostBootId);
  const crashNotes = join(folder, "crash-notes");
  return openSpool({ folder, boot: "boot-1", host, watch: createClockWatch(clock), crashNotes, ...options });
}

export const icmp = (rttUs: number, up = true): IcmpSample => ({
  kind: "icmp",
  sent: 1,
  recv: up ? 1 : 0,
  rttUs: up ? [rttUs] : [],
  unsent: null,
  lossRun: up ? 0 : 1,
});

export const icmpTarget = (id: string, intervalS = 1, timeoutMs = 500): IcmpTarget => ({
  id,
  kind: "icmp",
  intervalS,
  timeoutMs,
  address: "127.0.0.1",
  count: 1,
  sizeBytes: 56,
  dscp: 0,
  family: null,
});

export const dnsTarget = (id: string, intervalS = 1, timeoutMs = 500): DnsTarget => ({
  id,
  kind: "dns",
  intervalS,
  timeoutMs,
  name: "example.test",
  recordType: "A",
  resolver: null,
  expectRcode: ["NOERROR"],
  expectAnswer: [],
});

/** Instruments that measure all kinds by one function, a round each. */
export const probeOnly = (probe: ProbeFn): Instruments => ({
  probe,
  createIcmpEngine: null,
  traps: null,
  path: null,
});

export const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Every round of the batches as `boot/target@monoMs`, in no particular order, repetitions included. */
export function roundNames(batches: Iterable<BatchV1>): string[] {
  const names: string[] = [];
  for (const { boot, rounds } of batches) {
    for (const { target, monoMs } of rounds) {
      let atMs = 0;
      for (const step of monoMs) {
        atMs += step;
        names.push(`${boot}/${target}@${atMs}`);
      }
    }
  }
  return names;
}
