import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";

/*
 * A name server on a free UDP port of the loopback that answers each question as it is told to (RFC 1035 §4.1):
 * header of 12 octets (id, flags with the response code in the low four bits, four counts), then the question as it
 * came, then one resource record per address, its name a pointer to the question.
 */
export interface DnsAnswer {
  rcode: number;
  /** IPv4 addresses, or IPv6 addresses with all eight groups written out. */
  addresses?: string[];
}

export interface DnsServer extends AsyncDisposable {
  /** 127.0.0.1:port. */
  address: string;
  questions: { name: string; type: number }[];
}

export const typeA = 1;
export const typeAaaa = 28;

/** Starts the server. No answer (undefined) leaves the question without one. */
export async function startDnsServer(
  answer: (name: string, type: number) => DnsAnswer | undefined,
): Promise<DnsServer> {
  const socket = createSocket("udp4");
  const questions: DnsServer["questions"] = [];
  socket.on("message", (query, peer) => {
    const { name, type, end } = readQuestion(query);
    questions.push({ name, type });
    const given = answer(name, type);
    if (given !== undefined) socket.send(encode(query, end, given), peer.port, peer.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    address: `127.0.0.1:${socket.address().port}`,
    questions,
    [Symbol.asyncDispose]: () => close(socket),
  };
}

function close(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]!; length !== 0; length = query[at]!) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join("."), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function encode(query: Buffer, questionEnd: number, { rcode, addresses = [] }: DnsAnswer): Buffer {
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  // Response, recursion desired and available.
  header.writeUInt16BE(0x8180 | rcode, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  const records = addresses.map((address) => {
    const isIpv4 = address.includes(".");
    const octets = isIpv4
      ? address.split(".").map(Number)
      : address.split(":").flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff]);
    return Buffer.from([
      0xc0,
      12,
      0,
      isIpv4 ? typeA : typeAaaa,
      0,
      1,
      0,
      0,
      0,
      60,
      0,
      octets.length,
      ...octets,
    ]);
  });
  return Buffer.concat([header, query.subarray(12, questionEnd), ...records]);
}
