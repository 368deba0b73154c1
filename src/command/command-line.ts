import { parseArgs } from "node:util";

/** Somebody called the command in a way that it does not know: exit code 2. */
export class UsageError extends Error {
  readonly code = "usage";
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

export type Command =
  | { name: "help" | "version" | "check" | "key" }
  /** `agentSite`: run an agent of this site beside the collector; `root`: of the district's own office; null: none. */
  | { name: "start"; agentSite: string | null }
  | { name: "init"; yes: boolean };

const options = {
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
  "with-agent": { type: "boolean" },
  site: { type: "string" },
  yes: { type: "boolean", short: "y" },
} as const;

/** Reads the arguments of `sambung`. Throws UsageError, naming what was given and what is allowed. */
export function readCommandLine(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  if (values.help) return { name: "help" };
  if (values.version) return { name: "version" };
  const [name, ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`${rest[0]}: not expected after ${name}`);
  switch (name) {
    case "start":
      if (values.site !== undefined && !values["with-agent"])
        throw new UsageError("--site goes with --with-agent");
      return { name, agentSite: values["with-agent"] ? (values.site ?? "root") : null };
    case "init":
      return { name, yes: values.yes ?? false };
    case "check":
    case "key":
      return { name };
    default:
      throw new UsageError(`${name ?? "(nothing)"}: expected start, init, check or key`);
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
