import { createServer as createHttpServer } from "node:http";
import { listen } from "../support/listen.ts";
import type { Listening } from "../support/listen.ts";

/** A page of a complaint service on a free port of the loopback. */
export function startPage(): Promise<Listening> {
  return listen(createHttpServer((_request, response) => response.end("<h1>SP4N-LAPOR!</h1>")));
}
