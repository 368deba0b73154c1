import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RoundColumns } from "#wire/rounds-v1.ts";
import { createMerger } from "../../probes/spool/merge-rounds.ts";
import { placeRounds } from "../../src/ingest/place-rounds.ts";
import { straightTrack } from "../../src/ingest/track.ts";
import type { Rounds } from "../../src/series/series-store.ts";
import { nowMs, openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { createWriter, httpRounds, icmpRounds } from "../support/rounds.ts";

/* Pictures of rounds that a full spool merged are those of the rounds as measured, as near as that can be. */

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
// The spool's windows begin with the machine's clock: here with the hour.
const fromMs = Math.floor(nowMs / hourMs) * hourMs - 4 * hourMs;
const site = "64.08.01";
const [raw, thin] = [`${site}/hub`, `${site}/gw`];
let http: TestHttp;
let write: ReturnType<typeof createWriter>;

beforeEach(async () => {
  http = await openTestHttp();
  write = createWriter(http.batchLog, { id: "ag_hulu01", site });
});
afterEach(() => http[Symbol.dispose]());

/** The same rounds as another target, merged. */
function merged(rounds: Rounds, windowMs: number): Rounds {
  const { timeMs, key: _, ...rest } = rounds;
  const bootMs = fromMs - 10 * hourMs;
  const monoMs = timeMs.map((ms, index) => ms - (timeMs[index - 1] ?? bootMs));
  const merger = createMerger(windowMs);
  merger.add([{ ...rest, target: thin.split("/")[1]!, monoMs } as RoundColumns]);
  return placeRounds(site, merger.finish().rounds, straightTrack(bootMs, 0, 0))[0]!;
}

const read = async (target: string, metrics: string[], stepMs: number, range = {}) => {
  const query = { fromMs, toMs: fromMs + 2 * hourMs, stepMs, maxRows: 1000 };
  const { rows } = await http.reader.series({ targets: [target], metrics, ...query, ...range });
  return rows.map(({ values }) => values);
};

describe("summaries", () => {
  it.each([10 * minuteMs, 2 * minuteMs])(
    "are drawn over all that they cover (steps of %i ms)",
    async (stepMs) => {
      // Every reply its own value, an outage in the middle, now and then an echo lost.
      const replies = Array.from({ length: 240 }, (_, i) =>
        i > 100 && i < 130
          ? []
          : Array.from({ length: i % 40 === 0 ? 4 : 5 }, (__, at) => 20 + 5 * at + (i % 3)),
      );
      const rounds = icmpRounds(raw, fromMs, 30_000, replies);
      const summaries = merged(rounds, hourMs);
      expect(summaries.timeMs.length).toBeLessThan(20);
      await write([rounds, summaries]);
      const measured = await read(raw, ["up_ratio"], stepMs);
      expect(await read(thin, ["up_ratio"], stepMs)).toEqual(measured);
      const figures = ["rtt_ms", "loss_ratio"];
      const [expected, found] = [await read(raw, figures, stepMs), await read(thin, figures, stepMs)];
      for (const [index, { rtt_ms: rttMs, loss_ratio: lossRatio }] of expected.entries()) {
        const near = found[index]!;
        if (rttMs === null) expect(near["rtt_ms"]).toBeNull();
        else expect(Math.abs(near["rtt_ms"]! - rttMs!)).toBeLessThan(2);
        expect(Math.abs(near["loss_ratio"]! - lossRatio!)).toBeLessThan(0.06);
      }
    },
  );

  it("spread in the smoke as the replies did, and count their echoes", async () => {
    const replies = Array.from({ length: 120 }, (_, i) => [10, 12, 14, 16, 18 + (i % 40)]);
    const rounds = icmpRounds(raw, fromMs, 30_000, replies);
    await write([rounds, merged(rounds, 300_000)]);
    const query = { fromMs, toMs: fromMs + hourMs, stepMs: hourMs, maxRows: 10 };
    const smoke = async (target: string) =>
      (await http.reader.smoke({ targets: [target], ...query })).rows[0]!;
    const [expected, found] = [await smoke(raw), await smoke(thin)];
    expect(found).toMatchObject({
      p0: expected.p0,
      p100: expected.p100,
      sent: 600,
      received: 600,
      lossRatio: 0,
    });
    for (const name of ["p25", "median", "p75"] as const)
      expect(Math.abs(found[name]! - expected[name]!)).toBeLessThan(1);
  });

  it("weigh as many rounds as they stand for", async () => {
    const slow = httpRounds(
      raw,
      fromMs,
      30_000,
      Array.from({ length: 9 }, () => 900),
    );
    const fast = httpRounds(thin, fromMs + 9 * 30_000, 30_000, [100]);
    const failed = httpRounds(thin, fromMs + 10 * 30_000, 30_000, ["dns"]);
    await write([merged(slow, 300_000)]);
    await write([fast]);
    await write([failed]);
    const range = { toMs: fromMs + 10 * minuteMs };
    const [row] = await read(thin, ["total_ms", "up_ratio"], 10 * minuteMs, range);
    expect(row).toEqual({ total_ms: 900, up_ratio: 0.909091 });
  });

  it("reach into a range that begins in the midst of them", async () => {
    const rounds = icmpRounds(
      raw,
      fromMs,
      30_000,
      Array.from({ length: 100 }, () => [10]),
    );
    await write([merged(rounds, hourMs)]);
    const range = { fromMs: fromMs + 20 * minuteMs, toMs: fromMs + 30 * minuteMs };
    const rows = await read(thin, ["rtt_ms", "up_ratio"], 5 * minuteMs, range);
    expect(rows).toEqual([
      { rtt_ms: 10, up_ratio: 1 },
      { rtt_ms: 10, up_ratio: 1 },
    ]);
  });

  it("have a counter's rate in every step, from the poll before them on", async () => {
    const timeMs = Array.from({ length: 120 }, (_, i) => fromMs + i * minuteMs);
    const rounds: Rounds = {
      key: raw,
      kind: "snmp",
      timeMs,
      ok: timeMs.map(() => 1),
      values: {
        sysUpTime: timeMs.map((ms) => (ms - fromMs) / 10),
        "ifInOctets.2": timeMs.map((_, i) => i * 6_000),
        "ifOperStatus.2": timeMs.map(() => 1),
      },
    };
    await write([merged(rounds, hourMs)]);
    const metrics = ["snmp.ifInOctets.2:rate", "snmp.ifOperStatus.2"];
    const rows = await read(thin, metrics, 20 * minuteMs, { toMs: fromMs + 2 * hourMs });
    expect(rows.map((row) => row["snmp.ifOperStatus.2"])).toEqual([1, 1, 1, 1, 1, 1]);
    // Nothing is known of what came before the first.
    expect(rows.map((row) => row["snmp.ifInOctets.2:rate"])).toEqual([null, null, null, 100, 100, 100]);
  });
});
