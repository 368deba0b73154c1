import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { maskUrl } from "../../probes/by-hand/mask.ts";
import { tempFolder } from "../support/agent-parts.ts";
import { startCollectorStub, stubToken } from "../support/collector-stub.ts";
import { listen } from "../support/listen.ts";
import { needs } from "../support/needs.ts";
import { community, startSnmpd, v3User } from "../support/snmpd.ts";

// Whole programs are started here, and the machine may be slow and busy.
vi.setConfig({ testTimeout: 120_000 });

/* `sambung-agent probe` as a person runs it: the program in a process of its own. */

const program = fileURLToPath(new URL("../../probes/main.ts", import.meta.url));

interface Ran {
  code: number | null;
  out: string;
  err: string;
}

async function runCommand(command: string[], env: Record<string, string> = {}): Promise<Ran> {
  const [file, ...args] = command as [string, ...string[]];
  const child = spawn(file, args, {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ran: Ran = { code: null, out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => (ran.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (ran.err += chunk.toString()));
  [ran.code] = (await once(child, "close")) as [number | null];
  return ran;
}

const probe = (args: string[], env?: Record<string, string>) =>
  runCommand([process.execPath, program, "probe", ...args], env);

describe("sambung-agent probe --debug", () => {
  const noPing = needs({ commands: ["ping"] });
  const noSnmpd = needs({ commands: ["snmpd"] });
  const noNamespace = needs({ root: true, commands: ["unshare"] });

  it.skipIf(noPing !== null)(
    `shows log, values and settings of an echo round (${noPing ?? "all there"})`,
    async () => {
      const { code, out, err } = await probe([
        "icmp",
        "127.0.0.1",
        "--count",
        "3",
        "--dscp",
        "46",
        "--debug",
      ]);
      expect(err).toBe("");
      expect(code).toBe(0);
      expect(out).toMatch(/^Log \(ms sejak mulai\):\n +0\.\d {2}start {2}kind=icmp {2}timeoutMs=5000\n/);
      expect(out).toMatch(/\n +\d+\.\d {2}end {2}answered=true\n/);
      expect(out).toMatch(/\n\nHasil:\n {2}icmp: normal: dikirim 3, diterima 3, kehilangan paket 0 %/);
      expect(out).toMatch(/\n {2}rttUs: \[\d+, \d+, \d+\]\n/);
      expect(out).toMatch(
        /latensi p5 \/ p25 \/ p50 \/ p75 \/ p95 \/ p99 \(dari paket yang dijawab\): [\d.,]+ \//,
      );
      expect(out).toMatch(/jitter sebagai PDV, p95 dikurangi latensi terkecil \(RFC 5481 §4\.2\): [\d,]+ ms/);
      expect(out).toMatch(/\n\nPengaturan \(rahasia ditutup\):\n {2}id: probe\n {2}intervalS: 60\n/);
      expect(out).toContain("\n  dscp: 46\n");
    },
  );

  it.skipIf(noSnmpd !== null)(
    `hides the secrets of SNMP, and takes them from the environment (${noSnmpd ?? "all there"})`,
    async () => {
      await using device = await startSnmpd();
      const at = ["snmp", "127.0.0.1", "--port", String(device.port), "--debug"];
      const v2 = await probe(at, { SAMBUNG_SNMP_COMMUNITY: community, SAMBUNG_LANG: "en" });
      expect(v2.out).toContain('auth:\n    version: "2c"\n    community: "***"\n');
      expect(v2.out).toMatch(/Result:\n {2}snmp: normal\n {4}sysDescr = Linux/);
      expect(v2.code).toBe(0);
      const v3 = await probe([...at, "--user", v3User.user, "--auth-protocol", "sha256"], {
        SAMBUNG_SNMP_AUTH_KEY: v3User.authKey,
        SAMBUNG_SNMP_PRIV_KEY: v3User.privKey,
      });
      expect(v3.out).toContain(
        `user: ${v3User.user}\n    authProtocol: sha256\n    authKey: "***"\n    privProtocol: aes\n    privKey: "***"\n`,
      );
      expect(v3.code).toBe(0);
      const all = v2.out + v2.err + v3.out + v3.err;
      for (const secret of [community, v3User.authKey, v3User.privKey]) expect(all).not.toContain(secret);
    },
  );

  it("hides what a URL carries of secrets", async () => {
    const server = createHttpServer((_request, response) => void response.end("ok"));
    await using listening = await listen(server);
    const url = `http://petugas:sandi-rahasia@127.0.0.1:${listening.port}/status?token=t0k3n&lang=id`;
    const { code, out, err } = await probe(["http", url, "--debug"]);
    expect(out).toContain(`http://***@127.0.0.1:${listening.port}/status?token=***&lang=id`);
    expect(out + err).not.toMatch(/sandi-rahasia|t0k3n/);
    expect(code).toBe(0);
  });

  it.each([
    ["https://a.example/x?a=1#frag", "https://a.example/x?a=1#frag"],
    ["https://u:p@a.example/x?api_key=1&b=2", "https://***@a.example/x?api_key=***&b=2"],
    ["https://a.example/?access_token=1#token=2", "https://a.example/?access_token=***#token=2"],
    ["http://u:p@ss@w@a.example/?pass=1", "http://***@a.example/?pass=***"],
    ["http://a.example/u@b and http://u:p@b.example/", "http://a.example/u@b and http://***@b.example/"],
    ["https://a.example/?sig=1&design=2&pwd=3", "https://a.example/?sig=***&design=2&pwd=***"],
    ["https://a.example/?mail=x@y.example", "https://a.example/?mail=x@y.example"],
  ])("masks %s as %s", (url, expected) => {
    expect(maskUrl(url)).toBe(expected);
  });

  it("measures one connection, in short or as JSON, and says by its exit code whether it stood", async () => {
    let port: number;
    {
      await using listening = await listen(createServer((socket) => void socket.end()));
      port = listening.port;
      const short = await probe(["tcp", `127.0.0.1:${port}`]);
      expect(short).toMatchObject({ code: 0, err: "" });
      expect(short.out).toMatch(/^tcp: normal, connect [\d,]+ ms\n$/);
      const json = await probe(["tcp", `127.0.0.1:${port}`, "--json"]);
      expect(JSON.parse(json.out)).toMatchObject({ kind: "tcp", ok: 1, phase: null });
    }
    const refused = await probe(["tcp", `127.0.0.1:${port}`]);
    expect(refused).toMatchObject({
      code: 1,
      out: "tcp: gagal pada tahap refused (sambungan ditolak)\n",
    });
  });

  it.skipIf(noNamespace !== null)(
    `says in words that a name does not resolve (${noNamespace ?? "all there"})`,
    async () => {
      // Without a network no resolver answers, and no question leaves this machine.
      const alone = (args: string[]) =>
        runCommand(["unshare", "--net", process.execPath, program, "probe", ...args, "--timeout", "3000"]);
      const [icmp, tcp] = await Promise.all([
        alone(["icmp", "tidak-ada.example"]),
        alone(["tcp", "tidak-ada.example:80"]),
      ]);
      expect(icmp.out).toBe(
        "icmp: tidak terukur, tidak dapat dikirim: nama tidak dapat diterjemahkan menjadi alamat\n",
      );
      expect(tcp.out).toBe("tcp: gagal pada tahap dns (nama tidak dapat diterjemahkan menjadi alamat)\n");
      expect([icmp.code, tcp.code]).toEqual([1, 1]);
    },
  );

  it("refuses an SNMP profile that does not exist, whether or not a device answers", async () => {
    const { code, out, err } = await probe(["snmp", "127.0.0.1", "--profile", "mikrotk"], {
      SAMBUNG_SNMP_COMMUNITY: community,
    });
    expect(err).toMatch(/--profile: mikrotk is not allowed; expected auto or .*\bmikrotik\b/);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });

  it("refuses a target that begins with '-'", async () => {
    for (const args of [
      ["icmp", "-V"],
      ["icmp", "--", "-V"],
    ]) {
      const { code, out, err } = await probe(args);
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(err).toMatch(/^Pemakaian salah: .*(must not begin with '-'|expected an address or host name)/);
    }
  });
});

describe("sambung-agent probe <id>", () => {
  it("measures a target of a running agent's configuration without disturbing it", async () => {
    await using collector = await startCollectorStub();
    await using target = await listen(createServer((socket) => void socket.end()));
    using folder = tempFolder();
    const base = { kind: "tcp", timeoutMs: 2_000, address: "127.0.0.1", port: target.port, family: null };
    const targets = [
      { id: "web", intervalS: 1, ...base },
      { id: "rare", intervalS: 3_600, ...base },
    ];
    collector.setRawConfig({ reportIntervalS: 1, dayBytes: null, monthBytes: null, traps: null, targets });
    const run = ["run", "--server", collector.address, "--data", folder.path, "--token", stubToken];
    const agent = spawn(process.execPath, [program, ...run], {
      env: { PATH: process.env["PATH"], SAMBUNG_LOG: "error" },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const ended = once(agent, "exit");
    try {
      const rounds = () =>
        [...collector.stored.values()]
          .flatMap((batch) => batch.rounds)
          .filter((round) => round.target === "web").length;
      await collector.until("a round", () => rounds() > 0);
      const short = await probe(["web", "--data", folder.path]);
      expect(short.out).toMatch(/^tcp: normal/);
      expect(short.code).toBe(0);
      const debug = await probe(["web", "--debug", "--timeout", "1500"], { SAMBUNG_AGENT_DATA: folder.path });
      expect(debug.out).toMatch(/id: web\n/);
      expect(debug.out).toMatch(/timeoutMs: 1500\n/);
      const unknown = await probe(["modem", "--data", folder.path]);
      expect(unknown).toMatchObject({ code: 2, out: "" });
      expect(unknown.err).toContain("modem is no target of this agent; expected web, rare\n");
      const before = rounds();
      await collector.until("two more rounds", () => rounds() > before + 1);
      expect(agent.exitCode).toBeNull();
    } finally {
      agent.kill("SIGTERM");
    }
    expect(await ended).toEqual([0, null]);
  });

  it("says what a folder lacks", async () => {
    using folder = tempFolder();
    mkdirSync(`${folder.path}/empty`);
    const nothing = await probe(["gw", "--data", `${folder.path}/empty`]);
    expect(nothing).toMatchObject({ code: 1, out: "" });
    expect(nothing.err).toMatch(
      /^Gagal: .*empty: no agent has a configuration here, or it is of another version/,
    );
    const missing = await probe(["gw", "--data", `${folder.path}/missing`]);
    expect(missing.err).toMatch(/^Gagal: .*missing: no such folder, or this user may not see it/);
  });
});
