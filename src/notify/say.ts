import type { AlertPayload, ConditionPayload, Language } from "./payload.ts";
import { words } from "./words.ts";

/* What texts of faults, of conditions and of digests have in common. */

/** One line, such as "PUTUS - Mekar Baru (Busang)", and what follows it. */
export interface AlertText {
  subject: string;
  /** Most urgent first; plain text, one thought a line. */
  lines: string[];
}

export type SayMoment = (timeMs: number) => string;

export function isCondition(payload: AlertPayload | ConditionPayload): payload is ConditionPayload {
  return payload.type.startsWith("condition.");
}

export const isOver = ({ type }: Pick<AlertPayload | ConditionPayload, "type">) => type.endsWith(".up");

export function placeOf(alert: Pick<AlertPayload, "name" | "kecamatan">): string {
  return alert.kecamatan === null ? alert.name : `${alert.name} (${alert.kecamatan})`;
}

/** The first of `count`, by name. */
export function listOf(names: readonly string[], count: number, language: Language): string {
  const rest = count - names.length;
  if (rest > 0) return `${names.join(", ")}, ${words[language].andMore(rest)}.`;
  return `${new Intl.ListFormat(language === "id" ? "id-ID" : "en-GB").format(names)}.`;
}
