import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { needs } from "../../support/needs.ts";
import { tempDir } from "../../support/temp-dir.ts";

const unitFile = fileURLToPath(
  new URL("../../../probes/package/files/sambung-agent.service", import.meta.url),
);
const text = readFileSync(unitFile, "utf8");

/** Settings of a unit; one that stands twice keeps both values. */
function settingsOf(unit: string): Map<string, string[]> {
  const settings = new Map<string, string[]>();
  for (const line of unit.split("\n")) {
    const [, name, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined) settings.set(name, [...(settings.get(name) ?? []), value!]);
  }
  return settings;
}

describe("the systemd unit", () => {
  const settings = settingsOf(text);
  const tools = needs({ commands: ["systemd-analyze"] });

  it("starts what install.sh installs, as nobody in particular, and keeps its state in one folder", () => {
    expect(settings.get("ExecStart")).toEqual(["/opt/sambung-agent/sambung-agent run"]);
    expect(settings.get("DynamicUser")).toEqual(["yes"]);
    expect(settings.get("StateDirectory")).toEqual(["sambung-agent"]);
    expect(settings.get("Environment")).toEqual(["SAMBUNG_AGENT_DATA=/var/lib/sambung-agent"]);
    expect(settings.get("LoadCredential")).toEqual([
      "token:/etc/sambung-agent/token",
      "ca:/etc/sambung-agent/ca.pem",
      "cert:/etc/sambung-agent/cert.pem",
      "key:/etc/sambung-agent/key.pem",
    ]);
    expect(settings.get("SetCredential")).toEqual(["token:none", "ca:none", "cert:none", "key:none"]);
    expect(settings.get("ExecStartPost")).toEqual(["-+/bin/rm -f /etc/sambung-agent/token"]);
    expect(settings.get("EnvironmentFile")).toEqual(["-/etc/sambung-agent/env"]);
    expect(settings.get("User")).toBeUndefined();
  });

  it("leaves V8 its executable memory, and the watchdog its messenger", () => {
    expect(settings.get("MemoryDenyWriteExecute")).toBeUndefined();
    expect(settings.get("Type")).toEqual(["notify"]);
    expect(settings.get("NotifyAccess")).toEqual(["all"]);
    expect(Number(settings.get("WatchdogSec"))).toBeGreaterThanOrEqual(300);
    expect(settings.get("RestrictAddressFamilies")![0]!.split(" ")).toContain("AF_UNIX");
  });

  it.skipIf(tools !== null)(`is understood by systemd, and exposes little (${tools ?? "all there"})`, () => {
    using dir = tempDir();
    // The program is not where it will be.
    const unit = dir.file("sambung-agent.service");
    writeFileSync(unit, text.replace(/^ExecStart=.*$/m, "ExecStart=/bin/true"));
    const { status, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", unit], {
      encoding: "utf8",
    });
    expect({ status, about: stderr.split("\n").filter((line) => line.includes("sambung-agent")) }).toEqual({
      status: 0,
      about: [],
    });
    // 10 is a unit without any restriction; below 5 systemd itself says OK.
    execFileSync("systemd-analyze", ["security", "--offline=yes", "--threshold=25", unit], {
      stdio: "ignore",
    });
  });

  const rights = needs({ root: true, commands: ["setpriv", "ping", "fping"] });

  it.skipIf(rights !== null)(
    `gives the rights that ping and fping need, and no other (${rights ?? "all there"})`,
    () => {
      const names = settings.get("AmbientCapabilities")![0]!.split(" ");
      expect(settings.get("CapabilityBoundingSet")).toEqual(settings.get("AmbientCapabilities"));
      expect(settings.get("NoNewPrivileges")).toEqual(["yes"]);
      const caps = ["-all", ...names.map((name) => `+${name.replace("CAP_", "").toLowerCase()}`)].join(",");
      const asUnit = ["--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs"];
      const capArgs = [`--inh-caps=${caps}`, `--ambient-caps=${caps}`, `--bounding-set=${caps}`];
      for (const command of [
        ["ping", "-c", "1", "127.0.0.1"],
        ["fping", "-c", "1", "127.0.0.1"],
      ]) {
        const { status, stderr } = spawnSync("setpriv", [...asUnit, ...capArgs, ...command], {
          encoding: "utf8",
        });
        expect({ command, status, stderr: status === 0 ? "" : stderr }).toEqual({
          command,
          status: 0,
          stderr: "",
        });
      }
    },
  );
});
