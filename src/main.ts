#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { hideKeys } from "#wire/hide-keys.ts";
import { createApp } from "./app.ts";
import type { App } from "./app.ts";
import { acceptAdminKey, makeFirstAdminKey } from "./command/admin-key.ts";
import { announceChanges } from "./command/announce.ts";
import { importComplaintsFile } from "./command/complaints.ts";
import { readCommandLine, UsageError } from "./command/command-line.ts";
import type { Command } from "./command/command-line.ts";
import { runCopy } from "./command/copies.ts";
import { reachable, withDoor } from "./command/door.ts";
import { init } from "./command/init.ts";
import { explainListening } from "./command/listening.ts";
import { startLocalAgent } from "./command/local-agent.ts";
import { runReplay } from "./command/replay.ts";
import type { AskOptions, AskTexts } from "./command/ask-collector.ts";
import { explainLink, fetchReport, issueMonth } from "./command/sla.ts";
import { makeTelegrafAgent } from "./command/telegraf.ts";
import { telegrafTexts } from "./command/telegraf-texts.ts";
import { commandTexts, readLanguage } from "./command/texts.ts";
import type { CommandTexts } from "./command/texts.ts";
import { engineOf } from "./compose/stores.ts";
import { publicUrlOf, readCommandConfig, readConfig } from "./config.ts";
import { checkRoutes } from "./notify/check-routes.ts";
import { readTlsFiles } from "./http/tls-files.ts";
import type { CommandConfig, Config } from "./config.ts";
import type { Language } from "./report/language.ts";
import { createWords } from "./report/words.ts";
import { readInventory } from "./inventory/read-inventory.ts";
import { commandActor } from "./state/audit.ts";
import { makeKey } from "./state/keys.ts";
import { adoptSeriesEngine } from "./state/sqlite.ts";

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
          env,
        });
        return 0;
      case "agents telegraf":
        return await agentsTelegraf(command, env, language);
      case "backup":
      case "restore":
        await runCopy(command, readCommandConfig(env, process.cwd()).data, texts.copies, print);
        return 0;
      case "series adopt":
        print(await adoptSeries(readConfig(env, process.cwd()), texts));
        return 0;
      case "complaints import":
        print(await importComplaints(command, env, language));
        return 0;
      case "sla explain":
        print(
          await explainLink(command, language, asking(readCommandConfig(env, process.cwd()), env, texts.ask)),
        );
        return 0;
      case "sla issue":
        print(
          await issueMonth(command, texts.sla, asking(readCommandConfig(env, process.cwd()), env, texts.ask)),
        );
        return 0;
      case "report":
        for (const line of await fetchReport(
          command,
          texts.sla,
          asking(readCommandConfig(env, process.cwd()), env, texts.ask),
        ))
          print(line);
        return 0;
      case "replay":
        runReplay(command, texts.replay, print);
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
  const inventory = readInventory(config.inventory, withDoor(env, config), config.timeZone);
  const { sites, links, targets, services } = inventory;
  checkRoutes(config.alerts, inventory);
  if (config.tls !== null) readTlsFiles(config.tls);
  print(
    texts.checked({ sites: sites.size, links: links.size, targets: targets.size, services: services.size }),
  );
  return 0;
}

async function adoptSeries(config: Config, texts: CommandTexts): Promise<string> {
  const engine = engineOf(config.series);
  const by = commandActor("series adopt");
  const former = await adoptSeriesEngine(join(config.data, "sambung.db"), engine, { nowMs: Date.now(), by });
  return former === null ? texts.nothingToAdopt(engine) : texts.adopted(engine, former);
}

