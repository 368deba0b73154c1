import { createServer } from "node:http";
import { countRounds } from "#wire/batch-v1.ts";
import { createClockWatch } from "../../probes/clock.ts";
import { batchHeaders, packBatch } from "../../probes/pack.ts";
import type { PackedBatch } from "../../probes/pack.ts";
import type { Clock } from "../../probes/probe.ts";
import { openSpool } from "../../probes/spool/spool.ts";
import { createTransport } from "../../probes/transport.ts";
import type { Path } from "../bench/rounds.ts";
import { listen } from "../support/listen.ts";
import { tempDir } from "../support/temp-dir.ts";
import { jsonGzip, lineProtocolGzip } from "./other-formats.ts";
import { icmpRounds } from "./rounds.ts";

/** Bytes of an ICMP round of 5 replies, of one size of batch. */
export interface BatchBytes {
  rounds: number;
  /** What the request carries: ours, and the same rounds in other formats. */
  ours: number;
  lineProtocol: number;
  json: number;
  /** All that a request has beside that: HTTP's head, and TCP/IP's for each segment. */
  head: number;
}

const agentId = "ag_0123456789abcdef";
const bootedMs = 86_400_000;

/**
 * Batches of so many rounds, as the agent's spool composes, packs and sends them. The figures are of what is sent up;
 * the connection stays open, so that no handshake is in them.
 */
export async function batchBytes(
  path: Path,
  queue: "live" | "backlog",
  roundsPerBatch: number,
  batches: number,
): Promise<BatchBytes> {
  using dir = tempDir();
  let monoMs = bootedMs;
  const clock: Clock = { wallMs: () => 1_795_000_000_000 + monoMs, monoMs: () => monoMs };
  const watch = createClockWatch(clock);
  watch.exchanged(clock.wallMs(), monoMs);
  const spool = openSpool({
    folder: dir.path,
    boot: "9f1c64d2a0b35e7788990011",
    host: {
      bootId: "0c7e2a8e-5b0f-4c56-9d67-3f8f6f3f2a11",
      bootIdKnown: true,
      uptimeS: () => Math.floor(monoMs / 1_000),
    },
    watch,
    crashNotes: null,
  });
  const server = createServer((request, response) => request.resume().on("end", () => response.end("{}")));
  await using listening = await listen(server);
  const transport = createTransport({
    server: `http://127.0.0.1:${listening.port}`,
    userAgent: "sambung-agent/0.1.0",
  });
  const sum = { rounds: 0, ours: 0, lineProtocol: 0, json: 0, head: 0 };
  const source = icmpRounds(path, bootedMs);
  for (let batch = 0; batch < batches; batch++) {
    for (let round = 0; round < roundsPerBatch; round++) {
      const next = source.next().value!;
      ({ monoMs } = next);
      spool.addRound(next);
    }
    const seq = spool.compose("live", roundsPerBatch)!;
    const bare = spool.batch(seq, agentId);
    const composed = { ...bare, ledger: { ...bare.ledger, sentBytes: transport.wireBytes().sent } };
    const packed = packBatch(composed);
    sum.rounds += countRounds(composed);
    sum.ours += packed.body.byteLength;
    sum.lineProtocol += lineProtocolGzip(composed).byteLength;
    sum.json += jsonGzip(composed).byteLength;
    sum.head += (await sentBytes(transport, packed, queue)) - packed.body.byteLength;
    spool.acknowledge(seq);
  }
  transport.close();
  spool.close(true);
  const of = (bytes: number) => bytes / sum.rounds;
  const { rounds, ours, lineProtocol, json, head } = sum;
  return { rounds, ours: of(ours), lineProtocol: of(lineProtocol), json: of(json), head: of(head) };
}

/** As the wire meter counts them: headers of HTTP, TCP and IP, and acknowledgements. */
async function sentBytes(
  transport: ReturnType<typeof createTransport>,
  { body, encoding }: PackedBatch,
  queue: "live" | "backlog",
): Promise<number> {
  const before = transport.wireBytes().sent;
  await transport.send({
    method: "POST",
    path: "/api/v1/batches",
    headers: {
      authorization: `Bearer sba_${"k".repeat(36)}`,
      ...batchHeaders(encoding, queue),
    },
    body,
    timeoutMs: 60_000,
    signal: AbortSignal.timeout(60_000),
  });
  return transport.wireBytes().sent - before;
}
