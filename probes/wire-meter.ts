import type { Socket } from "node:net";

/*
 * What a connection costs on the wire, as a provider's meter counts it: IP packets, both ways. Node tells how many bytes
 * went through a socket, TLS records and handshake included, but not in how many packets; the headers are estimated:
 *
 *   SYN, SYN-ACK                 20 (IPv6: 40) + 20 TCP + 20 options (MSS, SACK, timestamps, window scale)
 *   any other segment            20 (IPv6: 40) + 20 TCP + 12 timestamps, and its data
 *   data of one turn             bytes / MSS segments; the MSS is what 1500 bytes leave after these headers
 *   acknowledgements             the receiver of a turn sends one for every second segment (RFC 9293 §3.8.6.3). The last
 *                                one of a request rides on the answer, and that of an answer goes alone
 *   FIN, FIN, ACK                one segment each
 *   keep-alive probe, its ACK    one segment each
 *
 * Not seen: retransmissions, name resolution, the link's own framing, a smaller MTU on the way (1400 instead of 1500 is
 * 0.3 % more).
 */

/** Bytes on the wire, IP headers included. */
export interface WireBytes {
  sent: number;
  received: number;
}

export interface HeaderSizes {
  /** A segment's headers. */
  segment: number;
  /** A SYN's. */
  syn: number;
  /** Data of a full segment. */
  mss: number;
}

const mtu = 1_500;
const tcpTimestamps = 12;
const synOptions = 20;

export function headerSizes(family: 4 | 6): HeaderSizes {
  const ip = family === 4 ? 20 : 40;
  const segment = ip + 20 + tcpTimestamps;
  return { segment, syn: ip + 20 + synOptions, mss: mtu - segment };
}

/** One side's turn of a conversation: so many bytes, then the other side speaks. */
export function turnBytes(bytes: number, { segment, mss }: HeaderSizes): { data: number; acks: number } {
  const segments = Math.ceil(bytes / mss);
  return { data: bytes + segments * segment, acks: Math.floor(segments / 2) * segment };
}

export interface WireMeter {
  /** A connection came about. Counts what it says from here on, at each call of `turn`. */
  connected(socket: Socket, family: 4 | 6): Metered;
  /** No answer to the request for a connection, for so long. */
  unanswered(elapsedMs: number, family: 4 | 6): void;
  total(): WireBytes;
}

export interface Metered {
  /** A request and its answer are over, or a handshake. */
  turn(): void;
  /** So many keep-alive probes were sent and answered. */
  probes(count: number): void;
  /** The connection ended. Twice is fine. */
  closed(): void;
}

export function createWireMeter(): WireMeter {
  const total: WireBytes = { sent: 0, received: 0 };
  const add = (sent: number, received: number) => {
    total.sent += sent;
    total.received += received;
  };

  function connected(socket: Socket, family: 4 | 6): Metered {
    const sizes = headerSizes(family);
    let written = 0;
    let read = 0;
    let isOpen = true;
    add(sizes.syn + sizes.segment, sizes.syn);
    const turn = () => {
      const out = turnBytes(socket.bytesWritten - written, sizes);
      const back = turnBytes(socket.bytesRead - read, sizes);
      written = socket.bytesWritten;
      read = socket.bytesRead;
      // What was received last has nothing to ride back on.
      const lastAck = back.data > 0 && back.acks === 0 ? sizes.segment : 0;
      add(out.data + back.acks + lastAck, back.data + out.acks);
    };
    return {
      turn,
      probes: (count) => add(count * sizes.segment, count * sizes.segment),
      closed() {
        if (!isOpen) return;
        isOpen = false;
        turn();
        add(sizes.segment * 2, sizes.segment);
      },
    };
  }

  return {
    connected,
    unanswered: (elapsedMs, family) => add(synsWithin(elapsedMs) * headerSizes(family).syn, 0),
    total: () => ({ ...total }),
  };
}

/** SYNs go out at 0, 1, 3, 7 … s (RFC 6298). */
function synsWithin(elapsedMs: number): number {
  return 1 + Math.floor(Math.log2(elapsedMs / 1_000 + 1));
}
