import { html, raw } from "hono/html";
import { byTag, exampleOf, messagesOf, refName, schemasOf, typeOf } from "./api-document.ts";
import type { ApiDocument, ApiEntry, ApiOperation, ApiSchema } from "./api-document.ts";
import { fieldTable, prose, typeName } from "./api-fields.ts";
import { apiTexts } from "./api-texts.ts";
import { layout } from "./layout.ts";
import type { Html, PageContext } from "./page-context.ts";
import { apiPath } from "./paths.ts";

/** Where the operations of a tag are described. */
export function tagPath(tag: string): string {
  return `${apiPath}?bagian=${encodeURIComponent(tag)}`;
}

/** Every section with its operations in a line each. */
export function apiOverviewPage(page: PageContext, document: ApiDocument): Html {
  const t = apiTexts[page.language];
  const schemes = Object.entries(document.components.securitySchemes ?? {});
  return layout(page, {
    title: t.title,
    area: t.title,
    refreshS: null,
    body: html`<section class="answer">
        <h1>${t.title}</h1>
        <p class="now">${t.lead} ${t.language}</p>
        <p class="soft"><a href="/openapi.json">${t.document}</a>, ${document.info.version}</p>
      </section>
      <section>
        <h2>${t.keys}</h2>
        <p>${t.keysLead} <code>Authorization: Bearer sbk_…</code></p>
        <ul class="facts">
          ${schemes.map(([name, { description = "" }]) => html`<li>${t.keyKinds[name] ?? name}: ${description}</li>`)}
        </ul>
      </section>
      <section>
        <h2>${t.headers}</h2>
        <p>${t.headersLead}</p>
        <ul class="facts">
          ${Object.entries(document.components.headers ?? {}).map(
            ([name, { description = "" }]) => html`<li><code>${name}</code>: ${prose(description)}</li>`,
          )}
        </ul>
      </section>
      ${[...byTag(document)].map(
        ([tag, entries]) =>
          html`<section>
            <h2><a href="${page.href(tagPath(tag))}">${tag}</a></h2>
            <ul class="rows boxed halves">
              ${entries.map(
                (entry) =>
                  html`<li>
                    <a href="${page.href(tagPath(tag))}#${anchorOf(entry)}">${address(entry)}</a>
                    <span
                      >${prose(entry.operation.summary ?? "")}<small
                        >${keyOf(page, entry.operation)}</small
                      ></span
                    >
                  </li>`,
              )}
            </ul>
          </section>`,
      )}`,
  });
}

/** The operations of one section in full, with the shapes that they speak in. null: there is no such section. */
export function apiSectionPage(page: PageContext, document: ApiDocument, tag: string): Html | null {
  const t = apiTexts[page.language];
  const entries = byTag(document).get(tag);
  if (entries === undefined) return null;
  const messages = messagesOf(document, tag);
  const operations = [...entries.map((entry) => entry.operation), ...messages.map(([, of]) => of)];
  const names = schemasOf(document, operations.flatMap(schemasIn));
  return layout(page, {
    title: `${tag}: ${t.title}`,
    area: t.title,
    refreshS: null,
    body: html`<nav class="crumbs">
        <ol>
          <li><a href="${page.href(apiPath)}">${t.all}</a></li>
        </ol>
      </nav>
      <h1>${tag}</h1>
      <p class="soft">${t.operations(entries.length)}</p>
      ${entries.map((entry) => operation(page, document, entry))}
      ${messages.length === 0 ? "" : messageSection(page, messages)}
      <section>
        <h2>${t.schemas}</h2>
        ${names.map((name) => shape(page, name, document.components.schemas[name] ?? {}))}
      </section>`,
  });
}

function schemasIn({ requestBody, responses, parameters = [] }: ApiOperation): ApiSchema[] {
  const bodies = [requestBody?.content, ...Object.values(responses).map(({ content }) => content)];
  return [
    ...parameters.flatMap(({ schema }) => (schema === undefined ? [] : [schema])),
    ...bodies.flatMap((content) => Object.values(content ?? {}).flatMap(({ schema }) => schema ?? [])),
  ];
}

