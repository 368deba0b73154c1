import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { build } from "../../../probes/package/build.ts";
import type { Built } from "../../../probes/package/build.ts";
import { agentPackages, closureOf } from "../../../probes/package/closure.ts";
import { archs, assertArch, nodeVersion } from "../../../probes/package/node-runtime.ts";
import type { Arch } from "../../../probes/package/node-runtime.ts";
import { startCollectorStub, stubToken } from "../../support/collector-stub.ts";
import { needs } from "../../support/needs.ts";
import { tempDir } from "../../support/temp-dir.ts";

// Whole programs are started here, and the machine may be slow and busy.
vi.setConfig({ testTimeout: 120_000 });

const root = fileURLToPath(new URL("../../../", import.meta.url));
const arch = archs.find((name) => name === process.arch);
/** No registry is asked in a test: the archive gets the Node that runs it. */
const node = { binary: process.execPath, licence: join(root, "LICENSE") };

const missing =
  arch === undefined ? `no archive for ${process.arch}` : needs({ commands: ["ping", "tar", "gzip"] });

describe.skipIf(missing !== null)(`the archive (${missing ?? "all there"})`, () => {
  let dir: ReturnType<typeof tempDir>;
  let built: Built;
  let home: string;

  beforeAll(() => {
    dir = tempDir();
    built = build({ arch: arch!, out: dir.file("one"), node });
    mkdirSync(dir.file("unpacked"));
    execFileSync("tar", ["-xzf", built.file, "-C", dir.file("unpacked")]);
    home = join(dir.file("unpacked"), readdirSync(dir.file("unpacked"))[0]!);
  }, 300_000);

  afterAll(() => dir[Symbol.dispose]());

  it("comes out the same to the byte when it is built again, with its checksum beside it", () => {
    const again = build({ arch: arch!, out: dir.file("two"), node });
    expect(again.sha256).toBe(built.sha256);
    expect(readFileSync(again.file).equals(readFileSync(built.file))).toBe(true);
    execFileSync("sha256sum", ["--check", "--status", `${built.file}.sha256`], { cwd: dir.file("one") });
  }, 300_000);

  it("holds what the agent needs, owned by root, and nothing of the collector or of the tests", () => {
    const listed = execFileSync("tar", ["-tzvf", built.file, "--numeric-owner"], {
      encoding: "utf8",
      maxBuffer: 16e6,
      env: { ...process.env, TZ: "UTC", LC_ALL: "C" },
    });
    const lines = listed.trim().split("\n");
    expect(lines.filter((line) => !/^[-d]r[w-]x?\S* +0\/0 .* 2020-01-01 00:00 /.test(line))).toEqual([]);
    const top = readdirSync(home).toSorted();
    expect(top).toEqual(
      [
        "ARCH",
        "LICENSE",
        "LICENSE.node",
        "VERSION",
        "bin",
        "install.sh",
        "node_modules",
        "package.json",
        "probes",
        "sambung-agent",
        "sambung-agent-remove",
        "sambung-agent.service",
        "src",
      ].toSorted(),
    );
    expect(readdirSync(join(home, "src"))).toEqual(["wire"]);
    expect(readdirSync(join(home, "probes")).filter((name) => name === "demo" || name === "package")).toEqual(
      [],
    );
    const packages = closureOf(root).map(({ path }) => path);
    for (const path of packages) expect(statSync(join(home, path, "package.json")).isFile()).toBe(true);
    const strays = readdirSync(home, { recursive: true, encoding: "utf8" }).filter((name) =>
      /^(?!LICENSE).*\.node$|node_modules\/.*\.(ts|md)$|node_modules\/[^/]+\/test\//.test(name),
    );
    expect(strays).toEqual([]);
  });

  it("starts with an empty environment and says its version", () => {
    const version = execFileSync("env", ["-i", join(home, "sambung-agent"), "--version"], {
      encoding: "utf8",
    });
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect(version).toBe(`${manifest.version}\n`);
    expect(readFileSync(join(home, "VERSION"), "utf8")).toBe(version);
  });

  it("starts through a link from elsewhere, whatever Node is installed, and measures", () => {
    execFileSync("ln", ["-s", join(home, "sambung-agent"), dir.file("link")]);
    const command = ["-i", "PATH=/usr/bin:/bin:/usr/sbin:/sbin", "SAMBUNG_LANG=en", dir.file("link")];
    const out = execFileSync("env", [...command, "probe", "icmp", "127.0.0.1"], { encoding: "utf8" });
    expect(out).toMatch(/^icmp: normal: sent 5, received 5, packet loss 0 %/);
  });

  it("runs: enrols, measures, delivers, stops", async () => {
    await using collector = await startCollectorStub();
    const echo = { kind: "icmp", address: "127.0.0.1", count: 1, sizeBytes: 56, dscp: 0, family: null };
    const target = { id: "gw", intervalS: 1, timeoutMs: 900, ...echo };
    collector.setRawConfig({
      reportIntervalS: 1,
      dayBytes: null,
      monthBytes: null,
      traps: null,
      targets: [target],
    });
    const credentials = dir.file("credentials");
    mkdirSync(credentials);
    writeFileSync(join(credentials, "token"), `${stubToken}\n`);
    const child = spawn(join(home, "sambung-agent"), ["run"], {
      env: {
        PATH: "/usr/bin:/bin:/usr/sbin:/sbin",
        SAMBUNG_SERVER: collector.address,
        SAMBUNG_AGENT_DATA: dir.file("state"),
        CREDENTIALS_DIRECTORY: credentials,
        SAMBUNG_LOG: "error",
      },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const ended = once(child, "exit");
    try {
      await collector.until("a round", () =>
        [...collector.stored.values()].some(({ rounds }) => rounds.some((round) => round.target === "gw")),
      );
    } finally {
      child.kill("SIGTERM");
    }
    expect(await ended).toEqual([0, null]);
    expect(collector.enrolments).toBe(1);
  }, 60_000);
});

describe("packaging", () => {
  it("packs every package that the agent's files import", () => {
    const imported = new Set<string>();
    for (const name of readdirSync(join(root, "probes"), { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".ts") || /^(demo|package)\//.test(name)) continue;
      const text = readFileSync(join(root, "probes", name), "utf8");
      for (const [, from] of text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*"([^"]+)"/g)) {
        if (!/^(node:|#wire\/|\.)/.test(from!)) imported.add(from!);
      }
    }
    expect([...imported].toSorted()).toEqual(agentPackages.toSorted());
  });

  it("brings the Node that the project itself runs on", () => {
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      devDependencies: { node: string };
    };
    expect(nodeVersion).toBe(manifest.devDependencies.node);
  });

  it("refuses a Node for another processor, and what is no program", () => {
    const other: Arch = arch === "arm64" ? "x64" : "arm64";
    expect(() => assertArch(process.execPath, other)).toThrow(`it is for ${process.arch}; expected ${other}`);
    expect(() => assertArch(join(root, "LICENSE"), "x64")).toThrow(
      "it is for no Linux program; expected x64",
    );
  });

  it("finds the packages below a package, and refuses those that compile something", () => {
    using dir = tempDir();
    const lock = {
      packages: {
        "": {},
        "node_modules/a": { version: "1.0.0", dependencies: { b: "^1", c: "^1" } },
        "node_modules/a/node_modules/b": { version: "1.5.0", dependencies: { c: "^1" } },
        "node_modules/b": { version: "2.0.0" },
        "node_modules/c": { version: "1.0.0" },
        "node_modules/d": { version: "1.0.0", hasInstallScript: true },
      },
    };
    writeFileSync(dir.file("package-lock.json"), JSON.stringify(lock));
    expect(closureOf(dir.path, ["a"])).toEqual([
      { path: "node_modules/a", version: "1.0.0" },
      { path: "node_modules/a/node_modules/b", version: "1.5.0" },
      { path: "node_modules/c", version: "1.0.0" },
    ]);
    expect(() => closureOf(dir.path, ["d"])).toThrow("node_modules/d has an install script");
    expect(() => closureOf(dir.path, ["e"])).toThrow("package-lock.json has no e, which the agent needs");
  });

  it.each([
    [[], "--arch: (nothing) is not allowed; expected x64 or arm64"],
    [["--arch", "armv7"], "--arch: armv7 is not allowed; expected x64 or arm64"],
    [["--archive"], "Unknown option '--archive'"],
  ])("says what is wrong with %j", (args, message) => {
    const program = join(root, "probes/package/build.ts");
    const run = () => execFileSync(process.execPath, [program, ...args], { stdio: "pipe", encoding: "utf8" });
    expect(run).toThrow(message);
    try {
      run();
    } catch (error) {
      expect((error as { status: number }).status).toBe(2);
    }
  });
});
