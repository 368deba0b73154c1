import { html, raw } from "hono/html";
import { limitsOf, refName, typeOf } from "./api-document.ts";
import type { ApiSchema } from "./api-document.ts";
import { apiTexts } from "./api-texts.ts";
import type { Html, PageContext } from "./page-context.ts";

/** What stands between backticks is code, as in Markdown: OpenAPI has its descriptions so. */
export function prose(text: string): Html {
  const parts = text.split(/`([^`]+)`/);
  return html`${parts.map((part, at) => (at % 2 === 0 ? part : html`<code>${part}</code>`))}`;
}

/** A name leads to its shape; what has none is told by what it is. */
export function typeName(schema: ApiSchema): Html {
  const name = refName(schema);
  const inner = schema.items === undefined ? null : refName(schema.items);
  const shown = name ?? inner;
  if (shown === null) return html`${typeOf(schema)}`;
  return html`${name === null ? "array of " : ""}<a href="#shape-${shown}">${shown}</a>`;
}

interface Field {
  name: string;
  schema: ApiSchema;
  isRequired: boolean;
}

/**
 * The fields of a shape, and of what stands within it without a name of its own: `data.secret`, `relatedEntity[].id`. What has a name is
 * told under it.
 */
export function fieldsOf(schema: ApiSchema, path = ""): Field[] {
  const parts = schema.allOf ?? [schema];
  const required = new Set(parts.flatMap((part) => part.required ?? []));
  return parts
    .flatMap((part) => Object.entries(part.properties ?? {}))
    .flatMap(([name, of]) => {
      const own = `${path}${name}`;
      const within = of.items ?? of;
      const isPlain = refName(within) === null && within.anyOf === undefined && within.oneOf === undefined;
      const inner = isPlain ? fieldsOf(within, `${own}${of.items === undefined ? "" : "[]"}.`) : [];
      return [{ name: own, schema: of, isRequired: required.has(name) }, ...inner];
    });
}

/** A table of the fields; nothing where there are none. */
export function fieldTable(page: PageContext, schema: ApiSchema): Html | string {
  const t = apiTexts[page.language];
  const fields = fieldsOf(schema);
  if (fields.length === 0) return "";
  return html`<table class="stack">
    <thead>
      <tr>
        <th>${t.name}</th>
        <th>${t.type}</th>
        <th>${t.description}</th>
      </tr>
    </thead>
    <tbody>
      ${fields.map(
        ({ name, schema: of, isRequired }) =>
          html`<tr>
            <td data-l="${t.name}">
              <span><code>${breakable(name)}</code> ${isRequired ? t.required : ""}</span>
            </td>
            <td data-l="${t.type}"><span>${fieldType(of)}</span></td>
            <td data-l="${t.description}">
              <span
                >${prose([of.description ?? "", limitsOf(of)].filter((text) => text !== "").join(" "))}</span
              >
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** Parts that have a name are put together with what stands beside them. */
function fieldType(schema: ApiSchema): Html {
  const parts = schema.allOf?.filter((part) => refName(part) !== null) ?? [schema];
  const isMore = schema.allOf?.some((part) => part.properties !== undefined) === true;
  return html`${parts.map((part, at) => html`${at === 0 ? "" : " + "}${typeName(part)}`)}${isMore ? " + object" : ""}`;
}

/** A long name breaks before a dot. */
function breakable(name: string): Html {
  return html`${name.split(".").map((part, at) => (at === 0 ? part : html`${raw("<wbr>")}.${part}`))}`;
}