function anchorOf({ method, path }: ApiEntry): string {
  return `${method}-${path}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}

function operation(page: PageContext, document: ApiDocument, entry: ApiEntry): Html {
  const t = apiTexts[page.language];
  const { summary = "", description = "", requestBody } = entry.operation;
  const given = requestBody === undefined ? null : schemaIn(requestBody.content);
  const success = Object.entries(entry.operation.responses).find(([status]) => status.startsWith("2"));
  const answered = success?.[1].content === undefined ? null : schemaIn(success[1].content);
  return html`<section id="${anchorOf(entry)}">
    <h2>${address(entry)}</h2>
    <p>${prose(summary)}</p>
    ${description === "" ? "" : html`<p class="soft">${prose(description)}</p>`}
    <p class="note">${keyOf(page, entry.operation)}</p>
    ${parameterTable(page, entry.operation)} ${given === null ? "" : body(page, document, given)}
    ${answerTable(page, entry)}
    ${
      answered === null
        ? ""
        : html`<details>
            <summary>${t.answered}</summary>
            ${fieldTable(page, answered)} ${example(document, answered)}
          </details>`
    }
  </section>`;
}

/** What has a name is told under it, and everything else here. */
function body(page: PageContext, document: ApiDocument, given: ApiSchema): Html {
  const t = apiTexts[page.language];
  return html`<h3>${t.body}: ${typeName(given)}</h3>
    ${fieldTable(page, given)} ${example(document, given)}`;
}

/** What the collector sends to addresses of others: all by the same header fields. */
function messageSection(page: PageContext, messages: readonly [name: string, of: ApiOperation][]): Html {
  const t = apiTexts[page.language];
  return html`<section id="messages">
    <h2>${t.messages}</h2>
    ${parameterTable(page, messages[0]![1])}
    <h3>${t.messageTypes}</h3>
    <table class="stack">
      <thead>
        <tr>
          <th>${t.name}</th>
          <th>${t.body}</th>
          <th>${t.description}</th>
        </tr>
      </thead>
      <tbody>
        ${messages.map(([name, { summary = "", requestBody }]) => {
          const given = requestBody === undefined ? null : schemaIn(requestBody.content);
          return html`<tr>
            <td data-l="${t.name}">
              <span><code>${name}</code></span>
            </td>
            <td data-l="${t.body}"><span>${given === null ? "" : typeName(given)}</span></td>
            <td data-l="${t.description}"><span>${prose(summary)}</span></td>
          </tr>`;
        })}
      </tbody>
    </table>
  </section>`;
}

/** Which key an operation needs, and with which scope: "Kunci API, lingkup admin". */
function keyOf(page: PageContext, { security = [] }: ApiOperation): Html | string {
  const t = apiTexts[page.language];
  const kinds = security.flatMap((scheme) => Object.entries(scheme));
  if (kinds.length === 0) return t.open;
  return html`${kinds.map(
    ([name, scopes], at) =>
      html`${at === 0 ? "" : "; "}${t.keyKinds[name] ?? name}${scopes.map((scope) => html`, ${t.scope} <code>${scope}</code>`)}`,
  )}`;
}

/** A long address breaks before a slash, and not within a word. */
function address({ method, path }: ApiEntry): Html {
  const broken = path.replaceAll(/(?<=.)\//g, "<wbr>/");
  return html`<code class="address">${method} ${raw(broken)}</code>`;
}

function schemaIn(content: Record<string, { schema?: ApiSchema }>): ApiSchema | null {
  return Object.values(content)[0]?.schema ?? null;
}

function parameterTable(page: PageContext, { parameters = [] }: ApiOperation): Html | string {
  const t = apiTexts[page.language];
  if (parameters.length === 0) return "";
  return html`<h3>${t.parameters}</h3>
    <table class="stack">
      <thead>
        <tr>
          <th>${t.name}</th>
          <th>${t.place}</th>
          <th>${t.type}</th>
          <th>${t.description}</th>
        </tr>
      </thead>
      <tbody>
        ${parameters.map(
          ({ name, in: place, required, schema = {}, description = schema.description ?? "" }) =>
            html`<tr>
              <td data-l="${t.name}">
                <span><code>${name}</code> ${required === true ? t.required : ""}</span>
              </td>
              <td data-l="${t.place}">${place}</td>
              <td data-l="${t.type}"><span>${typeOf(schema)}</span></td>
              <td data-l="${t.description}"><span>${prose(description)}</span></td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}

function answerTable(page: PageContext, { operation: { responses } }: ApiEntry): Html {
  const t = apiTexts[page.language];
  return html`<h3>${t.answers}</h3>
    <table class="stack">
      <thead>
        <tr>
          <th>${t.status}</th>
          <th>${t.type}</th>
          <th>${t.description}</th>
        </tr>
      </thead>
      <tbody>
        ${Object.entries(responses).map(([status, { description = "", headers = {}, content }]) => {
          const schema = content === undefined ? null : schemaIn(content);
          return html`<tr>
            <td data-l="${t.status}">${status}</td>
            <td data-l="${t.type}"><span>${schema === null ? "" : typeName(schema)}</span></td>
            <td data-l="${t.description}"><span>${prose(description)}${ownHeaders(headers)}</span></td>
          </tr>`;
        })}
      </tbody>
    </table>`;
}

/** Names of the header fields that this answer has beside those of every one. */
function ownHeaders(headers: Record<string, unknown>): Html | string {
  const own = Object.keys(headers).filter((name) => !everywhere.has(name));
  if (own.length === 0) return "";
  return html`${own.map((name, at) => html`${at === 0 ? " " : ", "}<code>${name}</code>`)}`;
}

const everywhere: ReadonlySet<string> = new Set([
  "X-Request-Id",
  "RateLimit",
  "RateLimit-Policy",
  "Retry-After",
  "WWW-Authenticate",
]);

function shape(page: PageContext, name: string, schema: ApiSchema): Html {
  const bases = (schema.allOf ?? [schema]).flatMap((part) => refName(part) ?? []);
  const table = fieldTable(page, schema);
  return html`<h3 id="shape-${name}">${name}</h3>
    <p class="note">
      ${prose(schema.description ?? "")} ${bases.map((base) => html`<a href="#shape-${base}">${base}</a> + `)}
    </p>
    ${table === "" ? html`<p class="soft">${typeOf(schema)}</p>` : table}`;
}

/** As JSON; its line breaks are written so that the page's own trimming leaves them. */
function example(document: ApiDocument, schema: ApiSchema): Html {
  const text = JSON.stringify(exampleOf(document, schema), null, 2)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll("\n", "&#10;");
  return html`<pre><code>${raw(text)}</code></pre>`;
}
