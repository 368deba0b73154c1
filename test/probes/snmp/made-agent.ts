import { createSocket } from "node:dgram";
import { once } from "node:events";
import { berTypes, openTag, readInteger, readOid } from "../../../probes/snmp/ber.ts";
import { knownOid } from "../../../probes/snmp/message.ts";
import { compareOids } from "../../../probes/snmp/oids.ts";

/*
 * An SNMP agent of the test's own, v1 and v2c, on a free port of the loopback: one that can do what no real agent in a
 * test would, namely wrong.
 */

export interface MadeRequest {
  version: number;
  community: Buffer;
  pdu: number;
  id: number;
  maxRepetitions: number;
  oids: string[];
}

export interface MadeAnswer {
  id?: number;
  status?: number;
  index?: number;
  varbinds: readonly MadeVarbind[];
}

/** An OID and its value in BER. */
export type MadeVarbind = readonly [oid: string, value: Buffer];

export const tlv = (tag: number, ...contents: Buffer[]): Buffer => {
  const content = Buffer.concat(contents);
  const { length } = content;
  const header = length < 0x80 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), content]);
};

export function integer(value: number, tag: number = berTypes.integer): Buffer {
  const octets = Buffer.alloc(6);
  octets.writeIntBE(value, 0, 6);
  let at = 0;
  while (at < 5 && octets[at] === 0 && octets[at + 1]! < 0x80) at++;
  return tlv(tag, octets.subarray(at));
}

export const text = (value: string): Buffer => tlv(berTypes.octets, Buffer.from(value));
export const endOfMibView = tlv(berTypes.endOfMibView);
export const noSuchInstance = tlv(berTypes.noSuchInstance);

export function encodeAnswer(request: MadeRequest, answer: MadeAnswer): Buffer {
  const varbinds = answer.varbinds.map(([oid, value]) =>
    tlv(berTypes.sequence, tlv(berTypes.oid, knownOid(oid).bytes), value),
  );
  return tlv(
    berTypes.sequence,
    integer(request.version),
    tlv(berTypes.octets, request.community),
    tlv(
      0xa2,
      integer(answer.id ?? request.id),
      integer(answer.status ?? 0),
      integer(answer.index ?? 0),
      tlv(berTypes.sequence, ...varbinds),
    ),
  );
}

export function decodeRequest(bytes: Buffer): MadeRequest {
  const cursor = { bytes, at: 0, tag: 0 };
  const end = openTag(cursor, bytes.length, berTypes.sequence);
  const version = readInteger(cursor, end);
  const communityEnd = openTag(cursor, end, berTypes.octets);
  const community = bytes.subarray(cursor.at, communityEnd);
  cursor.at = communityEnd;
  const pdu = bytes[cursor.at]!;
  openTag(cursor, end, pdu);
  const id = readInteger(cursor, end);
  readInteger(cursor, end);
  const maxRepetitions = readInteger(cursor, end);
  openTag(cursor, end, berTypes.sequence);
  const oids: string[] = [];
  while (cursor.at < end) {
    const varbindEnd = openTag(cursor, end, berTypes.sequence);
    oids.push(readOid(cursor, varbindEnd));
    cursor.at = varbindEnd;
  }
  return { version, community, pdu, id, maxRepetitions, oids };
}

export const isBulk = ({ pdu }: MadeRequest) => pdu === 0xa5;
const isGet = ({ pdu }: MadeRequest) => pdu === 0xa0;

/** What a well-behaved agent with these objects answers. */
export function answerFrom(objects: ReadonlyMap<string, Buffer>, request: MadeRequest): MadeAnswer {
  const sorted = [...objects.keys()].toSorted((a, b) => compareOids(a, b));
  const nextOf = (oid: string): MadeVarbind => {
    const next = sorted.find((candidate) => compareOids(candidate, oid) > 0);
    return next === undefined ? [oid, endOfMibView] : [next, objects.get(next)!];
  };
  const { oids, version } = request;
  if (isGet(request)) {
    const missing = oids.findIndex((oid) => !objects.has(oid));
    if (version === 0 && missing >= 0) return refuse(request, 2, missing + 1);
    return { varbinds: oids.map((oid) => [oid, objects.get(oid) ?? noSuchInstance]) };
  }
  const varbinds: MadeVarbind[] = [];
  let row = [...oids];
  for (let i = 0; i < (isBulk(request) ? request.maxRepetitions : 1); i++) {
    const found = row.map(nextOf);
    const ended = found.findIndex(([, value]) => value === endOfMibView);
    if (version === 0 && ended >= 0) return refuse(request, 2, ended + 1);
    varbinds.push(...found);
    row = found.map(([oid]) => oid);
  }
  return { varbinds };
}

/** An error status, the objects echoed as they were asked for. */
export function refuse(request: MadeRequest, status: number, index = 0): MadeAnswer {
  return { status, index, varbinds: request.oids.map((oid) => [oid, tlv(berTypes.null)]) };
}

export interface MadeAgent extends AsyncDisposable {
  port: number;
  requests: MadeRequest[];
}

/** Whatever `answer` gives is sent back, each datagram of it. */
export async function startMadeAgent(
  answer: (request: MadeRequest) => MadeAnswer | Buffer | Buffer[] | null,
  family: 4 | 6 = 4,
): Promise<MadeAgent> {
  const socket = createSocket(family === 4 ? "udp4" : "udp6");
  const requests: MadeRequest[] = [];
  socket.on("message", (bytes, from) => {
    const request = decodeRequest(bytes);
    requests.push(request);
    const answered = answer(request);
    if (answered === null) return;
    const datagrams = Array.isArray(answered) ? answered : [answered];
    for (const datagram of datagrams) {
      const packet = Buffer.isBuffer(datagram) ? datagram : encodeAnswer(request, datagram);
      socket.send(packet, from.port, from.address);
    }
  });
  socket.bind(0, family === 4 ? "127.0.0.1" : "::1");
  await once(socket, "listening");
  return {
    port: socket.address().port,
    requests,
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
