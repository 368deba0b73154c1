import { createServer as createHttp } from "node:http";
import type { RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";

/** Answers every request with as many bytes of JSON as it asks for: node run-server.ts '{"port": 1, …}'. */
const { port, tls, keepAliveMs } = JSON.parse(process.argv[2]!) as {
  port: number;
  tls?: { key: string; cert: string };
  keepAliveMs?: number;
};

const answer: RequestListener = (request, response) => {
  request.resume().on("end", () => {
    if (request.url === "/livez") return void response.end("ok");
    const bytes = Number(request.headers["x-answer-bytes"] ?? 2);
    response.writeHead(200, { "content-type": "application/json" });
    // Zeros would be no less: nothing compresses on the way.
    response.end(`"${"x".repeat(Math.max(0, bytes - 2))}"`);
  });
};
const server = tls === undefined ? createHttp(answer) : createHttps(tls, answer);
server.keepAliveTimeout = keepAliveMs ?? 3_600_000;
server.listen(port, "0.0.0.0", () => process.stdout.write("{}\n"));
process.stdin.resume().once("end", () => process.exit(0));
