import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { showValue } from "#wire/wire-error.ts";
import { isListen, isWildcard, listenAllowed, splitListen } from "./config/addresses.ts";
import { complaints } from "./config/complaints.ts";
import { tls, traps } from "./config/doors.ts";
import {
  byteBudget,
  listen,
  perDay,
  perMinute,
  range,
  seconds,
  text,
  url,
  urlAllowed,
} from "./config/fields.ts";
import { ConfigError, readText, readYaml } from "./config/read-yaml.ts";
import { series } from "./config/series.ts";
import type { Environment } from "./inventory/secrets.ts";
import { shippedInventory } from "./inventory/starter.ts";
import { checkRouting, routingShape } from "./notify/route-config.ts";

const publicUrl = url.transform((address) => address.replace(/\/+$/, ""));

/*
 * sambung.yaml. Every key may be left out; unknown ones are refused. Secrets as ${NAME} from the environment.
 */
const schema = z.strictObject({
  /** Where the collector listens. Default 127.0.0.1:8080; port 0: any free one. */
  listen: listen.default("127.0.0.1:8080"),
  /** Folder of the database and of the local agent, relative to the file. */
  data: text.default("./data"),
  series: series.prefault({ engine: "sqlite" }),
  /** Folder of the inventory, relative to the file. Default: Kutai Timur's, which comes with the program. */
  inventory: text.optional(),
  /** Where people find the pages, for links in alerts; slashes at the end do not matter. Default: see publicUrlOf. */
  publicUrl: publicUrl.optional(),
  /** Time zone of pages, alerts and reports. */
  timeZone: z
    .string()
    .refine(isTimeZone, "an IANA time zone, such as Asia/Makassar")
    .default("Asia/Makassar"),
  /** Who may read /metrics: anyone who reaches the port, or keys with the scope read. */
  metrics: z.enum(["open", "read"]).default("open"),
  /** Certificate files, where the collector itself speaks HTTPS; null: HTTP. */
  tls: tls.nullable().default(null),
  /** Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. */
  trustProxy: z.array(range).max(100, "at most 100").default([]),
  /** Most of what, so that nobody takes the place of all others. */
  limits: z
    .strictObject({
      /** Requests a minute with one API key. */
      keyPerMinute: perMinute(3_000),
      /** Requests a minute of one agent. */
      agentPerMinute: perMinute(1_200),
      /** Requests a minute without a key, from one address. */
      addressPerMinute: perMinute(3_000),
      /** Refused keys and tokens a minute, from one address. */
      refusedPerMinute: perMinute(60),
      /** Rounds that one agent may have stored in a day. */
      agentRoundsPerDay: perDay(5_000_000),
      /** Events that one agent may have stored in a day. */
      agentEventsPerDay: perDay(50_000),
      /** Connections at once. */
      connections: z
        .int("a whole number from 10 to 100000")
        .min(10, "a whole number from 10 to 100000")
        .max(100_000, "a whole number from 10 to 100000")
        .default(4_096),
    })
    .prefault({}),
  agents: z
    .strictObject({
      /** Between an agent's batches while nothing changes. */
      reportIntervalS: seconds(1, 86_400).default(60),
      /** Bytes on the wire, both ways, that each agent may cause in a UTC day; null: no limit. */
      dayBytes: byteBudget,
      /** The same for a month of UTC. */
      monthBytes: byteBudget,
      traps: traps.nullable().default(null),
    })
    .prefault({}),
  outages: z
    .strictObject({
      /** Consecutive bad rounds that make a target down. */
      badRounds: z
        .int("a whole number from 1 to 10")
        .min(1, "a whole number from 1 to 10")
        .max(10, "a whole number from 1 to 10")
        .default(2),
      /** Silence after which other witnesses overrule an agent's last word. Default: 1.25 report intervals. */
      heardWithinS: seconds(1, 86_400).optional(),
      /** Silence after which a state becomes unknown. Default: 3.25 report intervals. */
      silenceS: seconds(1, 604_800).optional(),
    })
    .prefault({}),
  /** Whose the open data are, as their metadata say. */
  openData: z
    .strictObject({
      /** Wali data. */
      steward: text.default("Dinas Komunikasi dan Informatika"),
      /** Produsen data. */
      producer: text.default("Dinas Komunikasi dan Informatika"),
      licence: text.default("belum ditetapkan"),
      /** Counts of complaints below it are hidden. */
      smallestCount: z
        .int("a whole number from 3 to 5")
        .min(3, "a whole number from 3 to 5")
        .max(5, "a whole number from 3 to 5")
        .default(5),
    })
    .prefault({}),
  alerts: z
    .strictObject({
      /** How long a problem must be known before anyone is told. */
      holdS: seconds(0, 3_600).default(60),
      /** How long a message waits at most for a parent to be cleared, or for neighbours that fall as well. */
      maxHoldS: seconds(0, 3_600).default(300),
      /** How long a service must have failed from one site alone before anyone is told. */
      serviceHoldS: seconds(0, 86_400).default(600),
      /** How long a problem must be over before anyone is told. */
      settleS: seconds(0, 3_600).default(120),
      ...routingShape,
    })
    .superRefine(checkRouting)
    .prefault({}),
  complaints: complaints.prefault({}),
  partners: z
    .strictObject({
      /** Private networks in which providers' callbacks may lie, by http as well; elsewhere they are public and https. */
      callbackNetworks: z.array(range).max(100, "at most 100").default([]),
    })
    .prefault({}),
});

