import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket as TcpSocket } from "node:net";

/*
 * A name server, by default on a free port of the loopback, UDP and TCP, that answers each question as it is told to (RFC 1035 §4.1):
 * header of 12 octets (id, flags with the response code in the low four bits, four counts), then the question as it
 * came, then one resource record per address, its name a pointer to the question.
 */
export interface DnsAnswer {
  rcode: number;
  /** IPv4 addresses, or IPv6 addresses with all eight groups written out. */
  addresses?: string[];
  /** Over UDP only the head is sent, with the flag TC: the rest is to be asked for over TCP (RFC 1035 §4.2.1). */
  truncated?: boolean;
  /** Octets sent instead of an answer. */
  raw?: (query: Buffer) => Buffer;
}

export interface DnsServer extends AsyncDisposable {
  /** host:port. */
  address: string;
  /** All that came, over UDP and TCP. */
  questions: { name: string; type: number }[];
  /** How many of them came over TCP. */
  overTcp(): number;
}

export const typeA = 1;
export const typeAaaa = 28;

/** Starts the server. No answer (undefined) leaves the question without one. Port 0 takes a free one. */
export async function startDnsServer(
  answer: (name: string, type: number) => DnsAnswer | undefined,
  { host, port: wanted }: { host: string; port: number } = { host: "127.0.0.1", port: 0 },
): Promise<DnsServer> {
  const questions: DnsServer["questions"] = [];
  let overTcp = 0;
  const answerTo = (query: Buffer, isUdp: boolean): Buffer | null => {
    const { name, type, end } = readQuestion(query);
    questions.push({ name, type });
    if (!isUdp) overTcp++;
    const given = answer(name, type);
    return given === undefined ? null : encode(query, end, given, isUdp);
  };
  const tcp = createServer((connection) => serveTcp(connection, (query) => answerTo(query, false)));
  const { socket, port } = await bindBoth(tcp, host, wanted);
  socket.on("message", (query, peer) => {
    const reply = answerTo(query, true);
    if (reply !== null) socket.send(reply, peer.port, peer.address);
  });
  return {
    address: `${host}:${port}`,
    questions,
    overTcp: () => overTcp,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([close(socket), close(tcp)]);
    },
  };
}

/** A port that is free for both; one free for TCP may be somebody's for UDP, and then another one is taken. */
async function bindBoth(
  tcp: Server,
  host: string,
  wanted: number,
): Promise<{ socket: Socket; port: number }> {
  for (let attempt = 1; ; attempt++) {
    tcp.listen(wanted, host);
    await once(tcp, "listening");
    const { port } = tcp.address() as AddressInfo;
    const socket = createSocket("udp4");
    try {
      socket.bind(port, host);
      await once(socket, "listening");
      return { socket, port };
    } catch (error) {
      socket.close();
      await close(tcp);
      if (attempt === 10) throw error;
    }
  }
}

/** Over TCP each message has its length before it, in two octets. One message a connection is enough here. */
function serveTcp(connection: TcpSocket, answerTo: (query: Buffer) => Buffer | null): void {
  let received = Buffer.alloc(0);
  connection.on("error", () => undefined);
  connection.on("data", (chunk) => {
    received = Buffer.concat([received, chunk]);
    if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
    const reply = answerTo(received.subarray(2));
    const length = Buffer.alloc(2);
    if (reply === null) return;
    length.writeUInt16BE(reply.length);
    connection.end(Buffer.concat([length, reply]));
  });
}

function close(server: Socket | Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
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

function encode(
  query: Buffer,
  questionEnd: number,
  { rcode, addresses = [], truncated = false, raw }: DnsAnswer,
  isUdp: boolean,
): Buffer {
  if (raw !== undefined) return raw(query);
  const isCut = truncated && isUdp;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  // Response, recursion desired and available.
  header.writeUInt16BE(0x8180 | (isCut ? 0x0200 : 0) | rcode, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(isCut ? 0 : addresses.length, 6);
  if (isCut) return Buffer.concat([header, query.subarray(12, questionEnd)]);
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
