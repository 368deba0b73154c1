import { createServer, request as makeRequest } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { listen } from "../support/listen.ts";
import { whole } from "../support/random.ts";

/*
 * Stands between an agent and the collector and does to their requests what networks do. It takes each request whole
 * before it does anything, so that a fault hits the same place of it on every machine.
 */
export const linkFaults = [
  /** The collector gets it, and its answer goes nowhere. */
  "ack.dropped",
  /** The collector gets it twice, at once or one after the other. */
  "batch.doubled",
  /** The agent is cut off; what it sent arrives seconds later, behind what it sends meanwhile. */
  "batch.late",
  /** The collector gets a part of it. */
  "request.cut",
  /** The agent gets a part of the answer. */
  "answer.cut",
  /** Nothing moves for a while, then all goes on, or the connection ends. */
  "stalled",
  /** No connection holds. */
  "link.cut",
  /** Somebody else answers: a portal, a proxy whose collector is away. */
  "answer.foreign",
] as const;
export type LinkFault = (typeof linkFaults)[number];

export interface Link extends AsyncDisposable {
  /** The collector's address as the agent is told. */
  address: string;
  /** What happens to requests from now on, each with the chance; null: nothing. */
  disturb(fault: LinkFault | null, chance?: number): void;
  /** Resolves when nothing is held back any more. */
  settled(): Promise<void>;
  /** How many requests it did this to. */
  counts: ReadonlyMap<LinkFault, number>;
}

interface Taken {
  request: IncomingMessage;
  response: ServerResponse;
  body: Buffer;
}

interface Answer {
  status: number;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

const longestHoldMs = 2_500;

/** `collector`: where it listens, host:port. `random`: of this link alone. */
export async function createLink(
  collector: { host: string; port: number },
  random: () => number,
): Promise<Link> {
  let fault: LinkFault | null = null;
  let chance = 1;
  const counts = new Map<LinkFault, number>();
  const held = new Set<Promise<unknown>>();

  function hold(work: Promise<unknown>): void {
    // A collector that was killed meanwhile takes nothing, as in life.
    const done = work.catch(() => undefined).finally(() => held.delete(done));
    held.add(done);
  }

  function forward({ request, body }: Taken, bytes = body.length): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { method, url: path, headers } = request;
      const onward = makeRequest({ ...collector, method, path, headers, agent: false }, (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("error", reject);
        answer.on("end", () =>
          resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(parts) }),
        );
      });
      onward.on("error", reject);
      if (bytes === body.length) onward.end(body);
      else onward.write(body.subarray(0, bytes), () => onward.destroy(new Error("cut")));
    });
  }

  const pass = async (taken: Taken) => answer(taken, await forward(taken));

  const work: Record<LinkFault, (taken: Taken) => Promise<void>> = {
    async "ack.dropped"(taken) {
      await forward(taken);
      taken.response.destroy();
    },
    async "batch.doubled"(taken) {
      if (random() < 0.5) {
        const [first] = await Promise.all([forward(taken), forward(taken)]);
        return answer(taken, first);
      }
      await forward(taken);
      return pass(taken);
    },
    async "batch.late"(taken) {
      const delayMs = 200 + whole(random, longestHoldMs);
      hold(sleep(delayMs).then(() => forward(taken)));
      taken.response.destroy();
    },
    async "request.cut"(taken) {
      hold(forward(taken, whole(random, taken.body.length)));
      taken.response.destroy();
    },
    async "answer.cut"(taken) {
      const { status, headers, body } = await forward(taken);
      const part = body.subarray(0, whole(random, body.length));
      taken.response.writeHead(status, { ...headers, "content-length": String(body.length) });
      taken.response.write(part, () => taken.response.destroy());
    },
    async stalled(taken) {
      const goesOn = random() < 0.5;
      await sleep(whole(random, longestHoldMs));
      if (goesOn) return pass(taken);
      taken.response.destroy();
    },
    async "link.cut"(taken) {
      taken.response.destroy();
    },
    async "answer.foreign"({ response }) {
      const [status, text] = [
        [302, ""],
        [200, "<html>Selamat datang"],
        [502, "Bad Gateway"],
      ][whole(random, 3)]!;
      response.writeHead(status as number, { "content-type": "text/html", location: "/login" }).end(text);
    },
  };

  async function handle(taken: Taken): Promise<void> {
    const kind = fault !== null && random() < chance ? fault : null;
    if (kind !== null) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    try {
      await (kind === null ? pass(taken) : work[kind](taken));
    } catch {
      // The collector is down, or went down: nobody answers.
      taken.response.destroy();
    }
  }

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    request.on("end", () => hold(handle({ request, response, body: Buffer.concat(parts) })));
  });
  const listening = await listen(server);
  return {
    address: `http://127.0.0.1:${listening.port}`,
    disturb(next, nextChance = 1) {
      fault = next;
      chance = nextChance;
    },
    async settled() {
      while (held.size > 0) await Promise.all(held);
    },
    counts,
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}

function answer({ response }: Taken, { status, headers, body }: Answer): void {
  response.writeHead(status, headers).end(body);
}
