import { html } from "hono/html";
import type { ReachOutages } from "./gather-reach.ts";
import { layout } from "./layout.ts";
import { outageTable } from "./outage-table.ts";
import { capitalise } from "./page-context.ts";
import type { Html, PageContext } from "./page-context.ts";
import { outagesHref, reachHref } from "./reach-query.ts";
import type { OutageChoice } from "./reach-query.ts";
import { reachTexts } from "./reach-texts.ts";

/** The outages behind a figure of the page "layanan aduan". */
export function reachListPage(
  page: PageContext,
  { view, sites, outages, unavailableS }: ReachOutages,
  { site, cause, side }: OutageChoice,
): Html {
  const lost = page.format.duration(unavailableS * 1000);
  const { list: t } = reachTexts[page.language];
  const names = new Map(sites.map(({ code, name }) => [code, name]));
  const title = t.title(page.serviceName(view.service), page.format.month(view.fromMs));
  const chosen = [
    ...(site === undefined ? [] : [names.get(site) ?? site]),
    ...(cause === undefined ? [] : [page.cause(cause)]),
    ...(side === undefined ? [] : [reachTexts[page.language].side[side]]),
  ];
  return layout(page, {
    title,
    area: sites.find(({ parent }) => parent === null)?.name ?? "",
    refreshS: null,
    body: html`<nav class="crumbs"><a href="${page.href(reachHref(view))}">${t.back}</a></nav>
      <section class="answer">
        <h1>${title}</h1>
        <p class="now">${t.lead(page.format.count(outages.length), lost)}</p>
        ${
          chosen.length === 0
            ? ""
            : html`<p class="soft">
                ${t.of(capitalise(chosen.join(", ")))} <a href="${page.href(outagesHref(view))}">${t.all}</a>
              </p>`
        }
      </section>
      ${outageTable(page, outages, { title: null, none: t.none, note: t.note, more: t.cut, names })}`,
  });
}
