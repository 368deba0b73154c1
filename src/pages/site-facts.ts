import { html } from "hono/html";
import type { SiteView } from "../report/reader.ts";
import { standingOf } from "./district-summary.ts";
import type { Html, PageContext } from "./page-context.ts";
import { causeText, mark, sinceText, stateBadge } from "./state-mark.ts";

/** Links, probe and services of a site. No address, no circuit number: the page is public. */
export function siteFacts(page: PageContext, site: SiteView, names: ReadonlyMap<string, string>): Html {
  const t = page.t.site;
  return html`<section>
    <dl class="about">
      <div>
        <dt>${t.links}</dt>
        ${
          site.links.length === 0
            ? html`<dd>${t.noLinks}</dd>`
            : site.links.map(
                (link, index) =>
                  html`<dd>${linkText(page, link, index, site.links.length)}${linkStanding(page, link)}</dd>`,
              )
        }
        ${site.pathParent === null ? "" : html`<dd class="soft">${t.path(names.get(site.pathParent) ?? site.pathParent)}</dd>`}
      </div>
      <div>
        <dt>${t.agent}</dt>
        <dd>${agentText(page, site.agent)}</dd>
      </div>
      ${
        site.services.length === 0
          ? ""
          : html`<div>
              <dt>${t.services}</dt>
              ${site.services.map((service) => serviceText(page, service))}
            </div>`
      }
    </dl>
  </section>`;
}

function linkText(page: PageContext, link: SiteView["links"][number], index: number, links: number): string {
  const t = page.t.site;
  const rank = links === 1 ? "" : ` (${index === 0 ? t.mainLink : t.backupLink})`;
  return `${link.provider}, ${t.technology[link.technology]}${rank}`;
}

/** Only where there is another: the state of a single link is the site's. */
function linkStanding(page: PageContext, { standing }: SiteView["links"][number]): Html | string {
  if (standing === undefined) return "";
  const { state, cause, sinceMs } = standing;
  const why = cause === null ? "" : ` · ${causeText(page, cause, "low", state)}`;
  return html`: ${stateBadge(page, state)} <span class="soft">${sinceText(page, sinceMs)}${why}</span>`;
}

function agentText(page: PageContext, agent: SiteView["agent"]): string {
  const { t, format, nowMs } = page;
  if (agent === null) return t.site.agentNone;
  if (agent.lastSeenMs === null) return t.site.agentNever;
  const ago = t.ago(format.duration(nowMs - agent.lastSeenMs));
  return t.site.agentHeard(format.moment(agent.lastSeenMs, nowMs), ago);
}

/** A service is not "putus" but out of reach; the other states are called as for sites. */
function serviceText(page: PageContext, service: SiteView["services"][number]): Html {
  const standing = standingOf(service.state);
  const word =
    standing === "up"
      ? page.t.services.up
      : standing === "cut"
        ? page.t.services.down
        : page.state(service.state);
  const cause = service.cause === null ? "" : ` · ${causeText(page, service.cause, "low")}`;
  return html`<dd>
    ${page.serviceName(service.service)} <b class="s ${service.state}">${mark(service.state)} ${word}</b>
    <span class="soft">${sinceText(page, service.sinceMs)}${cause}</span>
  </dd>`;
}
