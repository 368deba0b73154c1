import { once } from "node:events";
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import { Webhook } from "standardwebhooks";

/*
 * The other ends of a storm: a real SMTP server, a receiver that checks signatures by the public library, and servers that
 * answer as Telegram, WhatsApp and ntfy do. Each fails now and then, in turn by every fault that it knows: 429 with a wait,
 * 5xx, a connection that is cut, and no answer in time. A message that was taken before its answer got lost is a message
 * that was taken.
 */

export interface Taken {
  channel: string;
  /** What the receiver tells messages apart by; "" where it has nothing. */
  id: string;
  body: string;
}

const faults = ["429", "500", "cut", "none", "503"] as const;

export interface StormWorld extends AsyncDisposable {
  taken: Taken[];
  refused: Record<(typeof faults)[number], number>;
  /** Messages that were taken while the sender no longer listened: it will send them once more. */
  unheard(): number;
  /** Signatures that were not right, and whatever else is wrong with a request. */
  errors: unknown[];
  urls: { hook: string; telegram: string; whatsapp: string; ntfy: string; mailPort: number };
  /** From now on every request is answered well. */
  mend(): void;
}

/** What a mail says, its lines joined again and its bytes read as what they are. */
export function read({ channel, body }: Taken): string {
  if (channel !== "mail") return body;
  return body
    .replace(/=\r?\n/g, "")
    .replace(/=3D/g, "=")
    .replace(/\r?\n /g, " ");
}

/** Which message of an incident a text is: the number that storm-events.ts put in. */
export function nth(text: string): number {
  return Number(/(?:Penduduk terdampak: |"known":)(\d)/.exec(text)?.[1]);
}

/** Every `every`th request of each peer fails; 0: none. Those that are `dead` answer 500 to all, also after they are mended. */
export async function createStormWorld(
  secret: string,
  every: number,
  dead: readonly string[] = [],
): Promise<StormWorld> {
  const taken: Taken[] = [];
  const world = { unheard: 0, errors: [] as unknown[] };
  const refused = { "429": 0, "500": 0, cut: 0, none: 0, "503": 0 };
  const counts = new Map<string, number>();
  const webhook = new Webhook(secret);
  const closing: (() => Promise<void>)[] = [];
  let number = 0;
  let isMended = false;

  function fails(channel: string): (typeof faults)[number] | null {
    const count = (counts.get(channel) ?? 0) + 1;
    counts.set(channel, count);
    if (dead.includes(channel)) return "500";
    if (isMended || every === 0 || count % every !== 0) return null;
    // A mail server has one way to say that it will not now.
    if (channel === "mail") return "503";
    const failed = Object.values(refused).reduce((sum, one) => sum + one, 0);
    const fault = faults[failed % faults.length]!;
    refused[fault] += 1;
    return fault;
  }

  async function listen(
    channel: string,
    good: (response: ServerResponse) => void,
    refusal: (response: ServerResponse, status: number) => void,
    idOf: (headers: Record<string, string>, body: string) => string,
  ): Promise<string> {
    const server = createServer((request, response) => {
      void (async () => {
        const body = await text(request);
        const fault = fails(channel);
        const id = idOf(request.headers as Record<string, string>, body);
        response.once("close", () => {
          if (fault === null && !response.writableFinished) world.unheard += 1;
        });
        if (fault === "cut") request.socket.destroy();
        else if (fault === "none") setTimeout(() => response.destroy(), 5_000).unref();
        else if (fault === null) {
          taken.push({ channel, id, body });
          good(response);
        } else refusal(response, Number(fault));
      })().catch((error: unknown) => {
        world.errors.push(error);
        response.destroy();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    closing.push(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const json = (response: ServerResponse, status: number, body: object, headers = {}) =>
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  const wait = { "retry-after": "20" };
  const hook = await listen(
    "hook",
    (response) => response.writeHead(204).end(),
    (response, status) => response.writeHead(status, status === 429 ? wait : {}).end(),
    (headers, body) => {
      webhook.verify(body, headers);
      return headers["webhook-id"]!;
    },
  );
  const telegram = await listen(
    "telegram",
    (response) => json(response, 200, { ok: true, result: { message_id: (number += 1) } }),
    (response, status) =>
      json(response, status, {
        ok: false,
        error_code: status,
        description: "Too Many Requests",
        ...(status === 429 ? { parameters: { retry_after: 20 } } : {}),
      }),
    () => "",
  );
  const whatsapp = await listen(
    "whatsapp",
    (response) => json(response, 200, { messages: [{ id: `wamid.${(number += 1)}` }] }),
    (response, status) =>
      json(response, status, { error: { code: status === 429 ? 130_429 : 1, message: "x" } }),
    () => "",
  );
  const ntfy = await listen(
    "ntfy",
    (response) => json(response, 200, { id: `n${(number += 1)}`, event: "message" }),
    (response, status) => json(response, status, { code: status, error: "x" }, status === 429 ? wait : {}),
    () => "",
  );
  const mailPort = await listenForMail(
    (id, body) => taken.push({ channel: "mail", id, body }),
    () => fails("mail"),
    closing,
  );
  return {
    taken,
    refused,
    unheard: () => world.unheard,
    errors: world.errors,
    urls: { hook, telegram, whatsapp, ntfy, mailPort },
    mend: () => (isMended = true),
    async [Symbol.asyncDispose]() {
      await Promise.all(closing.map((close) => close()));
    },
  };
}

async function listenForMail(
  take: (id: string, body: string) => void,
  fails: () => string | null,
  closing: (() => Promise<void>)[],
): Promise<number> {
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    logger: false,
    onData(stream, _session, done) {
      void (async () => {
        const body = await text(stream);
        const fault = fails();
        if (fault !== null) {
          done(Object.assign(new Error("try again later"), { responseCode: 451 }));
          return;
        }
        take(/^Message-ID: (.+)$/im.exec(body)![1]!.trim(), body);
        done();
      })().catch(() => {
        // The sender was killed while it spoke; nobody is left to be answered.
      });
    },
  });
  server.on("error", () => {});
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  closing.push(() => new Promise((resolve) => server.close(() => resolve())));
  return (server.server.address() as AddressInfo).port;
}
