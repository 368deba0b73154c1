import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import { countRounds } from "#wire/batch-v1.ts";
import { createTransport } from "../../probes/transport.ts";
import { listen } from "../support/listen.ts";
import { batchStream, fibre, take, vsat } from "./rounds.ts";
import type { BenchTarget, Path } from "./rounds.ts";
import { rowOf } from "./table.ts";
import type { Row } from "./table.ts";
import { packBatch } from "../../probes/pack.ts";

const icmpTargets: BenchTarget[] = Array.from({ length: 20 }, (_, index) => ({
  id: `icmp-${index + 1}`,
  kind: "icmp",
}));

/** Bytes of an ICMP round on the wire: the body, and all that is sent for it, HTTP, TCP and IP headers included. */
export async function benchWire(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, path] of [
    ["fibre 20 ms", fibre],
    ["vsat 600 ms", vsat],
  ] as const) {
    for (const [shape, roundsPerTarget, batches] of [
      ["live 60 s", 2, 60],
      ["backlog 1 h", 120, 6],
    ] as const) {
      const { body, whole } = await bytesPerRound(path, roundsPerTarget, batches);
      const label = `bytes/ICMP round, ${name}, ${shape}`;
      rows.push(rowOf(`${label}, body`, body, "B", { atMost: 14 }));
      rows.push(rowOf(`${label}, body and headers`, whole, "B", { atMost: 14 }));
    }
  }
  return rows;
}

/** 20 targets every 30 s, 5 replies each, sent as the agent sends. */
async function bytesPerRound(
  path: Path,
  roundsPerTarget: number,
  batches: number,
): Promise<{ body: number; whole: number }> {
  const stream = batchStream({
    agent: "ag_0123456789abcdef",
    targets: icmpTargets,
    path,
    roundsPerTarget,
    intervalS: 30,
    startMs: Date.UTC(2026, 10, 20),
  });
  const server = createServer((request: IncomingMessage, response) => {
    request.resume().on("end", () => response.end("{}"));
  });
  await using listening = await listen(server);
  const transport = createTransport({
    server: `http://127.0.0.1:${listening.port}`,
    userAgent: "sambung-agent/0.1.0",
  });
  let bodyBytes = 0;
  let rounds = 0;
  for (const batch of take(stream, batches)) {
    const { body, encoding } = packBatch(batch);
    const headers = {
      authorization: `Bearer sba_${"k".repeat(36)}`,
      "content-type": "application/json",
      "content-encoding": encoding,
    };
    const request = { method: "POST", path: "/api/v1/batches", headers, body } as const;
    await transport.send({ ...request, timeoutMs: 10_000, signal: AbortSignal.timeout(10_000) });
    bodyBytes += body.byteLength;
    rounds += countRounds(batch);
  }
  const whole = transport.wireBytes().sent / rounds;
  transport.close();
  return { body: bodyBytes / rounds, whole };
}
