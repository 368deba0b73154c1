import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { UnderFire } from "./under-fire.ts";

/*
 * Slow loris: requests that are begun and not ended, a byte now and then. They must not keep others from being served,
 * and leave nothing behind when they are gone.
 */

const beginnings = (key: string): readonly string[] => [
  "",
  "POST /api/v1/batches HT",
  "POST /api/v1/batches HTTP/1.1\r\nHost: a\r\nX-Slow: ",
  `POST /api/v1/batches HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\nContent-Length: 1000000\r\n\r\n{`,
  `POST /api/v1/batches HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{`,
  "POST /api/v1/agents/enrol HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n{",
];

/** Keeps so many half-open requests for so many bytes each, and has good batches stored meanwhile. */
export async function holdHalfOpen(target: UnderFire, count: number, bytes: number): Promise<void> {
  const texts = beginnings(target.agent.key);
  const sockets: Socket[] = [];
  try {
    for (let index = 0; index < count; index++) {
      const socket = connect(target.port, "127.0.0.1");
      // The collector may close those that are too slow for it.
      socket.on("error", () => undefined);
      sockets.push(socket);
      if (index % 50 === 0) await once(socket, "connect");
      socket.write(texts[index % texts.length]!);
    }
    for (let byte = 0; byte < bytes; byte++) {
      for (const socket of sockets) if (!socket.destroyed && byte > 0) socket.write("a");
      await target.serves();
      await sleep(20);
    }
    target.assertUnharmed();
  } finally {
    const closed = sockets.filter(({ destroyed }) => !destroyed).map((socket) => once(socket, "close"));
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
  }
}
