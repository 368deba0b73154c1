import { setTimeout as sleep } from "node:timers/promises";
import { createTransport } from "../../../probes/transport.ts";
import { cpuSecondsOf } from "../cpu-seconds.ts";
import type { Body } from "./bodies.ts";
import type { Server } from "./servers.ts";

/** Sends everything over so many connections, each request as soon as one is free. A refusal ends the benchmark. */
export async function sendAll(server: Server, bodies: readonly Body[], lanes: number): Promise<void> {
  const waiting = bodies.values();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      const transport = createTransport({ server: server.address, userAgent: "sambung-bench" });
      for (const { site, bytes } of waiting) {
        const timing = { timeoutMs: 60_000, signal: AbortSignal.timeout(60_000) };
        const request = { method: "POST", body: bytes, ...server.request(site), ...timing } as const;
        const { status, body } = await transport.send(request);
        if (status !== 200 && status !== 204) throw new Error(`${request.path}: ${status} ${body}`);
      }
      transport.close();
    }),
  );
}

/**
 * CPU of a server over some work and until it is quiet again: what it writes, merges and judges afterwards is part of the
 * price. Quiet is less than a twentieth of a core over 3 s, which all of them come to.
 */
export async function cpuSecondsOver(server: Server, work: () => Promise<void>): Promise<number> {
  const before = cpuSecondsOf(server.pid);
  await work();
  const endMs = performance.now() + 60_000;
  for (let last = cpuSecondsOf(server.pid); performance.now() < endMs;) {
    await sleep(3_000);
    const now = cpuSecondsOf(server.pid);
    if (now - last < 0.15) return now - before;
    last = now;
  }
  throw new Error("the server did not come to rest within a minute");
}
