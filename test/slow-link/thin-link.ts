import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { createLane, headerBytes } from "./lane.ts";
import type { Pace } from "./lane.ts";

/*
 * A thin link in front of a server: a TCP proxy on the loopback whose two directions carry so many bits a second each,
 * one segment after another and in turn among the connections, and give each segment on after half the round trip.
 *
 * Cut, it stays silent: what is sent is not acknowledged, and a connection that is opened hangs. A real one would wait
 * for the answer to its SYN, which is sent again after 1, 3 and 7 s; so a connection that hung when the link came back
 * is carried from the next of these moments on, and one that hangs for longer is reset.
 */

export interface ThinLinkOptions extends Pace {
  /** Port of the server on 127.0.0.1. */
  port: number;
  /** Mean time between two resets of all connections, ms; null: none. */
  resetEveryMs: number | null;
  /** 0 to 1, 1 excluded. */
  random: () => number;
}

/** Bytes of one direction: as the programs wrote them, and with the headers of TCP and IP about them. */
export interface Carried {
  payload: number;
  wire: number;
}

export interface ThinLink extends AsyncDisposable {
  address: string;
  cut(): void;
  restore(): void;
  /** What was carried up to the server and down again, by the connections that began with such a request line. */
  carried(which: (firstLine: string) => boolean): { up: Carried; down: Carried; connections: number };
  resets(): number;
}

const synRetriesMs = [1_000, 3_000, 7_000];

interface Flow {
  firstLine: string;
  up: Carried;
  down: Carried;
  sockets: Socket[];
}

export async function openThinLink(options: ThinLinkOptions): Promise<ThinLink> {
  const { port, roundTripMs } = options;
  const flows = new Set<Flow>();
  const open = new Set<Flow>();
  const hanging = new Map<Socket, number>();
  const lanes = { up: createLane(options), down: createLane(options) };
  let isCut = false;
  let resets = 0;

  const server = createServer({ allowHalfOpen: false }, (client) => {
    client.on("error", () => undefined);
    client.pause();
    if (isCut) hang(client);
    else carry(client);
  });

  function hang(client: Socket): void {
    hanging.set(client, performance.now());
    const giveUp = setTimeout(() => client.resetAndDestroy(), 10_000);
    client.once("close", () => {
      clearTimeout(giveUp);
      hanging.delete(client);
    });
    client.once("carried", () => clearTimeout(giveUp));
  }

  function carry(client: Socket): void {
    const far = connect(port, "127.0.0.1");
    const none = () => ({ payload: 0, wire: 0 });
    const flow: Flow = { firstLine: "", up: none(), down: none(), sockets: [client, far] };
    flows.add(flow);
    open.add(flow);
    far.on("error", () => undefined);
    // The handshake: a round trip before the first byte, and one header each way.
    setTimeout(() => {
      flow.up.wire += 2 * headerBytes;
      flow.down.wire += headerBytes;
      lanes.up.join(client, far, (bytes, chunk) => {
        if (flow.up.payload === 0) flow.firstLine = chunk.toString("latin1").split("\r\n")[0]!;
        count(flow.up, flow.down, bytes);
      });
      lanes.down.join(far, client, (bytes) => count(flow.down, flow.up, bytes));
    }, roundTripMs);
    for (const socket of flow.sockets) socket.once("close", () => open.delete(flow));
  }

  function resetAll(): void {
    resets += open.size;
    for (const flow of open) for (const socket of flow.sockets) socket.resetAndDestroy();
  }

  let timer: NodeJS.Timeout | undefined;
  function resetLater(): void {
    if (options.resetEveryMs === null) return;
    const waitMs = -Math.log(1 - options.random()) * options.resetEveryMs;
    timer = setTimeout(() => {
      resetAll();
      resetLater();
    }, waitMs);
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true;
      clearTimeout(timer);
      lanes.up.stop();
      lanes.down.stop();
    },
    restore() {
      isCut = false;
      // What was under way when the link broke is long given up by one side or the other.
      for (const flow of open) for (const socket of flow.sockets) socket.resetAndDestroy();
      lanes.up.start();
      lanes.down.start();
      const nowMs = performance.now();
      for (const [client, sinceMs] of hanging) {
        const at = synRetriesMs.map((ms) => sinceMs + ms).find((ms) => ms >= nowMs);
        if (at === undefined) continue;
        const start = setTimeout(() => {
          hanging.delete(client);
          client.emit("carried");
          carry(client);
        }, at - nowMs);
        client.once("close", () => clearTimeout(start));
      }
      resetLater();
    },
    carried(which) {
      const sum = { up: { payload: 0, wire: 0 }, down: { payload: 0, wire: 0 }, connections: 0 };
      for (const flow of flows) {
        if (!which(flow.firstLine)) continue;
        sum.connections++;
        for (const way of ["up", "down"] as const) {
          sum[way].payload += flow[way].payload;
          sum[way].wire += flow[way].wire;
        }
      }
      return sum;
    },
    resets: () => resets,
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      for (const socket of hanging.keys()) socket.destroy();
      for (const flow of open) for (const socket of flow.sockets) socket.destroy();
      lanes.up.stop();
      lanes.down.stop();
      server.close();
      await once(server, "close");
    },
  };
}

/** A segment, and the acknowledgement that every second one has. */
function count(way: Carried, back: Carried, bytes: number): void {
  way.payload += bytes;
  way.wire += bytes + headerBytes;
  back.wire += headerBytes / 2;
}
