import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import type { Document, Node } from "yaml";
import { z } from "zod";
import { parseTraps } from "#wire/agent-config-v1.ts";
import type { TrapsV1 } from "#wire/agent-config-v1.ts";
import { rangeAt } from "#wire/check.ts";
import { showValue, WireError } from "#wire/wire-error.ts";
import { fields, personalWordIn } from "./ingest/complaints/columns.ts";
import { importModes } from "./ingest/complaints/create-complaints.ts";
import { shippedInventory } from "./inventory/starter.ts";
import { createSecrets, hiddenFields } from "./inventory/secrets.ts";
import type { Environment } from "./inventory/secrets.ts";
import { describeMistake } from "./inventory/mistakes.ts";
import type { InventoryMistake } from "./inventory/mistakes.ts";
import { find } from "./inventory/yaml-path.ts";
import { checkNames, routingShape } from "./notify/route-config.ts";
import { complaintChannels, complaintStatuses } from "./state/complaint-store.ts";

const listenPattern = /^(?<host>\[[0-9a-fA-F:]+\]|[0-9A-Za-z.-]+):(?<port>\d{1,5})$/;
const listenAllowed = "host:port, such as 127.0.0.1:8080";
const listen = z.string(listenAllowed).refine(isListen, listenAllowed);
const urlAllowed = "an http or https address";
const url = z.string(urlAllowed).refine(isWebAddress, urlAllowed);
const text = z.string().min(1, "some text");
/** What is left out takes the defaults here; what is there is judged by the rules of the wire. */
const traps = z
  .strictObject({
    /** UDP address and port on which every agent hears SNMP traps and informs. */
    address: z.unknown().default("0.0.0.0"),
    port: z.unknown().default(162),
    communities: z.unknown().default([]),
    users: z.unknown().default([]),
    /** Who is heard beside the agent's own SNMP targets. */
    sources: z.unknown().default([]),
    /** Most events a minute from one source. */
    perMinute: z.unknown().default(30),
  })
  .transform((given, context): TrapsV1 => {
    try {
      return parseTraps("", given);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      const path = error.field.split(/[.[\]]+/).filter((part) => part !== "");
      context.addIssue({
        code: "custom",
        path: path.map((part) => (/^\d+$/.test(part) ? Number(part) : part)),
        message: error.allowed,
      });
      return z.NEVER;
    }
  });

const seconds = (min: number, max: number) => {
  const allowed = `seconds from ${min} to ${max}`;
  return z.number(allowed).min(min, allowed).max(max, allowed);
};

const wholeUpTo = (most: number) => (byDefault: number) => {
  const allowed = `a whole number from 1 to ${most}`;
  return z.int(allowed).min(1, allowed).max(most, allowed).default(byDefault);
};
const perMinute = wholeUpTo(10_000_000);
const perDay = wholeUpTo(1_000_000_000);

const range = z
  .string("an address, or a range such as 10.8.0.0/16")
  .refine(isRange, "an address, or a range such as 10.8.0.0/16");

/** Files in PEM, relative to the configuration. They are read again when they change. */
const tls = z
  .strictObject({
    cert: text,
    key: text,
    /** Certificates that signed `cert`, where they are not in it. */
    ca: text.optional(),
    /** Authorities whose certificates clients may show. */
    clientCa: text.optional(),
    /** Who has to show one. Default: agents where there is a clientCa, else none. */
    requireClientCert: z.enum(["agents", "all", "none"]).optional(),
  })
  .superRefine(({ clientCa, requireClientCert = "none" }, context) => {
    if (clientCa !== undefined || requireClientCert === "none") return;
    const message = `none, or a clientCa beside it`;
    context.addIssue({ code: "custom", path: ["requireClientCert"], message });
  })
  .transform((given) => ({
    ...given,
    requireClientCert: given.requireClientCert ?? (given.clientCa === undefined ? "none" : "agents"),
  }));

const keptDays = (min: number, byDefault: number) => {
  const allowed = `days from ${min} to 36500`;
  return z.int(allowed).min(min, allowed).max(36_500, allowed).default(byDefault);
};

