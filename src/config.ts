import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import type { Document, Node } from "yaml";
import { z } from "zod";
import { showValue } from "#wire/wire-error.ts";
import { shippedInventory } from "./inventory/starter.ts";
import { createSecrets } from "./inventory/secrets.ts";
import type { Environment } from "./inventory/secrets.ts";
import { describeMistake } from "./inventory/mistakes.ts";
import type { InventoryMistake } from "./inventory/mistakes.ts";
import { find } from "./inventory/yaml-path.ts";
import { languages } from "./report/language.ts";

const listenPattern = /^(?<host>\[[0-9a-fA-F:]+\]|[0-9A-Za-z.-]+):(?<port>\d{1,5})$/;
const listen = z.string().regex(listenPattern, "host:port, such as 127.0.0.1:8080");
const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "1 to 32 small letters, digits or '-'");
const url = z.string().regex(/^https?:\/\/\S+$/, "an http or https address");
const text = z.string().min(1, "some text");
const language = z.enum(languages).default("id");

const channel = z.discriminatedUnion("kind", [
  z.strictObject({
    id,
    kind: z.literal("webhook"),
    url,
    secrets: z.array(text).min(1, "at least one secret, whsec_…"),
  }),
  z.strictObject({
    id,
    kind: z.literal("email"),
    host: text,
    port: z.int("a port").min(1, "a port").max(65_535, "a port"),
    security: z.enum(["starttls", "tls", "none"]).default("starttls"),
    user: text.optional(),
    password: text.optional(),
    from: text,
    to: z.array(text).min(1, "at least one address"),
    language,
  }),
  z.strictObject({
    id,
    kind: z.literal("telegram"),
    token: text,
    chatId: text,
    threadId: z.int("a whole number").optional(),
    baseUrl: url.optional(),
    language,
  }),
]);

const seconds = (min: number, max: number) => {
  const allowed = `seconds from ${min} to ${max}`;
  return z.number(allowed).min(min, allowed).max(max, allowed);
};

/*
 * sambung.yaml. Every key may be left out; unknown ones are refused. Secrets as ${NAME} from the environment.
 */
