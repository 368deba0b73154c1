import { createServer } from "node:http";

/** A complaint service as a program of its own: an HTTP server that can be killed and started again. */
const [address, port] = process.argv.slice(2);
const server = createServer((_request, response) => {
  response.setHeader("Content-Type", "text/html");
  response.end(
    "<!doctype html><title>SP4N-LAPOR!</title><h1>Layanan Aspirasi dan Pengaduan Online Rakyat</h1>",
  );
});
server.listen(Number(port), address);
process.once("SIGTERM", () => process.exit(0));
