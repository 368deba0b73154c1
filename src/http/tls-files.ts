import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { SecureContextOptions } from "node:tls";
import type { HttpLogger } from "./env.ts";

/** Where certificate and key are: PEM files. */
export interface TlsFiles {
  /** The server's certificate, with or without those that signed it. */
  cert: string;
  key: string;
  /** Certificates that signed it, where they are not in `cert`; sent along. */
  ca?: string | undefined;
  /** Authorities whose certificates clients may show. */
  clientCa?: string | undefined;
}

export interface TlsMaterial {
  context: SecureContextOptions;
  /** All that was read, to see a change. */
  fingerprint: string;
  /** End of the certificate, epoch ms. */
  validToMs: number;
}

/** Reads the files and tries them together. Throws an error that names the key of the configuration and the file. */
export function readTlsFiles(files: TlsFiles): TlsMaterial {
  const cert = readPem(files, "cert");
  const key = readPem(files, "key");
  const ca = files.ca === undefined ? "" : readPem(files, "ca");
  const clientCa = files.clientCa === undefined ? null : readPem(files, "clientCa");
  const own = tried(files, "cert", () => new X509Certificate(cert));
  const isPair = tried(files, "key", () => own.checkPrivateKey(createPrivateKey(key)));
  if (!isPair) throw new Error(`tls.key: ${files.key} is not the key of the certificate in ${files.cert}`);
  if (clientCa !== null) tried(files, "clientCa", () => new X509Certificate(clientCa));
  const context: SecureContextOptions = {
    cert: ca === "" ? cert : `${cert}\n${ca}`,
    key,
    minVersion: "TLSv1.2",
    ...(clientCa === null ? {} : { ca: clientCa }),
  };
  tried(files, files.ca === undefined ? "cert" : "ca", () => createSecureContext(context));
  return {
    context,
    fingerprint: [cert, key, ca, clientCa].join("\0"),
    validToMs: Date.parse(own.validTo),
  };
}

export interface TlsWatch {
  /** Looks now, whatever the interval. */
  look(): void;
  stop(): void;
}

/**
 * Looks for other contents of the files every `everyMs` and hands them over. What cannot be used leaves the old ones in
 * force and is told once: a certificate whose key is still to come, and also one that has expired already.
 */
export function watchTlsFiles(options: {
  files: TlsFiles;
  inForce: TlsMaterial;
  everyMs: number;
  nowMs: () => number;
  logger: HttpLogger;
  use: (context: SecureContextOptions) => void;
}): TlsWatch {
  const { files, logger, nowMs } = options;
  let { fingerprint } = options.inForce;
  let told = "";

  function look(): void {
    try {
      const found = readTlsFiles(files);
      if (found.fingerprint === fingerprint) return;
      if (found.validToMs <= nowMs()) throw new Error(`tls.cert: ${files.cert} has expired`);
      options.use(found.context);
      fingerprint = found.fingerprint;
      told = "";
      logger.info({ cert: files.cert, validTo: new Date(found.validToMs).toISOString() }, "new certificate");
    } catch (error) {
      const { message } = error as Error;
      if (message === told) return;
      told = message;
      logger.error({ why: message }, "the certificate was not reloaded, the old one stays in force");
    }
  }

  const timer = setInterval(look, options.everyMs).unref();
  return { look, stop: () => clearInterval(timer) };
}

function readPem(files: TlsFiles, name: keyof TlsFiles): string {
  return tried(files, name, () => readFileSync(files[name]!, "utf8"));
}

/** OpenSSL's messages do not repeat what is in the files. */
function tried<T>(files: TlsFiles, name: keyof TlsFiles, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Error(`tls.${name}: ${files[name]} cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
