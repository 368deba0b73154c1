import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { createAgent } from "../../probes/agent.ts";
import { machineClock } from "../../probes/clock.ts";
import { readCommandLine } from "../../probes/command-line.ts";
import type { Log } from "../../probes/log.ts";
import { readConfigAnswer } from "../../probes/config.ts";
import { createTransport } from "../../probes/transport.ts";
import { icmp, icmpTarget, openTestSpool, probeOnly, tempFolder, testHost } from "../support/agent-parts.ts";
import { stubIdentity, stubToken } from "../support/collector-stub.ts";
import { waitFor } from "../support/wait-for.ts";

const secondKey = `sba_${"z".repeat(36)}`;
const config = {
  v: 1,
  agent: stubIdentity.agentId,
  site: stubIdentity.site,
  serverMs: Date.now(),
  reportIntervalS: 1,
  dayBytes: null,
  monthBytes: null,
  rotateKey: true,
  traps: null,
  targets: [icmpTarget("gw")],
};

const identity = JSON.stringify(stubIdentity);

/** A collector that repeats what it hears in every refusal, and whose answers are broken in the middle of a secret. */
async function startTattler() {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = String(Buffer.concat(chunks));
      const path = request.url!.split("/").at(-1)!;
      heard.push(path);
      const said = path === "enrol" ? body : request.headers.authorization;
      const detail = JSON.stringify({ title: "no", detail: `not taken: ${said}` });
      const replies: Record<string, [status: number, body: string][]> = {
        enrol: [
          [500, detail],
          [200, identity.slice(0, 60)],
          [200, identity.replace('k",', 'kx",')],
          [200, identity],
        ],
        config: [[200, JSON.stringify(config)]],
        key: [
          [201, `{"key":"${secondKey}`],
          [409, detail],
        ],
        batches: [
          [500, detail],
          [200, said!],
          [422, detail],
        ],
      };
      const times = heard.filter((one) => one === path).length;
      const [status, text] = replies[path]!.at(Math.min(times, replies[path]!.length) - 1)!;
      const type = status < 400 ? "application/json" : "application/problem+json";
      response.writeHead(status, { "content-type": type }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("an agent's secrets", () => {
  it(
    "are in no line of its log and in nothing that it keeps but its identity",
    { timeout: 60_000 },
    async () => {
      await using collector = await startTattler();
      using folder = tempFolder();
      const lines: string[] = [];
      const write = (...said: unknown[]) => void lines.push(JSON.stringify(said));
      const log = { debug: write, info: write, warn: write, error: write } as Log;
      const agent = createAgent(
        { folder: folder.path, token: stubToken, version: "1.2.3" },
        {
          createInstruments: async () => probeOnly(async () => icmp(1_000)),
          clock: machineClock(),
          host: testHost(),
          transport: createTransport({ server: collector.address, userAgent: "test" }),
          log,
          random: () => 0,
        },
      );
      await agent.start();
      const heard = (path: string) => collector.heard.filter((one) => one === path).length;
      await waitFor("all that can go wrong", () => heard("batches") >= 4 && heard("key") >= 1, {
        everyMs: 50,
      });
      await agent.stop();
      const said = lines.join("\n");
      expect(said).toMatch(/not taken: Bearer sba_…/);
      expect(said).toMatch(/without an agent's id, key and site/);
      for (const secret of [stubToken, stubIdentity.key, secondKey]) {
        expect(said).not.toContain(secret.slice(0, 12));
      }
      const spool = openTestSpool(folder.path, machineClock());
      spool.retryAside();
      while (spool.compose("backlog") !== null);
      const kept = spool.pending().map((seq) => JSON.stringify(spool.batch(seq, stubIdentity.agentId)));
      spool.close(true);
      expect(kept.length).toBeGreaterThan(0);
      expect(kept.join("\n")).not.toMatch(/sb[ae]_[0-9A-Za-z]{3}/);
    },
  );

  it("are not repeated by a configuration that cannot be followed", () => {
    const body = JSON.stringify({ ...config, reportIntervalS: stubIdentity.key });
    const answer = readConfigAnswer({ status: 200, headers: {}, body, tookMs: 1 }, stubIdentity.agentId);
    expect(answer).toMatchObject({
      kind: "bad",
      reason: expect.stringContaining('reportIntervalS: "sba_…"'),
    });
  });

  it.each([
    { args: ["--token", `sbe_${"q".repeat(35)}`], secret: "qqq" },
    { args: ["--server", "https://kepala:rahasia@collector.example"], secret: "rahasia" },
  ])("are not repeated by a wrong usage: $args.0", ({ args, secret }) => {
    const base = args[0] === "--server" ? [] : ["--server", "https://collector.example"];
    let message = "";
    try {
      readCommandLine(["run", "--data", "x", ...base, ...args], {});
    } catch (error) {
      ({ message } = error as Error);
    }
    expect(message).toContain(args[0]);
    expect(message).not.toContain(secret);
  });
});
