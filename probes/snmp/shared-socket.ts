import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { SocketAddress } from "node:net";
import type { Address } from "../resolve.ts";

/*
 * One UDP socket per address family for all devices, so that 2,000 of them cost two file descriptors. A datagram goes
 * to whoever speaks with the address *and* the port that it came from, and nowhere when that is nobody.
 *
 * What is lost: an unconnected socket is not told of ICMP errors (Node does not set IP_RECVERR), so that a closed port
 * looks like silence. refusal.ts asks once more, on a connected socket, where it matters.
 */

export interface SharedSockets {
  /** Hears this peer until it is closed. Several may hear the same one. */
  hear(address: Address, port: number, onDatagram: (datagram: Buffer) => void): Peer;
}

export interface Peer {
  /** `sent` gets the error of sending, such as one without a route. */
  send(datagram: Buffer, sent: (error: Error | null) => void): void;
  /** The datagram sent last, for a second look at a silent peer. */
  readonly lastSent: Buffer | null;
  /** Keeps the process alive, or no longer does: asked for while an answer is awaited. */
  hold(): void;
  release(): void;
  close(): void;
}

/** A socket that nobody has used for this long is closed. */
const idleMs = 60_000;

/** Answers of many devices may come at once; the kernel gives what it allows. */
const receiveBufferBytes = 1_048_576;

interface Shared {
  socket: Socket;
  listeners: Map<string, Set<(datagram: Buffer) => void>>;
  holds: number;
  idle: NodeJS.Timeout | undefined;
}

export function createSharedSockets(): SharedSockets {
  const opened = new Map<4 | 6, Shared>();

  function sharedOf(family: 4 | 6): Shared {
    const known = opened.get(family);
    if (known !== undefined) {
      clearTimeout(known.idle);
      return known;
    }
    const shared = openShared(family);
    // A socket that fails as a whole is replaced by the next question; those who wait are ended by their deadline.
    shared.socket.on("error", () => dismiss(family, shared));
    opened.set(family, shared);
    return shared;
  }

  function dismiss(family: 4 | 6, shared: Shared): void {
    if (opened.get(family) !== shared) return;
    opened.delete(family);
    clearTimeout(shared.idle);
    shared.socket.close();
  }

  return {
    hear({ address, family }, port, onDatagram) {
      const key = peerKey(address, port);
      let lastSent: Buffer | null = null;
      let held: Shared | null = null;
      let shared = subscribe(sharedOf(family), key, onDatagram);
      const current = () => {
        if (opened.get(family) !== shared) shared = subscribe(sharedOf(family), key, onDatagram);
        return shared;
      };
      const release = () => {
        if (held !== null && --held.holds === 0) held.socket.unref();
        held = null;
      };
      return {
        get lastSent() {
          return lastSent;
        },
        send(datagram, sent) {
          lastSent = datagram;
          current().socket.send(datagram, port, address, (error) => sent(error));
        },
        hold() {
          if (held !== null) return;
          held = current();
          if (held.holds++ === 0) held.socket.ref();
        },
        release,
        close() {
          release();
          unsubscribe(shared, key, onDatagram);
          if (shared.listeners.size > 0 || opened.get(family) !== shared) return;
          const { socket } = shared;
          shared.idle = setTimeout(() => {
            if (opened.get(family)?.socket === socket) dismiss(family, shared);
          }, idleMs);
          shared.idle.unref();
        },
      };
    },
  };
}

function openShared(family: 4 | 6): Shared {
  const socket = createSocket({
    type: family === 4 ? "udp4" : "udp6",
    recvBufferSize: receiveBufferBytes,
    // Addresses alone come here; they need no look-up, which Node would do once per datagram.
    lookup: (address, _options, found) => found(null, address, family),
  });
  const shared: Shared = { socket, listeners: new Map(), holds: 0, idle: undefined };
  socket.on("message", (datagram, from) => {
    const listeners = shared.listeners.get(`${from.address} ${from.port}`);
    if (listeners === undefined) return;
    for (const listener of listeners) listener(datagram);
  });
  socket.unref();
  return shared;
}

function subscribe(shared: Shared, key: string, onDatagram: (datagram: Buffer) => void): Shared {
  const listeners = shared.listeners.get(key);
  if (listeners === undefined) shared.listeners.set(key, new Set([onDatagram]));
  else listeners.add(onDatagram);
  return shared;
}

function unsubscribe(shared: Shared, key: string, onDatagram: (datagram: Buffer) => void): void {
  const listeners = shared.listeners.get(key);
  listeners?.delete(onDatagram);
  if (listeners?.size === 0) shared.listeners.delete(key);
}

/** A peer as the kernel will name it: an IPv6 address may be written in many ways. */
export function peerKey(address: string, port: number): string {
  if (!address.includes(":")) return `${address} ${port}`;
  const [plain, zone] = address.split("%");
  const canonical = new SocketAddress({ address: plain!, family: "ipv6" }).address;
  return `${zone === undefined ? canonical : `${canonical}%${zone}`} ${port}`;
}
