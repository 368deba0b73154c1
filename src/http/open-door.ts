import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { limitCrowd } from "./crowd.ts";
import type { HttpLogger } from "./env.ts";
import { readTlsFiles, watchTlsFiles } from "./tls-files.ts";
import type { TlsFiles } from "./tls-files.ts";

export type RequireClientCert = "agents" | "all" | "none";

export interface DoorOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /**
   * Most connections at once, and half of them from one address; further ones are closed as they come. Default of the
   * configuration 4096.
   */
  connections: number;
  /** Whether an address may have all of them: a proxy's, or the machine's own, behind which a proxy may be too. */
  isShared: (address: string) => boolean;
  /** null: plain HTTP. */
  tls: (TlsFiles & { requireClientCert: RequireClientCert }) | null;
  fetch: (request: Request, env: object) => Response | Promise<Response>;
  nowMs: () => number;
  logger: HttpLogger;
  patience?: Partial<Patience>;
}

/** How long a connection may take for what, ms. */
export interface Patience {
  /**
   * From the first byte, or the end of the answer before, to the end of the headers. Default 20,000: over a satellite with
   * losses they are there in 5 s; who sends a byte now and then to hold a connection has it for this long.
   */
  headersMs: number;
  /** To the end of the body. Default 300,000: the largest batch, 1 MiB, over 32 kbit/s. */
  requestMs: number;
  /** Between two requests. Default 75,000: an agent that reports every 60 s keeps its connection. */
  idleMs: number;
  /** For the TLS handshake. Default 20,000. */
  handshakeMs: number;
  /** Between two looks for connections that took too long. Default 2,000. */
  checkMs: number;
  /** Between two looks for other certificate files. Default 5,000. */
  tlsCheckMs: number;
}

const defaultPatience: Patience = {
  headersMs: 20_000,
  requestMs: 300_000,
  idleMs: 75_000,
  handshakeMs: 20_000,
  checkMs: 2_000,
  tlsCheckMs: 5_000,
};

/** Our own clients send below 1 KiB of headers; a browser with cookies of its neighbours some more. */
const maxHeaderBytes = 8_192;
const dropToldEveryMs = 60_000;
/** Time that answers under way have when the door is closed, ms. */
const graceMs = 1_000;

export interface Door {
  /** `http://` or `https://` with host and port. */
  address: string;
  /** Looks at once whether the certificate files are others. */
  reloadTls(): void;
  /** Lets answers under way finish, then ends connections that stay open. */
  close(): Promise<void>;
}

/** Listens; resolves when connections are taken, rejects when the port or the certificate cannot be had. */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const { host, port, tls, nowMs, logger } = options;
  const patience = { ...defaultPatience, ...options.patience };
  const inForce = tls === null ? null : readTlsFiles(tls);
  if (inForce !== null && inForce.validToMs <= nowMs())
    logger.error({ validTo: new Date(inForce.validToMs).toISOString() }, "the certificate has expired");
  const timing = {
    headersTimeout: patience.headersMs,
    requestTimeout: patience.requestMs,
    keepAliveTimeout: patience.idleMs,
    connectionsCheckingInterval: patience.checkMs,
    maxHeaderSize: maxHeaderBytes,
  };
  const how = { fetch: options.fetch, hostname: host };
  const server = (
    inForce === null || tls === null
      ? createAdaptorServer({ ...how, createServer, serverOptions: timing })
      : createAdaptorServer({
          ...how,
          createServer: createTlsServer,
          serverOptions: {
            ...timing,
            ...inForce.context,
            handshakeTimeout: patience.handshakeMs,
            requestCert: tls.clientCa !== undefined && tls.requireClientCert !== "none",
            rejectUnauthorized: tls.requireClientCert === "all",
          },
        })
  ) as Server | TlsServer;
  server.maxConnections = options.connections;
  tellDrops(server, options);
  const most = Math.max(1, Math.floor(options.connections / 2));
  limitCrowd(server, { most, isShared: options.isShared, nowMs, logger });
  const watch =
    inForce === null || tls === null
      ? null
      : watchTlsFiles({
          files: tls,
          inForce,
          everyMs: patience.tlsCheckMs,
          nowMs,
          logger,
          // Connections that stand keep what they began with.
          use: (context) => (server as TlsServer).setSecureContext(context),
        });
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    watch?.stop();
    throw error;
  }
  const scheme = tls === null ? "http" : "https";
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    address: `${scheme}://${name}:${(server.address() as AddressInfo).port}`,
    reloadTls: () => watch?.look(),
    close() {
      watch?.stop();
      return closeServer(server);
    },
  };
}

/** Somebody finds the door shut: said once a minute, since there may be thousands. */
function tellDrops(server: Server | TlsServer, { connections, logger, nowMs }: DoorOptions): void {
  let told = -Infinity;
  server.on("drop", () => {
    if (nowMs() - told < dropToldEveryMs) return;
    told = nowMs();
    logger.error({ connections }, "as many connections as limits.connections allows: others are refused");
  });
}

function closeServer(server: Server | TlsServer): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs).unref();
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
