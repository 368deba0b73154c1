import { isIP } from "node:net";
import { parseArgs } from "node:util";
import { readHandTarget } from "./by-hand/read-target.ts";
import type { HandTarget } from "./by-hand/read-target.ts";
import { probeOptions } from "./by-hand/options.ts";
import type { Env } from "./by-hand/options.ts";
import type { TlsPaths } from "./tls-files.ts";
import { UsageError } from "./usage-error.ts";

export { UsageError };

export type Command =
  | { name: "help" }
  | { name: "version" }
  | {
      name: "run";
      /** Addresses of the collector, the preferred one first. */
      servers: string[];
      /** Ways out, the preferred one first; empty: as the routes say. */
      vias: string[];
      tls: TlsPaths;
      folder: string;
      token: string | null;
      /** Bound of the spool; undefined: its default. */
      spoolBytes: number | undefined;
      /** Stop when standard input ends: for a program that starts an agent beside itself. */
      untilStdinEnds: boolean;
    }
  | {
      name: "probe";
      target: HandTarget;
      /** With the log and the settings beside the result. */
      debug: boolean;
      /** The sample as JSON, for scripts. */
      json: boolean;
    };

/** Reads the arguments of `sambung-agent`. Throws UsageError, naming the option, what it was and what is allowed. */
export function readCommandLine(argv: readonly string[], env: Env): Command {
  const { values, positionals } = parse(argv);
  if (values.help) return { name: "help" };
  if (values.version) return { name: "version" };
  const [name, ...rest] = positionals;
  switch (name) {
    case "run":
      if (rest.length > 0) throw new UsageError(`run: ${rest[0]} is not expected`);
      onlyOf("run", values, runOptions);
      return {
        name: "run",
        ...readWays(values, env),
        folder: required("--data", values.data ?? env["SAMBUNG_AGENT_DATA"]),
        token: readToken(values.token ?? env["SAMBUNG_TOKEN"]),
        spoolBytes: readSpoolBytes(values["spool-bytes"] ?? env["SAMBUNG_SPOOL_BYTES"]),
        untilStdinEnds: values["until-stdin-ends"] ?? false,
      };
    case "probe": {
      const { debug = false, json = false } = values;
      if (debug && json) throw new UsageError("--debug: not beside --json, which prints the sample alone");
      return { name: "probe", target: readHandTarget(rest, values, env), debug, json };
    }
    default:
      throw new UsageError(`${name ?? "(nothing)"}: expected run or probe`);
  }
}

const runOptions = {
  server: { type: "string", multiple: true },
  via: { type: "string", multiple: true },
  ca: { type: "string" },
  cert: { type: "string" },
  key: { type: "string" },
  data: { type: "string" },
  token: { type: "string" },
  "spool-bytes": { type: "string" },
  "until-stdin-ends": { type: "boolean" },
} as const;

const options = {
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
  debug: { type: "boolean" },
  json: { type: "boolean" },
  ...runOptions,
  ...probeOptions,
} as const;

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    const unknown = /^Unknown option '([^']*)'/.exec((error as Error).message)?.[1];
    if (unknown === undefined) throw new UsageError((error as Error).message);
    throw new UsageError(`${unknown}: no such option; and a target must not begin with '-'`);
  }
}

/** An option of another command is a mistake, and what was meant by it would not happen. */
function onlyOf(command: string, values: Record<string, unknown>, known: Record<string, unknown>): void {
  const foreign = Object.keys(values).find((name) => !(name in known));
  if (foreign !== undefined) throw new UsageError(`--${foreign}: not an option of ${command}`);
}

function required(option: string, value: string | undefined): string {
  if (value === undefined || value === "") throw new UsageError(`${option} is missing`);
  return value;
}

interface WayOptions {
  server?: string[] | undefined;
  via?: string[] | undefined;
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
}

/** Where the collector is and how it is spoken to. Variables have several values with spaces between. */
function readWays(
  values: WayOptions,
  env: Env,
): Pick<Extract<Command, { name: "run" }>, "servers" | "vias" | "tls"> {
  const several = (given: string[] | undefined, name: string) =>
    given ?? (env[name] ?? "").split(/\s+/).filter((one) => one !== "");
  const one = (given: string | undefined, name: string) => (given ?? env[name]) || null;
  const servers = several(values.server, "SAMBUNG_SERVER").map(readServer);
  if (servers.length === 0) throw new UsageError("--server is missing");
  const tls: TlsPaths = {
    ca: one(values.ca, "SAMBUNG_CA"),
    cert: one(values.cert, "SAMBUNG_CERT"),
    key: one(values.key, "SAMBUNG_KEY"),
  };
  const given = (["ca", "cert", "key"] as const).find((name) => tls[name] !== null);
  const plain = servers.find((server) => server.startsWith("http:"));
  // Half of what was asked for would be no protection.
  if (given !== undefined && plain !== undefined) {
    throw new UsageError(`--${given}: not beside ${plain}; expected https addresses alone`);
  }
  return { servers, vias: several(values.via, "SAMBUNG_VIA").map(readVia), tls };
}

function readServer(value: string): string {
  const url = URL.parse(value);
  // A password in it would be shown in messages, and is nothing that the collector asks for.
  if (url !== null && (url.username !== "" || url.password !== "")) {
    throw new UsageError("--server: an address with a user or password in it is not allowed");
  }
  if (!/^https?:$/.test(url?.protocol ?? "")) {
    throw new UsageError(`--server: ${value} is not allowed; expected an http or https address`);
  }
  return url!.href;
}

/** Names of interfaces have at most 15 characters, and neither space nor slash (dev_valid_name in Linux). */
function readVia(value: string): string {
  if (isIP(value) !== 0 || /^[^\s/:]{1,15}$/.test(value)) return value;
  throw new UsageError(
    `--via: ${value} is not allowed; expected an address of this machine, or an interface`,
  );
}

/** Below a MB the files of the spool hold few windows, and merging saves little; frames are indexed in memory. */
const leastSpoolBytes = 1_000_000;
const mostSpoolBytes = 1_000_000_000;

function readSpoolBytes(value: string | undefined): number | undefined {
  if (value === undefined || value === "") return undefined;
  const bytes = /^\d{1,12}$/.test(value) ? Number(value) : Number.NaN;
  if (bytes >= leastSpoolBytes && bytes <= mostSpoolBytes) return bytes;
  throw new UsageError(
    `--spool-bytes: ${value} is not allowed; expected a whole number from ${leastSpoolBytes} to ${mostSpoolBytes}`,
  );
}

/** Reads an enrolment token; null where there is none. */
export function readToken(value: string | undefined): string | null {
  if (value === undefined || value === "") return null;
  // The value itself is a secret and is not repeated.
  if (!/^sbe_[0-9A-Za-z]{36}$/.test(value)) {
    throw new UsageError("--token: expected sbe_ and 36 letters or digits");
  }
  return value;
}
