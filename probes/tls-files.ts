import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { SecureContext } from "node:tls";
import { UsageError } from "./usage-error.ts";

/** What TLS is spoken with, PEM. */
export interface TlsFiles {
  /** Certificates of the only CA that is accepted; null: those that Node ships. */
  ca: readonly string[] | null;
  /** The agent's own certificate, with those between it and its CA, and its key; null: it has none. */
  own: { cert: string; key: string } | null;
}

export interface TlsPaths {
  ca: string | null;
  cert: string | null;
  key: string | null;
}

/** Reads the files of `--ca`, `--cert` and `--key`. Throws UsageError with option, file and what is wrong; never a key. */
export function readTlsFiles({ ca, cert, key }: TlsPaths): TlsFiles {
  if ((cert === null) !== (key === null)) {
    throw new UsageError(cert === null ? "--key: not without --cert" : "--cert: not without --key");
  }
  const files: TlsFiles = { ca: ca === null ? null : certificatesOf("--ca", ca), own: null };
  if (files.ca !== null) assertAuthorities(ca!, files.ca);
  if (cert === null || key === null) return files;
  certificatesOf("--cert", cert);
  files.own = { cert: read("--cert", cert), key: read("--key", key) };
  try {
    createSecureContext(files.own);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `--key: ${key} is not the private key of ${cert}, in PEM without passphrase (${code})`,
    );
  }
  return files;
}

/**
 * The files as they are now, for each connection: a certificate of 90 days is renewed while the agent runs for years. What
 * cannot be read or does not belong together leaves what was read before in force, since a renewal writes one file after the
 * other; `onBad` hears of it once. The same object as long as nothing changed. Throws UsageError at the start alone.
 */
export function watchTlsFiles(paths: TlsPaths, onBad: (reason: string) => void): () => TlsFiles {
  let seen = stampOf(paths);
  let files = readTlsFiles(paths);
  let badReason = "";
  return () => {
    const stamp = stampOf(paths);
    if (stamp === seen) return files;
    try {
      files = readTlsFiles(paths);
      seen = stamp;
      badReason = "";
    } catch (error) {
      const { message } = error as Error;
      if (message !== badReason) onBad(message);
      badReason = message;
    }
    return files;
  };
}

/** Changes with any of the files. */
function stampOf({ ca, cert, key }: TlsPaths): string {
  const stamps = [ca, cert, key].map((path) => {
    const stat = path === null ? undefined : statSync(path, { throwIfNoEntry: false });
    return stat === undefined ? "" : `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`;
  });
  return stamps.join("|");
}

/** No TLS below 1.2: RFC 8996. */
export function tlsContext({ ca, own }: TlsFiles): SecureContext {
  return createSecureContext({
    minVersion: "TLSv1.2",
    ...(ca === null ? {} : { ca: [...ca] }),
    ...(own === null ? {} : own),
  });
}

function read(option: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`${option}: ${path} cannot be read (${code})`);
  }
}

function certificatesOf(option: string, path: string): string[] {
  const found = read(option, path).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0) throw new UsageError(`${option}: ${path} has no certificate; expected PEM`);
  for (const [index, pem] of found.entries()) {
    if (!isCertificate(pem))
      throw new UsageError(`${option}: certificate ${index + 1} in ${path} cannot be read`);
  }
  return found;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== null;
  } catch {
    return false;
  }
}

/** A server's own certificate, where it vouches for itself, is an authority too. */
function assertAuthorities(path: string, pems: readonly string[]): void {
  const wrong = pems.map((pem) => new X509Certificate(pem)).find((one) => !one.ca);
  if (wrong === undefined) return;
  const name = wrong.subject.replaceAll("\n", ", ");
  throw new UsageError(`--ca: ${path} has a certificate that is no CA's: ${name}`);
}
