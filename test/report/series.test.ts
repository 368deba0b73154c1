import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SnmpRounds } from "../../src/series/series-store.ts";
import { openTestHttp, nowMs } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { createWriter, httpRounds, icmpRounds } from "../support/rounds.ts";

const minuteMs = 60_000;
const fromMs = nowMs - 10 * minuteMs;
let http: TestHttp;
let write: ReturnType<typeof createWriter>;

beforeEach(async () => {
  http = await openTestHttp();
  write = createWriter(http.batchLog, { id: "ag_hulu01", site: "64.08.01" });
});
afterEach(() => http[Symbol.dispose]());

const hub = "64.08.01/hub";
const read = (metrics: string[], more: Partial<Parameters<TestHttp["reader"]["series"]>[0]> = {}) =>
  http.reader.series({
    targets: [hub],
    metrics,
    fromMs,
    toMs: nowMs,
    stepMs: minuteMs,
    maxRows: 1000,
    ...more,
  });

describe("series", () => {
  it("takes the median of all replies of a step, and loss from what was sent", async () => {
    await write([icmpRounds(hub, fromMs, 30_000, [[10, 11, 12, 13, 14], [20, 30], [], [5]])]);
    const { rows, truncated } = await read(["rtt_ms", "loss_ratio", "up_ratio"]);
    expect(truncated).toBe(false);
    expect(rows.slice(0, 2)).toEqual([
      {
        timeMs: fromMs,
        target: hub,
        site: "64.08.01",
        values: { rtt_ms: 13, loss_ratio: 0.3, up_ratio: 1 },
      },
      {
        timeMs: fromMs + minuteMs,
        target: hub,
        site: "64.08.01",
        values: { rtt_ms: 5, loss_ratio: 0.9, up_ratio: 0.5 },
      },
    ]);
  });

  it("gives a step without rounds its row of nulls, so that a gap is drawn as a gap", async () => {
    await write([icmpRounds(hub, fromMs, 30_000, [[1]])]);
    await write([icmpRounds(hub, fromMs + 3 * minuteMs, 30_000, [[2]])]);
    const { rows } = await read(["rtt_ms"], { toMs: fromMs + 5 * minuteMs });
    expect(rows.map((row) => row.values.rtt_ms)).toEqual([1, null, null, 2, null]);
  });

  it("makes no rows after now, nor any for a target that was never measured", async () => {
    await write([icmpRounds(hub, nowMs - minuteMs, 30_000, [[1], [2]])]);
    const { rows } = await read(["rtt_ms"], {
      targets: ["64.08.01/gw", hub],
      fromMs: nowMs - minuteMs,
      toMs: nowMs + 60 * minuteMs,
    });
    expect(rows.map((row) => [row.target, row.values.rtt_ms])).toEqual([[hub, 1.5]]);
  });

  it("does not count rounds in which nothing could be sent", async () => {
    const rounds = icmpRounds(hub, fromMs, 30_000, [[], [4, 5, 6, 7, 8]]);
    await write([{ ...rounds, sent: [0, 5] }]);
    const { rows } = await read(["loss_ratio", "up_ratio"], { toMs: fromMs + minuteMs });
    expect(rows[0]?.values).toEqual({ loss_ratio: 0, up_ratio: 1 });
  });

  it("counts a round without a route as made and not answered, and no echo of it as lost", async () => {
    const rounds = icmpRounds(hub, fromMs, 30_000, [[], [4, 5, 6, 7, 8]]);
    await write([{ ...rounds, sent: [0, 5], unsent: ["route", null] }]);
    const { rows } = await read(["loss_ratio", "up_ratio"], { toMs: fromMs + minuteMs });
    expect(rows[0]?.values).toEqual({ loss_ratio: 0, up_ratio: 0.5 });
  });

  it("says how far replies spread above the fastest, and how many echoes were lost in a row", async () => {
    const rounds = icmpRounds(hub, fromMs, 15_000, [[10, 12], [10, 11, 14, 20], [], [10, 10, 10, 10, 10]]);
    await write([{ ...rounds, lossRun: [2, null, null, null] }]);
    const metrics = ["jitter_ms", "loss_run"];
    const { rows } = await read(metrics, { toMs: fromMs + minuteMs, stepMs: 30_000 });
    // R7 over 10 10 11 12 14 20: 95 % lies at 14 + 0.75 · 6.
    expect(rows.map((row) => row.values)).toEqual([
      { jitter_ms: 8.5, loss_run: 2 },
      { jitter_ms: 0, loss_run: 5 },
    ]);
  });

  it("gives no run of lost echoes where nobody told their order", async () => {
    const rounds = icmpRounds(hub, fromMs, 15_000, [[10, 10, 10], [], [10, 10, 10, 10], [10, 10, 10]]);
    await write([{ ...rounds, sent: [5, 5, 5, 5] }]);
    const { rows } = await read(["loss_run"], { toMs: fromMs + minuteMs, stepMs: 15_000 });
    expect(rows.map((row) => row.values.loss_run)).toEqual([null, 5, 1, null]);
  });

  it("tells the time to a TCP port by the connections that stood", async () => {
    const key = "64.08.01/port";
    await write([
      {
        key,
        kind: "tcp",
        timeMs: [fromMs, fromMs + 1_000, fromMs + 2_000],
        ok: [1, 1, 0],
        phase: [null, null, "timeout"],
        connectMs: [10, 20, null],
      },
    ]);
    const { rows } = await read(["connect_ms", "up_ratio", "rtt_ms"], {
      targets: [key],
      toMs: fromMs + minuteMs,
    });
    expect(rows[0]?.values).toEqual({ connect_ms: 15, up_ratio: 0.666667, rtt_ms: null });
  });

  it("keeps the time of a page apart from checks that failed", async () => {
    const key = "64.08.01/lapor";
    await write([httpRounds(key, fromMs, 15_000, [100, "timeout", 300, "dns"])]);
    const metrics = ["up_ratio", "total_ms", "dns_ms", "cert_expires_s", "rtt_ms"];
    const { rows } = await read(metrics, { targets: [key], toMs: fromMs + minuteMs });
    expect(rows.map((row) => row.values)).toEqual([
      { up_ratio: 0.5, total_ms: 200, dns_ms: 20, cert_expires_s: 86_400, rtt_ms: null },
    ]);
  });

  it("reads SNMP objects, and rates of counters that outgrow a double or start again", async () => {
    const key = "64.08.01/router";
    const rounds: SnmpRounds = {
      key,
      kind: "snmp",
      timeMs: [0, 1, 2, 3].map((i) => fromMs + i * 20_000),
      ok: [1, 1, 1, 1],
      values: {
        "ifHCInOctets.2": ["9007199254740993000", "9007199254740995000", 500, 1500],
        sysName: ["rt", "rt", "rt", "rt"],
      },
    };
    await write([rounds]);
    const metrics = ["snmp.ifHCInOctets.2", "snmp.ifHCInOctets.2:rate", "snmp.sysName", "snmp.none"];
    const { rows } = await read(metrics, { targets: [key], toMs: fromMs + 2 * minuteMs });
    expect(rows.map((row) => row.values)).toEqual([
      {
        "snmp.ifHCInOctets.2": 500,
        "snmp.ifHCInOctets.2:rate": 100,
        "snmp.sysName": null,
        "snmp.none": null,
      },
      {
        "snmp.ifHCInOctets.2": 1500,
        // The last poll before the step is where its first rise begins.
        "snmp.ifHCInOctets.2:rate": 50,
        "snmp.sysName": null,
        "snmp.none": null,
      },
    ]);
  });

  it("is ascending in time over all targets", async () => {
    const other = "64.08.01/gw";
    await write([
      icmpRounds(hub, fromMs, minuteMs, [[1], [2]]),
      icmpRounds(other, fromMs, minuteMs, [[3], [4]]),
    ]);
    const { rows } = await read(["rtt_ms"], { targets: [other, hub], toMs: fromMs + 2 * minuteMs });
    expect(rows.map((row) => row.values.rtt_ms)).toEqual([3, 1, 4, 2]);
  });

  it("says so when targets do not fit under the cap, and when the steps of one do not", async () => {
    const other = "64.08.01/gw";
    await write([
      icmpRounds(hub, fromMs, minuteMs, [[1], [2]]),
      icmpRounds(other, fromMs, minuteMs, [[3], [4]]),
    ]);
    const range = { toMs: fromMs + 2 * minuteMs, targets: [other, hub] };
    const one = await read(["rtt_ms"], { ...range, maxRows: 3 });
    expect([one.truncated, one.rows.map((row) => row.target)]).toEqual([true, [other, other]]);
    const cut = await read(["rtt_ms"], { ...range, targets: [hub], maxRows: 1 });
    expect([cut.truncated, cut.rows.map((row) => row.values.rtt_ms)]).toEqual([true, [1]]);
  });

  it("reads a long range in slices without losing what lies at their edges", async () => {
    const dayMs = 86_400_000;
    const startMs = nowMs - 70 * dayMs;
    await write([
      icmpRounds(
        hub,
        startMs,
        dayMs,
        Array.from({ length: 70 }, (_, day) => [day + 1]),
      ),
    ]);
    const { rows } = await read(["rtt_ms"], { fromMs: startMs, toMs: nowMs, stepMs: dayMs });
    const values = rows.map((row) => row.values.rtt_ms).filter((value) => value !== null);
    expect(values).toEqual(Array.from({ length: 70 }, (_, day) => day + 1));
  });
});

