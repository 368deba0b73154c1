import { createSocket } from "node:dgram";
import type { Unsent } from "#wire/rounds-v1.ts";

/*
 * Neither fping nor every ping says why it could not send. What the kernel thinks of an address is had by connecting a
 * UDP socket to it, which looks up the route and sends nothing.
 */

/** The discard port; nothing is ever sent to it. */
const port = 9;

/**
 * What keeps this machine from sending to an address (no name), or null when nothing does. `route`: no route, or one that
 * says unreachable or blackhole · `local`: a rule forbids it, or there is no socket to be had.
 */
export function lookWhyUnsent(address: string, family: 4 | 6): Promise<Exclude<Unsent, "name"> | null> {
  return new Promise((resolve) => {
    const socket = createSocket(family === 6 ? "udp6" : "udp4");
    const settle = (error?: NodeJS.ErrnoException | null) => {
      resolve(error ? reasonOf(error.code ?? "") : null);
      // Called twice when the error comes as an event; a socket is closed once.
      if (open) socket.close();
      open = false;
    };
    let open = true;
    socket.once("error", settle);
    socket.connect(port, address, settle as () => void);
  });
}

export type SendLook = typeof lookWhyUnsent;

/** Takes the looks one after another: a lost route concerns all targets at once, and each look opens a socket. */
export function createSendLook(): SendLook {
  let last: ReturnType<SendLook> = Promise.resolve(null);
  return (address, family) => (last = last.then(() => lookWhyUnsent(address, family)));
}

/** By the kernel's error. EINVAL is what a blackhole route gives, and a link-local address without its interface. */
export function reasonOf(code: string): Exclude<Unsent, "name"> {
  return ["ENETUNREACH", "EHOSTUNREACH", "ENETDOWN", "EINVAL", "EADDRNOTAVAIL"].includes(code)
    ? "route"
    : "local";
}
