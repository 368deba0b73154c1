import type { Server, Socket } from "node:net";
import { partitionOf, plainAddress } from "./client.ts";
import type { HttpLogger } from "./env.ts";

export interface CrowdOptions {
  /** Connections that one address may have at once. */
  most: number;
  /** Whether so many others stand behind an address that it has no share: a proxy of ours. */
  isShared: (address: string) => boolean;
  nowMs: () => number;
  logger: HttpLogger;
}

const toldEveryMs = 60_000;

/**
 * Closes connections of an address that has as many as one may, before a byte of them is read: whoever holds all places
 * keeps everybody else out, without a key and without a request.
 */
export function limitCrowd(server: Server, { most, isShared, nowMs, logger }: CrowdOptions): void {
  const counts = new Map<string, number>();
  let told = -Infinity;

  function tell(address: string): void {
    if (nowMs() - told < toldEveryMs) return;
    told = nowMs();
    logger.error({ address, most }, "half of limits.connections from one address: more of it are refused");
  }

  server.on("connection", (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? "");
    if (address === null || isShared(address)) return;
    const one = partitionOf(address);
    const count = (counts.get(one) ?? 0) + 1;
    if (count > most) {
      socket.destroy();
      tell(address);
      return;
    }
    counts.set(one, count);
    socket.once("close", () => {
      const left = counts.get(one)! - 1;
      if (left === 0) counts.delete(one);
      else counts.set(one, left);
    });
  });
}
