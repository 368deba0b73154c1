import type { Context, Script } from "node:vm";

/**
 * Whether the pattern (flags `iu`) is found in the text, or what kept that from being known. Never rejects for a
 * pattern that the wire has let pass.
 */
export type MatchRegex = (pattern: string, text: string, limitMs: number) => Promise<boolean | "timeout">;

/**
 * A regular expression of an operator may take 2^n steps for n letters, and V8 has no limit of its own. In a context
 * of node:vm one can be given, which costs 0.2 ms a match and 1 MB for the context, made when it is first needed; a
 * worker, the other way, takes 45 ms and 17 MB. While it runs nothing else does, so the limit has to be short.
 */
export function createMatchRegex(): MatchRegex {
  let arena: { context: Context; script: Script } | null = null;
  return async (pattern, text, limitMs) => {
    const { createContext, Script } = await import("node:vm");
    arena ??= {
      context: createContext({ pattern: "", text: "" }),
      script: new Script('new RegExp(pattern, "iu").test(text)'),
    };
    const { context, script } = arena;
    Object.assign(context, { pattern, text });
    try {
      return script.runInContext(context, { timeout: Math.max(1, Math.floor(limitMs)) }) as boolean;
    } catch (error) {
      // Whatever else it throws has run out of stack for the way back, which is the same want in another coin.
      if ((error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return "timeout";
      if ((error as Error).name === "RangeError") return "timeout";
      throw error;
    } finally {
      // The page is not kept until the next one.
      Object.assign(context, { pattern: "", text: "" });
    }
  };
}
