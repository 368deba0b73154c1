import { parseArgs } from "node:util";
import { parseAgentConfig } from "#wire/agent-config-v1.ts";
import type { AgentTarget } from "#wire/agent-config-v1.ts";

/** Somebody called the command in a way that it does not know: exit code 2. */
export class UsageError extends Error {
  readonly code = "usage";
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

export type Command =
  | { name: "help" }
  | { name: "version" }
  | {
      name: "run";
      server: string;
      folder: string;
      token: string | null;
      /** Stop when standard input ends: for a program that starts an agent beside itself. */
      untilStdinEnds: boolean;
    }
  | { name: "probe"; target: AgentTarget };

/** Reads the arguments of `sambung-agent`. Throws UsageError, naming the option, what it was and what is allowed. */
export function readCommandLine(argv: readonly string[], env: Record<string, string | undefined>): Command {
  const { values, positionals } = parse(argv);
  if (values.help) return { name: "help" };
  if (values.version) return { name: "version" };
  const [name, ...rest] = positionals;
  switch (name) {
    case "run":
      if (rest.length > 0) throw new UsageError(`run: ${rest[0]} is not expected`);
      return {
        name: "run",
        server: readServer(values.server ?? env["SAMBUNG_SERVER"]),
        folder: required("--data", values.data ?? env["SAMBUNG_AGENT_DATA"]),
        token: readToken(values.token ?? env["SAMBUNG_TOKEN"]),
        untilStdinEnds: values["until-stdin-ends"] ?? false,
      };
    case "probe":
      return { name: "probe", target: readTarget(rest, values) };
    default:
      throw new UsageError(`${name ?? "(nothing)"}: expected run or probe`);
  }
}

const options = {
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
  server: { type: "string" },
  data: { type: "string" },
  token: { type: "string" },
  "until-stdin-ends": { type: "boolean" },
  resolver: { type: "string" },
  community: { type: "string" },
  port: { type: "string" },
  count: { type: "string" },
  timeout: { type: "string" },
} as const;

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

type Values = ReturnType<typeof parse>["values"];

function required(option: string, value: string | undefined): string {
  if (value === undefined || value === "") throw new UsageError(`${option} is missing`);
  return value;
}

function readServer(value: string | undefined): string {
  const server = required("--server", value);
  if (!/^https?:$/.test(URL.parse(server)?.protocol ?? "")) {
    throw new UsageError(`--server: ${server} is not allowed; expected an http or https address`);
  }
  return server;
}

function readToken(value: string | undefined): string | null {
  if (value === undefined || value === "") return null;
  // The value itself is a secret and is not repeated.
  if (!/^sbe_[0-9A-Za-z]{36}$/.test(value)) {
    throw new UsageError("--token: expected sbe_ and 36 letters or digits");
  }
  return value;
}

/** What a poll by hand reads: what every device of RFC 3418 has. */
const systemOids = {
  sysDescr: "1.3.6.1.2.1.1.1.0",
  sysUpTime: "1.3.6.1.2.1.1.3.0",
  sysName: "1.3.6.1.2.1.1.5.0",
};

function readTarget([kind, address, extra]: string[], values: Values): AgentTarget {
  const what = required("probe: kind", kind);
  const to = required(`probe ${what}: address`, address);
  if (extra !== undefined) throw new UsageError(`probe ${what}: ${extra} is not expected`);
  const base = { id: "probe", kind: what, intervalS: 60, timeoutMs: Number(values.timeout ?? 5_000) };
  switch (what) {
    case "icmp":
      return checked({ ...base, address: to, count: Number(values.count ?? 5) });
    case "http":
      return checked({
        ...base,
        url: to,
        expectStatus: [],
        expectText: null,
        maxRedirects: 5,
        verifyTls: true,
      });
    case "dns":
      return checked({ ...base, name: to, recordType: "A", resolver: values.resolver ?? null });
    case "snmp":
      return checked({
        ...base,
        address: to,
        port: Number(values.port ?? 161),
        auth: { version: "2c", community: required("--community", values.community) },
        oids: systemOids,
      });
    default:
      throw new UsageError(`probe: ${what} is not allowed; expected icmp, http, dns or snmp`);
  }
}

/** The same check as for what the collector sends: one set of allowed values. */
function checked(target: Record<string, unknown>): AgentTarget {
  try {
    const config = {
      v: 1,
      agent: "ag_byhand",
      site: "00.00",
      serverMs: 0,
      reportIntervalS: 60,
      dayBytes: null,
    };
    return parseAgentConfig({ ...config, targets: [target] }).targets[0]!;
  } catch (error) {
    throw new UsageError((error as Error).message.replace("targets[0].", "probe: "));
  }
}
