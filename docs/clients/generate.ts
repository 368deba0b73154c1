/*
 * A client in TypeScript from an OpenAPI 3.1 document: a type for each shape, each operation that is not always refused with what it
 * is given and what it answers, a function for each of them, and the types of what is sent to webhooks. What it makes has no
 * dependency and runs wherever fetch is. Text is answered as text, and files as bytes.
 */

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  description?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
}

type Content = Record<string, { schema?: Schema }>;

interface Operation {
  summary?: string;
  parameters?: { name: string; in: string; required?: boolean; schema?: Schema; description?: string }[];
  requestBody?: { required?: boolean; content: Content };
  responses: Record<string, { content?: Content }>;
}

export interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>;
  webhooks?: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const jsonType = "application/json";

export function generateClient({ paths, webhooks = {}, components }: OpenApiDocument): string {
  const shapes = Object.entries(components.schemas).map(
    ([name, schema]) => `${doc(schema.description, "")}export type ${name} = ${typeOf(schema, "")};\n`,
  );
  const operations = Object.entries(paths).flatMap(([path, of]) =>
    Object.entries(of)
      .filter(([, { responses }]) => successOf(responses) !== undefined)
      .map(([verb, operation]) => ({ verb, path, operation, name: `${verb.toUpperCase()} ${path}` })),
  );
  const messages = Object.entries(webhooks).map(([name, of]) => messageOf(name, of["post"]!));
  return [
    head,
    ...shapes,
    `/** What is sent to webhooks and callbacks, by type. */\nexport interface Messages {\n${messages.join("\n")}\n}\n`,
    `/** What each operation is given, and what it answers. */\nexport interface Operations {\n${operations.map(operationOf).join("\n")}\n}\n`,
    core,
    factory(operations.map(methodOf)),
  ].join("\n");
}

interface Named {
  verb: string;
  path: string;
  operation: Operation;
  name: string;
}

function messageOf(name: string, { summary, requestBody }: Operation): string {
  const body = requestBody!.content[jsonType]!.schema!;
  return `${doc(summary, "  ")}  ${keyOf(name)}: ${typeOf(body, "  ")};`;
}

function factory(methods: readonly string[]): string {
  return `/** A function for each operation, which answers its body; \`send\` answers the header fields as well. */
export function createClient(options: ClientOptions) {
  const send = createSender(options);
  const dataOf = async <Name extends keyof Operations>(name: Name, given: Given<Name>): Promise<Data<Name>> => {
    const { status, headers, data } = await send(name, given);
    // Who asks for a 304 looks at the header fields, and so by \`send\`.
    if (status === 304) throw new SambungError(status, headers, null, \`\${name}: 304, not changed\`);
    return data as Data<Name>;
  };
  return {
    send,
${methods.join("\n")}
  };
}
`;
}

/** Of several types, as of files by their names, any. */
function answerOf(content: Content): string {
  const types = Object.entries(content).map(([type, { schema }]) => {
    if (type === jsonType) return schema === undefined ? "unknown" : typeOf(schema, "    ");
    return isText(type) ? "string" : "Uint8Array";
  });
  return types.length === 0 ? "undefined" : union(types);
}

/** JSON where it is taken, and text otherwise. */
function bodyOf(content: Content): string {
  const schema = content[jsonType]?.schema;
  if (schema !== undefined) return typeOf(schema, "      ");
  if (!Object.keys(content).some(isText)) throw new Error(`no body of ${Object.keys(content).join(", ")}`);
  return "string";
}

/** As the client that is made tells them apart. Lines of JSON are text: nobody parses them as one. */
function isText(type: string): boolean {
  return type.startsWith("text/") || type === "application/x-ndjson";
}

/** undefined: it is always refused, and nothing for a program. */
function successOf(responses: Operation["responses"]) {
  return Object.entries(responses).find(([status]) => status.startsWith("2"))?.[1];
}

/** \`GET /api/v1/partner/outages/{id}\` → getPartnerOutagesById */
export function nameOf(verb: string, path: string): string {
  const words = path
    .replace(/^\/api\/v1/, "")
    .replaceAll(/\{(\w+)\}/g, "by-$1")
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "");
  return verb + words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
}