describe("smoke", () => {
  it("gives the percentiles of all replies, and loss", async () => {
    await write([icmpRounds(hub, fromMs, 30_000, [[1, 2], [4, 8], []])]);
    const query = { targets: [hub], fromMs, toMs: fromMs + 2 * minuteMs, stepMs: minuteMs, maxRows: 10 };
    const { rows } = await http.reader.smoke(query);
    expect(rows).toEqual([
      {
        timeMs: fromMs,
        target: hub,
        p0: 1,
        p10: 1.3,
        p25: 1.75,
        median: 3,
        p75: 5,
        p90: 6.8,
        p100: 8,
        lossRatio: 0.6,
        sent: 10,
        received: 4,
      },
      {
        timeMs: fromMs + minuteMs,
        target: hub,
        p0: null,
        p10: null,
        p25: null,
        median: null,
        p75: null,
        p90: null,
        p100: null,
        lossRatio: 1,
        sent: 5,
        received: 0,
      },
    ]);
  });

  it("has no rows for what is not ICMP", async () => {
    const key = "64.08.01/lapor";
    await write([httpRounds(key, fromMs, 15_000, [100])]);
    const query = { targets: [key], fromMs, toMs: nowMs, stepMs: minuteMs, maxRows: 10 };
    expect(await http.reader.smoke(query)).toMatchObject({ rows: [], truncated: false });
  });
});
