import { describe, expect, it } from "vitest";
import { countRounds, parseBatch } from "../../src/wire/batch-v1.ts";
import type { BatchV1 } from "../../src/wire/batch-v1.ts";
import { exampleBatch } from "../support/wire.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- the point is to break the type
type Loose = Record<string, any>;

/** A copy of the good batch with one thing spoiled. */
function spoiled(spoil: (batch: Loose) => void): unknown {
  const batch = structuredClone(exampleBatch()) as unknown as Loose;
  spoil(batch);
  return batch;
}

const tcpColumns = (batch: Loose) => ({
  target: "port",
  kind: "tcp",
  monoMs: batch.rounds[1].monoMs,
  ok: [0],
  phase: ["connect"],
  connectMs: [null],
});

describe("batch, version 1", () => {
  it("is read as it was written", () => {
    const batch = exampleBatch();
    expect(parseBatch(JSON.parse(JSON.stringify(batch)))).toEqual(batch);
    expect(countRounds(batch)).toBe(4);
  });

  it("is read with connections, and with columns that are there when they say something", () => {
    const [gw, lapor] = exampleBatch().rounds;
    const batch = exampleBatch({
      rounds: [
        { ...gw, sent: [5, 0], rttUs: [20_110, 20_240], unsent: [null, "route"], lossRun: [2, null] },
        { ...lapor, tlsError: ["CERT_HAS_EXPIRED"] },
        {
          target: "port",
          kind: "tcp",
          monoMs: [1, 1],
          ok: [1, 0],
          phase: [null, "connect"],
          connectMs: [3.1, null],
        },
        { target: "rt", kind: "snmp", monoMs: [1], ok: [0], values: { sysName: [null] }, why: ["auth"] },
      ] as BatchV1["rounds"],
      ledger: { produced: 6, thinned: 0, lost: 0 },
    });
    expect(parseBatch(JSON.parse(JSON.stringify(batch)))).toEqual(batch);
    const silent = { ...gw, unsent: [null, null], lossRun: [null, null] } as BatchV1["rounds"][number];
    expect(parseBatch(exampleBatch({ rounds: [silent] })).rounds).toEqual([gw]);
  });

  it("is read with rounds of every kind that were merged", () => {
    const [gw, lapor, name] = exampleBatch().rounds as unknown as Loose[];
    const summary = { monoMs: [1_000, 600_000], merged: [10, 1], spanMs: [270_000, 0] };
    const checks = { ok: [1, 1], phase: [null, null] };
    const twice = (columns: Loose) =>
      Object.fromEntries(
        Object.entries(columns).map(([key, cells]) => [
          key,
          Array.isArray(cells) ? [cells[0], cells[0]] : cells,
        ]),
      );
    const batch = exampleBatch({
      rounds: [
        {
          ...gw,
          ...summary,
          sent: [50, 5],
          recv: [48, 2],
          rttUs: [20_110, 20_200, 20_240, 20_300, 90_000, 20_000, 20_100],
          lossRun: [2, 2],
        },
        { ...twice(lapor!), ...summary },
        { ...twice(name!), ...summary },
        { target: "port", kind: "tcp", ...checks, ...summary, connectMs: [3.1, 3] },
        { target: "rt", kind: "snmp", ok: [1, 1], ...summary, values: { sysUpTime: [5, 9] } },
      ] as BatchV1["rounds"],
      ledger: { produced: 55, thinned: 45, lost: 0, waiting: 7, oldestMs: 60_000, sentBytes: 9_000 },
    });
    expect(parseBatch(JSON.parse(JSON.stringify(batch)))).toEqual(batch);
    expect(countRounds(batch)).toBe(10);
    const none = { ...gw, merged: [1, 1], spanMs: [0, 0] } as BatchV1["rounds"][number];
    expect(parseBatch(exampleBatch({ rounds: [none] })).rounds).toEqual([gw]);
  });

  it("takes a clock of 1970 that its agent does not trust, and no rounds at all", () => {
    const batch = exampleBatch({
      clock: { wallMs: 90_000, monoMs: 81_234_567, synced: false },
      rounds: [],
      events: [],
    });
    expect(parseBatch(batch)).toEqual(batch);
  });

  it.each<[string, (batch: Loose) => void]>([
    ["(document): [] is not allowed; expected an object", () => undefined],
    ["v: 2 is not allowed; expected 1", (b) => (b.v = 2)],
    ['colour: "colour" is not allowed; expected one of the keys v, agent, boot,', (b) => (b.colour = "red")],
    [
      'clock.zone: "zone" is not allowed; expected one of the keys wallMs, monoMs, synced',
      (b) => (b.clock.zone = "WITA"),
    ],
    [
      "clock.wallMs: 90000 is not allowed; expected a whole number from 1577836800000",
      (b) => (b.clock.wallMs = 90_000),
    ],
    ['clock.synced: "yes" is not allowed; expected true or false', (b) => (b.clock.synced = "yes")],
    ["seq: 0 is not allowed; expected a whole number from 1", (b) => (b.seq = 0)],
    ["seq: 1.5 is not allowed; expected a whole number from 1", (b) => (b.seq = 1.5)],
    ["host.uptimeS: nothing is not allowed; expected a number from 0", (b) => delete b.host.uptimeS],
    ["ledger.waiting: -1 is not allowed; expected a whole number from 0", (b) => (b.ledger.waiting = -1)],
    [
      "ledger.sentBytes: null is not allowed; expected a whole number from 0",
      (b) => (b.ledger.sentBytes = null),
    ],
    ["rounds: {} is not allowed; expected an array", (b) => (b.rounds = {})],
    [
      'rounds[0].kind: "irtt" is not allowed; expected one of icmp, snmp, http, dns, tcp',
      (b) => (b.rounds[0].kind = "irtt"),
    ],
    [
      'rounds[0].unsent[1]: "lazy" is not allowed; expected null or one of route, name, local',
      (b) => (b.rounds[0].unsent = [null, "lazy"]),
    ],
    [
      "rounds[0].merged[0]: 0 is not allowed; expected a whole number from 1 to 3600",
      (b) => Object.assign(b.rounds[0], { merged: [0, 1], spanMs: [0, 0] }),
    ],
    [
      "rounds[0].spanMs: nothing is not allowed; expected an array",
      (b) => Object.assign(b.rounds[0], { merged: [2, 1] }),
    ],
    [
      "rounds[0].spanMs[1]: 5 is not allowed; expected a whole number from 0 to 0",
      (b) => Object.assign(b.rounds[0], { merged: [2, 1], spanMs: [5, 5] }),
    ],
    [
      "rounds[0].spanMs[0]: 30001 is not allowed; expected no more than 30000, when the next begins",
      (b) => Object.assign(b.rounds[0], { merged: [2, 1], spanMs: [30_001, 0] }),
    ],
    [
      "rounds[0].spanMs: 81300000 is not allowed; expected no round after clock.monoMs, 81234567",
      (b) => Object.assign(b.rounds[0], { merged: [1, 2], spanMs: [0, 100_000] }),
    ],
    [
      'rounds[0].rttUs: "2 values" is not allowed; expected 5 values',
      (b) => Object.assign(b.rounds[0], { merged: [2, 1], spanMs: [10, 0], sent: [10, 5], recv: [9, 0] }),
    ],
    [
      "rounds[0].sent[0]: 2001 is not allowed; expected a whole number from 0 to 2000",
      (b) => Object.assign(b.rounds[0], { merged: [2, 1], spanMs: [10, 0], sent: [2_001, 5] }),
    ],
    ["ledger.waiting: -1 is not allowed; expected a whole number from 0", (b) => (b.ledger.waiting = -1)],
    [
      'rounds[0].unsent: "1 values" is not allowed; expected 2 values',
      (b) => (b.rounds[0].unsent = ["route"]),
    ],
    [
      "rounds[0].lossRun[0]: 0 is not allowed; expected null or a whole number from 1 to 1000",
      (b) => (b.rounds[0].lossRun = [0, 5]),
    ],
    [
      "rounds[0].lossRun[1]: 4 is not allowed; expected a whole number from 1 to 3",
      (b) => Object.assign(b.rounds[0], { sent: [5, 3], lossRun: [null, 4], recv: [2, 0], rttUs: [1, 2] }),
    ],
    [
      'rounds[0].phase[0]: "tls" is not allowed; expected null or one of dns, connect, refused, timeout',
      (b) => {
        const port = { target: "port", kind: "tcp", monoMs: [1], ok: [0], phase: ["tls"], connectMs: [null] };
        b.rounds = [port as unknown as (typeof b.rounds)[number]];
      },
    ],
    [
      'rounds[1].tlsError[0]: "expired!" is not allowed; expected null or a name in capitals',
      (b) => (b.rounds[1].tlsError = ["expired!"]),
    ],
    [
      'rounds[1].phase[0]: "sleep" is not allowed; expected null or one of dns, connect',
      (b) => (b.rounds[1] = { ...tcpColumns(b), phase: ["sleep"] }),
    ],
    [
      "rounds[1].phase[0]: null is not allowed; expected the failing phase where ok is 0",
      (b) => (b.rounds[1] = { ...tcpColumns(b), phase: [null] }),
    ],
    [
      'rounds[1].totalMs: "totalMs" is not allowed; expected one of the keys target, kind, monoMs, ok, phase, connectMs',
      (b) => (b.rounds[1] = { ...tcpColumns(b), totalMs: [1] }),
    ],
    [
      'rounds[0].target: "../x" is not allowed; expected 1 to 64 letters',
      (b) => (b.rounds[0].target = "../x"),
    ],
    [
      'rounds[2].target: "gw" is not allowed; expected each target once in a batch',
      (b) => (b.rounds[2].target = "gw"),
    ],
    [
      'rounds[0].recv: "1 values" is not allowed; expected 2 values, as its neighbours have',
      (b) => b.rounds[0].recv.pop(),
    ],
    ['rounds[0].rttUs: "1 values" is not allowed; expected 2 values', (b) => b.rounds[0].rttUs.pop()],
    [
      "rounds[0].rttUs[0]: NaN is not allowed; expected a whole number from 0 to 600000000",
      (b) => (b.rounds[0].rttUs[0] = Number.NaN),
    ],
    ["rounds[0].rttUs[0]: null is not allowed", (b) => (b.rounds[0].rttUs[0] = null)],
    [
      "rounds[0].rttUs[1]: 20240 is not allowed; expected a whole number from 30000",
      (b) => (b.rounds[0].rttUs[0] = 30_000),
    ],
    [
      "rounds[0].recv[0]: 6 is not allowed; expected a whole number from 0 to 5",
      (b) => (b.rounds[0].recv[0] = 6),
    ],
    [
      "rounds[0].monoMs[1]: -1 is not allowed; expected a whole number from 0",
      (b) => (b.rounds[0].monoMs[1] = -1),
    ],
    ["rounds[0].monoMs: [] is not allowed; expected at least one round", (b) => (b.rounds[0].monoMs = [])],
    [
      "rounds[0].monoMs: 81270000 is not allowed; expected no round after clock.monoMs, 81234567",
      (b) => (b.rounds[0].monoMs[1] = 100_000),
    ],
    [
      'rounds[1].phase[0]: "dsn" is not allowed; expected null or one of dns, connect',
      (b) => (b.rounds[1].phase[0] = "dsn"),
    ],
    [
      "rounds[1].phase[0]: null is not allowed; expected the failing phase where ok is 0",
      (b) => (b.rounds[1].phase[0] = null),
    ],
    ["rounds[1].ok[0]: true is not allowed; expected 0 or 1", (b) => (b.rounds[1].ok[0] = true)],
    [
      "rounds[1].totalMs[0]: Infinity is not allowed; expected null or milliseconds",
      (b) => (b.rounds[1].totalMs[0] = Infinity),
    ],
    [
      'rounds[2].rcode: "2 values" is not allowed; expected 1 values',
      (b) => b.rounds[2].rcode.push("NOERROR"),
    ],
    ['events[0].type: "Start" is not allowed; expected a dotted name', (b) => (b.events[0].type = "Start")],
    ["events[0].detail.deep: {} is not allowed", (b) => (b.events[0].detail.deep = {})],
    ["events[0].detail: ", (b) => (b.events[0].detail["k".repeat(501)] = 1)],
  ])("refuses: %s", (message, spoil) => {
    const input = message.startsWith("(document)") ? [] : spoiled(spoil);
    expect(() => parseBatch(input)).toThrow(message);
  });

  it("refuses values of an SNMP column that no device sends", () => {
    const snmp = (cell: unknown) =>
      exampleBatch({
        rounds: [
          { target: "rt", kind: "snmp", monoMs: [5], ok: [1], values: { sysUpTime: [cell as number] } },
        ],
      });
    expect(parseBatch(snmp("18446744073709551615"))).toEqual(snmp("18446744073709551615"));
    expect(() => parseBatch(snmp(Number.NaN))).toThrow(
      "rounds[0].values.sysUpTime[0]: NaN is not allowed; expected a finite number",
    );
    expect(() => parseBatch(snmp({}))).toThrow("rounds[0].values.sysUpTime[0]");
  });
});
