import { html } from "hono/html";
import type { SiteView } from "../report/reader.ts";
import { countStandings, sitesOf, standingOf, standings } from "./district-summary.ts";
import type { Branch } from "./district-summary.ts";
import type { Html, PageContext } from "./page-context.ts";
import { sitePath } from "./page-context.ts";
import { causeText, mark, sinceText, stateBadge } from "./state-mark.ts";

/**
 * Every site, kecamatan by kecamatan. Those with trouble are open. Inside, what is not normal has a row of its own with
 * state, since and cause; the normal ones share one list under that word, as do those that never answered, which keeps the
 * page small on a thin link.
 */
export function districtTree(page: PageContext, branches: readonly Branch[]): Html {
  return html`<section>
    <h2>${page.t.tree.title}</h2>
    ${branches.map((branch) => root(page, branch))}
  </section>`;
}

function root(page: PageContext, branch: Branch): Html {
  const isGroup = (child: Branch) => child.children.length > 0 || child.site.kind === "kecamatan";
  const loose = branch.children.filter((child) => !isGroup(child)).map((child) => child.site);
  return html`<div class="tree">
    ${siteLists(page, [branch.site, ...loose], branch.site)}
    ${branch.children.filter(isGroup).map((child) => group(page, child))}
  </div>`;
}

function group(page: PageContext, branch: Branch): Html {
  const sites = sitesOf(branch);
  const counts = countStandings(sites);
  const open = counts.cut + counts.degraded > 0 ? " open" : "";
  const parts = standings
    .filter((standing) => counts[standing] > 0)
    .map((standing) => html`<span>${mark(standing)} ${counts[standing]} ${page.t.counts[standing]}</span> `);
  return html`<details${open}>
    <summary><span class="name">${branch.site.name}</span> <span class="n">${parts}</span></summary>
    ${siteLists(page, sites, branch.site)}
  </details>`;
}

function siteLists(page: PageContext, sites: readonly SiteView[], office: SiteView): Html {
  const name = (site: SiteView) => (site === office ? page.t.tree.office(site.kind) : site.name);
  const normal = sites.filter((site) => site.state === "up");
  const neverAnswered = sites.filter((site) => site.state === "unknown" && site.sinceMs === null);
  const rows = sites
    .filter((site) => !normal.includes(site) && !neverAnswered.includes(site))
    .toSorted((a, b) => standings.indexOf(standingOf(a.state)) - standings.indexOf(standingOf(b.state)));
  const list = html`<ul class="rows">
    ${rows.map((site) => row(page, site, name(site)))}
  </ul>`;
  return html`${rows.length === 0 ? "" : list}${together(page, normal, name)}${together(page, neverAnswered, name)}`;
}

/** Sites of one state of which there is no more to say. */
function together(
  page: PageContext,
  sites: readonly SiteView[],
  name: (site: SiteView) => string,
): Html | string {
  const [first] = sites;
  if (first === undefined) return "";
  const links = sites.map(
    (site) => html`<li><a href="${page.href(sitePath(site.code))}">${name(site)}</a></li> `,
  );
  const note = first.state === "up" ? "" : html` <small>${page.t.neverAnswered}</small>`;
  return html`<div class="together">
    <p>${stateBadge(page, first.state)}${note}</p>
    <ul>
      ${links}
    </ul>
  </div>`;
}

function row(page: PageContext, site: SiteView, name: string): Html {
  const cause = site.cause === null ? "" : ` · ${causeText(page, site.cause, site.confidence, site.state)}`;
  return html`<li>
    <a href="${page.href(sitePath(site.code))}">${name}</a> ${stateBadge(page, site.state)}
    <span>${sinceText(page, site.sinceMs)}${cause}</span>
  </li>`;
}
