/*
 * Measurements that others took, as they lie in files. All times are UTC.
 *
 *   loss    epoch_utc, then a column for each site: per cent of 20 echoes that were lost in the 5 minutes before that time
 *   atlas   prb_id, epoch_utc, sent, rcvd, rtt_avg_ms: a row for each measurement of a probe, a quarter of an hour apart
 *   value   timestamp, value: a latency every 5 minutes, ms; nothing is ever lost
 */

export interface Sample {
  /** The middle of what was measured: a sample of SmokePing is spread over its whole interval, epoch ms. */
  timeMs: number;
  /** 0 to 1. */
  lossRatio: number;
  /** Latency, ms; null where nothing came back, or nobody wrote it down. */
  rttMs: number | null;
}

export interface Trace {
  name: string;
  intervalMs: number;
  /** Ascending. */
  samples: Sample[];
}

const fiveMinutesMs = 300_000;
const quarterMs = 900_000;

export function readLoss(text: string, file: string): Trace[] {
  const [header = [], ...rows] = readTable(text);
  if (header[0] !== "epoch_utc" || header.length < 2)
    throw new Error(`${file}:1 is not a table of losses; expected epoch_utc and a column for each site`);
  return header.slice(1).map((name, index) => ({
    name,
    intervalMs: fiveMinutesMs,
    samples: rows.flatMap((row, at): Sample[] => {
      const cell = row[index + 1];
      // Nothing was written: the monitor itself did not measure.
      if (cell === undefined || cell === "") return [];
      const where = `${file}:${at + 2} ${name}`;
      const lossRatio = numberIn(where, cell, 0, 100) / 100;
      const timeMs = numberIn(where, row[0]!, 1, 1e10) * 1000 - fiveMinutesMs / 2;
      return [{ timeMs, lossRatio, rttMs: null }];
    }),
  }));
}

export function readAtlas(text: string, file: string): Trace[] {
  const [header = [], ...rows] = readTable(text);
  if (header.join() !== "prb_id,epoch_utc,sent,rcvd,rtt_avg_ms")
    throw new Error(
      `${file}:1 is not a table of RIPE Atlas; expected prb_id, epoch_utc, sent, rcvd, rtt_avg_ms`,
    );
  const samples = rows.map(([probe = "", epoch = "", sent = "", received = "", rtt = ""], at) => {
    const where = `${file}:${at + 2}`;
    const asked = numberIn(`${where} sent`, sent, 1, 1_000);
    const lossRatio = 1 - numberIn(`${where} rcvd`, received, 0, asked) / asked;
    const rttMs = rtt === "" ? null : numberIn(`${where} rtt_avg_ms`, rtt, 0, 600_000);
    return { probe, timeMs: numberIn(`${where} epoch_utc`, epoch, 1, 1e10) * 1000, lossRatio, rttMs };
  });
  return [...Map.groupBy(samples, ({ probe }) => probe)].map(([name, own]) => ({
    name,
    intervalMs: quarterMs,
    samples: own
      .map(({ timeMs, lossRatio, rttMs }) => ({ timeMs, lossRatio, rttMs }))
      .sort((a, b) => a.timeMs - b.timeMs),
  }));
}

export function readValues(text: string, file: string): Trace[] {
  const [header = [], ...rows] = readTable(text);
  if (header.join() !== "timestamp,value")
    throw new Error(`${file}:1 is not a series of values; expected timestamp, value`);
  const samples = rows.map(([timestamp = "", value = ""], at): Sample => {
    const timeMs = Date.parse(`${timestamp.replace(" ", "T")}Z`);
    if (Number.isNaN(timeMs))
      throw new Error(`${file}:${at + 2} timestamp: ${timestamp} is no time; expected YYYY-MM-DD hh:mm:ss`);
    return { timeMs, lossRatio: 0, rttMs: numberIn(`${file}:${at + 2} value`, value, 0, 600_000) };
  });
  return [{ name: "value", intervalMs: fiveMinutesMs, samples: samples.sort((a, b) => a.timeMs - b.timeMs) }];
}

const readTable = (text: string): string[][] =>
  text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(","));

function numberIn(where: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= least && value <= most) return value;
  throw new Error(`${where}: ${text} is not allowed; expected a number from ${least} to ${most}`);
}