const engineUrlAllowed = "an http or https address without user and password";
const engineUrl = z
  .string(engineUrlAllowed)
  .refine((given) => isWebAddress(given) && new URL(given).username === "", engineUrlAllowed);
/** A token as ${NAME}, or in a file of its own, of which the blanks at the ends do not matter. */
const engineToken = { token: text.optional(), tokenFile: text.optional() };

function refuseTwoTokens(
  given: { token?: string | undefined; tokenFile?: string | undefined },
  context: z.RefinementCtx,
): void {
  if (given.token === undefined || given.tokenFile === undefined) return;
  context.addIssue({ code: "custom", path: ["tokenFile"], message: "token or tokenFile, not both" });
}

/** Where the rounds are kept. Everything else is in the SQLite file in any case. */
const series = z.discriminatedUnion("engine", [
  z.strictObject({
    engine: z.literal("sqlite"),
    retention: z
      .strictObject({
        /** Rounds themselves. The watch judges no round that came later than this less 3 days. */
        rawDays: keptDays(4, 14),
        fiveMinuteDays: keptDays(4, 365),
        hourDays: keptDays(4, 3_653),
      })
      .superRefine(({ rawDays, fiveMinuteDays, hourDays }, context) => {
        const refuse = (name: string, least: number) =>
          context.addIssue({
            code: "custom",
            path: [name],
            message: `at least the ${least} of what is finer`,
          });
        if (fiveMinuteDays < rawDays) refuse("fiveMinuteDays", rawDays);
        if (hourDays < fiveMinuteDays) refuse("hourDays", fiveMinuteDays);
      })
      .prefault({}),
  }),
  z
    .strictObject({
      engine: z.literal("influx"),
      url: engineUrl,
      /** 2.x, with `org`. */
      bucket: text.optional(),
      org: text.optional(),
      /** 1.x and 3.x. */
      database: text.optional(),
      ...engineToken,
    })
    .superRefine((given, context) => {
      refuseTwoTokens(given, context);
      const { bucket, org, database } = given;
      if ((database === undefined) === (bucket === undefined))
        context.addIssue({
          code: "custom",
          path: ["bucket"],
          message: "bucket and org of InfluxDB 2.x, or database of 1.x and 3.x",
        });
      else if ((bucket === undefined) !== (org === undefined))
        context.addIssue({ code: "custom", path: ["org"], message: "the organisation of the bucket" });
    }),
  z
    .strictObject({
      engine: z.literal("victoria"),
      /** The one machine, or vminsert. */
      url: engineUrl,
      /** vmselect. */
      readUrl: engineUrl.optional(),
      /** Of a cluster: `account` or `account:project`. */
      tenant: z
        .string("a tenant such as 0 or 7:2, in quotes")
        .regex(/^\d{1,10}(:\d{1,10})?$/, "a tenant such as 0 or 7:2, in quotes")
        .optional(),
      ...engineToken,
    })
    .superRefine((given, context) => {
      refuseTwoTokens(given, context);
      if ((given.tenant === undefined) !== (given.readUrl === undefined))
        context.addIssue({
          code: "custom",
          path: [given.tenant === undefined ? "tenant" : "readUrl"],
          message: "both tenant and readUrl, of a cluster, or neither",
        });
    }),
]);

const byteBudget = z
  .int("bytes, or null")
  .min(10_000, "at least 10000 bytes, or null")
  .nullable()
  .default(null);

const columnAllowed = "the name of a column that does not speak of people";
const daysUpTo = (most: number, byDefault: number) => {
  const allowed = `days from 1 to ${most}`;
  return z.int(allowed).min(1, allowed).max(most, allowed).default(byDefault);
};

