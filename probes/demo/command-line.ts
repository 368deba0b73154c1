import { parseArgs } from "node:util";

export interface DemoCommand {
  help: boolean;
  folder: string;
  fresh: boolean;
  listen: string;
  seed: string;
}

/** Somebody called the command in a way that it does not know: exit code 2. */
export class DemoUsageError extends Error {
  readonly code = "usage";
  constructor(message: string) {
    super(message);
    this.name = "DemoUsageError";
  }
}

const options = {
  help: { type: "boolean", short: "h", default: false },
  data: { type: "string", default: "./data/demo" },
  fresh: { type: "boolean", default: false },
  listen: { type: "string", default: "127.0.0.1:8080" },
  seed: { type: "string", default: "kutai-timur" },
} as const;

/** Reads the arguments of `npm run demo`. Throws DemoUsageError, naming the option, what it was and what is allowed. */
export function readDemoCommand(argv: readonly string[]): DemoCommand {
  const { help, data, fresh, listen, seed } = parse(argv);
  if (data === "") throw new DemoUsageError("--data: expected the path of a folder");
  if (!/^[^\s:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/.test(listen)) {
    throw new DemoUsageError(`--listen: ${listen} is not allowed; expected host:port such as 127.0.0.1:8080`);
  }
  if (seed === "") throw new DemoUsageError("--seed: expected some text");
  return { help, folder: data, fresh, listen, seed };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, strict: true }).values;
  } catch (error) {
    throw new DemoUsageError((error as Error).message);
  }
}
