import { createServer as createHttpServer } from "node:http";
import type { RequestListener } from "node:http";
import { createServer as createTcpServer } from "node:net";
import type { Socket } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { expect } from "vitest";
import type { ExpectBody, HttpTarget } from "#wire/targets-v1.ts";
import { createHttpProbe } from "../../../probes/http/http.ts";
import type { HttpSample, Note } from "../../../probes/probe.ts";
import { createResolve } from "../../../probes/resolve.ts";
import { listen } from "../../support/listen.ts";
import { probeContext, targetBase } from "../../support/probe-context.ts";

export function httpTarget(url: string, overrides: Partial<HttpTarget> = {}): HttpTarget {
  return {
    ...targetBase(),
    kind: "http",
    url,
    expectStatus: [],
    expectBody: null,
    maxBodyBytes: 262_144,
    maxRedirects: 0,
    redirects: "any",
    verifyTls: true,
    httpVersion: "auto",
    family: null,
    ...overrides,
  };
}

/** What the body must hold; the parts not given are null. */
export function body(parts: Partial<ExpectBody>): ExpectBody {
  return { text: null, regex: null, jsonPath: null, jsonEquals: null, ...parts };
}

/** Checks once, names resolved by the given resolvers. */
export async function check(target: HttpTarget, context = probeContext(), nameservers?: string[]) {
  const resolve = createResolve(nameservers === undefined ? {} : { nameservers });
  return (await createHttpProbe(resolve)(target, context)) as HttpSample;
}

/** Serves the listener over plain HTTP and checks it once. */
export async function checkServer(
  listener: RequestListener,
  overrides: Partial<HttpTarget> = {},
  timeoutMs = 5000,
) {
  await using server = await listen(createHttpServer(listener));
  return await check(httpTarget(`http://127.0.0.1:${server.port}/`, overrides), probeContext({ timeoutMs }));
}

/** Takes connections, hands them to the callback, and speaks no HTTP of its own. */
export async function checkSocket(
  serve: (socket: Socket) => void,
  { scheme = "http", timeoutMs = 5000, ...overrides }: CheckSocketOptions = {},
) {
  await using server = await listen(createTcpServer(serve));
  const target = httpTarget(`${scheme}://127.0.0.1:${server.port}/`, overrides);
  return await check(target, probeContext({ timeoutMs }));
}

interface CheckSocketOptions extends Partial<HttpTarget> {
  scheme?: "http" | "https";
}

/** Collects what a probe notes. */
export function notebook() {
  const notes: { step: string; detail: Parameters<Note>[1] }[] = [];
  const note: Note = (step, detail) => void notes.push({ step, detail });
  return { note, notes };
}

/** Has this process trust an authority, as the operator of a machine would, until the end of the scope. */
export function trust(certificate: string): Disposable {
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, certificate]);
  return { [Symbol.dispose]: () => setDefaultCACertificates(before) };
}

export const ms: unknown = expect.any(Number);
export const passed = { kind: "http", ok: 1, phase: null };
