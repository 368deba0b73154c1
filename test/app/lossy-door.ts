import { createServer, request as ask } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { listen } from "../support/listen.ts";

/** What happens to a request: a captive portal answers it, its answer is lost, or nothing. */
export type Fate = "portal" | "lost" | "passed";

/** A door in front of a collector that does to each request what it is told; async disposal closes it. */
export async function openLossyDoor(to: string, fateOf: (path: string) => Fate) {
  async function forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = incoming.url!;
    const fate = fateOf(path);
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    if (fate === "portal") {
      outgoing.writeHead(403, { "content-type": "text/html" }).end("<h1>Beli kuota dahulu</h1>");
      return;
    }
    const { method, headers } = incoming;
    const passed = ask(`${to}${path}`, { method, headers, agent: false });
    passed.on("error", () => outgoing.destroy());
    passed.on("response", (answer) => {
      if (fate === "lost") {
        answer.resume().on("end", () => outgoing.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    passed.end(Buffer.concat(chunks));
  }

  return listen(
    createServer((incoming, outgoing) => {
      forward(incoming, outgoing).catch(() => outgoing.destroy());
    }),
  );
}
