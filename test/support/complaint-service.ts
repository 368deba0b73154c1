import { createServer } from "node:http";

/**
 * A complaint service as a program of its own: an HTTP server that can be killed and started again. Its page says what
 * the real one is known to say.
 */
const [address, port] = process.argv.slice(2);
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
const server = createServer((_request, response) => {
  response.setHeader("Content-Type", "text/html");
  response.end(page);
});
server.listen(Number(port), address);
process.once("SIGTERM", () => process.exit(0));
