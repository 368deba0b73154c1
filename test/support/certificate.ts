import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { tempDir } from "./temp-dir.ts";

const run = promisify(execFile);

export interface Certificate {
  key: string;
  cert: string;
}

/** A self-signed certificate, made by the command openssl, for one host name or address and 30 days. */
export async function makeCertificate(host: { dns: string } | { ip: string }): Promise<Certificate> {
  using folder = tempDir();
  const [keyFile, certFile] = [folder.file("key.pem"), folder.file("cert.pem")];
  const name = "dns" in host ? `DNS:${host.dns}` : `IP:${host.ip}`;
  const ask = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=test".split(
    " ",
  );
  const files = ["-keyout", keyFile, "-out", certFile];
  await run("openssl", [...ask, "-addext", `subjectAltName=${name}`, ...files]);
  return { key: await readFile(keyFile, "utf8"), cert: await readFile(certFile, "utf8") };
}
