import { html } from "hono/html";
import type { SiteView } from "../report/reader.ts";
import { countStandings, standings, summariseService, toBranches } from "./district-summary.ts";
import type { Counts, Standing } from "./district-summary.ts";
import { districtTree } from "./district-tree.ts";
import type { RatedIncident } from "./incident-list.ts";
import { incidentList } from "./incident-list.ts";
import { layout } from "./layout.ts";
import type { Html, PageContext } from "./page-context.ts";
import { serviceList } from "./service-list.ts";
import { mark } from "./state-mark.ts";

export interface DistrictData {
  sites: readonly SiteView[];
  incidents: readonly RatedIncident[];
  /** Ids, in the order to show. */
  services: readonly string[];
}

/** The district at a glance: the answer, what is wrong now, then every site. */
export function districtPage(page: PageContext, data: DistrictData): Html {
  const { t } = page;
  const branches = toBranches(data.sites);
  const area = branches.map((branch) => branch.site.name).join(", ");
  const names = new Map(data.sites.map((site) => [site.code, site.name]));
  const counts = countStandings(data.sites);
  const services = data.services.map((service) => summariseService(service, data.sites));
  return layout(page, {
    title: counts.total === 0 ? t.answer.empty : `${answer(page, counts)} · ${area}`,
    area,
    refreshS: 60,
    body:
      counts.total === 0
        ? html`<h1>${t.answer.empty}</h1>
            <p class="soft">${t.answer.emptyHint}</p>`
        : html`<section class="answer">
              <h1>${answer(page, counts)}</h1>
              ${proportions(page, counts)} ${serviceList(page, services)}
            </section>
            ${incidentList(page, data.incidents, names)} ${districtTree(page, branches)}`,
  });
}

/** "137 dari 160 lokasi normal, 7 putus, 16 belum diketahui": what is not there is not named. */
export function answer(page: PageContext, counts: Counts): string {
  const { t, format } = page;
  const rest = [
    [counts.cut, t.answer.cut],
    [counts.degraded, t.answer.slow],
    [counts.maintenance, t.answer.maintenance],
    [counts.off, t.answer.off],
    [counts.unknown, t.answer.unknown],
  ] as const;
  return [
    t.answer.of(format.count(counts.up), format.count(counts.total)),
    ...rest.filter(([count]) => count > 0).map(([count, say]) => say(format.count(count))),
  ].join(", ");
}

/** The same figures as one bar with its legend. The bar is hidden from screen readers: the heading has said it. */
function proportions(page: PageContext, counts: Counts): Html {
  const shown = standings.filter((standing) => counts[standing] > 0);
  let at = 0;
  const parts = shown.map((standing) => {
    const width = (counts[standing] / counts.total) * 100;
    const part = html`<rect
      class="${standing}"
      x="${at.toFixed(2)}%"
      width="${Math.max(0.3, width - 0.3).toFixed(2)}%"
      height="10"
      rx="2"
    />`;
    at += width;
    return part;
  });
  const legend = (standing: Standing) =>
    html`<li>${mark(standing)} <b>${page.format.count(counts[standing])}</b> ${page.t.counts[standing]}</li>`;
  return html`<svg class="bar" width="100%" height="10" aria-hidden="true">${parts}</svg>
    <ul class="legend">
      ${shown.map(legend)}
    </ul>`;
}
