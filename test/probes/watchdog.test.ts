import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSystemdNotify, createWatchdog } from "../../probes/watchdog.ts";
import { quietLog } from "../support/agent-parts.ts";
import { needs } from "../support/needs.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

// Whole programs are started here, and the machine may be slow and busy.
vi.setConfig({ testTimeout: 120_000 });

const periodUs = 600e6;
const halfMs = 300_000;

function makeWatchdog(env: Record<string, string> = {}) {
  const messages: string[] = [];
  const warnings: unknown[] = [];
  const watchdog = createWatchdog({
    env: { NOTIFY_SOCKET: "/run/n", WATCHDOG_USEC: String(periodUs), ...env },
    pid: 42,
    clock: { monoMs: () => Date.now() },
    log: { warn: (...parts: unknown[]) => void warnings.push(parts) },
    run: (message) => void messages.push(message),
  });
  return {
    watchdog,
    messages,
    warnings,
    beats: () => messages.filter((text) => text === "WATCHDOG=1").length,
  };
}

describe("the watchdog", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("says when the agent is at work and when it stops, once each", () => {
    const { watchdog, messages } = makeWatchdog();
    expect(messages).toEqual([]);
    watchdog.ready();
    watchdog.stopping();
    watchdog.stopping();
    watchdog.ready();
    vi.advanceTimersByTime(3 * halfMs);
    expect(messages).toEqual(["READY=1", "STOPPING=1"]);
  });

  it("beats at half of the period while rounds are stored, and no longer", () => {
    const { watchdog, beats, warnings } = makeWatchdog();
    watchdog.ready();
    for (let minute = 0; minute < 20; minute++) {
      vi.advanceTimersByTime(60_000);
      watchdog.progress();
    }
    expect(beats()).toBe(4);
    // One more tells of the last round; the service manager then waits for its whole period, and starts it again.
    vi.advanceTimersByTime(10 * halfMs);
    expect(beats()).toBe(5);
    expect(warnings).toHaveLength(1);
  });

  it("beats again when rounds come again, before the service manager has lost its patience", () => {
    const { watchdog, beats } = makeWatchdog();
    watchdog.ready();
    vi.advanceTimersByTime(halfMs + 1_000);
    expect(beats()).toBe(1);
    vi.advanceTimersByTime(halfMs);
    expect(beats()).toBe(1);
    watchdog.progress();
    vi.advanceTimersByTime(halfMs);
    expect(beats()).toBe(2);
  });

  it("waits for targets that are measured rarely, and for none when there are no targets", () => {
    const { watchdog, beats } = makeWatchdog();
    watchdog.ready();
    watchdog.expect(3_600_000);
    vi.advanceTimersByTime(7_200_000);
    expect(beats()).toBe(24);
    vi.advanceTimersByTime(7_200_000);
    expect(beats()).toBe(24);
    watchdog.expect(null);
    vi.advanceTimersByTime(7_200_000);
    expect(beats()).toBe(48);
    watchdog.expect(30_000);
    vi.advanceTimersByTime(7_200_000);
    expect(beats()).toBe(49);
  });

  it.each([
    ["no service manager", { NOTIFY_SOCKET: "" }, []],
    ["no watchdog", { WATCHDOG_USEC: "" }, ["READY=1"]],
    ["a period that is no number", { WATCHDOG_USEC: "soon" }, ["READY=1"]],
    ["a watchdog for another process", { WATCHDOG_PID: "41" }, ["READY=1"]],
    ["a watchdog for this process", { WATCHDOG_PID: "42" }, ["READY=1", "WATCHDOG=1"]],
  ])("knows %s", (_name, env, expected) => {
    const { watchdog, messages } = makeWatchdog(env);
    watchdog.ready();
    vi.advanceTimersByTime(halfMs);
    expect(messages).toEqual(expected);
  });
});

const listener = `
import socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
    s.bind(sys.argv[1])
    print("bound", flush=True)
    while True:
        print(s.recv(4096).decode(), flush=True)
`;

describe("systemd-notify", () => {
  const missing = needs({ commands: ["systemd-notify", "python3"] });

  it.skipIf(missing !== null)(
    `reaches the service manager's socket, in order (${missing ?? "all there"})`,
    async () => {
      using dir = tempDir();
      const socket = dir.file("notify");
      const child = spawn("python3", ["-c", listener, socket], { stdio: ["ignore", "pipe", "inherit"] });
      const ended = once(child, "exit");
      let heard = "";
      child.stdout.on("data", (chunk: Buffer) => (heard += chunk.toString()));
      try {
        await waitFor("the socket", () => heard.includes("bound"), { everyMs: 20 });
        vi.stubEnv("NOTIFY_SOCKET", socket);
        const run = createSystemdNotify(quietLog);
        for (const message of ["READY=1", "WATCHDOG=1", "STOPPING=1"]) run(message);
        await waitFor("the last message", () => heard.includes("STOPPING=1"), { everyMs: 20 });
        // A newer systemd-notify asks for a confirmation between the messages.
        const messages = heard.split("\n").filter((line) => /^(READY|WATCHDOG|STOPPING)=/.test(line));
        expect(messages).toEqual(["READY=1", "WATCHDOG=1", "STOPPING=1"]);
      } finally {
        vi.unstubAllEnvs();
        child.kill();
        await ended;
      }
    },
  );

  it("goes on without the command, or with one that fails, and says so once", async () => {
    using dir = tempDir();
    for (const program of [null, '#!/bin/sh\necho "$*" >>"$0.log"\nexit 3\n']) {
      if (program !== null) {
        writeFileSync(dir.file("systemd-notify"), program);
        chmodSync(dir.file("systemd-notify"), 0o755);
      }
      vi.stubEnv("PATH", program === null ? dir.path : `${dir.path}:${process.env["PATH"]}`);
      const warnings: { reason: string }[] = [];
      const run = createSystemdNotify({
        warn: (detail: unknown) => void warnings.push(detail as { reason: string }),
      });
      run("READY=1");
      run("WATCHDOG=1");
      await waitFor("a warning", () => warnings.length > 0, { everyMs: 20 });
      if (program !== null) {
        const log = () => readFileSync(dir.file("systemd-notify.log"), "utf8");
        await waitFor("both messages", () => log() === "READY=1\nWATCHDOG=1\n", { everyMs: 20 });
      }
      expect(warnings).toHaveLength(1);
      expect(warnings[0]!.reason).toMatch(program === null ? /ENOENT/ : /ended with 3/);
      vi.unstubAllEnvs();
    }
  });
});
