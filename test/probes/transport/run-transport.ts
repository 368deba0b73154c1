import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { createTransport } from "../../../probes/transport.ts";
import type { TransportOptions } from "../../../probes/transport.ts";
import type { TlsFiles } from "../../../probes/tls-files.ts";

/** What JSON can say of them. */
interface SpeakerOptions extends Omit<TransportOptions, "tls" | "clock" | "random" | "onWay"> {
  tls?: TlsFiles;
  /** How long a way that failed is left alone, in ms. */
  holdMs?: number;
}

/** A transport that does what it reads, a line each, and tells what came of it: node run-transport.ts '<its options>'. */
const { holdMs, tls, ...options } = JSON.parse(process.argv[2]!) as SpeakerOptions;
// Looks at a way that failed come sooner than on a real link: its clock runs faster by this.
const speed = holdMs === undefined ? 1 : 30_000 / holdMs;
const clock = { wallMs: () => Date.now(), monoMs: () => Math.round(performance.now() * speed) };
const transport = createTransport({ ...options, tls: tls && (() => tls), clock, random: () => 0.5 });
const tell = (what: object) => {
  const told = { ...what, way: transport.way(), wire: transport.wireBytes() };
  process.stdout.write(`${JSON.stringify(told)}\n`);
};

interface Order {
  say?: { bytes: number; answerBytes: number; path: string };
  rest?: number;
  close?: boolean;
}

async function obey({ say, rest, close }: Order): Promise<void> {
  if (rest !== undefined) transport.rest(rest);
  if (close === true) transport.close();
  if (say === undefined) return tell({});
  try {
    const { status } = await transport.send({
      method: "POST",
      path: say.path,
      headers: { "x-answer-bytes": String(say.answerBytes) },
      body: randomBytes(say.bytes),
      timeoutMs: 20_000,
      signal: new AbortController().signal,
    });
    tell({ status });
  } catch (error) {
    tell({ error: (error as Error).message });
  }
}

tell({});
for await (const line of createInterface(process.stdin)) await obey(JSON.parse(line) as Order);
process.exit(0);
