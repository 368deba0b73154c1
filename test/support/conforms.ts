import { z } from "zod";

/*
 * Holds answers against /openapi.json: the status has to be documented, the content type too, and the body has to have the
 * documented shape and nothing beside it.
 */

type Schema = Record<string, unknown>;
interface Operation {
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

export interface Conformance {
  /** Throws with what does not fit. */
  check(method: string, path: string, response: Response): Promise<void>;
  /** Routes with the statuses that were seen of them, such as `GET /api/v1/sites 200`. */
  seen: ReadonlySet<string>;
}

export function createConformance({ paths, components }: OpenApi): Conformance {
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

  return {
    seen,
    async check(method, path, response) {
      const { pathname } = new URL(path, "http://localhost");
      const found = templates.find(({ pattern }) => pattern.test(pathname));
      if (found === undefined) throw new Error(`${method} ${pathname} is not documented`);
      const operation = paths[found.template]![method.toLowerCase()];
      const name = `${method} ${found.template} ${response.status}`;
      if (response.status === 304) return;
      const documented = operation?.responses[String(response.status)];
      if (documented === undefined) throw new Error(`${name} is not documented`);
      seen.add(name);
      const text = await response.clone().text();
      if (documented.content === undefined) {
        if (text !== "") throw new Error(`${name} has a body, and is documented without`);
        return;
      }
      const type = (response.headers.get("Content-Type") ?? "").split(";")[0]!;
      const content = documented.content[type];
      if (content === undefined) throw new Error(`${name} came as ${type}, which is not documented`);
      if (!type.endsWith("json")) return;
      const parsed = validatorOf(name, content.schema).safeParse(JSON.parse(text));
      if (!parsed.success)
        throw new Error(`${name}: ${z.prettifyError(parsed.error)}\n${text.slice(0, 2000)}`);
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
