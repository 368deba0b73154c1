import { z } from "zod";

/*
 * Holds answers against /openapi.json: the status has to be documented, the header fields and the content type too, and the body
 * has to have the documented shape and nothing beside it. Messages that the collector sends by itself are held against `webhooks`.
 */

type Schema = Record<string, unknown>;
type Content = Record<string, { schema: Schema }>;
type Header = { required?: boolean } | { $ref: string };
interface Operation {
  parameters?: { name: string; in: string; required?: boolean }[];
  requestBody?: { content: Content };
  responses: Record<string, { headers?: Record<string, Header>; content?: Content }>;
}
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  webhooks?: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; headers?: Record<string, { required?: boolean }> };
}

export interface Conformance {
  /** Throws with what does not fit. */
  check(method: string, path: string, response: Response): Promise<void>;
  /** Of an answer's body alone, as examples are. */
  checkExample(method: string, template: string, status: string, body: unknown): void;
  /** The same as of an answer of a message to a webhook or a callback, which is documented under `name`. */
  checkSent(name: string, message: { headers: object; body: string }): void;
  /** Routes with the statuses that were seen of them, such as `GET /api/v1/sites 200`, and messages: `webhook outage.ended`. */
  seen: ReadonlySet<string>;
}

/** Header fields that a client builds on: where one comes, it is documented. */
const toldHeaders = [
  "ETag",
  "Link",
  "Location",
  "RateLimit",
  "RateLimit-Policy",
  "Retry-After",
  "WWW-Authenticate",
  "X-Request-Id",
  "X-Result-Count",
  "X-Total-Count",
];

export function createConformance({ paths, webhooks = {}, components }: OpenApi): Conformance {
  const seen = new Set<string>();
  const $defs = strict(
    JSON.parse(JSON.stringify(components.schemas).replaceAll("#/components/schemas/", "#/$defs/")),
  ) as Schema;
  const made = new Map<string, z.ZodType>();
  const templates = Object.keys(paths)
    // Fixed names come before parameters.
    .sort((a, b) => a.split("{").length - b.split("{").length)
    .map((template) => ({
      template,
      pattern: new RegExp(`^${template.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
    }));

  function validatorOf(name: string, schema: Schema): z.ZodType {
    const known = made.get(name);
    if (known !== undefined) return known;
    const own = strict(
      JSON.parse(JSON.stringify(schema).replaceAll("#/components/schemas/", "#/$defs/")),
    ) as Schema;
    const validator = z.fromJSONSchema({ ...own, $defs } as Parameters<typeof z.fromJSONSchema>[0]);
    made.set(name, validator);
    return validator;
  }

  function checkBody(name: string, schema: Schema, text: string): void {
    const parsed = validatorOf(name, schema).safeParse(JSON.parse(text));
    if (!parsed.success) throw new Error(`${name}: ${z.prettifyError(parsed.error)}\n${text.slice(0, 2000)}`);
  }

  function checkHeaders(name: string, documented: Record<string, Header>, given: Headers): void {
    for (const [header, told] of Object.entries(documented)) {
      const { required = false } = "$ref" in told ? components.headers![told.$ref.split("/").at(-1)!]! : told;
      if (required && !given.has(header)) throw new Error(`${name} has no ${header}, which is documented`);
    }
    const unknown = toldHeaders.find((header) => given.has(header) && !(header in documented));
    if (unknown !== undefined) throw new Error(`${name} has ${unknown}, which is not documented`);
  }

  return {
    seen,
    checkExample(method, template, status, body) {
      const schema =
        paths[template]![method.toLowerCase()]!.responses[status]!.content!["application/json"]!.schema;
      checkBody(`${method} ${template} ${status}`, schema, JSON.stringify(body));
    },
    checkSent(name, { headers, body }) {
      const operation = webhooks[name]?.["post"];
      if (operation === undefined) throw new Error(`the message ${name} is not documented`);
      const given = new Headers(headers as Record<string, string>);
      const missing = (operation.parameters ?? []).find(
        (one) => one.required === true && !given.has(one.name),
      );
      if (missing !== undefined) throw new Error(`${name} has no ${missing.name}, which is documented`);
      checkBody(`webhook ${name}`, operation.requestBody!.content["application/json"]!.schema, body);
      seen.add(`webhook ${name}`);
    },
    async check(method, path, response) {
      const { pathname } = new URL(path, "http://localhost");
      const found = templates.find(({ pattern }) => pattern.test(pathname));
      if (found === undefined) throw new Error(`${method} ${pathname} is not documented`);
      const operation = paths[found.template]![method.toLowerCase()];
      const name = `${method} ${found.template} ${response.status}`;
      const documented = operation?.responses[String(response.status)];
      if (documented === undefined) throw new Error(`${name} is not documented`);
      checkHeaders(name, documented.headers ?? {}, response.headers);
      seen.add(name);
      const text = await response.clone().text();
      if (documented.content === undefined) {
        if (text !== "") throw new Error(`${name} has a body, and is documented without`);
        return;
      }
      const type = (response.headers.get("Content-Type") ?? "").split(";")[0]!;
      const content = documented.content[type];
      if (content === undefined) throw new Error(`${name} came as ${type}, which is not documented`);
      if (!/[/+]json$/.test(type)) return;
      checkBody(name, content.schema, text);
    },
  };
}

/** Nothing beside what is documented, but where the document itself leaves room, or puts shapes together. */
function strict(schema: unknown, isPart = false): unknown {
  if (Array.isArray(schema)) return schema.map((one) => strict(one, isPart));
  if (typeof schema !== "object" || schema === null) return schema;
  const open = Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [name, strict(value, name === "allOf")]),
  );
  const closes =
    "properties" in open && !("additionalProperties" in open) && !isPart && open["type"] === "object";
  return closes && !("allOf" in open) ? { ...open, additionalProperties: false } : open;
}