export type Config = Omit<z.output<typeof schema>, "inventory"> & { inventory: string };
export type SeriesConfig = Config["series"];

/**
 * The configuration: the file (SAMBUNG_CONFIG, else sambung.yaml where it exists, else defaults), then SAMBUNG_LISTEN,
 * SAMBUNG_DATA and SAMBUNG_PUBLIC_URL over it. Checked whole; throws ConfigError.
 */
export function readConfig(env: Environment, cwd: string): Config {
  return readParts(env, cwd);
}

const commandKeys = ["listen", "data", "publicUrl", "tls", "complaints"] as const;
export type CommandConfig = Pick<Config, (typeof commandKeys)[number]>;

/** What a command needs beside a running collector. Whoever runs it has none of the collector's secrets, and needs none. */
export function readCommandConfig(env: Environment, cwd: string): CommandConfig {
  return readParts(env, cwd, commandKeys);
}

function readParts(env: Environment, cwd: string, only?: readonly (keyof Config)[]): Config {
  const named = given(env, "SAMBUNG_CONFIG");
  const file = resolve(cwd, named ?? "sambung.yaml");
  if (named !== undefined && !existsSync(file)) {
    throw environmentError("SAMBUNG_CONFIG", named, "the path of a file");
  }
  const config = existsSync(file) ? readYaml(file, env, schema, only) : schema.parse({});
  const base = existsSync(file) ? dirname(file) : cwd;
  const listens = given(env, "SAMBUNG_LISTEN");
  if (listens !== undefined && !isListen(listens))
    throw environmentError("SAMBUNG_LISTEN", listens, listenAllowed);
  const address = given(env, "SAMBUNG_PUBLIC_URL");
  const data = given(env, "SAMBUNG_DATA");
  const parsed = publicUrl.optional().safeParse(address);
  if (!parsed.success) throw environmentError("SAMBUNG_PUBLIC_URL", address, urlAllowed);
  return {
    ...config,
    ...(parsed.data === undefined ? {} : { publicUrl: parsed.data }),
    listen: listens ?? config.listen,
    data: data === undefined ? resolve(base, config.data) : resolve(cwd, data),
    complaints: {
      ...config.complaints,
      folder: config.complaints.folder === null ? null : resolve(base, config.complaints.folder),
    },
    inventory: config.inventory === undefined ? shippedInventory : resolve(base, config.inventory),
    tls: config.tls === null ? null : resolveFiles(base, config.tls),
    series: withToken(base, config.series),
  };
}

/** A compose file hands on a variable that nobody set as an empty one: it is like unset. */
function given(env: Environment, name: string): string | undefined {
  return env[name] || undefined;
}

function resolveFiles(base: string, tls: NonNullable<Config["tls"]>): NonNullable<Config["tls"]> {
  const { cert, key, ca, clientCa } = tls;
  return {
    ...tls,
    cert: resolve(base, cert),
    key: resolve(base, key),
    ...(ca === undefined ? {} : { ca: resolve(base, ca) }),
    ...(clientCa === undefined ? {} : { clientCa: resolve(base, clientCa) }),
  };
}

/** The token out of its file. */
function withToken(base: string, given: z.output<typeof series>): z.output<typeof series> {
  if (given.engine === "sqlite" || given.tokenFile === undefined) return given;
  const file = resolve(base, given.tokenFile);
  const token = readText(file, "series.tokenFile", "a file with a token").trim();
  if (token === "")
    throw new ConfigError([`series.tokenFile: ${file} is empty; expected a file with a token`]);
  return { ...given, token };
}

function environmentError(field: string, value: unknown, allowed: string): ConfigError {
  return new ConfigError([`environment ${field}: ${showValue(value)} is not allowed; expected ${allowed}`]);
}

/**
 * Where links in alerts lead: `publicUrl`, else the listening address. null where that is no address that anybody could
 * open: all addresses of the machine, or any free port.
 */
export function publicUrlOf(config: Pick<Config, "publicUrl" | "listen" | "tls">): string | null {
  if (config.publicUrl !== undefined) return config.publicUrl;
  const { host, port } = splitListen(config.listen);
  return isWildcard(host) || port === 0
    ? null
    : `${config.tls === null ? "http" : "https"}://${config.listen}`;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("id", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
