import type { Kind } from "#wire/rounds-v1.ts";
import { kinds } from "#wire/rounds-v1.ts";
import { parseTarget } from "#wire/targets-v1.ts";
import type { AgentTarget } from "#wire/targets-v1.ts";
import { WireError } from "#wire/wire-error.ts";
import { readSnmpAuth, readSnmpOids } from "./read-snmp.ts";
import type { Env, HandValues, OptionName } from "./options.ts";
import { UsageError } from "../usage-error.ts";

/*
 * `sambung-agent probe`: a target made of options, or the id of one in the agent's configuration. What the options
 * leave open is what the collector's templates have.
 */
export type HandTarget =
  | { from: "options"; target: AgentTarget }
  | {
      from: "configuration";
      id: string;
      /** Folder of the agent's spool. */
      folder: string;
      /** Replaces the target's own; null: that one. */
      timeoutMs: number | null;
    };

const snmpOptions = [
  "port",
  "snmp-version",
  "community",
  "user",
  "auth-protocol",
  "auth-key",
  "priv-protocol",
  "priv-key",
  "profile",
  "oid",
] as const;
const common = ["timeout", "debug", "json"];
/** Options that a kind understands, beside the common ones. */
const optionsOf: Record<Kind, readonly string[]> = {
  icmp: ["count", "size", "dscp", "family"],
  snmp: snmpOptions,
  http: ["text", "regex", "json-path", "json-equals", "http", "no-verify-tls", "family"],
  dns: ["resolver", "type", "expect-rcode", "expect-answer"],
  tcp: ["family"],
};

/** Reads what to probe. Throws UsageError, naming the option, what it was and what is allowed. */
export function readHandTarget(positionals: readonly string[], values: HandValues, env: Env): HandTarget {
  const [first, address, extra] = positionals;
  if (first === undefined) {
    throw new UsageError(
      `probe: target is missing; expected one of ${kinds.join(", ")} and an address, or an id`,
    );
  }
  if (address === undefined) {
    const folder = values.data ?? env["SAMBUNG_AGENT_DATA"] ?? "";
    if (folder === "") throw new UsageError(withoutAddress(first));
    onlyFor(`probe ${first}`, values, ["data"]);
    return { from: "configuration", id: first, folder, timeoutMs: timeoutOf(values) };
  }
  const kind = kinds.find((name) => name === first);
  if (kind === undefined)
    throw new UsageError(`probe: ${first} is not allowed; expected ${kinds.join(", ")}`);
  if (extra !== undefined) throw new UsageError(`probe ${kind}: ${extra} is not expected`);
  onlyFor(`probe ${kind}`, values, optionsOf[kind]);
  const base = { id: "probe", kind, intervalS: 60, timeoutMs: timeoutOf(values) ?? 5_000 };
  return { from: "options", target: checked({ ...base, ...fieldsOf(kind, address, values, env) }) };
}

function withoutAddress(first: string): string {
  if (kinds.some((name) => name === first)) return `probe ${first}: address is missing`;
  return `probe ${first}: --data is missing; with it the id of a target, else expected ${kinds.join(", ")} and an address`;
}

function onlyFor(what: string, values: HandValues, known: readonly string[]): void {
  const foreign = Object.keys(values).find((name) => !known.includes(name) && !common.includes(name));
  if (foreign !== undefined) throw new UsageError(`--${foreign}: not an option of ${what}`);
}

function fieldsOf(kind: Kind, address: string, values: HandValues, env: Env): Record<string, unknown> {
  const family = numberOr(values.family, null);
  switch (kind) {
    case "icmp":
      return {
        address,
        count: numberOr(values.count, 5),
        sizeBytes: numberOr(values.size, 56),
        dscp: numberOr(values.dscp, 0),
        family,
      };
    case "snmp": {
      const profile = values.profile ?? null;
      const port = numberOr(values.port, 161);
      return { address, port, auth: readSnmpAuth(values, env), oids: readSnmpOids(values), profile };
    }
    case "http":
      return {
        url: address,
        expectStatus: [],
        expectBody: expectBody(values),
        maxBodyBytes: 524_288,
        maxRedirects: 5,
        redirects: "any",
        verifyTls: values["no-verify-tls"] !== true,
        httpVersion: values.http ?? "auto",
        family,
      };
    case "dns":
      return {
        name: address,
        recordType: values.type ?? "A",
        resolver: values.resolver ?? null,
        expectRcode: values["expect-rcode"] ?? ["NOERROR"],
        expectAnswer: values["expect-answer"] ?? [],
      };
    case "tcp":
      return { ...splitPort(address), family };
  }
}

function expectBody(values: HandValues): Record<string, string | null> | null {
  const [text, regex] = [values.text ?? null, values.regex ?? null];
  const [jsonPath, jsonEquals] = [values["json-path"] ?? null, values["json-equals"] ?? null];
  const none = [text, regex, jsonPath, jsonEquals].every((part) => part === null);
  return none ? null : { text, regex, jsonPath, jsonEquals };
}

/** `host:port`, `[2001:db8::1]:port`. */
function splitPort(text: string): { address: string; port: number } {
  const parts = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const address = parts?.[1] ?? parts?.[2];
  if (address === undefined) {
    throw new UsageError(
      `probe tcp: ${text} is not allowed; expected host:port, such as 10.8.1.1:443 or [fd00::1]:443`,
    );
  }
  return { address, port: Number(parts![3]) };
}

/** A whole number, or what was written where it is none, for the check to show. */
function numberOr<T>(value: string | undefined, otherwise: T): number | string | T {
  if (value === undefined) return otherwise;
  return /^\d{1,15}$/.test(value) ? Number(value) : value;
}

function timeoutOf({ timeout }: HandValues): number | null {
  const timeoutMs = numberOr(timeout, null);
  if (typeof timeoutMs !== "string") return timeoutMs;
  throw new UsageError(`--timeout: ${timeoutMs} is not allowed; expected milliseconds, a whole number`);
}

/** The same check as for what the collector sends: one set of allowed values. */
function checked(target: Record<string, unknown>): AgentTarget {
  try {
    return parseTarget("target", target);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const field = error.field.replace("target.", "");
    // A key is a secret, and not repeated.
    const shown = /community|Key$/.test(field) ? "this value" : error.value;
    throw new UsageError(`${nameOf(field)}: ${shown} is not allowed; expected ${error.allowed}`);
  }
}

/** How the command calls a field of the wire. */
const optionNames: Record<string, OptionName> = {
  timeoutMs: "timeout",
  count: "count",
  sizeBytes: "size",
  dscp: "dscp",
  family: "family",
  port: "port",
  profile: "profile",
  "auth.version": "snmp-version",
  "auth.community": "community",
  "auth.user": "user",
  "auth.authProtocol": "auth-protocol",
  "auth.authKey": "auth-key",
  "auth.privProtocol": "priv-protocol",
  "auth.privKey": "priv-key",
  "expectBody.text": "text",
  "expectBody.regex": "regex",
  "expectBody.jsonPath": "json-path",
  "expectBody.jsonEquals": "json-equals",
  httpVersion: "http",
  recordType: "type",
  resolver: "resolver",
};

function nameOf(field: string): string {
  const option = optionNames[field] ?? /^(?:expectRcode|expectAnswer|oids)\b/.exec(field)?.[0];
  switch (option) {
    case undefined:
      return `probe: ${field}`;
    case "expectRcode":
      return "--expect-rcode";
    case "expectAnswer":
      return "--expect-answer";
    case "oids":
      return `--oid ${field.slice("oids.".length)}`;
    default:
      return `--${option}`;
  }
}
