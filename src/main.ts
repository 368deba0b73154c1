#!/usr/bin/env node
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { pino } from "pino";
import { createApp } from "./app.ts";
import type { App } from "./app.ts";
import { announceChanges } from "./command/announce.ts";
import { readCommandLine, UsageError } from "./command/command-line.ts";
import { init } from "./command/init.ts";
import { startLocalAgent } from "./command/local-agent.ts";
import { commandTexts, readLanguage } from "./command/texts.ts";
import type { CommandTexts } from "./command/texts.ts";
import { readConfig, splitListen } from "./config.ts";
import type { Config } from "./config.ts";
import type { Language } from "./report/language.ts";
import { createWords } from "./report/words.ts";
import { readInventory } from "./inventory/read-inventory.ts";
import { hashKey, isWellFormedKey, keyPrefix, makeKey } from "./state/keys.ts";
import type { StateStore } from "./state/state-store.ts";

const print = (line: string) => void process.stdout.write(`${line}\n`);

/** The program: the only place that knows argv, the environment and signals. Resolves to the exit code. */
export async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const language = readLanguage(env["SAMBUNG_LANG"]);
  const texts = commandTexts[language];
  try {
    const command = readCommandLine(argv);
    switch (command.name) {
      case "help":
        process.stdout.write(texts.help);
        return 0;
      case "version":
        print(readVersion());
        return 0;
      case "key":
        print(makeKey("sbk"));
        return 0;
      case "check":
        return check(env, texts);
      case "init":
        await init({
          folder: process.cwd(),
          yes: command.yes,
          texts: texts.init,
          print,
          env: withDoor(env, "127.0.0.1:8080"),
        });
        return 0;
      case "start":
        return await start(command.agentSite, env, texts, language);
    }
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof UsageError) {
      process.stderr.write(`${texts.wrongUsage}: ${message}\n${texts.seeHelp}\n`);
      return 2;
    }
    process.stderr.write(`${texts.failed}: ${message}\n`);
    return 1;
  }
}

function check(env: NodeJS.ProcessEnv, texts: CommandTexts): number {
  const config = readConfig(env, process.cwd());
  const { sites, links, targets, services } = readInventory(config.inventory, withDoor(env, config.listen));
  print(
    texts.checked({ sites: sites.size, links: links.size, targets: targets.size, services: services.size }),
  );
  return 0;
}

async function start(
  agentSite: string | null,
  env: NodeJS.ProcessEnv,
  texts: CommandTexts,
  language: Language,
): Promise<number> {
  const config = readConfig(env, process.cwd());
  const logger = pino(
    { name: "sambung", level: readLevel(env["SAMBUNG_LOG"]), redact: ["req.headers.authorization"] },
    pino.destination(2),
  );
  const app = createApp(config, {
    logger,
    now: Date.now,
    random: Math.random,
    readInventory: () => readInventory(config.inventory, withDoor(env, config.listen)),
    version: readVersion(),
  });
  const cleanUp: (() => Promise<void> | void)[] = [() => app.stop()];
  const stopped = untilSignal(app, texts, logger);
  try {
    const fresh = await ensureAdminKey(app.state, env["SAMBUNG_ADMIN_KEY"]);
    const address = await app.start();
    print(`listening on ${address}`);
    print(texts.open(reachable(address)));
    if (fresh !== null) print(texts.adminKey(fresh));
    if (agentSite !== null) {
      cleanUp.push(await runAgent(app, config, reachable(address), agentSite, env, texts));
      const words = createWords(language, config.timeZone);
      const told = announceChanges({
        reader: app.reader,
        site: agentSite,
        words,
        texts,
        print,
        everyMs: 5_000,
      });
      cleanUp.push(() => told.stop());
    }
    print(texts.next(reachable(address)));
    await stopped;
  } finally {
    for (const step of cleanUp.reverse()) await step();
  }
  return 0;
}

async function runAgent(
  app: App,
  config: Config,
  server: string,
  site: string,
  env: NodeJS.ProcessEnv,
  texts: CommandTexts,
): Promise<() => Promise<void>> {
  const agent = await startLocalAgent({
    server,
    data: config.data,
    site,
    state: app.state,
    now: Date.now,
    env: { ...env, SAMBUNG_LOG: env["SAMBUNG_LOG"] ?? "warn" },
    onExit: (code) => print(texts.agentStopped(code)),
  });
  print(agent.enrolled ? texts.agentEnrolled(site) : texts.agentAgain(site));
  return () => agent.stop();
}

/** Uses the key of the environment, or makes one when there is none at all yet; answers the one that was made. */
async function ensureAdminKey(state: StateStore, given: string | undefined): Promise<string | null> {
  const keys = await state.apiKeys();
  if (given === undefined && keys.some((key) => key.scopes.includes("admin") && key.revokedMs === null))
    return null;
  if (given !== undefined && !isWellFormedKey(given, "sbk")) {
    throw new Error(
      "SAMBUNG_ADMIN_KEY: not a key; expected what `sambung key` prints, sbk_ and 36 letters or digits",
    );
  }
  const key = given ?? makeKey("sbk");
  if ((await state.apiKeyByHash(hashKey(key))) === null) {
    await state.addApiKey({
      id: `key_${randomBytes(6).toString("hex")}`,
      name: given === undefined ? "admin" : "SAMBUNG_ADMIN_KEY",
      prefix: keyPrefix(key),
      hash: hashKey(key),
      scopes: ["read", "admin"],
      createdMs: Date.now(),
      revokedMs: null,
    });
  }
  return given === undefined ? key : null;
}

/** Resolves at SIGINT or SIGTERM. SIGHUP reads the inventory again; a bad one leaves the old one in force. */
function untilSignal(app: App, texts: CommandTexts, logger: pino.Logger): Promise<void> {
  process.on("SIGHUP", () => {
    try {
      app.reload();
    } catch (error) {
      logger.error(
        `the inventory was not reloaded, the old one stays in force:\n${(error as Error).message}`,
      );
    }
  });
  return new Promise((resolve) => {
    const stop = () => {
      print(texts.stopping);
      resolve();
    };
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
  });
}

/** SAMBUNG_DOOR for the shipped inventory: where the collector itself can be checked. */
function withDoor(env: NodeJS.ProcessEnv, listen: string): NodeJS.ProcessEnv {
  const { host, port } = splitListen(listen);
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return { SAMBUNG_DOOR: `http://${name.includes(":") ? `[${name}]` : name}:${port}/livez`, ...env };
}

/** An address that can be opened: a collector that listens everywhere is reached on this machine. */
function reachable(address: string): string {
  return address.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}

function readLevel(level: string | undefined): string {
  return level !== undefined && ["debug", "info", "warn", "error", "silent"].includes(level) ? level : "warn";
}

function readVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2), process.env);
