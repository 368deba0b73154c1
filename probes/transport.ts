import type { IncomingHttpHeaders } from "node:http";
import { createCollectorTime } from "./collector-time.ts";
import type { CollectorTime } from "./collector-time.ts";
import { machineClock } from "./clock.ts";
import { createLink } from "./link.ts";
import type { Link, SecureOptions } from "./link.ts";
import type { Clock } from "./probe.ts";
import { tlsContext } from "./tls-files.ts";
import type { TlsFiles } from "./tls-files.ts";
import { createWays } from "./ways.ts";
import { createWireMeter } from "./wire-meter.ts";
import type { WireBytes } from "./wire-meter.ts";

/*
 * The agent's way to its collector. Over node:http and not over fetch: the HTTP probe needs node:http anyway, while
 * fetch loads undici beside it (some 5 MB of 90), hides how many bytes went out, and gives no hold on the connection.
 */

export interface TransportRequest {
  method: "GET" | "POST";
  /** Below the server's address, such as `/api/v1/batches`. */
  path: string;
  headers?: Record<string, string>;
  body?: Uint8Array;
  /** Longest time to the whole answer, in ms, and as long again to a connection. */
  timeoutMs: number;
  signal: AbortSignal;
  /** On a new connection: what must not be said twice is not said on one that may be dead. */
  fresh?: boolean;
}

export interface TransportResponse {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  /** From the request to its answer, without the time to connect, in ms. */
  tookMs: number;
}

export interface Transport {
  /** Rejects when no whole answer came, on any of the ways. */
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Nothing is to be sent for so long, as far as can be known: keeps the connection or closes it. */
  rest(idleMs: number): void;
  /** Bytes on the wire since the start, IP, TCP, TLS and HTTP headers included. */
  wireBytes(): WireBytes;
  /** The way that the last answer came, for messages: address of the collector, and way out. */
  way(): string;
  readonly time: CollectorTime;
  close(): void;
}

export interface TransportOptions {
  /** `http://` or `https://` addresses of the collector, with or without a path; the first is preferred. */
  server: string | readonly string[];
  /**
   * Ways out, the first is preferred: addresses of this machine, or interfaces. Default: as the routes say. Each
   * address of the collector is tried by the first way out before the second is.
   */
  via?: readonly string[] | undefined;
  /**
   * What TLS is spoken with, asked for with each connection. Default: the CAs that Node ships, and no certificate of the
   * agent's own.
   */
  tls?: (() => TlsFiles) | undefined;
  userAgent: string;
  /**
   * Longest time to a connection, TLS not included, in ms. Default 10,000: SYNs go out at 0, 1, 3 and 7 s, and a fresh
   * attempt after that finds a link that came back sooner than the fifth, at 15 s, would. With several ways 5,000.
   */
  connectTimeoutMs?: number | undefined;
  clock?: Clock | undefined;
  /** 0 to 1, as Math.random, the default; spreads the looks of agents at a way that failed. */
  random?: (() => number) | undefined;
  /** Hears when another way is taken. */
  onWay?: ((way: string, reason: string) => void) | undefined;
}

const lookTimeoutMs = 10_000;

export function createTransport(options: TransportOptions): Transport {
  const { userAgent, clock = machineClock(), random = Math.random } = options;
  const servers = [options.server].flat().map((server) => new URL(server));
  const vias = options.via === undefined || options.via.length === 0 ? [null] : options.via;
  const isOneOfSeveral = servers.length * vias.length > 1;
  const { connectTimeoutMs = isOneOfSeveral ? 5_000 : 10_000 } = options;
  const time = createCollectorTime(clock);
  const meter = createWireMeter();
  const tls = createSecureOptions(options.tls);
  const links: Link[] = vias.flatMap((via) =>
    servers.map((server) => {
      const how = { userAgent, connectTimeoutMs, isOneOfSeveral };
      const isSecure = server.protocol === "https:";
      return createLink({ server, via, ...how, tls: isSecure ? tls : null, time, clock, meter });
    }),
  );
  const ways = createWays(links.length, clock, random);
  const closing = new AbortController();
  let inUse = links[0]!;
  let isLooking = false;

  function took(index: number, reason: string): void {
    ways.succeeded(index);
    note(reason);
  }

  function note(reason: string): void {
    const link = links[ways.order()[0]!]!;
    if (link === inUse) return;
    inUse.rest(Number.POSITIVE_INFINITY);
    inUse = link;
    options.onWay?.(link.name, reason);
  }

  /** One small request on a better way than the one in use. Nothing waits for it. */
  async function look(): Promise<void> {
    const index = ways.dueForLook();
    if (index === null || isLooking || closing.signal.aborted) return;
    isLooking = true;
    const link = links[index]!;
    try {
      const answer = await link.send({
        method: "GET",
        path: "/livez",
        timeoutMs: lookTimeoutMs,
        signal: closing.signal,
        fresh: true,
      });
      ways.looked(index, answer.status === 200 && answer.body.trim() === "ok");
    } catch {
      ways.looked(index, false);
    } finally {
      isLooking = false;
      if (link !== inUse) link.rest(Number.POSITIVE_INFINITY);
    }
    note("it works again");
  }

  return {
    time,
    async send(request) {
      const order = ways.order();
      let first: Outcome | null = null;
      for (const index of order) {
        const outcome = await links[index]!.send(request).then(
          (answer): Outcome => ({ answer }),
          (error: Error): Outcome => ({ error }),
        );
        if ("answer" in outcome && (!isOneOfSeveral || isOfCollector(outcome.answer))) {
          took(index, reasonOf(first));
          return outcome.answer;
        }
        first ??= outcome;
        ways.failed(index);
        if (request.signal.aborted) break;
      }
      if ("answer" in first!) return first.answer;
      throw first!.error;
    },
    rest(idleMs) {
      inUse.rest(idleMs);
      void look();
    },
    wireBytes: () => meter.total(),
    way: () => inUse.name,
    close() {
      closing.abort();
      for (const link of links) link.close();
    },
  };
}

const noFiles: TlsFiles = { ca: null, own: null };

/** One context for all links as long as the files are the same: each holds every CA, some MB. */
function createSecureOptions(files: () => TlsFiles = () => noFiles): () => SecureOptions {
  let made: { files: TlsFiles; options: SecureOptions } | null = null;
  return () => {
    const now = files();
    if (made?.files !== now) made = { files: now, options: { context: tlsContext(now), ca: now.ca } };
    return made.options;
  };
}

/** A captive portal, and a proxy in front of a collector that is gone, answer pages. */
function isOfCollector({ status, headers }: TransportResponse): boolean {
  return status === 304 || /^application\/(?:problem\+)?json\b/.test(headers["content-type"] ?? "");
}

type Outcome = { answer: TransportResponse } | { error: Error };

function reasonOf(failed: Outcome | null): string {
  if (failed === null) return "";
  return "answer" in failed ? `the other answered ${failed.answer.status}` : failed.error.message;
}
