import { isIP } from "node:net";
import type { Socket } from "node:net";
import type { HttpTarget } from "#wire/targets-v1.ts";
import { roundMs } from "#wire/units.ts";
import type { Deadline } from "../deadline.ts";
import { dataOnly } from "../failure.ts";
import type { Clock, HttpSample, Note } from "../probe.ts";
import type { Resolve } from "../resolve.ts";
import { addressesOf, connectPhase, connectTcp, nameOf } from "../tcp-connect.ts";
import { headerOf } from "./answer.ts";
import type { Answer } from "./answer.ts";
import { chainExpiresS, noteChain, readChain, tlsErrorOf } from "./certificate.ts";
import { startTls } from "./handshake.ts";
import { getOverHttp1 } from "./http1.ts";
import { getOverHttp2 } from "./http2.ts";
import { showUrl } from "./redirect.ts";

/** One request and the head of its answer, with the connection below. Dispose of it when it has been judged. */
export interface Exchange extends Disposable {
  sample: HttpSample;
  /** Null when there is none to judge; the phase of the sample says why. */
  answer: Answer | null;
}

export interface Means {
  resolve: Resolve;
  deadline: Deadline;
  clock: Clock;
  note: Note;
}

/** What one exchange has under way. */
interface Running extends Means {
  url: URL;
  target: HttpTarget;
  sample: HttpSample;
  /** Milliseconds since it was last asked. */
  lap: () => number;
  open: DisposableStack;
}

/** Asks for the address on a connection of its own. What the network does is in the sample. */
export async function ask(url: URL, target: HttpTarget, means: Means): Promise<Exchange> {
  using open = new DisposableStack();
  const sample = emptySample();
  const running = { ...means, url, target, sample, lap: startLaps(means.deadline), open };
  const answer = await perform(running).catch((error: unknown) => {
    dataOnly(error);
    if (sample.phase === "http" && means.deadline.signal.aborted) sample.phase = "timeout";
    if (sample.phase === "connect" && !means.deadline.signal.aborted) sample.phase = connectPhase(error);
    means.note("failed", { phase: sample.phase, error: nameOf(error) });
    return null;
  });
  const kept = open.move();
  return { sample, answer, [Symbol.dispose]: () => kept.dispose() };
}

/** Every step sets the phase before it begins, so that a rejection leaves it where the exchange broke. */
async function perform(running: Running): Promise<Answer> {
  const { url, target, sample, deadline, note, lap, open } = running;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isSecure = url.protocol === "https:";
  const port = Number(url.port || (isSecure ? 443 : 80));

  sample.phase = "dns";
  const addresses = await addressesOf(host, target.family, running);
  const resolvedMs = lap();
  if (isIP(host) === 0) sample.dnsMs = resolvedMs;

  sample.phase = "connect";
  let socket = await connectTcp(addresses, port, deadline, note);
  open.adopt(socket, (tcp) => tcp.destroy());
  sample.connectMs = lap();

  let isHttp2 = target.httpVersion === "2";
  if (isSecure) {
    sample.phase = "tls";
    const secure = await secureSocket(socket, host, running);
    isHttp2 = secure.alpnProtocol === "h2";
    socket = secure;
  }

  sample.phase = "http";
  note("request", { method: "GET", url: showUrl(url), httpVersion: isHttp2 ? "2" : "1.1" });
  const answer = await get(isHttp2, socket, running);
  sample.ttfbMs = lap();
  sample.status = toStatus(answer.status);
  sample.phase = null;
  note("answer", {
    status: answer.status,
    httpVersion: answer.httpVersion,
    ms: sample.ttfbMs,
    type: headerOf(answer, "content-type") || null,
  });
  return answer;
}

async function secureSocket(tcp: Socket, host: string, running: Running) {
  const { target, sample, deadline, clock, note, lap } = running;
  const socket = await startTls(tcp, host, target.httpVersion, deadline.signal);
  sample.tlsMs = lap();
  const chain = readChain(socket);
  sample.certExpiresS = chainExpiresS(chain, socket.authorized, clock.wallMs());
  sample.tlsError = tlsErrorOf(socket);
  note("tls", {
    protocol: socket.getProtocol(),
    cipher: socket.getCipher().name,
    alpn: socket.alpnProtocol || null,
    ms: sample.tlsMs,
    verified: socket.authorized,
    error: sample.tlsError,
  });
  noteChain(chain, note);
  if (target.verifyTls && !socket.authorized) throw new Error(`certificate: ${sample.tlsError}`);
  return socket;
}

async function get(isHttp2: boolean, socket: Socket, { url, deadline, open }: Running): Promise<Answer> {
  return isHttp2
    ? getOverHttp2(url, socket, deadline.signal, open)
    : getOverHttp1(url, socket, deadline.signal);
}

/** A status outside of what HTTP knows (RFC 9110 §15) cannot travel; the check fails on it. */
const toStatus = (status: number) => (status >= 100 && status <= 599 ? status : null);

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
    tlsError: null,
  };
}
