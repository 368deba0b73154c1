import { html } from "hono/html";
import { fileKinds } from "../report/open-data.ts";
import type { OpenDataSet } from "../report/open-data.ts";
import { layout } from "./layout.ts";
import type { Html, PageContext } from "./page-context.ts";
import { reachTexts } from "./reach-texts.ts";

const kindNames = { csv: "CSV", json: "JSON", "metadata.json": "metadata" } as const;

/** Months in the list; files of older ones stay where they are, and in the catalogue. */
const shownMonths = 36;

/** Data sets with their files, the newest month first. */
export function openDataPage(page: PageContext, sets: readonly OpenDataSet[], area: string): Html {
  const { openData: t } = reachTexts[page.language];
  const shown = new Set([...new Set(sets.map(({ month }) => month))].slice(0, shownMonths));
  return layout(page, {
    title: t.title,
    area,
    refreshS: null,
    body: html`<section class="answer">
        <h1>${t.title}</h1>
        <p class="now">${t.lead}</p>
        <p class="soft">${t.rules} <a href="/data/katalog.json">${t.catalogue}</a></p>
      </section>
      <section>
        ${
          sets.length === 0
            ? html`<p class="calm">${t.none}</p>`
            : html`<ul class="rows boxed files">
                ${sets.filter(({ month }) => shown.has(month)).map((set) => row(page, set))}
              </ul>`
        }
      </section>`,
  });
}

function row(page: PageContext, set: OpenDataSet): Html {
  const texts = reachTexts[page.language];
  const { openData: t } = texts;
  const month = page.format.month(Date.parse(`${set.month}-15T00:00:00Z`));
  const what = set.service === null ? t.complaints : t.reach(page.serviceName(set.service));
  return html`<li>
    <b>${month}</b> <span class="wide">${what}${set.isOver ? "" : ` (${texts.provisional})`}</span>
    <span>${fileKinds.map((kind) => html`<a href="/data/${set.name}.${kind}">${kindNames[kind]}</a> `)}</span>
  </li>`;
}
