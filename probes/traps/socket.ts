import { createSocket } from "node:dgram";
import type { RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { isIP } from "node:net";
import { createBackoff } from "../backoff.ts";
import type { Log } from "../log.ts";

/*
 * The UDP socket that traps come in on. One that cannot be opened, or breaks, is said once and tried again, at first
 * after a second and later every five minutes: the port may be taken by another program that the operator is about to
 * stop, or the address may not be there yet.
 */
export interface Inbox {
  send(packet: Buffer, to: RemoteInfo): void;
  /** The first try has ended, well or not. */
  readonly tried: Promise<void>;
  close(): Promise<void>;
}

export interface InboxOptions {
  address: string;
  port: number;
  log: Log;
  random: () => number;
  /** First wait before another try, in ms. */
  retryMs: number;
  onPacket(packet: Buffer, from: RemoteInfo): void;
  /** The socket cannot be used; once until it can. */
  onDeaf(code: string, advice: string): void;
  /** It can again. */
  onHearing(): void;
}

const longestRetryMs = 300_000;

export function openInbox(options: InboxOptions): Inbox {
  const { address, port, log } = options;
  const backoff = createBackoff({
    firstMs: options.retryMs,
    maxMs: () => longestRetryMs,
    random: options.random,
  });
  const tried = Promise.withResolvers<void>();
  let socket: ReturnType<typeof createSocket> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let deaf = false;
  let closed = false;

  async function open(): Promise<void> {
    const fresh = createSocket(isIP(address) === 6 ? "udp6" : "udp4");
    socket = fresh;
    fresh.on("message", (packet, from) => options.onPacket(packet, from));
    try {
      const listening = once(fresh, "listening");
      fresh.bind({ address, port, exclusive: true });
      await listening;
      fresh.on("error", (error: NodeJS.ErrnoException) => void retry(fresh, error));
      backoff.reset();
      log.info({ address, port }, "hearing traps");
      if (deaf) options.onHearing();
      deaf = false;
    } catch (error) {
      await retry(fresh, error as NodeJS.ErrnoException);
    } finally {
      tried.resolve();
    }
  }

  async function retry(broken: ReturnType<typeof createSocket>, error: NodeJS.ErrnoException): Promise<void> {
    if (closed || socket !== broken) return;
    socket = null;
    broken.removeAllListeners("message");
    broken.on("error", () => undefined);
    broken.close();
    const waitMs = backoff.nextMs();
    timer = setTimeout(() => void open(), waitMs).unref();
    if (deaf) return;
    deaf = true;
    const code = error.code ?? error.message;
    const advice = adviceFor(code);
    log.error({ address, port, code, advice }, "cannot hear traps; measuring goes on");
    options.onDeaf(code, advice);
  }

  void open();
  return {
    tried: tried.promise,
    send(packet, to) {
      // An acknowledgement that is lost is asked for again; its failure is nobody's.
      socket?.send(packet, to.port, to.address, () => undefined);
    },
    async close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      await tried.promise;
      const open = socket;
      socket = null;
      if (open !== null) await new Promise<void>((resolve) => open.close(() => resolve()));
    },
  };
}

function adviceFor(code: string): string {
  switch (code) {
    case "EACCES":
    case "EPERM":
      return "a port below 1024 needs CAP_NET_BIND_SERVICE; give the agent that, or set traps.port to 10162 and redirect 162 to it";
    case "EADDRINUSE":
      return "another program has this port, perhaps snmptrapd: stop it, or set another traps.port";
    case "EADDRNOTAVAIL":
      return "this machine does not have that address: set traps.address to 0.0.0.0 or to one of its own";
    default:
      return "see traps.address and traps.port";
  }
}
