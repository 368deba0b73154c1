import type { Socket } from "node:net";

/** Of a segment: a path of 1,500 bytes, 20 of IPv4 and 32 of TCP with its timestamps. */
export const headerBytes = 52;
export const segmentBytes = 1_500 - headerBytes;
/** Bytes that wait for the link, of one connection: what a modem buffers. */
const bufferBytes = 32_768;

export interface Pace {
  /** Bits a second in each direction. */
  bitsPerS: number;
  /** Round trip without queueing, ms. */
  roundTripMs: number;
}

export interface Lane {
  /** Carries what one socket says to the other. `onCarried`: a segment left. */
  join(from: Socket, to: Socket, onCarried: (bytes: number, chunk: Buffer) => void): void;
  stop(): void;
  start(): void;
}

interface Queue {
  chunks: Buffer[];
  bytes: number;
  from: Socket;
  to: Socket;
  hasEnded: boolean;
  /** A segment of it is under way to the link's far end. */
  isOnLink: boolean;
  onCarried: (bytes: number, chunk: Buffer) => void;
}

/** One direction of a link: segments leave one after another, the connections in turn. */
export function createLane({ bitsPerS, roundTripMs }: Pace): Lane {
  const queues: Queue[] = [];
  let freeAtMs = 0;
  let isSending = false;
  let isStopped = false;

  function take(queue: Queue): Buffer {
    const [first] = queue.chunks;
    const piece = first!.subarray(0, segmentBytes);
    if (piece.length === first!.length) queue.chunks.shift();
    else queue.chunks[0] = first!.subarray(segmentBytes);
    queue.bytes -= piece.length;
    if (queue.bytes < bufferBytes && !queue.from.destroyed) queue.from.resume();
    return piece;
  }

  function send(): void {
    if (isSending || isStopped) return;
    const at = queues.findIndex(({ chunks }) => chunks.length > 0);
    if (at === -1) return;
    const [queue] = queues.splice(at, 1);
    queues.push(queue!);
    const piece = take(queue!);
    isSending = true;
    queue!.isOnLink = true;
    const nowMs = performance.now();
    freeAtMs = Math.max(freeAtMs, nowMs) + ((piece.length + headerBytes) * 8_000) / bitsPerS;
    setTimeout(() => {
      isSending = false;
      queue!.isOnLink = false;
      if (!isStopped) deliver(queue!, piece);
      send();
    }, freeAtMs - nowMs);
  }

  function deliver(queue: Queue, piece: Buffer): void {
    queue.onCarried(piece.length, piece);
    const isLast = queue.hasEnded && queue.chunks.length === 0;
    setTimeout(() => {
      if (isStopped || queue.to.destroyed) return;
      queue.to.write(piece);
      if (isLast) queue.to.end();
    }, roundTripMs / 2);
  }

  return {
    join(from, to, onCarried) {
      const queue: Queue = { chunks: [], bytes: 0, from, to, hasEnded: false, isOnLink: false, onCarried };
      queues.push(queue);
      from.on("data", (chunk: Buffer) => {
        queue.chunks.push(chunk);
        queue.bytes += chunk.length;
        if (queue.bytes >= bufferBytes) from.pause();
        send();
      });
      from.on("end", () => {
        queue.hasEnded = true;
        // The end must not overtake the last segment.
        if (queue.chunks.length === 0 && !queue.isOnLink) setTimeout(() => to.end(), roundTripMs / 2);
      });
      from.on("close", () => {
        const index = queues.indexOf(queue);
        if (index !== -1 && queue.chunks.length === 0) queues.splice(index, 1);
        // A reset has to reach the other side; an end goes behind what is still under way.
        if (!queue.hasEnded) to.destroy();
      });
      to.on("close", () => {
        const index = queues.indexOf(queue);
        if (index !== -1) queues.splice(index, 1);
      });
      from.resume();
    },
    stop() {
      isStopped = true;
    },
    start() {
      isStopped = false;
      freeAtMs = 0;
      for (const queue of queues) queue.chunks.length = 0;
      send();
    },
  };
}