const schema = z.strictObject({
  /** Where the collector listens. Default 127.0.0.1:8080; port 0: any free one. */
  listen: listen.default("127.0.0.1:8080"),
  /** Folder of the database and of the local agent, relative to the file. */
  data: text.default("./data"),
  /** Folder of the inventory, relative to the file. Default: Kutai Timur's, which comes with the program. */
  inventory: text.optional(),
  /** Where people find the pages, for links in alerts. Default: http:// and the listening address. */
  publicUrl: url.optional(),
  /** Time zone of pages, alerts and reports. */
  timeZone: z
    .string()
    .refine(isTimeZone, "an IANA time zone, such as Asia/Makassar")
    .default("Asia/Makassar"),
  /** Who may read /metrics: anyone who reaches the port, or keys with the scope read. */
  metrics: z.enum(["open", "read"]).default("open"),
  agents: z
    .strictObject({
      /** Between an agent's batches while nothing changes. */
      reportIntervalS: seconds(1, 86_400).default(60),
      /** Bytes a day that each agent may send; null: no limit. */
      dayBytes: z.int("bytes, or null").min(10_000, "at least 10000 bytes, or null").nullable().default(null),
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
  alerts: z
    .strictObject({
      /** How long an incident must be known before anyone is told. */
      holdS: seconds(0, 3_600).default(60),
      channels: z.array(channel).default([]),
    })
    .prefault({}),
});

export type Config = Omit<z.output<typeof schema>, "inventory"> & { inventory: string };
export type ChannelConfig = z.output<typeof channel>;

/** A configuration that was refused; the message has one mistake a line, with file, line, field, value and what is allowed. */
export class ConfigError extends Error {
  readonly code = "config.invalid";
  constructor(mistakes: readonly InventoryMistake[]) {
    super(mistakes.map(describeMistake).join("\n"));
    this.name = "ConfigError";
  }
}

/**
 * The configuration: the file (SAMBUNG_CONFIG, else sambung.yaml where it exists, else defaults), then SAMBUNG_LISTEN and
 * SAMBUNG_DATA over it. Checked whole; throws ConfigError.
 */
export function readConfig(env: Environment, cwd: string): Config {
  const named = env["SAMBUNG_CONFIG"];
  const file = resolve(cwd, named ?? "sambung.yaml");
  if (named !== undefined && !existsSync(file)) {
    throw new ConfigError([
      {
        file: "environment",
        line: 1,
        field: "SAMBUNG_CONFIG",
        value: showValue(named),
        allowed: "the path of a file",
      },
    ]);
  }
  const config = existsSync(file) ? readFile(file, env) : schema.parse({});
  const base = existsSync(file) ? dirname(file) : cwd;
  const given = env["SAMBUNG_LISTEN"];
  if (given !== undefined && !listenPattern.test(given)) {
    throw new ConfigError([
      {
        file: "environment",
        line: 1,
        field: "SAMBUNG_LISTEN",
        value: showValue(given),
        allowed: "host:port, such as 127.0.0.1:8080",
      },
    ]);
  }
  return {
    ...config,
    listen: given ?? config.listen,
    data: resolve(env["SAMBUNG_DATA"] === undefined ? base : cwd, env["SAMBUNG_DATA"] ?? config.data),
    inventory: config.inventory === undefined ? shippedInventory : resolve(base, config.inventory),
  };
}

/** Host and port of a listening address. */
export function splitListen(address: string): { host: string; port: number } {
  const { host, port } = listenPattern.exec(address)!.groups!;
  return { host: host!.replace(/^\[|\]$/g, ""), port: Number(port) };
}

function readFile(file: string, env: Environment): z.output<typeof schema> {
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, "utf8"), { lineCounter: lines });
  const mistakes: InventoryMistake[] = [];
  const refuse = (field: string, value: string, allowed: string) => {
    const { offset } =
      document.contents === null ? {} : find(document.contents as Node, field, document as Document);
    mistakes.push({ file, line: lines.linePos(offset ?? 0).line, field, value, allowed });
  };
  for (const error of document.errors) {
    const line = error.linePos?.[0].line ?? 1;
    mistakes.push({
      file,
      line,
      field: "(document)",
      value: error.code,
      allowed: `YAML that can be read: ${error.message.split("\n")[0]}`,
    });
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  const secrets = createSecrets(env, refuse);
  const filled = fill("", (document.toJS() as unknown) ?? {}, (path, value) => secrets.fill(path, value));
  const result = schema.safeParse(filled);
  if (!result.success) {
    for (const issue of result.error.issues) {
      const field = pathText(issue.path);
      const found = issue.path.reduce<unknown>(
        (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
        filled,
      );
      if (issue.code === "unrecognized_keys") {
        for (const key of issue.keys)
          refuse(field === "" ? key : `${field}.${key}`, showValue(key), "no such key");
      } else {
        refuse(field || "(document)", isSecret(field) ? "(hidden)" : showValue(found), issue.message);
      }
    }
  }
  if (mistakes.length > 0 || !result.success) throw new ConfigError(mistakes);
  return result.data;
}

const isSecret = (field: string) => /secrets|token|password/.test(field);

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (all, key) =>
      typeof key === "number" ? `${all}[${key}]` : all === "" ? String(key) : `${all}.${String(key)}`,
    "",
  );
}

/** Replaces every ${NAME} in the document. */
function fill(path: string, value: unknown, fillOne: (path: string, value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item, index) => fill(`${path}[${index}]`, item, fillOne));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        fill(path === "" ? key : `${path}.${key}`, item, fillOne),
      ]),
    );
  }
  return fillOne(path, value);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("id", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
