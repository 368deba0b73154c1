import { objectName } from "#wire/rounds-v1.ts";
import type { SnmpValue, Unsent } from "#wire/rounds-v1.ts";
import type { DnsTarget } from "#wire/targets-v1.ts";
import { limits, roundMs, roundRttUs } from "#wire/units.ts";
import { LineError } from "./line-protocol.ts";
import type { FieldValue, Point } from "./line-protocol.ts";
import { spreadReplies } from "./line-protocol-replies.ts";

/*
 * One line as a round, or as part of one. Whatever does not fit refuses the line whole.
 *
 * ping. The counts decide: `result_code` is 1 both where nothing answered and where the name did not resolve, and ping's
 * exit status else. Without counts, or with none sent, nothing left the box: *not measured*. Code 1 is then the name; code
 * 2 covers a missing right, a missing route and, by the system's ping, a name alike, and is kept as `local`.
 *
 * snmp. Telegraf reports what answered and logs the rest: a device that is silent sends no line, and is not measured.
 *
 * dns_query. ok by the response code alone. Telegraf does not tell whether NOERROR came with an address.
 */

export interface IcmpRow {
  sent: number;
  recv: number;
  rttUs: number[];
  unsent: Unsent | null;
}

export interface DnsRow {
  ok: 0 | 1;
  rcode: string | null;
  totalMs: number | null;
}

/** Cells of a poll by object name. */
export type SnmpRow = Map<string, SnmpValue>;

export function readPing(point: Point): IcmpRow {
  const resultCode = optionalNumber(point, "result_code");
  const sent = optionalNumber(point, "packets_transmitted");
  if (sent === null || sent === 0) {
    if (sent === null && resultCode !== 1 && resultCode !== 2)
      throw new LineError(point.line, "ping needs packets_transmitted, or a result_code of 1 or 2");
    return { sent: 0, recv: 0, rttUs: [], unsent: resultCode === 1 ? "name" : "local" };
  }
  const recv = optionalNumber(point, "packets_received");
  expectWhole(point, "packets_transmitted", sent, limits.echoesPerRound);
  if (recv === null)
    throw new LineError(point.line, "ping needs packets_received beside packets_transmitted");
  expectWhole(point, "packets_received", recv, sent);
  return { sent, recv, rttUs: recv === 0 ? [] : readReplies(point, recv), unsent: null };
}

/** Telegraf's mean may lie beside an extreme by what rounding made of it, ms. */
const roundingMs = 0.01;
const percentileName = /^percentile(\d{1,3})_ms$/;

function readReplies(point: Point, count: number): number[] {
  const avgMs = optionalNumber(point, "average_response_ms");
  if (avgMs === null)
    throw new LineError(point.line, "ping needs average_response_ms where anything was received");
  const minMs = optionalNumber(point, "minimum_response_ms") ?? avgMs;
  const maxMs = optionalNumber(point, "maximum_response_ms") ?? avgMs;
  if (minMs < 0 || maxMs * 1000 > limits.rttUs || minMs > avgMs + roundingMs || avgMs > maxMs + roundingMs) {
    throw new LineError(
      point.line,
      `round-trip times of ${minMs}, ${avgMs} and ${maxMs} ms are not a least, mean and greatest of 0 to ${limits.rttUs / 1000}`,
    );
  }
  const percentiles: [number, number][] = [];
  for (const [name, value] of point.fields) {
    const percentile = Number(percentileName.exec(name)?.[1] ?? Number.NaN);
    if (percentile <= 100 && typeof value === "number") percentiles.push([percentile, value]);
  }
  const ordered = Math.max(minMs, maxMs);
  const told = {
    count,
    minMs,
    avgMs: Math.min(Math.max(avgMs, minMs), ordered),
    maxMs: ordered,
    percentiles,
  };
  return spreadReplies(told).map((ms) => roundRttUs(ms * 1000));
}

const indexValue = /^\d[\d.]{0,120}$/;
/** Tags that the usual configurations make of texts which are objects of their own. */
const namingTags = ["sysName", "ifName", "ifDescr", "ifAlias"];

export function readPoll(point: Point): SnmpRow {
  const index = point.tags.get("ifIndex") ?? point.tags.get("index");
  if (index !== undefined && !indexValue.test(index))
    throw new LineError(point.line, `index ${JSON.stringify(index)} is no row of a table`);
  const row: SnmpRow = new Map();
  for (const name of namingTags) {
    const text = point.tags.get(name);
    if (text !== undefined && text.length <= 255) row.set(nameOf(name, index), text);
  }
  for (const [name, value] of point.fields) {
    const object = nameOf(name, index);
    if (!objectName.test(object) || object.length > 160)
      throw new LineError(point.line, `field ${name} is no object name such as ifHCInOctets`);
    row.set(object, toSnmpValue(point, name, value));
  }
  return row;
}

function nameOf(name: string, index: string | undefined): string {
  return index === undefined ? name : `${name}.${index}`;
}

function toSnmpValue(point: Point, name: string, value: FieldValue): SnmpValue {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string" && value.length > 255)
    throw new LineError(point.line, `field ${name} has ${value.length} characters; at most 255 are kept`);
  return value;
}

export function readQuery(point: Point, target: DnsTarget): DnsRow {
  if (target.expectAnswer.length > 0)
    throw new LineError(
      point.line,
      `target ${target.id} expects certain addresses, which dns_query does not tell`,
    );
  if (optionalNumber(point, "result_code") === null)
    throw new LineError(point.line, "dns_query needs result_code");
  const rcode = point.tags.get("rcode") ?? null;
  if (rcode !== null && !/^[A-Z0-9]{2,16}$/.test(rcode))
    throw new LineError(point.line, `rcode ${JSON.stringify(rcode)} is no name of a response code`);
  const totalMs = optionalNumber(point, "query_time_ms");
  if (totalMs !== null && (totalMs < 0 || totalMs > 600_000))
    throw new LineError(point.line, `query_time_ms ${totalMs} is not 0 to 600000`);
  return {
    ok: rcode !== null && target.expectRcode.includes(rcode) ? 1 : 0,
    rcode,
    totalMs: rcode === null || totalMs === null ? null : roundMs(totalMs),
  };
}

function optionalNumber(point: Point, name: string): number | null {
  const value = point.fields.get(name);
  if (value === undefined) return null;
  if (typeof value !== "number") throw new LineError(point.line, `field ${name} is no number`);
  return value;
}

function expectWhole(point: Point, name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw new LineError(point.line, `field ${name} is ${value}; expected a whole number from 0 to ${most}`);
}