/** What is taken in of complaints, and how long it stays. Further words of an export go beside the known ones. */
const complaints = z.strictObject({
  /** Largest file, MiB. */
  maxFileMiB: wholeUpTo(512)(8),
  /** Most lines of a file. */
  maxRows: wholeUpTo(1_000_000)(50_000),
  /** Folder into which files are put to be imported, relative to the file; null: none. */
  folder: text.nullable().default(null),
  /** What becomes of a file there with a line that is refused. */
  mode: z.enum(importModes).default("all-or-nothing"),
  /** Days after which files that were imported or refused are deleted from its folders. */
  fileDays: daysUpTo(3_650, 30),
  retention: z
    .strictObject({
      /** Cases; then they are numbers. */
      caseDays: daysUpTo(3_650, 730),
      /** Numbers of complaints. */
      countDays: daysUpTo(36_500, 3_650),
      contactDays: daysUpTo(3_650, 1_095),
    })
    .prefault({}),
  /** Fields by further names of columns. */
  columns: z
    .record(
      text.refine((name) => personalWordIn(name) === null, columnAllowed),
      z.enum(fields),
    )
    .default({}),
  /** Further topics. */
  topics: z.array(text).default([]),
  /** Channels and statuses by further words. */
  channels: z.record(text, z.enum(complaintChannels)).default({}),
  statuses: z.record(text, z.enum(complaintStatuses)).default({}),
});

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
    .superRefine(checkNames)
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

/** A configuration that was refused; the message has one mistake a line, with file, line, field, value and what is allowed. */
export class ConfigError extends Error {
  readonly code = "config.invalid";
  constructor(mistakes: readonly string[]) {
    super(mistakes.join("\n"));
    this.name = "ConfigError";
  }
}

/**
 * The configuration: the file (SAMBUNG_CONFIG, else sambung.yaml where it exists, else defaults), then SAMBUNG_LISTEN,
 * SAMBUNG_DATA and SAMBUNG_PUBLIC_URL over it. Checked whole; throws ConfigError.
 */
export function readConfig(env: Environment, cwd: string): Config {
  const named = env["SAMBUNG_CONFIG"];
  const file = resolve(cwd, named ?? "sambung.yaml");
  if (named !== undefined && !existsSync(file)) {
    throw environmentError("SAMBUNG_CONFIG", named, "the path of a file");
  }
  const config = existsSync(file) ? readFile(file, env) : schema.parse({});
  const base = existsSync(file) ? dirname(file) : cwd;
  const given = env["SAMBUNG_LISTEN"];
  if (given !== undefined && !isListen(given)) throw environmentError("SAMBUNG_LISTEN", given, listenAllowed);
  // A compose file hands on a variable that nobody set as an empty one.
  const address = env["SAMBUNG_PUBLIC_URL"] || undefined;
  const parsed = publicUrl.optional().safeParse(address);
  if (!parsed.success) throw environmentError("SAMBUNG_PUBLIC_URL", address, urlAllowed);
  return {
    ...config,
    ...(parsed.data === undefined ? {} : { publicUrl: parsed.data }),
    listen: given ?? config.listen,
    data: resolve(env["SAMBUNG_DATA"] === undefined ? base : cwd, env["SAMBUNG_DATA"] ?? config.data),
    complaints: {
      ...config.complaints,
      folder: config.complaints.folder === null ? null : resolve(base, config.complaints.folder),
    },
    inventory: config.inventory === undefined ? shippedInventory : resolve(base, config.inventory),
    tls: config.tls === null ? null : resolveFiles(base, config.tls),
    series: withToken(base, config.series),
  };
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

/** Whether a collector that listens on this host is reached by every address of its machine. */
export function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || /^[0:]+$/.test(host);
}

function isWebAddress(address: string): boolean {
  return /^https?:\/\/\S+$/.test(address) && URL.canParse(address);
}

function isListen(address: string): boolean {
  return listenPattern.test(address) && splitListen(address).port <= 65_535;
}

/** Host and port of a listening address. */
export function splitListen(address: string): { host: string; port: number } {
  const { host, port } = listenPattern.exec(address)!.groups!;
  return { host: host!.replace(/^\[|\]$/g, ""), port: Number(port) };
}

