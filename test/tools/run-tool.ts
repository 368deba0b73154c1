/** Somebody called a tool in a way that it does not know. */
export class ToolUsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ToolUsageError";
  }
}

/**
 * Runs one of the tools of `npm run` and resolves to its exit code: --help prints the usage, arguments that are not
 * understood are named with it (2), and whatever else goes wrong is thrown on.
 */
export async function runTool(
  usage: string,
  argv: readonly string[],
  run: (argv: readonly string[]) => Promise<number>,
): Promise<number> {
  if (argv.includes("--help")) {
    process.stdout.write(usage);
    return 0;
  }
  try {
    return await run(argv);
  } catch (error) {
    if (!isUsage(error)) throw error;
    process.stderr.write(`${error.message}\n\n${usage}`);
    return 2;
  }
}

/** Ours, or what parseArgs of node:util throws. */
function isUsage(error: unknown): error is Error {
  if (error instanceof ToolUsageError) return true;
  return error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");
}
