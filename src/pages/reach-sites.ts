import { html } from "hono/html";
import type { Cause } from "../outage/table.ts";
import type { AvailabilityRow } from "../report/reader.ts";
import type { ReachData } from "./gather-reach.ts";
import { sitePath } from "./page-context.ts";
import type { Html, PageContext } from "./page-context.ts";
import { allSitesHref, outagesHref } from "./reach-query.ts";
import { reachTexts } from "./reach-texts.ts";

/** Rows in view: those that fared worst. The rest is one line, that opens them all. */
const shownSites = 15;

/** The places that could not reach the service, the worst first: for how long, because of what, how much is not known. */
export function siteSection(
  page: PageContext,
  { view, bySite }: ReachData,
  names: ReadonlyMap<string, string>,
  { allSites }: { allSites: boolean },
): Html | string {
  const { format } = page;
  const t = reachTexts[page.language];
  const lost = bySite
    .filter((row) => row.availability.unavailableS > 0)
    .toSorted(
      (a, b) => b.availability.unavailableS - a.availability.unavailableS || (a.group < b.group ? -1 : 1),
    );
  const never = bySite.filter((row) => row.availability.observedS === 0);
  if (lost.length + never.length === 0) return "";
  const shown = allSites ? lost.length : shownSites;
  const rest = lost.slice(shown);
  const restS = rest.reduce((sum, { availability }) => sum + availability.unavailableS, 0);
  const duration = (seconds: number) => (seconds === 0 ? "–" : format.duration(seconds * 1000));
  const row = ({ group, name, availability }: AvailabilityRow) => {
    const above = names.get(group.slice(0, group.lastIndexOf(".")));
    const isBelow = group.split(".").length > 3 && above !== undefined;
    return html`<tr>
      <td data-l="${t.site}">
        <span
          ><a href="${page.href(sitePath(group))}">${name}</a
          >${isBelow ? html` <small class="soft">${above}</small>` : ""}</span
        >
      </td>
      <td data-l="${t.without}"><b>${duration(availability.unavailableS)}</b></td>
      <td data-l="${t.why}">${mainCause(page, availability.byCause)}</td>
      <td data-l="${t.notMeasured}">${duration(availability.notMeasuredS)}</td>
      <td data-l="${t.outages}"><a href="${page.href(outagesHref(view, { site: group }))}">${t.show}</a></td>
    </tr>`;
  };
  return html`<section id="lokasi">
    <h2>${t.sites}</h2>
    ${
      lost.length === 0
        ? ""
        : html`<table class="stack">
            <thead>
              <tr>
                ${[t.site, t.without, t.why, t.notMeasured, t.outages].map((head) => html`<th scope="col">${head}</th>`)}
              </tr>
            </thead>
            <tbody>
              ${lost.slice(0, shown).map(row)}
            </tbody>
          </table>`
    }
    ${
      rest.length === 0
        ? ""
        : html`<p class="note">
            ${t.more(format.count(rest.length), duration(restS))}
            <a href="${page.href(allSitesHref(view))}">${t.allSites(format.count(lost.length))}</a>
          </p>`
    }
    ${never.length === 0 || never.length > shownSites ? "" : html`<p class="note">${t.never(page.t.list(never.map(({ name }) => name)))}</p>`}
  </section>`;
}

/** The cause with most of the time, and its share where it is not all of it. */
function mainCause(page: PageContext, byCause: AvailabilityRow["availability"]["byCause"]): string {
  const entries = Object.entries(byCause) as [Cause, number][];
  const all = entries.reduce((sum, [, seconds]) => sum + seconds, 0);
  const [main] = entries.toSorted(([, a], [, b]) => b - a);
  if (main === undefined) return "–";
  const share = main[1] === all ? "" : ` (${page.format.share(main[1] / all)})`;
  return `${page.cause(main[0])}${share}`;
}
