import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { collect } from "../../../probes/package/collect.ts";
import { archs } from "../../../probes/package/node-runtime.ts";
import { needs } from "../../support/needs.ts";
import { tempDir } from "../../support/temp-dir.ts";

// Whole programs are started here, and the machine may be slow and busy.
vi.setConfig({ testTimeout: 120_000 });

const root = fileURLToPath(new URL("../../../", import.meta.url));
const arch = archs.find((name) => name === process.arch);
const token = `sbe_${"t".repeat(36)}`;
const server = "https://sambung.example.go.id";
const missing = arch === undefined ? `no package for ${process.arch}` : needs({ commands: ["ping"] });

describe.skipIf(missing !== null)(`install.sh (${missing ?? "all there"})`, () => {
  let dir: ReturnType<typeof tempDir>;
  let unpacked: string;

  beforeAll(() => {
    dir = tempDir();
    unpacked = dir.file("unpacked");
    const node = { binary: process.execPath, licence: join(root, "LICENSE") };
    collect(unpacked, { root, arch: arch!, node });
  }, 120_000);

  afterAll(() => dir[Symbol.dispose]());

  const env = { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", SAMBUNG_LANG: "en" };

  function run(file: string, args: string[], more: Record<string, string> = {}) {
    const { status, stdout, stderr } = spawnSync(file, args, { env: { ...env, ...more }, encoding: "utf8" });
    return { status, out: stdout, err: stderr };
  }

  const install = (args: string[], more?: Record<string, string>) =>
    run(join(unpacked, "install.sh"), args, more);

  /** Files and links below a folder. */
  function filesIn(folder: string): string[] {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length))
      .toSorted();
  }

  it("installs, upgrades in place, and leaves nothing when it is removed", () => {
    const prefix = dir.file("host");
    expect(install(["--prefix", prefix, "--server", server, "--token", token])).toMatchObject({
      status: 0,
      err: "",
    });
    const at = (path: string) => join(prefix, path);
    expect(statSync(at("etc/sambung-agent/token")).mode & 0o777).toBe(0o600);
    expect(statSync(at("etc/sambung-agent/env")).mode & 0o777).toBe(0o600);
    expect(readFileSync(at("etc/sambung-agent/env"), "utf8")).toBe(`SAMBUNG_SERVER=${server}\n`);
    expect(filesIn(prefix).filter((file) => !file.startsWith("/opt/"))).toEqual([
      "/etc/sambung-agent/env",
      "/etc/sambung-agent/token",
      "/etc/systemd/system/sambung-agent.service",
      "/usr/local/bin/sambung-agent",
      "/usr/local/sbin/sambung-agent-remove",
    ]);
    const version = execFileSync(at("usr/local/bin/sambung-agent"), ["--version"], { encoding: "utf8" });
    expect(version).toBe(readFileSync(join(unpacked, "VERSION"), "utf8"));

    // What an agent and its administrator have added since.
    mkdirSync(at("var/lib/sambung-agent"), { recursive: true });
    writeFileSync(at("var/lib/sambung-agent/spool"), "key and rounds");
    writeFileSync(at("etc/sambung-agent/env"), `SAMBUNG_LOG=debug\nSAMBUNG_SERVER=${server}\n`);
    writeFileSync(at("opt/sambung-agent/probes/of-an-older-version.ts"), "");
    const before = filesIn(prefix);
    expect(install(["--prefix", prefix, "--server", `${server}/baru`]).status).toBe(0);
    expect(filesIn(prefix)).toEqual(before.filter((file) => !file.includes("older-version")));
    expect(readFileSync(at("var/lib/sambung-agent/spool"), "utf8")).toBe("key and rounds");
    const changed = `SAMBUNG_LOG=debug\nSAMBUNG_SERVER=${server}/baru\n`;
    expect(readFileSync(at("etc/sambung-agent/env"), "utf8")).toBe(changed);
    expect(readFileSync(at("etc/sambung-agent/token"), "utf8")).toBe(`${token}\n`);
    // From its own folder too, with nothing to say anew.
    expect(run(at("opt/sambung-agent/install.sh"), ["--prefix", prefix]).status).toBe(0);
    expect(readFileSync(at("etc/sambung-agent/env"), "utf8")).toBe(changed);

    const removed = run(at("usr/local/sbin/sambung-agent-remove"), ["--prefix", prefix]);
    expect(removed).toMatchObject({ status: 0, err: "" });
    // What it tells the administrator to delete is the image's, and never the host's.
    expect(removed.out).toContain(
      `rm -rf ${prefix}/etc/sambung-agent ${prefix}/var/lib/private/sambung-agent`,
    );
    expect(removed.out).not.toMatch(/ \/(?:etc|var)\//);
    expect(filesIn(prefix)).toEqual([
      "/etc/sambung-agent/env",
      "/etc/sambung-agent/token",
      "/var/lib/sambung-agent/spool",
    ]);
    expect(run(join(unpacked, "sambung-agent-remove"), ["--purge", "--prefix", prefix]).status).toBe(0);
    expect(filesIn(prefix)).toEqual([]);
    expect(run(join(unpacked, "sambung-agent-remove"), ["--purge", "--prefix", prefix]).status).toBe(0);
  }, 120_000);

  it.each([
    [[], "Wrong usage: --server is missing"],
    [["--server", server], "Wrong usage: --token is missing"],
    [["--server", "sambung.example"], "Wrong usage: --server: sambung.example is not allowed"],
    [["--server", `${server}/"x`, "--token", token], "Wrong usage: --server: it has a space, a quote"],
    [["--server"], "Wrong usage: --server has no value"],
    [
      ["--server", server, "--token", "sbe_rahasia"],
      "Wrong usage: --token: expected sbe_ and 36 letters or digits",
    ],
    [["--srever", server], "Wrong usage: --srever is not known"],
  ])("%j is refused, and nothing is touched", (args, message) => {
    const prefix = dir.file("refused");
    const { status, err } = install(["--prefix", prefix, ...args]);
    expect(err).toContain(message);
    expect(err).not.toContain("rahasia");
    expect(status).toBe(2);
    expect(existsSync(prefix)).toBe(false);
  });

  it("takes several addresses and ways out, and the certificates of either side", () => {
    const prefix = dir.file("ways");
    const at = (path: string) => join(prefix, path);
    const pem = (name: string) => {
      writeFileSync(dir.file(name), `${name}\n`);
      return dir.file(name);
    };
    const ways = ["--server", server, "--server", `${server}:8443`, "--via", "eth0", "--via", "10.8.0.2"];
    const files = ["--ca", pem("ca"), "--cert", pem("cert"), "--key", pem("key")];
    const token = ["--token", `sbe_${"t".repeat(36)}`];
    expect(install(["--prefix", prefix, ...ways, ...files, ...token])).toMatchObject({ status: 0, err: "" });
    expect(readFileSync(at("etc/sambung-agent/env"), "utf8")).toBe(
      `SAMBUNG_SERVER="${server} ${server}:8443"\nSAMBUNG_VIA="eth0 10.8.0.2"\n`,
    );
    for (const name of ["ca", "cert", "key"]) {
      expect(readFileSync(at(`etc/sambung-agent/${name}.pem`), "utf8")).toBe(`${name}\n`);
      expect(statSync(at(`etc/sambung-agent/${name}.pem`)).mode & 0o077).toBe(0);
    }
    const half = install([
      "--prefix",
      dir.file("refused"),
      "--server",
      server,
      "--cert",
      dir.file("cert"),
      ...token,
    ]);
    expect(half).toMatchObject({ status: 2 });
    expect(half.err).toContain("--cert: without --key");
  });

  it("takes the token from the environment or a file, and speaks Indonesian first", () => {
    const prefix = dir.file("quiet");
    writeFileSync(dir.file("token"), `${token}\n`);
    const byFile = ["--prefix", prefix, "--server", server, "--token-file", dir.file("token")];
    const first = install(byFile, { SAMBUNG_LANG: "" });
    expect(first.status).toBe(0);
    expect(first.out).toMatch(/^Terpasang: sambung-agent/);
    expect(first.out).toContain(`${prefix}/opt/sambung-agent/sambung-agent-remove --prefix ${prefix}`);
    const byEnv = ["--prefix", dir.file("quiet2"), "--server", server];
    expect(install(byEnv, { SAMBUNG_TOKEN: token }).out).toMatch(/^Installed: sambung-agent/);
    expect(readFileSync(join(prefix, "etc/sambung-agent/token"), "utf8")).toBe(`${token}\n`);
    expect(readFileSync(join(dir.file("quiet2"), "etc/sambung-agent/token"), "utf8")).toBe(`${token}\n`);
  }, 60_000);

  it("says that the package is for another processor", () => {
    const other = dir.file("other");
    mkdirSync(join(other, "bin"), { recursive: true });
    for (const name of ["install.sh", "VERSION"]) {
      writeFileSync(join(other, name), readFileSync(join(unpacked, name)), { mode: 0o755 });
    }
    writeFileSync(join(other, "ARCH"), "riscv64\n");
    const args = ["--prefix", dir.file("refused"), "--server", server, "--token", token];
    const { status, err } = run(join(other, "install.sh"), args);
    expect(err).toContain(`this package is for riscv64, this machine is ${arch}`);
    expect(status).toBe(1);
    expect(existsSync(dir.file("refused"))).toBe(false);
  });

  it("says which Debian packages are missing", () => {
    const bin = dir.file("bin");
    mkdirSync(bin);
    for (const name of ["sh", "cat", "dirname", "readlink", "uname", "id", "grep"]) {
      symlinkSync(
        execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim(),
        join(bin, name),
      );
    }
    // The folders that the script adds are the system's own: ping is in none of them on Debian.
    const args = ["--prefix", dir.file("refused"), "--server", server, "--token", token];
    const { status, err } = install(args, { PATH: bin });
    expect(err).toContain("there is no ping command. Run: sudo apt-get install iputils-ping fping");
    expect(status).toBe(1);
    expect(existsSync(dir.file("refused"))).toBe(false);
  });

  const noNamespace = needs({ root: true, commands: ["unshare", "mount"] });

  it.skipIf(noNamespace !== null)(
    `gives the agent to systemd, and never replaces the files of one that runs (${noNamespace ?? "all there"})`,
    () => {
      // A host of its own: mounts that nobody else sees over all that is written, and a systemctl that writes down.
      const host = dir.file("systemd");
      const log = join(host, "log");
      mkdirSync(join(host, "bin"), { recursive: true });
      writeFileSync(
        join(host, "bin/systemctl"),
        `#!/bin/sh\necho "$*" >>${log}\n[ "$1" != is-active ] || cat ${host}/state\n[ "$2" != is-active ] || [ -e ${host}/running ]\n`,
        { mode: 0o755 },
      );
      writeFileSync(join(host, "bin/journalctl"), "#!/bin/sh\necho 'refused the enrolment: 403'\n", {
        mode: 0o755,
      });
      const folders = ["/run", "/opt", "/etc", "/usr/local", "/var/lib"];
      const inNamespace = (script: string) =>
        run("unshare", [
          "--mount",
          "sh",
          "-euc",
          `for folder in ${folders.join(" ")}; do mount -t tmpfs tmpfs $folder; done
           mkdir -p /run/systemd/system
           PATH=${host}/bin:/usr/bin:/bin:/usr/sbin:/sbin
           ${script}`,
        ]);

      writeFileSync(join(host, "state"), "active\n");
      writeFileSync(join(host, "running"), "");
      const first = inNamespace(`
        ${unpacked}/install.sh --server ${server} --token ${token}
        /usr/local/sbin/sambung-agent-remove --purge
        find ${folders.slice(1).join(" ")} ! -type d`);
      expect(first.err).toBe("");
      expect(first.out).toMatch(
        /^The agent is enrolled and running\.\nInstalled: .*\nThe agent is removed; nothing is left\.\n$/,
      );
      expect(readFileSync(log, "utf8").trim().split("\n")).toEqual([
        "--quiet is-active sambung-agent.service",
        "stop sambung-agent.service",
        "daemon-reload",
        "--quiet enable sambung-agent.service",
        "--no-block restart sambung-agent.service",
        "is-active sambung-agent.service",
        "--quiet disable --now sambung-agent.service",
        "daemon-reload",
        "reset-failed sambung-agent.service",
      ]);

      // Not running before, refused by the collector afterwards.
      rmSync(join(host, "running"));
      rmSync(log);
      writeFileSync(join(host, "state"), "failed\n");
      const refused = inNamespace(`${unpacked}/install.sh --server ${server} --token ${token}`);
      expect(refused.err).toContain("refused the enrolment: 403");
      expect(refused.status).toBe(0);
      expect(readFileSync(log, "utf8")).not.toContain("stop");
      rmSync(log);
      expect(
        inNamespace(`${unpacked}/install.sh --server ${server} --token ${token} --no-start`).status,
      ).toBe(0);
      expect(readFileSync(log, "utf8")).not.toContain("restart");
    },
    60_000,
  );

  const hasSystemd = existsSync("/run/systemd/system");
  it.skipIf(hasSystemd || process.getuid?.() !== 0)(
    "says clearly that it needs systemd (needs root on a machine without systemd)",
    () => {
      const { status, err } = install(["--server", server, "--token", token]);
      expect(err).toContain("this machine does not run systemd, and this installer supports nothing else");
      expect(status).toBe(1);
    },
  );
});
