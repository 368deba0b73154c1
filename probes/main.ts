#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import type { AgentTarget } from "#wire/agent-config-v1.ts";
import { createAgent } from "./agent.ts";
import { machineClock, readHost } from "./clock.ts";
import { readCommandLine, UsageError } from "./command-line.ts";
import type { Command } from "./command-line.ts";
import { answered } from "./compose.ts";
import { restartLean } from "./lean-start.ts";
import { createProbe, createProbers } from "./probers.ts";
import { showSample } from "./show-sample.ts";
import { helpTexts, readLanguage, wordTexts } from "./texts.ts";
import type { Language } from "./texts.ts";
import { createTransport } from "./transport.ts";

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
        return await probeOnce(command.target, language);
      case "run":
        restartLean(fileURLToPath(import.meta.url), argv, command.folder);
        return await run(command, env["SAMBUNG_LOG"] ?? "info");
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

async function probeOnce(target: AgentTarget, language: Language): Promise<number> {
  const probe = createProbe(createProbers());
  const { timeoutMs } = target;
  const signal = AbortSignal.timeout(timeoutMs);
  const sample = await probe(target, { signal, timeoutMs, clock: machineClock() });
  process.stdout.write(`${showSample(sample, language)}\n`);
  return answered(sample) === true ? 0 : 1;
}

async function run(command: Extract<Command, { name: "run" }>, level: string): Promise<number> {
  const log = pino({ name: "sambung-agent", level: readLevel(level) }, pino.destination(2));
  const version = readVersion();
  if (/^http:\/\/(?!127\.|localhost|\[::1\])/.test(command.server)) {
    log.warn("the collector's address is http: the agent's key can be read on the way");
  }
  const agent = createAgent(
    { folder: command.folder, token: command.token, version },
    {
      probe: createProbe(createProbers()),
      clock: machineClock(),
      host: readHost(),
      transport: createTransport({ server: command.server, userAgent: `sambung-agent/${version}` }),
      log,
      random: Math.random,
    },
  );
  const stop = () => {
    log.info("stopping");
    agent.stop().catch(() => {});
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  // A collector that runs an agent beside itself holds the other end, and may be gone without a signal to anyone.
  if (command.untilStdinEnds) process.stdin.once("end", stop).once("error", stop).resume();
  try {
    await agent.start();
    await agent.finished;
    return 0;
  } catch (error) {
    // A stop that interrupts the enrolment is a stop and no failure.
    await agent.stop().catch(() => {});
    if ((error as Error).name === "AbortError") return 0;
    throw error;
  }
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
