import type { CommandTexts } from "./texts.ts";

/** Why the collector cannot listen there, for people, where it is one of the usual reasons; else the error as it is. */
export function explainListening(error: unknown, listen: string, texts: CommandTexts): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall !== "listen") return error;
  const why = code === undefined ? undefined : texts.cannotListen[code];
  return why === undefined ? error : new Error(`${listen}: ${why}`, { cause: error });
}