function operationOf({ name, operation }: Named): string {
  const { parameters = [], requestBody, responses } = operation;
  const parts = [
    group("path", parameters),
    group("query", parameters),
    group("header", parameters),
    ...(requestBody === undefined
      ? []
      : [`body${requestBody.required === true ? "" : "?"}: ${bodyOf(requestBody.content)};`]),
  ].filter((part) => part !== null);
  const given = parts.length === 0 ? "{}" : `{\n      ${parts.join("\n      ")}\n    }`;
  const answered = answerOf(successOf(responses)?.content ?? {});
  return `  ${JSON.stringify(name)}: {\n    given: ${given};\n    answer: ${answered};\n  };`;
}

function methodOf({ verb, path, operation, name }: Named): string {
  const { summary, parameters = [], requestBody } = operation;
  const isNeeded = parameters.some(({ required }) => required === true) || requestBody?.required === true;
  const given = `given: Given<"${name}">${isNeeded ? "" : " = {}"}`;
  return `${doc(summary, "    ")}    ${nameOf(verb, path)}: (${given}) => dataOf("${name}", given),`;
}

function group(place: string, parameters: NonNullable<Operation["parameters"]>): string | null {
  const own = parameters.filter((parameter) => parameter.in === place);
  if (own.length === 0) return null;
  const isNeeded = own.some(({ required }) => required === true);
  const fields = own.map(
    ({ name, required, description, schema = {} }) =>
      `${doc(description, "        ")}        ${keyOf(name)}${required === true ? "" : "?"}: ${textType(place, schema)};`,
  );
  return `${place}${isNeeded ? "" : "?"}: {\n${fields.join("\n")}\n      };`;
}

/** In an address everything is text; numbers and booleans are written as such, and a list is named several times. */
function textType(place: string, schema: Schema): string {
  if (place !== "query") return typeOf({ ...schema, type: "string" }, "");
  return schema.type === "array" ? "Value | readonly Value[]" : "Value";
}

function typeOf(schema: Schema, indent: string): string {
  const { $ref, allOf, properties, additionalProperties } = schema;
  const choices = schema.anyOf ?? schema.oneOf;
  if ($ref !== undefined) return $ref.slice("#/components/schemas/".length);
  if (choices !== undefined) return union(choices.map((choice) => typeOf(choice, indent)));
  if (allOf !== undefined) {
    // A part without a shape only describes what stands beside it.
    const parts = allOf.map((part) => typeOf(part, indent)).filter((part) => part !== "unknown");
    return parts.join(" & ");
  }
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return union(schema.enum.map((value) => JSON.stringify(value)));
  if (properties !== undefined) return objectOf(schema, indent);
  if (typeof additionalProperties === "object")
    return `Record<string, ${typeOf(additionalProperties, indent)}>`;
  return union([schema.type ?? "unknown"].flat().map((type) => plainOf(type, schema, indent)));
}

function plainOf(type: string, { items }: Schema, indent: string): string {
  if (type === "array") return `Array<${items === undefined ? "unknown" : typeOf(items, indent)}>`;
  if (type === "integer") return "number";
  return type === "object" ? "Record<string, unknown>" : type;
}

function objectOf(
  { properties = {}, required = [], type, additionalProperties }: Schema,
  indent: string,
): string {
  const inner = `${indent}  `;
  const fields = Object.entries(properties).map(
    ([name, schema]) =>
      `${doc(schema.description, inner)}${inner}${keyOf(name)}${required.includes(name) ? "" : "?"}: ${typeOf(schema, inner)};`,
  );
  if (additionalProperties !== undefined && additionalProperties !== false)
    fields.push(`${inner}[name: string]: unknown;`);
  const object = `{\n${fields.join("\n")}\n${indent}}`;
  return Array.isArray(type) && type.includes("null") ? `${object} | null` : object;
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(" | ");
}

function keyOf(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}

function doc(text: string | undefined, indent: string): string {
  return text === undefined || text === ""
    ? ""
    : `${indent}/** ${text.replaceAll("*/", "* /").replaceAll(/\s+/g, " ")} */\n`;
}

