/*
 * A client in TypeScript from an OpenAPI 3.1 document: a type for each shape, and a function for each operation that speaks
 * JSON. What it makes has no dependency and runs wherever fetch is.
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
  requestBody?: { content: Content };
  responses: Record<string, { content?: Content }>;
}

export interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const jsonType = "application/json";

export function generateClient({ paths, components }: OpenApiDocument): string {
  const shapes = Object.entries(components.schemas).map(
    ([name, schema]) => `${doc(schema.description, "")}export type ${name} = ${typeOf(schema, "")};\n`,
  );
  const methods = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, operation]) => speaksJson(operation))
      .map(([verb, operation]) => methodOf(verb, path, operation)),
  );
  return `${head}\n${shapes.join("\n")}\n${core}\n${factory(methods)}`;
}

function factory(methods: readonly string[]): string {
  return `/** A function for each operation. \`key\`: sbk_… */
export function createClient(options: ClientOptions) {
  const send = createSender(options);
  return {
${methods.join("\n")}
  };
}
`;
}

/** JSON, or nothing at all: what people and scrapers read is not for programs, nor what is always refused. */
function speaksJson({ responses, requestBody }: Operation): boolean {
  const success = successOf(responses);
  if (success === undefined) return false;
  const isAnswered = success.content === undefined || jsonType in success.content;
  return isAnswered && (requestBody === undefined || jsonType in requestBody.content);
}

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

function methodOf(verb: string, path: string, operation: Operation): string {
  const { summary, parameters = [], requestBody, responses } = operation;
  const answer = successOf(responses)?.content?.[jsonType]?.schema;
  const body = requestBody?.content[jsonType]?.schema;
  const parts = [
    group("path", parameters),
    group("query", parameters),
    group("header", parameters),
    ...(body === undefined ? [] : [{ text: `body: ${typeOf(body, "      ")}`, isNeeded: true }]),
  ].filter((part) => part !== null);
  const isNeeded = parts.some((part) => part.isNeeded);
  const given = `{ ${parts.map(({ text }) => text).join("; ")} }`;
  const argument = parts.length === 0 ? "" : `given: ${given}${isNeeded ? "" : " = {}"}`;
  const passed = parts.length === 0 ? "{}" : "given";
  const result = answer === undefined ? "void" : typeOf(answer, "      ");
  return `${doc(summary, "    ")}    ${nameOf(verb, path)}: (${argument}): Promise<${result}> =>
      send("${verb.toUpperCase()}", "${path}", ${passed}),`;
}

function group(place: string, parameters: NonNullable<Operation["parameters"]>) {
  const own = parameters.filter((parameter) => parameter.in === place);
  if (own.length === 0) return null;
  const isNeeded = own.some(({ required }) => required === true);
  const fields = own.map(({ name, required, schema = {} }) => {
    // In an address everything is text; numbers and booleans are written as such.
    const type = place === "query" ? "string | number | boolean" : typeOf({ ...schema, type: "string" }, "");
    return `${keyOf(name)}${required === true ? "" : "?"}: ${type}`;
  });
  return { text: `${place}${isNeeded ? "" : "?"}: { ${fields.join("; ")} }`, isNeeded };
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

const core = `export interface ClientOptions {
  /** Address of the collector, such as https://sambung.example.go.id. */
  baseUrl: string;
  /** Default: none is sent. */
  key?: string;
  /** Default: the platform's. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** A refusal; \`problem\` is the body: RFC 9457's, or TM Forum's. */
export class SambungError extends Error {
  readonly status: number;
  readonly problem: unknown;

  constructor(status: number, problem: unknown, message: string) {
    super(message);
    this.name = "SambungError";
    this.status = status;
    this.problem = problem;
  }
}

interface Given {
  path?: object;
  query?: object;
  header?: object;
  body?: unknown;
}

function createSender({ baseUrl, key, fetch: ask = fetch }: ClientOptions) {
  return async <T>(method: string, template: string, { path, query, header, body }: Given): Promise<T> => {
    const values = new Map<string, unknown>(Object.entries(path ?? {}));
    const filled = template.replaceAll(/\\{(\\w+)\\}/g, (_, name: string) => encodeURIComponent(String(values.get(name))));
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query ?? {}) as [string, string | number | boolean | undefined][])
      if (value !== undefined) search.set(name, String(value));
    const tail = search.size === 0 ? "" : \`?\${search.toString()}\`;
    const response = await ask(\`\${baseUrl.replace(/\\/+$/, "")}\${filled}\${tail}\`, {
      method,
      headers: {
        Accept: "application/json, application/problem+json",
        ...(key === undefined ? {} : { Authorization: \`Bearer \${key}\` }),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(header as Record<string, string> | undefined),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
    const answer: unknown = isJson && text !== "" ? JSON.parse(text) : undefined;
    if (response.ok) return answer as T;
    throw new SambungError(response.status, answer, \`\${method} \${filled}: \${response.status} \${text.slice(0, 300)}\`);
  };
}
`;
