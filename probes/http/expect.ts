import type { ExpectBody } from "#wire/targets-v1.ts";
import type { Deadline } from "../deadline.ts";
import type { Note } from "../probe.ts";
import { headerOf } from "./answer.ts";
import type { Answer } from "./answer.ts";
import { readBody } from "./body.ts";
import type { Body } from "./body.ts";
import { valueAt } from "./json-path.ts";
import type { MatchRegex } from "./regex.ts";

/** Longest time for the regular expression of one round, in ms, while which the agent does nothing else. */
const regexLimitMs = 250;

export interface BodyMeans {
  deadline: Deadline;
  matchRegex: MatchRegex;
  note: Note;
}

/**
 * Whether the body holds all that is expected of it, within its first maxBytes. Rejects when it cannot be read. Where
 * a text is all that is expected, no more is read than up to there, for the sake of thin uplinks.
 */
export async function bodyHolds(
  answer: Answer,
  expect: ExpectBody,
  maxBytes: number,
  means: BodyMeans,
): Promise<boolean> {
  const { note } = means;
  const charset = charsetOf(answer);
  const isTextAll = expect.regex === null && expect.jsonPath === null && charset.encoding === "utf-8";
  const enough = isTextAll && expect.text !== null ? Buffer.from(expect.text) : null;
  const body = await readBody(answer, maxBytes, enough);
  note("body", {
    bytes: body.bytes.length,
    coding: headerOf(answer, "content-encoding") || null,
    charset: charset.encoding,
    cut: body.isCut,
  });
  const page = charset.decode(body.bytes);
  const textHolds = expect.text === null || page.includes(expect.text);
  if (expect.text !== null) note("match", { text: expect.text, found: textHolds });
  return textHolds && (await regexHolds(expect, page, means)) && jsonHolds(expect, body, page, note);
}

/** The decoder for what the answer says that its letters are; UTF-8 where it says nothing, or nothing known. */
function charsetOf(answer: Answer) {
  const [, label = "utf-8"] = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(headerOf(answer, "content-type")) ?? [];
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder();
  }
}

async function regexHolds({ regex }: ExpectBody, page: string, means: BodyMeans): Promise<boolean> {
  if (regex === null) return true;
  const { deadline, matchRegex, note } = means;
  const found = await matchRegex(regex, page, Math.min(regexLimitMs, deadline.remainingMs()));
  note("match", { regex, found: found === true, ...(found === "timeout" ? { error: "took too long" } : {}) });
  return found === true;
}

function jsonHolds({ jsonPath, jsonEquals }: ExpectBody, body: Body, page: string, note: Note): boolean {
  if (jsonPath === null) return true;
  const document = body.isCut ? { error: "the body is larger than maxBodyBytes" } : parseJson(page);
  if ("error" in document) {
    note("match", { jsonPath, found: false, error: document.error });
    return false;
  }
  const value = valueAt(document.value, jsonPath);
  const shown = textOf(value);
  const found = jsonEquals === null ? value !== undefined && value !== null : shown === jsonEquals;
  note("match", { jsonPath, value: shown?.slice(0, 200) ?? typeof value, found });
  return found;
}

/** A text, number, boolean or null of JSON as text; objects and arrays have none to compare. */
function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null) return null;
  return JSON.stringify(value) ?? null;
}

function parseJson(page: string): { value: unknown } | { error: string } {
  try {
    return { value: JSON.parse(page) };
  } catch {
    return { error: "not JSON" };
  }
}
