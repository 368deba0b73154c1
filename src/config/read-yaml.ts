import { readFileSync } from "node:fs";
import { LineCounter, parseDocument } from "yaml";
import type { Document, Node } from "yaml";
import { z } from "zod";
import { showValue } from "#wire/wire-error.ts";
import { describeMistake } from "../inventory/mistakes.ts";
import type { InventoryMistake } from "../inventory/mistakes.ts";
import { createSecrets, hiddenFields } from "../inventory/secrets.ts";
import type { Environment } from "../inventory/secrets.ts";
import { find } from "../inventory/yaml-path.ts";

/** A configuration that was refused; the message has one mistake a line, with file, line, field, value and what is allowed. */
export class ConfigError extends Error {
  readonly code = "config.invalid";
  constructor(mistakes: readonly string[]) {
    super(mistakes.join("\n"));
    this.name = "ConfigError";
  }
}

/**
 * The file by its schema, whole; throws ConfigError with every mistake. `only`: the keys at the top that are wanted; the others
 * are as if they were not there, so that nobody needs what they take from the environment.
 */
export function readYaml<Schema extends z.ZodType>(
  file: string,
  env: Environment,
  schema: Schema,
  only?: readonly string[],
): z.output<Schema> {
  const lines = new LineCounter();
  const text = readText(file);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const mistakes: InventoryMistake[] = [];
  const refuse = (field: string, value: string, allowed: string) => {
    const { offset } =
      document.contents === null ? {} : find(document.contents as Node, field, document as Document);
    mistakes.push({ file, line: lines.linePos(offset ?? 0).line, field, value, allowed });
  };
  for (const error of document.errors) {
    const { line } = lines.linePos(error.pos[0]);
    const written = (text.split("\n")[line - 1] ?? "").trim();
    // Where the parser lost its way any line may be a part of a secret, and some messages end in the text they stumbled over.
    const value = holdsSecret(text) ? "(hidden)" : showValue(written);
    const why = error.message.replace(/: ".*"$/s, "");
    mistakes.push({ file, line, field: "(document)", value, allowed: `valid YAML (${why})` });
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes.map(describeMistake));
  const secrets = createSecrets(env, refuse);
  const filled = fill("", wanted((document.toJS() as unknown) ?? {}, only), (path, value) =>
    secrets.fill(path, value),
  );
  // What stands in for a variable that is not set may break a rule as well: that is no second mistake.
  const unset = new Set(mistakes.map(({ field }) => field));
  const result = schema.safeParse(filled, { error: allowedBy });
  if (!result.success) {
    for (const issue of result.error.issues) {
      const field = pathText(issue.path);
      if (unset.has(field)) continue;
      const found = issue.path.reduce<unknown>(
        (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
        filled,
      );
      if (issue.code === "unrecognized_keys") {
        const known = keysAt(schema, issue.path, filled);
        const allowed = known === null ? "no such key here" : `one of the keys ${known.join(", ")}`;
        for (const key of issue.keys) refuse(field === "" ? key : `${field}.${key}`, showValue(key), allowed);
      } else {
        const hidden = found !== undefined && (isSecret(field) || holdsPassword(found));
        refuse(field || "(document)", hidden ? "(hidden)" : showValue(found), issue.message);
      }
    }
  }
  if (mistakes.length > 0 || !result.success) throw new ConfigError(mistakes.map(describeMistake));
  return result.data;
}

/** Throws ConfigError. `field`: what named the file. */
export function readText(file: string, field?: string, expected = "a YAML file"): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError([
      `${field === undefined ? "" : `${field}: `}${file}: cannot be read (${code}); expected ${expected} that this user may read`,
    ]);
  }
}

/** What is allowed where the schema itself has no sentence for it. */
function allowedBy(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return issue.expected === "array"
        ? "a list"
        : issue.expected === "object"
          ? "keys with values"
          : undefined;
    case "invalid_value":
      return `one of ${issue.values.join(", ")}`;
    case "invalid_key":
      return issue.issues[0]?.message;
    case "invalid_union":
      return Array.isArray(issue.options) ? `one of ${issue.options.join(", ")}` : undefined;
    default:
      return undefined;
  }
}

/** Names of the keys at a place of the schema; null where they depend on what is not there, as a channel's on its kind. */
function keysAt(top: z.core.$ZodType, path: readonly PropertyKey[], document: unknown): string[] | null {
  let [at, value] = [bare(top), document];
  for (const key of path) {
    const inner = at instanceof z.ZodArray ? at.element : at instanceof z.ZodObject && at.shape[String(key)];
    if (!inner) return null;
    value = (value as Record<PropertyKey, unknown>)[key];
    at = chosen(bare(inner), value);
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : null;
}

/** Of several shapes the one that the value says it has. */
function chosen(schema: z.core.$ZodType, value: unknown): z.core.$ZodType {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema;
  const name = schema.def.discriminator;
  const given = (value as Record<string, unknown>)[name];
  const isGiven = (option: z.core.$ZodType) =>
    option instanceof z.ZodObject && (option.shape[name] as z.ZodLiteral).value === given;
  return schema.options.find(isGiven) ?? schema;
}

/** A schema without what surrounds it: defaults, null, transformations of what was read. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodPipe) return bare(schema.in);
  const wraps =
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodOptional;
  return wraps ? bare(schema.unwrap()) : schema;
}

const isSecret = (field: string) => /secrets|token|password/.test(field) || hiddenFields.test(field);
const holdsSecret = (text: string) => isSecret(text) || holdsPassword(text);
/** An address such as https://user:password@host. */
const holdsPassword = (value: unknown) => typeof value === "string" && /\/\/[^/]*:[^/]*@/.test(value);

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (all, key) =>
      typeof key === "number" ? `${all}[${key}]` : all === "" ? String(key) : `${all}.${String(key)}`,
    "",
  );
}

function wanted(document: unknown, only: readonly string[] | undefined): unknown {
  if (only === undefined || typeof document !== "object" || document === null || Array.isArray(document))
    return document;
  return Object.fromEntries(Object.entries(document).filter(([key]) => only.includes(key)));
}

/** Replaces every ${NAME} in the document. */
function fill(path: string, value: unknown, fillOne: (path: string, value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item, index) => fill(`${path}[${index}]`, item, fillOne));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        fill(path === "" ? key : `${path}.${key}`, item, fillOne),
      ]),
    );
  }
  return fillOne(path, value);
}