function readFile(file: string, env: Environment): z.output<typeof schema> {
  const lines = new LineCounter();
  const text = readText(file);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const mistakes: InventoryMistake[] = [];
  const refuse = (field: string, value: string, allowed: string) => {
    const { offset } =
      document.contents === null ? {} : find(document.contents as Node, field, document as Document);
    mistakes.push({ file, line: lines.linePos(offset ?? 0).line, field, value, allowed });
  };
  for (const error of document.errors) {
    const { line } = lines.linePos(error.pos[0]);
    const written = (text.split("\n")[line - 1] ?? "").trim();
    // Where the parser lost its way any line may be a part of a secret, and some messages end in the text they stumbled over.
    const value = holdsSecret(text) ? "(hidden)" : showValue(written);
    const why = error.message.replace(/: ".*"$/s, "");
    mistakes.push({ file, line, field: "(document)", value, allowed: `valid YAML (${why})` });
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes.map(describeMistake));
  const secrets = createSecrets(env, refuse);
  const filled = fill("", (document.toJS() as unknown) ?? {}, (path, value) => secrets.fill(path, value));
  const result = schema.safeParse(filled, { error: allowedBy });
  if (!result.success) {
    for (const issue of result.error.issues) {
      const field = pathText(issue.path);
      const found = issue.path.reduce<unknown>(
        (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
        filled,
      );
      if (issue.code === "unrecognized_keys") {
        const known = keysAt(schema, issue.path, filled);
        const allowed = known === null ? "no such key here" : `one of the keys ${known.join(", ")}`;
        for (const key of issue.keys) refuse(field === "" ? key : `${field}.${key}`, showValue(key), allowed);
      } else {
        const hidden = found !== undefined && (isSecret(field) || holdsPassword(found));
        refuse(field || "(document)", hidden ? "(hidden)" : showValue(found), issue.message);
      }
    }
  }
  if (mistakes.length > 0 || !result.success) throw new ConfigError(mistakes.map(describeMistake));
  return result.data;
}

function readText(file: string, field?: string, expected = "a YAML file"): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError([
      `${field === undefined ? "" : `${field}: `}${file}: cannot be read (${code}); expected ${expected} that this user may read`,
    ]);
  }
}

/** What is allowed where the schema itself has no sentence for it. */
function allowedBy(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return issue.expected === "array"
        ? "a list"
        : issue.expected === "object"
          ? "keys with values"
          : undefined;
    case "invalid_value":
      return `one of ${issue.values.join(", ")}`;
    case "invalid_key":
      return issue.issues[0]?.message;
    case "invalid_union":
      return Array.isArray(issue.options) ? `one of ${issue.options.join(", ")}` : undefined;
    default:
      return undefined;
  }
}

/** Names of the keys at a place of the schema; null where they depend on what is not there, as a channel's on its kind. */
function keysAt(top: z.core.$ZodType, path: readonly PropertyKey[], document: unknown): string[] | null {
  let [at, value] = [bare(top), document];
  for (const key of path) {
    const inner = at instanceof z.ZodArray ? at.element : at instanceof z.ZodObject && at.shape[String(key)];
    if (!inner) return null;
    value = (value as Record<PropertyKey, unknown>)[key];
    at = chosen(bare(inner), value);
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : null;
}

/** Of several shapes the one that the value says it has. */
function chosen(schema: z.core.$ZodType, value: unknown): z.core.$ZodType {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema;
  const name = schema.def.discriminator;
  const given = (value as Record<string, unknown>)[name];
  const isGiven = (option: z.core.$ZodType) =>
    option instanceof z.ZodObject && (option.shape[name] as z.ZodLiteral).value === given;
  return schema.options.find(isGiven) ?? schema;
}

/** A schema without what surrounds it: defaults, null, transformations of what was read. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodPipe) return bare(schema.in);
  const wraps =
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodOptional;
  return wraps ? bare(schema.unwrap()) : schema;
}

const isSecret = (field: string) => /secrets|token|password/.test(field) || hiddenFields.test(field);
const holdsSecret = (text: string) => isSecret(text) || holdsPassword(text);
/** An address such as https://user:password@host. */
const holdsPassword = (value: unknown) => typeof value === "string" && /\/\/[^/]*:[^/]*@/.test(value);

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

function isRange(text: string): boolean {
  try {
    return rangeAt("", text) === text;
  } catch {
    return false;
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("id", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
