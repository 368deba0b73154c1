import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { TLSSocket } from "node:tls";
import type { CollectorTime } from "./collector-time.ts";

/*
 * Whom the agent takes for its collector. OpenSSL judges first: chain, name, and validity by this machine's clock. A
 * board without a battery clock boots in 1970, when every certificate is of the future, and gets its time from the
 * collector: it could never begin. So with a pinned CA, and for nothing but validity, there is a second judgement: chain
 * and name are verified here, and validity by the time that the collector told in this start; while it has told none,
 * the certificate must only not have ended before the latest time that is certain to have passed.
 *
 * The chain is verified anew, since OpenSSL reports one fault alone, the last one that it found: an expired certificate
 * of a stranger is "expired" to it too.
 */

export class TrustError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = "TrustError";
    this.code = code;
  }
}

export interface Trust {
  /** PEM certificates of the pinned CA; null: those that Node ships. */
  ca: readonly string[] | null;
  time: Pick<CollectorTime, "nowMs" | "floorMs">;
  /** The machine's clock, epoch ms; for the message alone. */
  wallMs: () => number;
}

const wrongName = "ERR_TLS_CERT_ALTNAME_INVALID";
const aboutValidity = ["CERT_NOT_YET_VALID", "CERT_HAS_EXPIRED"];

/** Throws TrustError when the other side is not to be told anything. `host` as in the server's address. */
export function assertTrusted(socket: TLSSocket, host: string, { ca, time, wallMs }: Trust): void {
  if (socket.authorized) return;
  // Typed as an Error; it is the code.
  const code = String(socket.authorizationError);
  const chain = chainOf(socket);
  const refusal = (why: string, message: string, atMs = wallMs()) =>
    new TrustError(why, describe({ code: why, message, isPinned: ca !== null, atMs }));
  if (ca === null || !aboutValidity.includes(code)) {
    throw refusal(
      code,
      code === wrongName ? nameFault(host, chain) : (wordsFor[code] ?? "it cannot be verified"),
    );
  }
  const authorities = ca.map((pem) => new X509Certificate(pem));
  if (!isIssuedBy(chain, authorities) || !isForServers(chain[0]!)) {
    throw refusal("UNABLE_TO_GET_ISSUER_CERT", "it was not issued to a server by the pinned CA");
  }
  const isNamed = isIP(host) === 0 ? chain[0]!.checkHost(host) : chain[0]!.checkIP(host);
  if (isNamed === undefined) throw refusal(wrongName, nameFault(host, chain));
  const nowMs = time.nowMs();
  for (const { validFromDate, validToDate } of chain) {
    const isEarly = nowMs !== null && validFromDate.getTime() > nowMs;
    const isLate = validToDate.getTime() < (nowMs ?? time.floorMs());
    if (isEarly) throw refusal("CERT_NOT_YET_VALID", "it is not valid yet", nowMs);
    if (isLate) throw refusal("CERT_HAS_EXPIRED", "it has expired", nowMs ?? time.floorMs());
  }
}

/** The certificates of the other side, its own first, as it sent them. */
function chainOf(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next = socket.getPeerX509Certificate();
  // A self-signed one names itself as its issuer. Ten are more than any chain has.
  while (next !== undefined && chain.length < 10) {
    const { fingerprint256 } = next;
    if (chain.some((other) => other.fingerprint256 === fingerprint256)) break;
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
}

/** Whether each is signed by the next, and one of them by an authority (or is one). Cuts off what comes after. */
function isIssuedBy(chain: X509Certificate[], authorities: readonly X509Certificate[]): boolean {
  for (const [index, certificate] of chain.entries()) {
    if (index > 0 && !certificate.ca) return false;
    const isAuthority = authorities.some(({ raw }) => raw.equals(certificate.raw));
    if (isAuthority || authorities.some((authority) => isSignedBy(certificate, authority))) {
      chain.length = index + 1;
      return true;
    }
    const issuer = chain[index + 1];
    if (issuer === undefined || !isSignedBy(certificate, issuer)) return false;
  }
  return false;
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** Extended key usage: none named, or a server's. The same CA may have issued the agents' own. */
function isForServers({ keyUsage }: X509Certificate): boolean {
  const usages = keyUsage as string[] | undefined;
  return usages === undefined || usages.includes("1.3.6.1.5.5.7.3.1");
}

function nameFault(host: string, [own]: readonly X509Certificate[]): string {
  return `it is not for ${host} but for ${own?.subjectAltName ?? "nobody"}`;
}

const wordsFor: Record<string, string> = {
  CERT_NOT_YET_VALID: "it is not valid yet",
  CERT_HAS_EXPIRED: "it has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "it vouches for itself alone",
  SELF_SIGNED_CERT_IN_CHAIN: "its CA is not known here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "its CA is not known here, or the server does not send the certificate between",
  UNABLE_TO_GET_ISSUER_CERT: "its CA is not known here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its CA is not known here",
};

function describe(fault: { code: string; message: string; isPinned: boolean; atMs: number }): string {
  const { code, message, isPinned, atMs } = fault;
  const what = `the collector's certificate is not accepted: ${message} (${code})`;
  if (!aboutValidity.includes(code)) return `${what}${isPinned ? "; the CA is pinned by --ca" : ""}`;
  const advice = isPinned ? "" : ". Where that is wrong: let the board have NTP, or pin the CA with --ca";
  return `${what}; the time here is ${new Date(atMs).toISOString()}${advice}`;
}
