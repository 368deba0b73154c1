import { Agent, request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { Socket } from "node:net";
import { connect as startTls } from "node:tls";
import type { SecureContext } from "node:tls";
import { once } from "node:events";
import type { CollectorTime } from "./collector-time.ts";
import { startDeadline } from "./deadline.ts";
import type { Deadline } from "./deadline.ts";
import { createKeepOpen } from "./keep-open.ts";
import type { Clock } from "./probe.ts";
import { createResolve } from "./resolve.ts";
import type { Address, LocalAddresses } from "./resolve.ts";
import { connectTcp, nameOf } from "./tcp-connect.ts";
import { assertTrusted } from "./tls-trust.ts";
import type { TransportRequest, TransportResponse } from "./transport.ts";
import { localAddressesOf } from "./via.ts";
import { headerSizes } from "./wire-meter.ts";
import type { Metered, WireMeter } from "./wire-meter.ts";

export interface SecureOptions {
  context: SecureContext;
  /** PEM certificates of the pinned CA; null: those that Node ships. */
  ca: readonly string[] | null;
}

export interface LinkOptions {
  server: URL;
  /** Address of this machine or interface to leave by; null: as the routes say. */
  via: string | null;
  userAgent: string;
  /**
   * Longest time to a TCP connection, name resolution included, in ms; TLS may take twice as long again. It has a time of its
   * own since accelerators of satellite modems answer for the other side, whether the link behind them works or not.
   */
  connectTimeoutMs: number;
  /** There is another way: a third of a request's time without any answer is enough to give this one up. */
  isOneOfSeveral: boolean;
  /** What TLS is spoken with, for each connection; another object when it changed. Null: the server's address is http. */
  tls: (() => SecureOptions) | null;
  time: CollectorTime;
  clock: Clock;
  meter: WireMeter;
}

/** One address of the collector by one way out: at most one connection, kept where that is cheaper than a new one. */
export interface Link {
  /** For messages. */
  readonly name: string;
  /** Rejects when no whole answer came. */
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Nothing is to be sent for so long: keeps the connection or closes it. */
  rest(idleMs: number): void;
  close(): void;
}

interface Connection {
  agent: Agent;
  /** The TCP connection, below TLS. */
  raw: Socket;
  metered: Metered;
  family: 4 | 6;
  handshakeBytes: number;
  lastUsedMs: number;
  probeEveryMs: number | null;
  isBusy: boolean;
  /** It said which program this is; each of its requests would be 33 bytes more. */
  isIntroduced: boolean;
}

/** More than any answer of the collector; a captive portal's page is not read to its end. */
const maxBodyBytes = 4_194_304;
/** How long addresses of the collector's name are used before it is asked for again. A failed connection asks at once. */
const addressesForMs = 600_000;
/** A connection that was idle for longer may be dead without anybody having told us. */
const doubtAfterMs = 10_000;

export function createLink(options: LinkOptions): Link {
  const { server, via, clock, meter, tls } = options;
  const host = server.hostname.replace(/^\[|\]$/g, "");
  const port = Number(server.port || (tls === null ? 80 : 443));
  const from = (): LocalAddresses => (via === null ? {} : localAddressesOf(via));
  const resolve = createResolve(via === null ? {} : { from });
  const keepOpen = createKeepOpen(clock);
  let known: { addresses: Address[]; atMs: number } | null = null;
  let session: Buffer | undefined;
  let lastSpoken: SecureOptions | null = null;
  let current: Connection | null = null;

  /** Addresses of the collector, known ones where its name cannot be resolved: the resolver may be what is broken. */
  async function addresses(deadline: Deadline): Promise<Address[]> {
    if (known !== null && clock.monoMs() - known.atMs < addressesForMs) return known.addresses;
    try {
      known = { addresses: await resolve(host, deadline), atMs: clock.monoMs() };
    } catch (error) {
      if (known === null) throw error;
    }
    return known.addresses;
  }

  async function connectSocket(signal: AbortSignal): Promise<{ socket: Socket; family: 4 | 6 }> {
    using deadline = startDeadline({ signal, timeoutMs: options.connectTimeoutMs });
    const bound = from();
    const usable = (await addresses(deadline)).filter(
      ({ family }) => via === null || bound[family] !== undefined,
    );
    if (usable.length === 0) throw new Error(`${via} has no address of the family that ${host} has`);
    const startedMs = deadline.elapsedMs();
    try {
      const socket = await connectTcp(usable, port, deadline, () => {}, bound);
      return { socket, family: isIP(socket.remoteAddress ?? "") === 6 ? 6 : 4 };
    } catch (error) {
      meter.unanswered(deadline.elapsedMs() - startedMs, usable[0]!.family);
      if (known !== null) known.atMs = Number.NEGATIVE_INFINITY;
      if (!deadline.signal.aborted || signal.aborted) throw error;
      throw new Error(`no connection within ${options.connectTimeoutMs} ms`, { cause: error });
    }
  }

  async function secure(raw: Socket, spoken: SecureOptions, signal: AbortSignal) {
    const { context, ca } = spoken;
    // A session is of the certificates that it began with.
    if (lastSpoken !== spoken) session = undefined;
    lastSpoken = spoken;
    const socket = startTls({
      socket: raw,
      host,
      // RFC 6066 §3 allows no address as server name.
      ...(isIP(host) === 0 ? { servername: host } : {}),
      secureContext: context,
      // Judged by assertTrusted, before anything is said.
      rejectUnauthorized: false,
      ...(session === undefined ? {} : { session }),
    });
    // A session of a certificate that was forgiven its validity would carry that over to when the time is known.
    socket.on("session", (ticket: Buffer) => (session = socket.authorized ? ticket : undefined));
    using deadline = startDeadline({ signal, timeoutMs: 2 * options.connectTimeoutMs });
    await once(socket, "secureConnect", { signal: deadline.signal }).catch((error: Error) => {
      const isSilent = deadline.signal.aborted && !signal.aborted;
      const why = isSilent ? `no answer within ${2 * options.connectTimeoutMs} ms` : nameOf(error);
      throw new Error(`no TLS with the collector: ${why}`, { cause: error });
    });
    assertTrusted(socket, host, { ca, time: options.time, wallMs: clock.wallMs });
    return socket;
  }

  async function open(signal: AbortSignal): Promise<Connection> {
    const before = meter.total();
    const { socket: raw, family } = await connectSocket(signal);
    const metered = meter.connected(raw, family);
    let socket = raw;
    try {
      if (tls !== null) socket = await secure(raw, tls(), signal);
      metered.turn();
    } catch (error) {
      session = undefined;
      raw.destroy();
      metered.closed();
      throw error;
    }
    const closing = 3 * headerSizes(family).segment;
    const after = meter.total();
    const connection: Connection = {
      agent: agentOf(socket),
      raw,
      metered,
      family,
      handshakeBytes: after.sent + after.received - before.sent - before.received + closing,
      lastUsedMs: clock.monoMs(),
      probeEveryMs: null,
      isBusy: false,
      isIntroduced: false,
    };
    socket.on("error", () => {});
    raw.on("error", () => {});
    socket.once("close", (hadError: boolean) => {
      if (current !== connection) return;
      if (!connection.isBusy && !hadError) keepOpen.closedByServer(clock.monoMs() - connection.lastUsedMs);
      drop(connection);
    });
    return connection;
  }

  function drop(connection: Connection): void {
    if (current === connection) current = null;
    countProbes(connection);
    connection.metered.closed();
    connection.agent.destroy();
    connection.raw.destroy();
  }

  function countProbes(connection: Connection): void {
    const { probeEveryMs, lastUsedMs, metered, isBusy } = connection;
    if (probeEveryMs === null || isBusy) return;
    metered.probes(Math.floor((clock.monoMs() - lastUsedMs) / probeEveryMs));
  }

  async function exchange(
    connection: Connection,
    request: TransportRequest,
    firstAnswerMs: number | null,
  ): Promise<TransportResponse> {
    countProbes(connection);
    connection.isBusy = true;
    const startedMs = clock.monoMs();
    try {
      const { response, text } = await speak(connection, request, firstAnswerMs);
      const announced = /(?:^|,)\s*timeout=(\d{1,6})/.exec(String(response.headers["keep-alive"]))?.[1];
      if (announced !== undefined) keepOpen.announced(Number(announced) * 1000);
      return {
        status: response.statusCode!,
        headers: response.headers,
        body: text,
        tookMs: clock.monoMs() - startedMs,
      };
    } catch (error) {
      drop(connection);
      throw error;
    } finally {
      connection.metered.turn();
      connection.lastUsedMs = clock.monoMs();
      connection.isBusy = false;
      // A look at this way and a request by it may have met: one connection is enough.
      if (current !== connection) drop(connection);
    }
  }

  function speak(
    connection: Connection,
    { method, path, body, signal, timeoutMs, ...request }: TransportRequest,
    firstAnswerMs: number | null,
  ): Promise<{ response: IncomingMessage; text: string }> {
    return new Promise((fulfil, reject) => {
      const headers = {
        host: server.host,
        ...(connection.isIntroduced ? {} : { "user-agent": options.userAgent }),
        ...request.headers,
        ...(body === undefined ? {} : { "content-length": String(body.byteLength) }),
      };
      connection.isIntroduced = true;
      const below = server.pathname.replace(/\/$/, "") + path;
      const { agent } = connection;
      // Without those that Node adds: that a connection stays open is what HTTP/1.1 takes for granted.
      const setDefaultHeaders = false;
      const outgoing = httpRequest({
        agent,
        host,
        port,
        method,
        path: below,
        headers,
        signal,
        setDefaultHeaders,
      });
      const endAfter = (ms: number, error: Error) => setTimeout(() => outgoing.destroy(error), ms);
      const silence = new Error(`no answer within ${timeoutMs} ms`);
      const limit = endAfter(timeoutMs, silence);
      const first = firstAnswerMs === null ? undefined : endAfter(firstAnswerMs, staleError());
      const fail = (error: Error) => {
        clearTimeout(limit);
        clearTimeout(first);
        // Cut off in the middle of the answer, the error is that of the cutting.
        reject(outgoing.errored ?? error);
      };
      outgoing.on("error", fail);
      outgoing.on("response", (response) => {
        clearTimeout(first);
        readBody(response).then((text) => {
          clearTimeout(limit);
          fulfil({ response, text });
        }, fail);
      });
      outgoing.end(body);
    });
  }

  const patienceMs = (request: TransportRequest, isDoubtful: boolean) =>
    isDoubtful || options.isOneOfSeveral ? request.timeoutMs / 3 : null;

  /** Null: the kept connection was dead, and it is safe to say the same again on another. */
  async function sendOnKept(kept: Connection, request: TransportRequest): Promise<TransportResponse | null> {
    const idleMs = clock.monoMs() - kept.lastUsedMs;
    try {
      return await exchange(kept, request, patienceMs(request, idleMs > doubtAfterMs));
    } catch (error) {
      const isStale = ["ECONNRESET", "EPIPE", "ETIMEDOUT"].includes(
        (error as NodeJS.ErrnoException).code ?? "",
      );
      if (!isStale || request.signal.aborted) throw error;
      return null;
    }
  }

  return {
    name: via === null ? server.origin : `${server.origin} via ${via}`,
    async send(request) {
      const kept = current;
      const idleMs = kept === null ? 0 : clock.monoMs() - kept.lastUsedMs;
      if (kept !== null && request.fresh === true) drop(kept);
      else if (kept !== null) {
        const answer = await sendOnKept(kept, request);
        if (answer !== null) return answer;
      }
      const connection = await open(
        AbortSignal.any([request.signal, AbortSignal.timeout(request.timeoutMs)]),
      );
      current = connection;
      const answer = await exchange(connection, request, patienceMs(request, false));
      if (kept !== null && request.fresh !== true && idleMs > doubtAfterMs) keepOpen.wasDead(idleMs);
      return answer;
    },
    rest(idleMs) {
      const connection = current;
      if (connection === null || connection.isBusy) return;
      const sinceMs = clock.monoMs() - connection.lastUsedMs;
      const { handshakeBytes } = connection;
      const probeBytes = 2 * headerSizes(connection.family).segment;
      const keeping = keepOpen.decide(sinceMs + idleMs, { handshakeBytes, probeBytes });
      if (!keeping.keep) return drop(connection);
      if (keeping.probeEveryMs === connection.probeEveryMs) return;
      connection.probeEveryMs = keeping.probeEveryMs;
      connection.raw.setKeepAlive(keeping.probeEveryMs !== null, keeping.probeEveryMs ?? 0);
    },
    close() {
      if (current !== null) drop(current);
    },
  };
}

const staleError = () => Object.assign(new Error("the connection is silent"), { code: "ETIMEDOUT" });

/** Node's agent, for one connection that is there already. */
function agentOf(socket: Socket): Agent {
  let unused: Socket | null = socket;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = (_options, callback) => {
    if (unused === null) {
      // The connection went away between two requests.
      callback?.(Object.assign(new Error("the connection was closed"), { code: "ECONNRESET" }), socket);
      return undefined;
    }
    unused = null;
    return socket;
  };
  // Node's own would have the kernel send a keep-alive probe every second.
  agent.keepSocketAlive = () => true;
  return agent;
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).byteLength;
    if (bytes > maxBodyBytes) throw new Error(`the answer is larger than ${maxBodyBytes} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}
