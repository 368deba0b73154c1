import { createSocket } from "node:dgram";
import type { SnmpFailure } from "#wire/rounds-v1.ts";
import { dataOnly } from "../failure.ts";
import type { Address } from "../resolve.ts";

/*
 * Whether a silent device is one whose port is closed. Only a connected socket hears the ICMP answer to that, so the
 * question is sent once more from one, which is closed again; what the device itself answers there is not read.
 */

/** Null when nothing speaks against the device being there. */
export async function lookForRefusal(
  { address, family }: Address,
  port: number,
  datagram: Buffer,
  waitMs: number,
): Promise<SnmpFailure | null> {
  const socket = createSocket(family === 4 ? "udp4" : "udp6");
  const found = Promise.withResolvers<SnmpFailure | null>();
  const timer = setTimeout(() => found.resolve(null), waitMs);
  socket.on("error", (error) => {
    dataOnly(error);
    found.resolve(sendFailure(error));
  });
  socket.on("message", () => found.resolve(null));
  try {
    socket.connect(port, address, () => {
      socket.send(datagram, (error) => {
        if (error !== null) found.resolve(sendFailure(error));
      });
    });
    return await found.promise;
  } finally {
    clearTimeout(timer);
    socket.close();
  }
}

/** What an error of the socket says about the device; anything but a refusal is that there is no way to it. */
export function sendFailure(error: Error): SnmpFailure {
  return (error as NodeJS.ErrnoException).code === "ECONNREFUSED" ? "refused" : "route";
}
