import { berTypes } from "./ber.ts";
import type { Device } from "./devices.ts";
import { errorStatus } from "./exchange.ts";
import type { Question, Reply } from "./exchange.ts";
import type { Answers, Varbind } from "./reader.ts";

/** Asks until it has an answer, the tries are used up or the time of the round is; that is what Infinity means. */
export type Ask = (question: Question, tries: number) => Promise<Reply>;

/** Characters of OIDs in one request: about 1,200 octets with their headers. */
const maxRequestChars = 1_300;
const charsPerVarbind = 8;

/** What a device gets that is silent when it is asked for more. */
const smallGet = 10;

/**
 * Reads single instances. What the device names as missing (v1: the whole request fails for it) or as broken is left out
 * and the rest is asked for again; an answer that is cut short is continued.
 */
export async function getObjects(ask: Ask, device: Device, oids: readonly string[]): Promise<Answers> {
  const varbinds: Varbind[] = [];
  const queue = splitRequest([...new Set(oids)], device.oidsPerGet);
  let refused = false;
  for (let chunk = queue.shift(); chunk !== undefined; chunk = queue.shift()) {
    const mayShrink = chunk.length > smallGet;
    const reply = await ask({ pdu: "get", oids: chunk }, mayShrink ? 2 : Infinity);
    if (reply.kind === "failure") {
      if (reply.why !== "timeout" || !mayShrink) return { varbinds, why: reply.why };
      // Silence may be the answer to a request that is too long for it.
      device.oidsPerGet = smallGet;
      queue.unshift(...splitRequest(chunk, smallGet));
    } else if (reply.kind === "error") {
      const rest = withoutRefused(chunk, reply, device);
      refused ||= rest.refused;
      queue.unshift(...rest.chunks);
    } else {
      const open = new Set(chunk);
      for (const varbind of reply.varbinds) {
        if (!open.delete(varbind.oid)) return { varbinds, why: "garbage" };
        if (hasValue(varbind)) varbinds.push(varbind);
      }
      if (open.size === chunk.length) return { varbinds, why: "truncated" };
      if (open.size > 0) {
        device.oidsPerGet = chunk.length - open.size;
        queue.unshift([...open]);
      }
    }
  }
  return { varbinds, why: refused ? "error" : null };
}

/** What is left to ask after an error; `refused` when an object was given up that the device does not call missing. */
function withoutRefused(
  chunk: readonly string[],
  { status, index }: Extract<Reply, { kind: "error" }>,
  device: Device,
): { chunks: string[][]; refused: boolean } {
  const half = Math.ceil(chunk.length / 2);
  const halves = [chunk.slice(0, half), chunk.slice(half)];
  if (chunk.length === 1) return { chunks: [], refused: status !== errorStatus.noSuchName };
  if (status === errorStatus.tooBig) {
    device.oidsPerGet = half;
    return { chunks: halves, refused: false };
  }
  if (index < 1 || index > chunk.length) return { chunks: halves, refused: false };
  return { chunks: [chunk.toSpliced(index - 1, 1)], refused: status !== errorStatus.noSuchName };
}

function splitRequest(oids: readonly string[], maxOids: number): string[][] {
  const chunks: string[][] = [];
  let chunk: string[] = [];
  let chars = 0;
  for (const oid of oids) {
    if (chunk.length >= maxOids || (chunk.length > 0 && chars + oid.length > maxRequestChars)) {
      chunks.push(chunk);
      chunk = [];
      chars = 0;
    }
    chunk.push(oid);
    chars += oid.length + charsPerVarbind;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

/** False for noSuchObject, noSuchInstance, endOfMibView and for the null that some agents answer instead. */
export function hasValue({ type }: Varbind): boolean {
  return type < berTypes.noSuchObject && type !== berTypes.null;
}
