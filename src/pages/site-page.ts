import { html } from "hono/html";
import { statementsOf } from "../outage/speaks.ts";
import type { StateSegment } from "../outage/table.ts";
import type { Reader, SiteView } from "../report/reader.ts";
import { availabilitySection } from "./availability-table.ts";
import type { SiteAvailability } from "./availability-table.ts";
import { rootName } from "./incident-list.ts";
import { layout } from "./layout.ts";
import { outageTable } from "./outage-table.ts";
import { sitePath } from "./page-context.ts";
import type { Html, PageContext } from "./page-context.ts";
import { latencySection, responseSection } from "./site-charts.ts";
import type { TargetDay } from "./site-charts.ts";
import { siteFacts } from "./site-facts.ts";
import { causeText, sinceText, stateBadge } from "./state-mark.ts";
import { toWeek } from "./week.ts";
import { weekTable } from "./week-table.ts";

export interface SiteData {
  site: SiteView;
  /** All sites, for names, parents and children. */
  sites: readonly SiteView[];
  /** Null: nothing here is pinged. */
  latency: TargetDay | null;
  responses: readonly TargetDay[];
  week: readonly StateSegment[];
  outages: Awaited<ReturnType<Reader["outages"]>>;
  availability: readonly SiteAvailability[];
}

/** One site: how it stands and why, then the day, the week, the month. */
export function sitePage(page: PageContext, data: SiteData): Html {
  const { site } = data;
  const byCode = new Map(data.sites.map((each) => [each.code, each]));
  const names = new Map(data.sites.map((each) => [each.code, each.name]));
  const parents = parentsOf(site, byCode);
  const children = data.sites.filter((each) => each.parent === site.code);
  const week = toWeek(data.week, page.nowMs, page.format.timeZone);
  return layout(page, {
    title: `${site.name}: ${page.state(site.state)}`,
    area: parents[0]?.name ?? site.name,
    refreshS: null,
    body: html`${breadcrumbs(page, parents, site)}
      <section class="answer">
        <p class="kind">${page.t.site.kind[site.kind]} · ${page.t.site.code} ${site.code}</p>
        <h1>${site.name}</h1>
        ${standing(page, data, names)}
      </section>
      ${siteFacts(page, site, names)} ${data.latency === null ? "" : latencySection(page, data.latency)}
      ${data.responses.map((day, index) => responseSection(page, day, index))} ${weekTable(page, week)}
      ${outageTable(page, data.outages)} ${availabilitySection(page, data.availability)}
      ${children.length === 0 ? "" : childList(page, children)}`,
  });
}

/** From the top down. A parent that is not in the inventory, or one already passed, ends the way. */
function parentsOf(site: SiteView, byCode: ReadonlyMap<string, SiteView>): SiteView[] {
  const parents: SiteView[] = [];
  let at = site.parent === null ? undefined : byCode.get(site.parent);
  while (at !== undefined && !parents.includes(at)) {
    parents.unshift(at);
    at = at.parent === null ? undefined : byCode.get(at.parent);
  }
  return parents;
}

function breadcrumbs(page: PageContext, parents: readonly SiteView[], site: SiteView): Html {
  return html`<nav class="crumbs" aria-label="${page.t.home}">
    <ol>
      <li><a href="${page.href("/")}">${page.t.home}</a></li>
      ${parents.map((parent) => html`<li><a href="${page.href(sitePath(parent.code))}">${parent.name}</a></li>`)}
      <li aria-current="page">${site.name}</li>
    </ol>
  </nav>`;
}

/** State, since, cause, where the fault lies, and what that rests on. */
function standing(page: PageContext, data: SiteData, names: ReadonlyMap<string, string>): Html {
  const { site } = data;
  const { t, format, nowMs } = page;
  const since = site.sinceMs === null ? "" : html`, ${t.forTime(format.duration(nowMs - site.sinceMs))}`;
  const confidence =
    site.confidence === null ? "" : ` (${t.site.confidence(page.confidence(site.confidence))})`;
  const open = data.outages.find((outage) => outage.id === site.outage);
  const facts = open === undefined ? [] : statementsOf(open).map((statement) => page.statement(statement));
  return html`<p class="now">
      ${stateBadge(page, site.state)} <span>${sinceText(page, site.sinceMs)}${since}</span>
    </p>
    ${site.cause === null ? "" : html`<p>${causeText(page, site.cause, site.confidence, site.state)}${confidence}</p>`}
    ${site.root === null || site.root === site.code ? "" : html`<p>${t.site.root(rootName(page, site.root, names))}</p>`}
    ${
      facts.length === 0
        ? ""
        : html`<h2 class="small">${t.site.evidence}</h2>
            <ul class="facts">
              ${facts.map((fact) => html`<li>${fact}</li>`)}
            </ul>`
    }`;
}

function childList(page: PageContext, children: readonly SiteView[]): Html {
  return html`<section>
    <h2>${page.t.site.children(page.format.count(children.length))}</h2>
    <ul class="rows boxed">
      ${children.map(
        (child) =>
          html`<li>
            <a href="${page.href(sitePath(child.code))}">${child.name}</a> ${stateBadge(page, child.state)}
            <span
              >${sinceText(page, child.sinceMs)}${child.cause === null ? "" : ` · ${causeText(page, child.cause, child.confidence, child.state)}`}</span
            >
          </li>`,
      )}
    </ul>
  </section>`;
}