const head = `/*
 * Generated by \`npm run client\` from /openapi.json; changes here are lost. Has no dependency: copy it into your program.
 */
`;

const core = `type Value = string | number | boolean;

export type Given<Name extends keyof Operations> = Operations[Name]["given"];
export type Data<Name extends keyof Operations> = Operations[Name]["answer"];

export interface ClientOptions {
  /** Address of the collector, such as https://sambung.example.go.id. */
  baseUrl: string;
  /** sbk_…. Default: none is sent. */
  key?: string;
  /** Default: the platform's. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

export interface Answer<T> {
  status: number;
  /** ETag for If-Match and If-None-Match, Link, X-Total-Count, RateLimit: as /openapi.json has them. */
  headers: Headers;
  /** null: the same as under the tag of If-None-Match (304). */
  data: T | null;
}

/** A refusal; \`problem\` is the body: RFC 9457's, or TM Forum's. */
export class SambungError extends Error {
  readonly status: number;
  readonly headers: Headers;
  readonly problem: unknown;

  constructor(status: number, headers: Headers, problem: unknown, message: string) {
    super(message);
    this.name = "SambungError";
    this.status = status;
    this.headers = headers;
    this.problem = problem;
  }

  /** How long to wait before it is tried again, s; null: nothing was said of it. */
  get retryAfterS(): number | null {
    const told = this.headers.get("Retry-After");
    return told === null ? null : Number(told);
  }
}

interface Parts {
  path?: object;
  query?: object;
  header?: object;
  body?: unknown;
}

function addressOf(template: string, { path, query }: Parts): string {
  const values = new Map<string, unknown>(Object.entries(path ?? {}));
  const filled = template.replaceAll(/\\{(\\w+)\\}/g, (_, name: string) => encodeURIComponent(String(values.get(name))));
  const search = new URLSearchParams();
  for (const [name, given] of Object.entries(query ?? {}) as [string, Value | readonly Value[] | undefined][])
    for (const value of [given ?? []].flat()) search.append(name, String(value));
  return search.size === 0 ? filled : \`\${filled}?\${search.toString()}\`;
}

/** JSON is parsed, text is text, and any other file its bytes. Lines of JSON are text. */
function contentOf(type: string, bytes: Uint8Array): unknown {
  const text = () => new TextDecoder().decode(bytes);
  if (type.startsWith("text/") || type === "application/x-ndjson") return text();
  if (bytes.length === 0) return undefined;
  return type === "application/json" || type.endsWith("+json") ? JSON.parse(text()) : bytes;
}

function createSender({ baseUrl, key, fetch: ask = fetch }: ClientOptions) {
  return async <Name extends keyof Operations>(name: Name, given: Given<Name>): Promise<Answer<Data<Name>>> => {
    const [method = "", template = ""] = name.split(" ");
    const parts: Parts = given;
    const address = addressOf(template, parts);
    // Whatever is JSON is an object.
    const { body } = parts;
    const isPlain = typeof body === "string";
    const response = await ask(\`\${baseUrl.replace(/\\/+$/, "")}\${address}\`, {
      method,
      headers: {
        Accept: "application/json, application/problem+json, */*;q=0.5",
        ...(key === undefined ? {} : { Authorization: \`Bearer \${key}\` }),
        ...(body === undefined ? {} : { "Content-Type": isPlain ? "text/plain" : "application/json" }),
        ...(parts.header as Record<string, string> | undefined),
      },
      ...(body === undefined ? {} : { body: isPlain ? body : JSON.stringify(body) }),
    });
    const { status, headers } = response;
    const bytes = new Uint8Array(await response.arrayBuffer());
    const [type = ""] = (headers.get("Content-Type") ?? "").split(";");
    const data = contentOf(type.trim().toLowerCase(), bytes);
    if (status === 304) return { status, headers, data: null };
    if (response.ok) return { status, headers, data: data as Data<Name> };
    throw new SambungError(status, headers, data, \`\${method} \${address}: \${status} \${new TextDecoder().decode(bytes).slice(0, 300)}\`);
  };
}
`;
