import type { TLSSocket } from "node:tls";

/**
 * Seconds until the first certificate of the chain expires, negative once it has; null when the server showed none.
 * An intermediate that runs out cuts citizens off as surely as the server's own.
 */
export function chainExpiresS(socket: TLSSocket, nowMs: number): number | null {
  const seen = new Set<string>();
  let earliestMs = Infinity;
  // The issuer of a root is the root itself, which ends the walk; an empty object stands for "none".
  let certificate = socket.getPeerCertificate(true);
  while (certificate?.fingerprint256 !== undefined && !seen.has(certificate.fingerprint256)) {
    seen.add(certificate.fingerprint256);
    earliestMs = Math.min(earliestMs, Date.parse(certificate.valid_to));
    certificate = certificate.issuerCertificate;
  }
  return Number.isFinite(earliestMs) ? Math.floor((earliestMs - nowMs) / 1000) : null;
}
