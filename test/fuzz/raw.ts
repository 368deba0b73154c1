import { connect } from "node:net";
import fc from "fast-check";
import type { UnderFire } from "./under-fire.ts";

/*
 * What no client library would send: written on the socket as it is.
 */

export interface RawCase {
  lines: string[];
  body: string;
  /** A second request behind the first: it must be answered as its own, or not at all. */
  isTwo: boolean;
}

const starts = [
  "POST /api/v1/batches HTTP/1.1",
  "GET /livez HTTP/1.1",
  "GET /api/v1/sites HTTP/1.1",
  "POST /api/v1/batches HTTP/1.0",
  "POST /api/v1/batches HTTP/9.9",
  "GET http://other.test/api/v1/sites HTTP/1.1",
  "GET * HTTP/1.1",
  "GET //livez HTTP/1.1",
  "GET /../../etc/passwd HTTP/1.1",
  "CONNECT other.test:443 HTTP/1.1",
  "BREW /pot HTCPCP/1.0",
  "PRI * HTTP/2.0",
  `GET /${"a".repeat(20_000)} HTTP/1.1`,
  "GET /livez",
  "\u0016\u0003\u0001\u0002\u0000",
  "",
];
const headerLines = [
  "Host: a",
  "Host: a\r\nHost: b",
  "Host: http://[",
  "Host: a/../b?c#d",
  "Host: ",
  "Content-Length: 5",
  "Content-Length: 5\r\nContent-Length: 6",
  "Content-Length: -1",
  "Content-Length: +5",
  "Content-Length: 0x10",
  "Content-Length: 99999999999999999999",
  "Content-Length: 5, 5",
  "Content-Length: 1048577",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: chunked, identity",
  "Transfer-Encoding: xchunked",
  "Transfer-Encoding:\vchunked",
  "Transfer-Encoding : chunked",
  "transfer-encoding: gzip, chunked",
  "Expect: 100-continue",
  "Expect: something",
  "Upgrade: websocket\r\nConnection: Upgrade",
  "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings",
  "Connection: close",
  "Connection: keep-alive",
  " folded: line",
  "No-Colon",
  ": nameless",
  "Nul: a\0b",
  `Long: ${"x".repeat(3e4)}`,
  Array.from({ length: 3e3 }, (_, n) => `H${n}: v`).join("\r\n"),
  "Content-Encoding: gzip\r\nContent-Encoding: zstd",
  "Authorization: Bearer KEY",
  "Authorization: Bearer KEY\r\nAuthorization: Bearer other",
];
const bodies = [
  "",
  "{}",
  "12345",
  "0\r\n\r\n",
  "5\r\n12345\r\n0\r\n\r\n",
  "FFFFFFFFFFFFFFFFF\r\nx",
  "-1\r\nx\r\n",
  "5;ext=1\r\n12345\r\n0\r\n",
  "5\n12345\n0\n\n",
  `${"0".repeat(2e4)}5\r\n12345\r\n0\r\n\r\n`,
  `5;${"e".repeat(2e4)}\r\n`,
  "0\r\nTrailer: x\r\n\r\n",
];

export const rawCase: fc.Arbitrary<RawCase> = fc.record({
  lines: fc
    .tuple(
      fc.constantFrom(...starts),
      fc.array(
        fc.oneof(
          { weight: 5, arbitrary: fc.constantFrom(...headerLines) },
          { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
        ),
        { maxLength: 5 },
      ),
    )
    .map(([start, headers]) => [start, ...headers]),
  body: fc.constantFrom(...bodies),
  isTwo: fc.boolean(),
});

const second = "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/**
 * Sends it, ends the sending side, and reads until the collector closes. Answers the statuses that came. A connection
 * that it closes without a word is an answer too.
 */
export function fireRaw(one: RawCase, { port, agent }: Pick<UnderFire, "port" | "agent">): Promise<number[]> {
  const text = `${one.lines.join("\r\n")}\r\n\r\n${one.body}${one.isTwo ? second : ""}`;
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let heard = "";
    const limit = setTimeout(() => {
      socket.destroy();
      reject(new Error(`the connection stayed open; heard ${JSON.stringify(heard.slice(0, 500))}`));
    }, 60_000);
    socket.setEncoding("latin1");
    socket.on("data", (part: string) => (heard += part));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(limit);
      resolve([...heard.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map((found) => Number(found[1])));
    });
    socket.end(Buffer.from(text.replaceAll("KEY", agent.key), "latin1"));
  });
}

/** Whether two parties may read its length differently: then nobody may answer more than a refusal. */
export function isAmbiguous({ lines }: RawCase): boolean {
  const has = (pattern: RegExp) => lines.join("\r\n").match(pattern)?.length ?? 0;
  const lengths = has(/^content-length\s*:/gim);
  const encodings = has(/^transfer-encoding\s*:/gim);
  return lengths > 1 || (lengths > 0 && encodings > 0);
}
