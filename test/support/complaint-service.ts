import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";

/**
 * A complaint service as a program of its own: an HTTP server that can be killed and started again. Its page says what
 * the real one is known to say. With a key and a certificate, PEM files, it speaks TLS, and reads them again on SIGHUP.
 */
const [address, port, keyFile, certFile] = process.argv.slice(2);
const page = `<!doctype html>
<html lang="id">
<head><title>SP4N-LAPOR!</title></head>
<body>
<h1>Layanan Aspirasi dan Pengaduan Online Rakyat</h1>
<p>Sampaikan laporan Anda langsung kepada instansi pemerintah berwenang</p>
<form><input placeholder="Ketik Judul Laporan Anda *"><textarea placeholder="Ketik Isi Laporan Anda *"></textarea></form>
</body>
</html>
`;
const answer: RequestListener = (_request, response) => {
  response.setHeader("Content-Type", "text/html");
  response.end(page);
};

function overTls(key: string, cert: string) {
  const read = () => ({ key: readFileSync(key), cert: readFileSync(cert) });
  const server = createTlsServer(read(), answer);
  process.on("SIGHUP", () => server.setSecureContext(read()));
  return server;
}

const server =
  keyFile === undefined || certFile === undefined ? createServer(answer) : overTls(keyFile, certFile);
server.listen(Number(port), address);
process.once("SIGTERM", () => process.exit(0));
