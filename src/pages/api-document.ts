/* An OpenAPI 3.1 document as far as its page reads it. */

export interface ApiSchema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  pattern?: string;
  enum?: unknown[];
  const?: unknown;
  description?: string;
  example?: unknown;
  default?: unknown;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  items?: ApiSchema;
  properties?: Record<string, ApiSchema>;
  required?: string[];
  additionalProperties?: ApiSchema | boolean;
  allOf?: ApiSchema[];
  anyOf?: ApiSchema[];
  oneOf?: ApiSchema[];
}

export interface ApiParameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: ApiSchema;
  example?: unknown;
}

type Content = Record<string, { schema?: ApiSchema }>;

export interface ApiOperation {
  tags?: string[];
  summary?: string;
  description?: string;
  /** Kinds of key, each with the scopes that it needs. */
  security?: Record<string, string[]>[];
  parameters?: ApiParameter[];
  requestBody?: { content: Content };
  responses: Record<string, { description?: string; headers?: Record<string, unknown>; content?: Content }>;
}

export interface ApiDocument {
  info: { version: string };
  paths: Record<string, Record<string, ApiOperation>>;
  /** What the collector sends by itself, by type. */
  webhooks?: Record<string, Record<string, ApiOperation>>;
  components: {
    schemas: Record<string, ApiSchema>;
    headers?: Record<string, { description?: string }>;
    securitySchemes?: Record<string, { description?: string }>;
  };
}

export interface ApiEntry {
  method: string;
  path: string;
  operation: ApiOperation;
}

/** What most readers come for; then the other sections as the document has them; then what few look for. */
const firstTags = ["sites", "outages", "services", "series", "sla", "complaints"];
const lastTags = ["administration", "operation", "agents' own"];

/** Operations by their first tag, and within one by address, so that those of one thing stand together. */
export function byTag({ paths }: ApiDocument): Map<string, ApiEntry[]> {
  const all = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([verb, operation]) => ({ method: verb.toUpperCase(), path, operation })),
  );
  const sorted = all.toSorted((a, b) => compare(a.path, b.path) || compare(a.method, b.method));
  const groups = Map.groupBy(sorted, ({ operation }) => operation.tags?.[0] ?? "");
  const between = [...groups.keys()].filter((tag) => !firstTags.includes(tag) && !lastTags.includes(tag));
  const order = [...firstTags, ...between, ...lastTags];
  return new Map(order.flatMap((tag) => (groups.has(tag) ? [[tag, groups.get(tag)!] as const] : [])));
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Messages of a section, in the order of the document. */
export function messagesOf({ webhooks = {} }: ApiDocument, tag: string): [name: string, of: ApiOperation][] {
  return Object.entries(webhooks).flatMap(([name, { post }]) =>
    post?.tags?.[0] === tag ? [[name, post] as [string, ApiOperation]] : [],
  );
}

const refPrefix = "#/components/schemas/";

export function refName(schema: ApiSchema): string | null {
  return schema.$ref?.startsWith(refPrefix) === true ? schema.$ref.slice(refPrefix.length) : null;
}

/** Names of the schemas that these need, with all that those need themselves, in the order in which they are met. */
export function schemasOf(document: ApiDocument, from: readonly ApiSchema[]): string[] {
  const found = new Set<string>();
  const walk = (schema: ApiSchema | boolean | undefined): void => {
    if (schema === undefined || typeof schema === "boolean") return;
    const name = refName(schema);
    if (name !== null && !found.has(name)) {
      found.add(name);
      walk(document.components.schemas[name]);
    }
    for (const part of [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])])
      walk(part);
    for (const property of Object.values(schema.properties ?? {})) walk(property);
    walk(schema.items);
    walk(schema.additionalProperties);
  };
  for (const schema of from) walk(schema);
  return [...found];
}

/** What a value is, in a line: `string (date-time)`, `array of Outage`, `"up" | "down"`. */
export function typeOf(schema: ApiSchema): string {
  const name = refName(schema);
  if (name !== null) return name;
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return [...new Set(choices.map(typeOf))].join(" | ");
  if (schema.allOf !== undefined) return schema.allOf.map(typeOf).join(" + ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const types = [schema.type ?? "any"].flat();
  const told = types.map((type) => {
    if (type === "array") return `array of ${schema.items === undefined ? "any" : typeOf(schema.items)}`;
    return type === "string" && schema.format !== undefined ? `string (${schema.format})` : type;
  });
  return told.join(" | ");
}

/** What a value is held to, as sentences: `1 to 100 characters. Default: null.` */
export function limitsOf(schema: ApiSchema): string {
  const { minLength, maxLength, minimum, maximum, minItems, maxItems } = schema;
  const isWhole = schema.type === "integer";
  const told = [
    span(minLength, maxLength, "characters"),
    // Zod says of every whole number how large one can be.
    span(minimum, isWhole && maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum, ""),
    span(minItems, maxItems, "items"),
    // Many say in words what it is.
    ...("default" in schema && !/default/i.test(schema.description ?? "")
      ? [`Default: \`${JSON.stringify(schema.default)}\``]
      : []),
  ];
  return told.flatMap((text) => (text === null ? [] : `${text}.`)).join(" ");
}

function span(least: number | undefined, most: number | undefined, unit: string): string | null {
  const of = unit === "" ? "" : ` ${unit}`;
  if (least !== undefined && most !== undefined)
    return least === most ? `Exactly ${least}${of}` : `${least} to ${most}${of}`;
  if (least !== undefined && least > Number.MIN_SAFE_INTEGER) return `At least ${least}${of}`;
  return most === undefined ? null : `At most ${most}${of}`;
}

/** Further than this an example is cut off: schemas may hold themselves. */
const deepest = 24;

/** A value of the schema: what its author gave as one, else the simplest. */
export function exampleOf(document: ApiDocument, schema: ApiSchema, depth = 0): unknown {
  if (schema.example !== undefined) return schema.example;
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (depth > deepest) return null;
  const name = refName(schema);
  const within = (inner: ApiSchema) => exampleOf(document, inner, depth + 1);
  if (name !== null) return within(document.components.schemas[name] ?? {});
  const choice = (schema.anyOf ?? schema.oneOf)?.[0];
  if (choice !== undefined) return within(choice);
  if (schema.allOf !== undefined)
    return Object.assign({}, ...schema.allOf.map((part) => within(part) as object)) as object;
  const [type] = [schema.type ?? "object"].flat();
  if (type === "array") return schema.items === undefined ? [] : [within(schema.items)];
  if (type === "string") return textOf(schema);
  if (type === "integer" || type === "number") return 0;
  if (type === "boolean") return false;
  if (type === "null") return null;
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([key, value]) => [key, within(value)]),
  );
}

function textOf({ format, pattern }: ApiSchema): string {
  if (format === "date-time") return "2026-11-22T06:05:00.000Z";
  if (format === "date") return "2026-11-22";
  return pattern === "^\\d+$" ? "12" : "text";
}
