import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { Note } from "../probe.ts";

/** No chain of use is this long; a server may send what it likes. */
const maxDepth = 10;

/** The certificates that the server sent, its own first and each followed by its issuer's. */
export function readChain(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let certificate = socket.getPeerX509Certificate();
  while (certificate !== undefined && chain.length < maxDepth) {
    chain.push(certificate);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

/**
 * Seconds until the first certificate of the chain expires, negative once it has; null when the server showed none.
 * An intermediate that runs out cuts citizens off as surely as the server's own. A chain that verifies cannot rest on
 * a certificate that has expired: one in it is sent along for old clients, and says nothing about today's.
 */
export function chainExpiresS(
  chain: readonly X509Certificate[],
  isVerified: boolean,
  nowMs: number,
): number | null {
  const ends = chain
    .map(({ validToDate }) => validToDate.getTime())
    .filter((endMs, depth) => depth === 0 || !isVerified || endMs > nowMs);
  return ends.length === 0 ? null : Math.floor((Math.min(...ends) - nowMs) / 1000);
}

/**
 * OpenSSL's name of what is wrong with the chain, such as CERT_HAS_EXPIRED, or Node's for a certificate of another
 * host (ERR_TLS_CERT_ALTNAME_INVALID); null when nothing is.
 */
export function tlsErrorOf({ authorized, authorizationError }: TLSSocket): string | null {
  if (authorized) return null;
  // The declared type is Error; what Node sets is the code, or the message of an error that has none.
  const name = String(authorizationError);
  return /^[A-Z][A-Z0-9_]{1,63}$/.test(name) ? name : "UNSPECIFIED";
}

export function noteChain(chain: readonly X509Certificate[], note: Note): void {
  for (const [depth, certificate] of chain.entries()) {
    note("certificate", {
      depth,
      subject: oneLine(certificate.subject),
      ...(depth === 0 ? { names: oneLine(certificate.subjectAltName) } : {}),
      issuer: oneLine(certificate.issuer),
      validFrom: certificate.validFromDate.toISOString(),
      validTo: certificate.validToDate.toISOString(),
    });
  }
}

const oneLine = (name: string | undefined) => (name ?? "").replaceAll("\n", ", ").slice(0, 500);