async function agentsTelegraf(
  { site, server, method }: Extract<Command, { name: "agents telegraf" }>,
  env: NodeJS.ProcessEnv,
  language: Language,
): Promise<number> {
  const texts = telegrafTexts[language];
  const config = readCommandConfig(env, process.cwd());
  const seenFromBox = server ?? publicUrlOf(config);
  if (seenFromBox === null || (server === null && isLoopback(seenFromBox)))
    throw new UsageError(texts.noServer);
  const adminKey = env["SAMBUNG_ADMIN_KEY"];
  if (adminKey === undefined || adminKey === "") throw new Error(texts.noKey);
  const { conf, message } = await makeTelegrafAgent({
    // A certificate is for the name by which boxes know the collector.
    collector: config.tls === null ? reachable(`http://${config.listen}`) : seenFromBox,
    server: seenFromBox,
    site,
    method,
    adminKey,
    version: readVersion(),
    texts,
  });
  process.stdout.write(conf);
  process.stderr.write(`${message}\n`);
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
    {
      name: "sambung",
      level: readLevel(env["SAMBUNG_LOG"]),
      // Whatever part of the program writes a line: no key gets into the log.
      hooks: { streamWrite: hideKeys },
    },
    pino.destination(2),
  );
  const app = createApp(config, {
    logger,
    now: Date.now,
    random: Math.random,
    readInventory: () => readInventory(config.inventory, withDoor(env, config), config.timeZone),
    version: readVersion(),
  });
  const cleanUp: (() => Promise<void> | void)[] = [() => app.stop()];
  const stopped = untilSignal(app, texts, logger);
  try {
    const given = env["SAMBUNG_ADMIN_KEY"];
    if (given !== undefined) await acceptAdminKey(app.state, given, Date.now());
    const address = await app.start().catch((error: unknown) => {
      throw explainListening(error, config.listen, texts);
    });
    const site = agentSite === null ? null : await findSite(app, agentSite);
    // Made after whatever can go wrong at the start: a key that was stored and never shown is of use to nobody.
    const fresh = given === undefined ? await makeFirstAdminKey(app.state, Date.now()) : null;
    if (fresh !== null) print(texts.adminKey(fresh));
    print(`listening on ${address}`);
    // A certificate is for the name by which others know it.
    const shown = config.tls === null ? reachable(address) : (publicUrlOf(config) ?? reachable(address));
    print(texts.open(shown));
    if (config.alerts.channels.length > 0 && publicUrlOf(config) === null) print(texts.noPublicUrl);
    if (site !== null) {
      const door = config.tls === null ? reachable(address) : await app.openLocalDoor();
      cleanUp.push(await runAgent(app, config, door, site, env, texts));
      const words = createWords(language, config.timeZone);
      const told = announceChanges({
        reader: app.reader,
        site,
        words,
        texts,
        print,
        everyMs: 5_000,
      });
      cleanUp.push(() => told.stop());
    }
    print(texts.next(shown));
    await stopped;
  } finally {
    for (const step of cleanUp.reverse()) await step();
  }
  return 0;
}

async function importComplaints(
  command: Extract<Command, { name: "complaints import" }>,
  env: NodeJS.ProcessEnv,
  language: Language,
): Promise<string> {
  const texts = commandTexts[language].complaints;
  const config = readCommandConfig(env, process.cwd());
  const { collector, key } = asking(config, env, texts);
  const maxFileBytes = config.complaints.maxFileMiB * 1_048_576;
  return importComplaintsFile({ ...command, collector, key, maxFileBytes, language, texts });
}

/** How the running collector is asked. */
function asking(config: CommandConfig, env: NodeJS.ProcessEnv, texts: AskTexts): AskOptions {
  const key = env["SAMBUNG_ADMIN_KEY"];
  if (key === undefined || key === "") throw new Error(texts.noKey);
  const collector = config.tls === null ? reachable(`http://${config.listen}`) : publicUrlOf(config);
  if (collector === null) throw new Error(texts.noCollector(config.listen, "publicUrl"));
  return { collector, key, texts };
}

/** An address that on a box would be the box itself. */
function isLoopback(address: string): boolean {
  return /^(localhost|127\.[0-9.]+|\[::1\])$/.test(new URL(address).hostname);
}

/** The code of the site that was asked for. */
async function findSite(app: App, asked: string): Promise<string> {
  const sites = await app.reader.sites();
  const found = sites.find(({ code, parent }) => (asked === "root" ? parent === null : code === asked));
  if (found === undefined)
    throw new Error(`--site ${asked}: not in the inventory; expected the code of one of its sites`);
  return found.code;
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
    onExit: (why, waitMs) => print(texts.agentStopped(why, Math.round(waitMs / 1000))),
  });
  print(agent.enrolled ? texts.agentEnrolled(site) : texts.agentAgain(site));
  return () => agent.stop();
}

/** Resolves at SIGINT or SIGTERM. SIGHUP reads the inventory again; a bad one leaves the old one in force. */
function untilSignal(app: App, texts: CommandTexts, logger: pino.Logger): Promise<void> {
  process.on("SIGHUP", () => {
    app.reload(commandActor("SIGHUP")).catch((error: Error) => {
      logger.error(`the inventory was not reloaded, the old one stays in force:\n${error.message}`);
    });
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

function readLevel(level: string | undefined): string {
  return level !== undefined && ["debug", "info", "warn", "error", "silent"].includes(level) ? level : "warn";
}

function readVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** Whoever read what we print may have gone, as in `npm start | head`. The collector has others to work for. */
function forgiveClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

if (import.meta.main) {
  process.stdout.on("error", forgiveClosedPipe);
  process.exitCode = await main(process.argv.slice(2), process.env);
}
