import type { SnmpFailure } from "#wire/rounds-v1.ts";
import { berTypes } from "./ber.ts";
import { allowLongerAnswers, keepAnswersWhole } from "./devices.ts";
import type { Device } from "./devices.ts";
import { errorStatus } from "./exchange.ts";
import type { Reply } from "./exchange.ts";
import { hasValue } from "./get.ts";
import type { Ask } from "./get.ts";
import { compareOids, isBelow } from "./oids.ts";
import type { Answers, Varbind } from "./reader.ts";

/*
 * Walks several columns at once. Every answer has to go forward in its column, strictly: agents are known that repeat an
 * OID, or go round between two, for ever. A column ends where its answers leave it.
 *
 * How much is asked for falls with what the device answers: on tooBig, on answers that are cut short, on silence. A
 * device that is deaf to GETBULK, or refuses it, is walked by GETNEXT from then on.
 */

export const defaultMaxVarbinds = 20_000;

interface Column {
  root: string;
  last: string;
  done: boolean;
}

interface Walk {
  varbinds: Varbind[];
  columns: Column[];
  bulk: boolean;
  /** Why GETNEXT is used instead, until that is known to be answered. */
  doubt: "silence" | "refused" | null;
  /** Objects to ask for at once. */
  room: number;
  refused: boolean;
  maxVarbinds: number;
  /** An answer was as long as it was allowed to be. */
  full: boolean;
}

/** A counter of an interface table takes 17 to 28 octets. */
const usualVarbindBytes = 22;

/** Tries of one GETBULK before something smaller is tried instead. */
const bulkTries = 2;

export async function walkColumns(
  ask: Ask,
  device: Device,
  roots: readonly string[],
  { maxVarbinds = defaultMaxVarbinds, hasBulk = true } = {},
): Promise<Answers> {
  const walk: Walk = {
    varbinds: [],
    columns: roots.map((root) => ({ root, last: root, done: false })),
    bulk: hasBulk && device.bulk !== "broken",
    doubt: null,
    room: Math.min(device.varbindsPerAnswer, Math.floor(device.answerBytes / usualVarbindBytes)),
    refused: false,
    maxVarbinds,
    full: false,
  };
  for (;;) {
    const open = walk.columns.filter((column) => !column.done);
    if (open.length === 0) {
      if (walk.full) allowLongerAnswers(device);
      return { varbinds: walk.varbinds, why: walk.refused ? "error" : null };
    }
    const why = await step(ask, device, walk, open.slice(0, Math.max(1, walk.room)));
    if (why !== null) return { varbinds: walk.varbinds, why };
  }
}

/** One question and what follows from its answer; null when the walk goes on. */
async function step(
  ask: Ask,
  device: Device,
  walk: Walk,
  columns: readonly Column[],
): Promise<SnmpFailure | null> {
  const { bulk } = walk;
  const rows = bulk ? Math.max(1, Math.floor(walk.room / columns.length)) : 1;
  const oids = columns.map(({ last }) => last);
  const roots = columns.map(({ root }) => root);
  const pdu = bulk ? "bulk" : "next";
  const tries = bulk ? (device.bulk === "works" ? bulkTries : 1) : Infinity;
  const reply = await ask({ pdu, oids, roots, maxRepetitions: rows }, tries);
  switch (reply.kind) {
    case "failure":
      return reply.why === "timeout" ? afterSilence(device, walk, columns.length * rows) : reply.why;
    case "error":
      afterError(device, walk, columns, rows, reply);
      return null;
    case "answer":
      return take(device, walk, columns, rows, reply);
  }
}

/** Asks for less, then by GETNEXT; nothing is left to try when that is silent too, since it waits for the whole round. */
function afterSilence(device: Device, walk: Walk, asked: number): SnmpFailure | null {
  if (!walk.bulk) return "timeout";
  if (device.bulk === "works" && asked > 1) {
    walk.room = Math.ceil(asked / 4);
    keepAnswersWhole(device);
  } else {
    withoutBulk(walk, "silence");
  }
  return null;
}

function withoutBulk(walk: Walk, doubt: Walk["doubt"]): void {
  walk.bulk = false;
  walk.doubt = doubt;
}

/**
 * GETNEXT was answered where GETBULK was not. An error says enough; one silence may be a packet that was lost, so that
 * GETBULK is tried a second time.
 */
function afterNext(device: Device, walk: Walk): void {
  if (walk.doubt === null || device.bulk === "works") return;
  if (walk.doubt === "silence" && device.bulk === "unknown") {
    device.bulk = "doubted";
    walk.bulk = true;
  } else {
    device.bulk = "broken";
  }
  walk.doubt = null;
}

function afterError(
  device: Device,
  walk: Walk,
  columns: readonly Column[],
  rows: number,
  { status, index }: Extract<Reply, { kind: "error" }>,
): void {
  const asked = columns.length * rows;
  if (status === errorStatus.tooBig && asked > 1) {
    walk.room = device.varbindsPerAnswer = Math.floor(asked / 2);
  } else if (walk.bulk) {
    // RFC 3416 §4.2.3 knows no error but genErr for it: this agent does not do GETBULK. GETNEXT tells whether it is so.
    withoutBulk(walk, "refused");
  } else if (columns.length > 1 && (index < 1 || index > columns.length)) {
    walk.room = 1;
  } else {
    // v1 says noSuchName at the end of its objects; any other status is an object that it fails on.
    columns[Math.max(0, index - 1)]!.done = true;
    walk.refused ||= status !== errorStatus.noSuchName;
  }
}

function take(
  device: Device,
  walk: Walk,
  columns: readonly Column[],
  rows: number,
  { varbinds, bytes }: Extract<Reply, { kind: "answer" }>,
): SnmpFailure | null {
  const asked = columns.length * rows;
  if (varbinds.length === 0) {
    if (!walk.bulk) return "truncated";
    withoutBulk(walk, "refused");
    return null;
  }
  if (varbinds.length > asked) return "garbage";
  if (walk.bulk) device.bulk = "works";
  else afterNext(device, walk);

  let ended = false;
  for (const [index, varbind] of varbinds.entries()) {
    const column = columns[index % columns.length]!;
    if (column.done) continue;
    if (varbind.type === berTypes.endOfMibView || !isBelow(column.root, varbind.oid)) {
      column.done = ended = true;
      continue;
    }
    if (compareOids(varbind.oid, column.last, column.root.length) <= 0) return "loop";
    column.last = varbind.oid;
    if (walk.varbinds.length >= walk.maxVarbinds) return "truncated";
    if (hasValue(varbind)) walk.varbinds.push(varbind);
  }
  if (varbinds.length < asked && !ended) {
    walk.room = device.varbindsPerAnswer = varbinds.length;
  } else if (bytes > 0) {
    // Long texts take more room than counters: what was answered tells how much.
    const fits = Math.floor((device.answerBytes * varbinds.length) / bytes);
    walk.full ||= fits < 2 * varbinds.length;
    walk.room = Math.max(1, Math.min(device.varbindsPerAnswer, fits));
  }
  return null;
}
