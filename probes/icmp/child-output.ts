import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";

/*
 * The way from a chatty child to us. Node reads a child's pipe as soon as there is a byte in it: one wake-up, some 20 µs
 * of CPU time, for every line, and pause() does not change that, since the stream goes on filling its own buffer. A
 * socket made with `onread` does stop, so that a hundred lines can be had at once. Such sockets are made by connect()
 * alone; hence this pair, over a name that nobody can guess.
 */

export interface ChildOutput {
  /** What the child is given as its standard output; to be destroyed here once it runs. */
  childEnd: Socket;
  /** What was written is read to its end at once; resolves at the end. */
  drained(): Promise<void>;
  destroy(): void;
}

/**
 * `batchMs`: how long a chunk of lines may gather before it is read, in ms; 0: each is read at once. A child that writes
 * more than the kernel holds for it, some 250 short lines, waits.
 */
export async function openChildOutput(batchMs: number, read: (text: string) => void): Promise<ChildOutput> {
  const server = createServer({ pauseOnConnect: true });
  // A name of Linux' abstract space: no file, and gone with the socket.
  server.listen(`\0sambung-${randomUUID()}`);
  await once(server, "listening");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  let timer: NodeJS.Timeout | undefined;
  let isDraining = batchMs === 0;
  const ourEnd = connect({
    path: server.address() as string,
    onread: {
      buffer: Buffer.allocUnsafeSlow(32_768),
      callback(bytes, buffer) {
        read((buffer as Buffer).toString("latin1", 0, bytes));
        if (isDraining) return true;
        timer = setTimeout(() => ourEnd.resume(), batchMs);
        return false;
      },
    },
  });
  const closed = new Promise<void>((resolve) => ourEnd.once("close", () => resolve()));
  // Whatever breaks the socket also closes it.
  ourEnd.on("error", () => undefined);
  const [childEnd] = await accepted;
  server.close();
  return {
    childEnd,
    drained() {
      isDraining = true;
      clearTimeout(timer);
      ourEnd.resume();
      return closed;
    },
    destroy() {
      clearTimeout(timer);
      ourEnd.destroy();
      // Where no child came of it: a paused socket would not notice that its other end is gone.
      childEnd.destroy();
    },
  };
}
