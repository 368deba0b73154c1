import { ToolUsageError } from "../tools/run-tool.ts";

/** `1-8`, `3` or `1,5,101-104`. Throws a ToolUsageError that names the option. */
export function readSeeds(option: string, text: string): number[] {
  return text.split(",").flatMap((part) => {
    const range = /^(\d+)(?:-(\d+))?$/.exec(part);
    const [from, to] = [Number(range?.[1]), Number(range?.[2] ?? range?.[1])];
    if (range === null || to < from)
      throw new ToolUsageError(`${option} ${text}: expected seeds such as 1-8 or 1,5,101-104`);
    return Array.from({ length: to - from + 1 }, (_, place) => from + place);
  });
}
