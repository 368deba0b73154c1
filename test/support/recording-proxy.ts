import { writeFileSync } from "node:fs";
import { createServer, request as forward } from "node:http";
import { join } from "node:path";

/**
 * Stands before the collector, keeps every batch as it came over the wire (headers that matter, body) and passes it on.
 * Also takes webhooks at /hook and keeps them. Arguments: address, port, address and port of the collector, folder.
 */
const [address, port, targetHost, targetPort, folder] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
let count = 0;

function keep(kind: string, headers: Record<string, unknown>, body: Buffer): void {
  count += 1;
  const name = `${kind}-${String(count).padStart(6, "0")}.json`;
  const kept = { receivedMs: Date.now(), headers, body: body.toString("base64") };
  writeFileSync(join(folder, name), JSON.stringify(kept));
}

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts);
    if (request.url === "/hook") {
      keep("hook", request.headers, body);
      response.writeHead(204).end();
      return;
    }
    if (request.url === "/api/v1/batches") keep("batch", request.headers, body);
    const onward = forward(
      {
        host: targetHost,
        port: Number(targetPort),
        path: request.url,
        method: request.method,
        headers: request.headers,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.writeHead(502).end());
    onward.end(body);
  });
});
server.listen(Number(port), address);
process.once("SIGTERM", () => process.exit(0));
