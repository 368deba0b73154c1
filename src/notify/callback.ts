import type { LookupAddress } from "node:dns";
import { request as requestHttp } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { BlockList, isIP } from "node:net";
import { createPrivateCheck } from "../inventory/private-address.ts";
import { retryAfterS } from "./http-post.ts";
import { createResolve } from "./resolve-name.ts";
import type { Resolve } from "./resolve-name.ts";

/*
 * POSTs to addresses that somebody outside has chosen. Such an address may be meant for something inside: a device on the
 * management network, the metadata service of a cloud, this program itself. So each name is resolved here, at registration
 * and again for each delivery, every address it has must be a public one, and the connection goes to the address that was
 * looked at: a name that points elsewhere a moment later changes nothing. No redirect is followed.
 */

/** Why a callback may not lead there; null: it may. Resolves within `lookMs`. */
export type CallbackCheck = (url: string) => Promise<string | null>;

export interface CallbackOptions {
  /** Private networks in which callbacks are allowed all the same, by http too: CIDR ranges. Default: none. */
  networks: readonly string[];
  /** Ends its work when the signal is aborted. Default: asks the system's name servers. */
  resolve?: Resolve;
  /** Longest look-up of an address that is to be registered, ms. Default 10,000. */
  lookMs?: number;
  /** Certificates of authorities beside the system's, PEM. */
  ca?: string;
}

export type CallbackOutcome =
  | { status: number; retryAfterS: number | undefined }
  /** No answer. */
  | { failed: string };

export interface Callback {
  check: CallbackCheck;
  post(
    url: string,
    message: { headers: Record<string, string>; body: string; timeoutMs: number },
    signal: AbortSignal,
    nowMs: number,
  ): Promise<CallbackOutcome>;
}

/** Bytes of an answer that are read before the connection is cut: what it says is of no interest. */
const maxAnswerBytes = 65_536;
const maxUrlLength = 2_000;

export const callbackAllowed =
  "an https address that resolves to public addresses alone, without user, password and fragment";

export function createCallback(options: CallbackOptions): Callback {
  const { resolve = createResolve(), lookMs = 10_000, ca } = options;
  const isPrivate = createPrivateCheck();
  const networks = rangesOf(options.networks);
  const isAllowed = ({ address, family }: LookupAddress) =>
    networks.check(address, family === 6 ? "ipv6" : "ipv4");

  /** The addresses that a connection may go to, or why there is none. */
  async function addressesOf(url: URL, signal: AbortSignal): Promise<readonly LookupAddress[] | string> {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const literal = isIP(host);
    let found: readonly LookupAddress[];
    try {
      found =
        literal === 0 ? await orAborted(resolve(host, signal), signal) : [{ address: host, family: literal }];
    } catch (error) {
      if (signal.aborted) throw error;
      return "its name does not resolve";
    }
    if (found.length === 0) return "its name does not resolve";
    if (found.every(isAllowed)) return found;
    if (url.protocol !== "https:") return "only https is allowed";
    // One private address among public ones is enough: which of them is taken is for chance to say.
    const bad = isPrivate(host) || found.some((one) => !isAllowed(one) && isPrivate(one.address));
    return bad ? "it leads to a private address" : found;
  }

  return {
    async check(given) {
      const url = parse(given);
      if (url === null) return "it is no such address";
      try {
        const found = await addressesOf(url, AbortSignal.timeout(lookMs));
        return typeof found === "string" ? found : null;
      } catch {
        return "its name does not resolve in time";
      }
    },
    async post(given, { headers, body, timeoutMs }, signal, nowMs) {
      const url = parse(given);
      if (url === null) return { failed: "not sent: it is no such address" };
      const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      try {
        const found = await addressesOf(url, within);
        if (typeof found === "string") return { failed: `not sent: ${found}` };
        const answer = await send(url, found, { headers, body, ca }, within);
        const waitS = retryAfterS(answer.headers["retry-after"] ?? null, nowMs);
        return { status: answer.statusCode!, retryAfterS: waitS };
      } catch (error) {
        return { failed: reasonOf(error, timeoutMs, within) };
      }
    },
  };
}

/** Ends the waiting for work that may not end itself. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason as Error);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  return Promise.race([work, aborted.promise]).finally(() => signal.removeEventListener("abort", abort));
}

function parse(given: string): URL | null {
  if (given.length > maxUrlLength || !URL.canParse(given)) return null;
  const url = new URL(given);
  const isWeb = url.protocol === "https:" || url.protocol === "http:";
  return isWeb && url.username === "" && url.password === "" && url.hash === "" ? url : null;
}

function rangesOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    list.addSubnet(address, bits === undefined ? (family === "ipv6" ? 128 : 32) : Number(bits), family);
  }
  return list;
}

/** Connects to the addresses given and to no other, on a connection of its own. */
function send(
  url: URL,
  addresses: readonly LookupAddress[],
  { headers, body, ca }: { headers: Record<string, string>; body: string; ca: string | undefined },
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request: ClientRequest = (url.protocol === "https:" ? requestHttps : requestHttp)(
      url,
      {
        method: "POST",
        headers: { ...headers, "content-length": String(Buffer.byteLength(body)) },
        agent: false,
        signal,
        ...(ca === undefined ? {} : { ca }),
        lookup(_name, options, done) {
          if (options.all === true) done(null, [...addresses]);
          else done(null, addresses[0]!.address, addresses[0]!.family);
        },
      },
      (answer) => {
        let bytes = 0;
        answer.on("data", (chunk: Buffer) => {
          bytes += chunk.byteLength;
          if (bytes > maxAnswerBytes) answer.destroy();
        });
        answer.on("error", () => {});
        resolve(answer);
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

function reasonOf(error: unknown, timeoutMs: number, signal: AbortSignal): string {
  if (signal.aborted && (signal.reason as Error).name === "TimeoutError")
    return `no answer within ${timeoutMs} ms`;
  const { code, message } = error as Error & { code?: string };
  return code ?? message;
}
