import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { HttpTarget } from "#wire/agent-config-v1.ts";
import { roundMs } from "#wire/units.ts";
import { startDeadline } from "../deadline.ts";
import { dataOnly } from "../failure.ts";
import type { Deadline } from "../deadline.ts";
import type { Clock, HttpSample, ProbeFn } from "../probe.ts";
import type { Resolve } from "../resolve.ts";
import { chainExpiresS } from "./certificate.ts";
import { bodyHolds, connectTcp, getHead, startTls } from "./stages.ts";

/*
 * One check of a web address, each on a connection of its own, since a citizen's phone has none open either.
 *
 * phase is where it broke: dns, connect and tls also when the time ran out there; http for anything wrong with the
 * answer (status, a redirect too many, no answer at all); body for a text that is not there or a body that breaks
 * off; timeout when the time ran out after the connection stood.
 * dnsMs, connectMs, tlsMs and ttfbMs are the parts of the last address asked, one after another: ttfbMs counts from
 * the request to the head of the answer. dnsMs is null where the address is a number. totalMs is the whole round,
 * redirects included, and null when nothing answered.
 * The body is read only where a text is expected in it: on a thin uplink the head is enough to know that it is there.
 */
export function createHttpProbe(resolve: Resolve): ProbeFn<HttpTarget> {
  return async (target, context) => {
    using deadline = startDeadline(context);
    let url = new URL(target.url);
    for (let redirects = 0; ; redirects++) {
      using exchange = await ask(url, target, { resolve, deadline, clock: context.clock });
      const { sample, response } = exchange;
      const next = response === null ? null : redirectOf(response, url, target);
      if (next === null || redirects >= target.maxRedirects) {
        if (next !== null) sample.phase = "http";
        else if (response !== null) await judge(sample, response, target, deadline);
        sample.ok = sample.phase === null ? 1 : 0;
        if (sample.status !== null) sample.totalMs = roundMs(deadline.elapsedMs());
        return sample;
      }
      url = next;
    }
  };
}

interface Exchange extends Disposable {
  sample: HttpSample;
  /** Null when there is none to judge; the phase of the sample says why. */
  response: IncomingMessage | null;
}

interface Means {
  resolve: Resolve;
  deadline: Deadline;
  clock: Clock;
}

/** One request, up to the head of its answer. */
async function ask(url: URL, target: HttpTarget, { resolve, deadline, clock }: Means): Promise<Exchange> {
  const { signal } = deadline;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isSecure = url.protocol === "https:";
  const port = Number(url.port) || (isSecure ? 443 : 80);
  const sample = emptySample();
  const lap = startLaps(deadline);
  const open = new DisposableStack();
  const ended = (response: IncomingMessage | null): Exchange => ({
    sample,
    response,
    [Symbol.dispose]: () => open.dispose(),
  });
  try {
    sample.phase = "dns";
    const addresses = await resolve(host, deadline);
    const resolvedMs = lap();
    if (isIP(host) === 0) sample.dnsMs = resolvedMs;

    sample.phase = "connect";
    let socket = await connectTcp(addresses, port, signal);
    open.defer(() => socket.destroy());
    sample.connectMs = lap();

    if (isSecure) {
      sample.phase = "tls";
      const secure = await startTls(socket, host, signal);
      socket = secure;
      sample.tlsMs = lap();
      sample.certExpiresS = chainExpiresS(secure, clock.wallMs());
      if (target.verifyTls && !secure.authorized) return ended(null);
    }

    sample.phase = "http";
    const response = await getHead(url, socket, signal);
    sample.ttfbMs = lap();
    sample.status = toStatus(response.statusCode);
    sample.phase = null;
    return ended(response);
  } catch (error) {
    dataOnly(error);
    if (sample.phase === "http" && signal.aborted) sample.phase = "timeout";
    return ended(null);
  }
}

/** Where the answer sends the client, or null when it is to be judged as it is. */
function redirectOf(response: IncomingMessage, from: URL, target: HttpTarget): URL | null {
  const { statusCode = 0, headers } = response;
  const isRedirect = [301, 302, 303, 307, 308].includes(statusCode) && headers.location !== undefined;
  if (!isRedirect || target.expectStatus.includes(statusCode)) return null;
  const to = URL.parse(headers.location ?? "", from.href);
  if (to?.protocol !== "http:" && to?.protocol !== "https:") return null;
  // Whom to log in as is for the operator to say, not for a server.
  to.username = "";
  to.password = "";
  return to;
}

/** Sets the phase that the answer fails in, if it does. */
async function judge(
  sample: HttpSample,
  response: IncomingMessage,
  target: HttpTarget,
  deadline: Deadline,
): Promise<void> {
  if (!statusPasses(sample.status, response, target.expectStatus)) {
    sample.phase = "http";
    return;
  }
  if (target.expectText === null) return;
  const found = await bodyHolds(response, target.expectText).catch((error: unknown) => {
    dataOnly(error);
    return false;
  });
  if (!found) sample.phase = deadline.signal.aborted ? "timeout" : "body";
}

function statusPasses(
  status: number | null,
  response: IncomingMessage,
  expected: readonly number[],
): boolean {
  if (status === null) return false;
  if (expected.length > 0) return expected.includes(status);
  // A redirect that cannot be followed leads a citizen nowhere.
  const leadsNowhere = status >= 300 && response.headers.location !== undefined;
  return status >= 200 && status <= 399 && !leadsNowhere;
}

/** A status outside of what HTTP knows (RFC 9110 §15) cannot travel; the check fails on it. */
function toStatus(status: number | undefined): number | null {
  return status !== undefined && status >= 100 && status <= 599 ? status : null;
}

/** Gives the milliseconds since the last call. */
function startLaps(deadline: Deadline): () => number {
  let fromMs = deadline.elapsedMs();
  return () => {
    const nowMs = deadline.elapsedMs();
    const lapMs = roundMs(nowMs - fromMs);
    fromMs = nowMs;
    return lapMs;
  };
}

function emptySample(): HttpSample {
  return {
    kind: "http",
    ok: 0,
    phase: null,
    status: null,
    dnsMs: null,
    connectMs: null,
    tlsMs: null,
    ttfbMs: null,
    totalMs: null,
    certExpiresS: null,
  };
}
