#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { createAgent } from "./agent.ts";
import type { AgentDeps } from "./agent.ts";
import { readCachedTarget } from "./by-hand/cached-target.ts";
import { checkProfile } from "./by-hand/check-profile.ts";
import { probeOnce } from "./by-hand/probe-once.ts";
import { machineClock, readHost } from "./clock.ts";
import { readCommandLine, readToken, UsageError } from "./command-line.ts";
import type { Command } from "./command-line.ts";
import { createInstruments } from "./instruments.ts";
import { restartLean } from "./lean-start.ts";
import { createProbe, createProbers } from "./probers.ts";
import { watchTlsFiles } from "./tls-files.ts";
import type { TlsPaths } from "./tls-files.ts";
import { helpTexts, readLanguage, wordTexts } from "./texts.ts";
import type { Language } from "./texts.ts";
import { createTransport } from "./transport.ts";
import { createSystemdNotify, createWatchdog } from "./watchdog.ts";

/** The program: the only place that knows argv, the environment and signals. Resolves to the exit code. */
export async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const language = readLanguage(env["SAMBUNG_LANG"]);
  const word = wordTexts[language];
  try {
    const command = readCommandLine(argv, env);
    switch (command.name) {
      case "help":
        process.stdout.write(helpTexts[language]);
        return 0;
      case "version":
        process.stdout.write(`${readVersion()}\n`);
        return 0;
      case "probe":
        return await probeByHand(command, language);
      case "run":
        restartLean(fileURLToPath(import.meta.url), argv, command.folder);
        return await run(command, env);
    }
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof UsageError) {
      process.stderr.write(`${word.wrongUsage}: ${message}\n${word.seeHelp}\n`);
      return 2;
    }
    process.stderr.write(`${word.failure}: ${message}\n`);
    return 1;
  }
}

function readVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

async function probeByHand(
  { target: given, debug, json }: Extract<Command, { name: "probe" }>,
  language: Language,
): Promise<number> {
  const target = given.from === "options" ? given.target : readCachedTarget(given);
  if (given.from === "options") await checkProfile(target);
  return probeOnce(
    { target, debug, json, language },
    {
      probe: createProbe(createProbers()),
      clock: machineClock(),
      preciseMs: () => performance.now(),
      print: (line) => void process.stdout.write(`${line}\n`),
    },
  );
}

/**
 * A file that systemd hands over (LoadCredential=token:…): neither in the list of processes nor in the environment.
 * Null where there is none, or where the unit's own word stands in for a file that the administrator did not give.
 */
function credentialFile(folder: string | undefined, name: string): string | null {
  if (folder === undefined) return null;
  const path = join(folder, name);
  try {
    return readFileSync(path, "utf8").trim() === "none" ? null : path;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function readTokenFile(path: string | null): string | null {
  return path === null ? null : readToken(readFileSync(path, "utf8").trim());
}

/** Options before credentials; a certificate of the one with the key of the other would be a surprise. */
function tlsPaths({ ca, cert, key }: TlsPaths, credentials: string | undefined): TlsPaths {
  const isGiven = cert !== null || key !== null;
  return {
    ca: ca ?? credentialFile(credentials, "ca"),
    cert: isGiven ? cert : credentialFile(credentials, "cert"),
    key: isGiven ? key : credentialFile(credentials, "key"),
  };
}

async function run(command: Extract<Command, { name: "run" }>, env: NodeJS.ProcessEnv): Promise<number> {
  const level = readLevel(env["SAMBUNG_LOG"] ?? "info");
  const log = pino({ name: "sambung-agent", level }, pino.destination(2));
  const version = readVersion();
  if (command.servers.some((server) => isReadableOnTheWay(new URL(server)))) {
    log.warn("the collector's address is http: the agent's key can be read on the way");
  }
  const clock = machineClock();
  // A child of another program is not whom that program's service manager means.
  const watchdog = createWatchdog({
    env: command.untilStdinEnds ? {} : env,
    pid: process.pid,
    clock,
    log,
    run: createSystemdNotify(log),
  });
  const host = readHost();
  const credentials = env["CREDENTIALS_DIRECTORY"];
  const token = command.token ?? readTokenFile(credentialFile(credentials, "token"));
  const transport = createTransport({
    server: command.servers,
    via: command.vias,
    tls: watchTlsFiles(tlsPaths(command.tls, credentials), (reason) =>
      log.error({ reason }, "changed certificate files cannot be used; those read before stay"),
    ),
    userAgent: `sambung-agent/${version}`,
    clock,
    onWay: (way, reason) => log.warn({ way, reason }, "another way to the collector is taken"),
  });
  const deps: AgentDeps = {
    createInstruments: (given) => createInstruments({ clock, log, host, random: Math.random, ...given }),
    clock,
    host,
    transport,
    log,
    random: Math.random,
    watchdog,
  };
  // systemd's folder in memory for this service: what lies in it stays over a restart, unlike /dev/shm.
  const { folder, spoolBytes } = command;
  const options = { folder, token, version, spoolBytes, memoryFolder: env["RUNTIME_DIRECTORY"] };
  const agent = createAgent(options, deps);
  const stop = () => {
    log.info("stopping");
    watchdog.stopping();
    agent.stop().catch(() => {});
    // What was measured is noted already: an agent that hangs is worse than one that ends without its last batch.
    setTimeout(() => {
      log.error("did not stop in time");
      // Not by process.exit, which waits for threads of its own.
      process.kill(process.pid, "SIGKILL");
    }, stopWithinMs).unref();
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  // A collector that runs an agent beside itself holds the other end, and may be gone without a signal to anyone.
  if (command.untilStdinEnds) process.stdin.once("end", stop).once("error", stop).resume();
  try {
    await agent.start();
    watchdog.ready();
    await agent.finished;
    return 0;
  } catch (error) {
    // A stop that interrupts the enrolment is a stop and no failure.
    await agent.stop().catch(() => {});
    if ((error as Error).name === "AbortError") return 0;
    throw error;
  }
}

/** Longest time for a clean stop; the service manager kills after 15 s. */
const stopWithinMs = 10_000;

/** The URL's own form of a host: lower case, and numbers of an IPv4 address as four of them. */
function isReadableOnTheWay({ protocol, hostname }: URL): boolean {
  const loopback = /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(hostname);
  return protocol === "http:" && !loopback;
}

const levels = ["debug", "info", "warn", "error"];

function readLevel(level: string): string {
  if (levels.includes(level)) return level;
  throw new UsageError(`SAMBUNG_LOG: ${level} is not allowed; expected one of ${levels.join(", ")}`);
}

if (import.meta.main) {
  // Whoever read what we print may have gone; that is no reason to stop measuring.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  process.exit(await main(process.argv.slice(2), process.env));
}
