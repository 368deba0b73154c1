import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { TcpTarget } from "#wire/targets-v1.ts";
import type { TcpSample } from "../../probes/probe.ts";
import { createResolve } from "../../probes/resolve.ts";
import { createTcpProbe } from "../../probes/tcp.ts";
import { startDnsServer, typeA } from "../support/dns-server.ts";
import { listen } from "../support/listen.ts";
import { needs } from "../support/needs.ts";
import { silentAddress, silentLink } from "../support/probe-elsewhere.ts";
import { probeContext, targetBase } from "../support/probe-context.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { notebook } from "./http/checks.ts";
import type { notebook as Notebook } from "./http/checks.ts";

const run = promisify(execFile);

function tcpTarget(address: string, port: number, overrides: Partial<TcpTarget> = {}): TcpTarget {
  return { ...targetBase(), kind: "tcp", address, port, family: null, ...overrides };
}

async function connect(target: TcpTarget, context = probeContext(), nameservers?: string[]) {
  const resolve = createResolve(nameservers === undefined ? {} : { nameservers });
  return createTcpProbe(resolve)(target, context);
}

const passed = { kind: "tcp", ok: 1, phase: null, connectMs: expect.any(Number) };

describe("TCP", () => {
  it("passes where the connection stands, and hangs up then", async () => {
    let ended = 0;
    const tcp = createServer((socket) => socket.resume().on("end", () => ended++));
    await using server = await listen(tcp);
    const { note, notes } = notebook();
    expect(await connect(tcpTarget("127.0.0.1", server.port), probeContext({ note }))).toEqual(passed);
    expect(notes).toEqual([
      { step: "resolve", detail: { host: "127.0.0.1", addresses: "127.0.0.1" } },
      { step: "connect", detail: { address: "127.0.0.1", port: server.port, ms: expect.any(Number) } },
    ]);
    await waitFor("the end of the connection", () => ended === 1, { everyMs: 20 });
  });

  it("passes where a server hangs up at once: the connection stood", async () => {
    await using server = await listen(createServer((socket) => socket.end()));
    expect(await connect(tcpTarget("127.0.0.1", server.port))).toEqual(passed);
  });

  it("resolves the name, in the IP version that is wanted", async () => {
    await using dns = await startDnsServer((_name, type) => ({
      rcode: 0,
      addresses: type === typeA ? ["127.0.0.1"] : [],
    }));
    await using server = await listen(createServer());
    const target = tcpTarget("lapor.desa.test", server.port);
    expect(await connect(target, probeContext(), [dns.address])).toEqual(passed);
    const over6 = await connect({ ...target, family: 6 }, probeContext(), [dns.address]);
    expect(over6).toEqual({ kind: "tcp", ok: 0, phase: "dns", connectMs: null });
  });

  it("fails in dns where the name is not there, or nobody says", async () => {
    await using dns = await startDnsServer((name) => (name === "ada.test" ? undefined : { rcode: 3 }));
    const failed = { kind: "tcp", ok: 0, phase: "dns", connectMs: null };
    expect(await connect(tcpTarget("tidak.test", 80), probeContext(), [dns.address])).toEqual(failed);
    const soon = probeContext({ timeoutMs: 200 });
    expect(await connect(tcpTarget("ada.test", 80), soon, [dns.address])).toEqual(failed);
  });

  it("fails as refused where nothing listens", async () => {
    const server = await listen(createServer());
    await server[Symbol.asyncDispose]();
    const { note, notes } = notebook();
    expect(await connect(tcpTarget("127.0.0.1", server.port), probeContext({ note }))).toEqual({
      kind: "tcp",
      ok: 0,
      phase: "refused",
      connectMs: null,
    });
    expect(notes.at(-1)?.detail).toMatchObject({ error: "ECONNREFUSED" });
  });
});

const program = fileURLToPath(new URL("./tcp/run-tcp.ts", import.meta.url));
const missing = needs({ root: true, commands: ["unshare", "ip"] });
describe.skipIf(missing !== null)(
  `TCP in a network of its own${missing ? ` (skipped: ${missing})` : ""}`,
  () => {
    /** One round in a namespace set up by the shell lines; `hosts` is its hosts file. */
    async function connectThere(target: TcpTarget, setup: string[], hosts = "") {
      using folder = tempDir();
      const hostsFile = folder.file("hosts");
      await writeFile(hostsFile, hosts);
      const script = ["set -e", "ip link set lo up", ...setup, 'exec "$0" "$@"'].join("\n");
      const { stdout } = await run(
        "unshare",
        ["--net", "sh", "-c", script, process.execPath, program, JSON.stringify(target), hostsFile],
        { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } },
      );
      return JSON.parse(stdout) as { sample: TcpSample; notes: ReturnType<typeof Notebook>["notes"] };
    }

    it("fails in timeout where nobody says anything", async () => {
      const target = tcpTarget(silentAddress, 80, { timeoutMs: 300 });
      const { sample } = await connectThere(target, silentLink);
      expect(sample).toEqual({ kind: "tcp", ok: 0, phase: "timeout", connectMs: null });
    });

    it("fails in connect where there is no route", async () => {
      const { sample, notes } = await connectThere(tcpTarget("10.99.0.1", 80), []);
      expect(sample).toEqual({ kind: "tcp", ok: 0, phase: "connect", connectMs: null });
      expect(notes.at(-1)?.detail).toMatchObject({ error: "ENETUNREACH" });
    });

    it("has time left for the next address where the first is silent", async () => {
      const hosts = `${silentAddress} gw.desa.test\n127.0.0.1 gw.desa.test\n`;
      const target = tcpTarget("gw.desa.test", 80, { timeoutMs: 4000 });
      const { sample, notes } = await connectThere(target, silentLink, hosts);
      expect(sample).toEqual(passed);
      expect(sample.connectMs).toBeGreaterThanOrEqual(1500);
      expect(notes.slice(1).map(({ detail }) => detail)).toMatchObject([
        { address: silentAddress, error: "ETIMEDOUT" },
        { address: "127.0.0.1", ms: expect.any(Number) },
      ]);
    });
  },
);
