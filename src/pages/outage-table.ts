import { html } from "hono/html";
import { statementsOf } from "../outage/speaks.ts";
import type { Reader } from "../report/reader.ts";
import { capitalise, sitePath } from "./page-context.ts";
import type { Html, PageContext } from "./page-context.ts";
import { mark } from "./state-mark.ts";

type OutageRecord = Awaited<ReturnType<Reader["outages"]>>[number];

/** Rows in one page; a link that flaps has hundreds, and the page must stay small. */
const shownOutages = 60;

/** What is said around the rows. */
export interface OutageTableWords {
  /** null: the page has a title of its own. */
  title: string | null;
  none: string;
  note: string;
  more: (count: string) => string;
  /** Of sites by code, where the outages are of several. */
  names?: ReadonlyMap<string, string>;
}

/** Outages of a site and of services seen from it, the newest first; or of several sites, whose names are then told. */
export function outageTable(
  page: PageContext,
  outages: readonly OutageRecord[],
  words: OutageTableWords = { ...page.t.outages, note: page.t.outages.unknownNote },
): Html {
  const t = page.t.outages;
  const { names } = words;
  const sorted = outages.toSorted((a, b) => b.startMs - a.startMs);
  const hidden = sorted.length - shownOutages;
  return html`<section>
    ${words.title === null ? "" : html`<h2>${words.title}</h2>`}
    ${
      sorted.length === 0
        ? html`<p class="calm">${mark("up")} ${words.none}</p>`
        : html`<table class="stack">
            <thead>
              <tr>
                ${[
                  ...(names === undefined ? [] : [t.site]),
                  t.start,
                  t.end,
                  t.duration,
                  t.cause,
                  t.confidence,
                  t.evidence,
                ].map((head) => html`<th scope="col">${head}</th>`)}
              </tr>
            </thead>
            <tbody>
              ${sorted.slice(0, shownOutages).map((outage) => outageRow(page, outage, names))}
            </tbody>
          </table>`
    }
    ${hidden > 0 ? html`<p class="note">${words.more(page.format.count(hidden))}</p>` : ""}
    <p class="note">${words.note}</p>
  </section>`;
}

function outageRow(page: PageContext, outage: OutageRecord, names?: ReadonlyMap<string, string>): Html {
  const { format, nowMs } = page;
  const t = page.t.outages;
  const of =
    outage.service === null
      ? outage.ofLink === true
        ? t.link
        : null
      : t.service(page.serviceName(outage.service));
  const only = of === null ? "" : html`<br /><small>${of}</small>`;
  const site =
    names === undefined
      ? ""
      : html`<td data-l="${t.site}">
          <a href="${page.href(sitePath(outage.site))}">${names.get(outage.site) ?? outage.site}</a>
        </td>`;
  return html`<tr>
    ${site}
    <td data-l="${t.start}">${format.moment(outage.startMs, nowMs)}</td>
    <td data-l="${t.end}">
      ${outage.endMs === null ? html`<b>${outage.provisional === true ? page.t.suspected : t.ongoing}</b>` : format.moment(outage.endMs, nowMs)}
    </td>
    <td data-l="${t.duration}">${format.duration((outage.endMs ?? nowMs) - outage.startMs)}</td>
    <td data-l="${t.cause}"><span>${capitalise(page.cause(outage.cause))}${only}</span></td>
    <td data-l="${t.confidence}">${page.confidence(outage.confidence)}</td>
    <td data-l="${t.evidence}">${evidence(page, outage)}</td>
  </tr>`;
}

/** The first statement in view, the rest on demand. */
function evidence(page: PageContext, outage: OutageRecord): Html | string {
  const [first, ...rest] = statementsOf(outage).map((statement) => page.statement(statement));
  if (first === undefined) return "–";
  if (rest.length === 0) return html`<span>${first}</span>`;
  return html`<details class="more">
    <summary>${first} <span class="count">+${rest.length}</span></summary>
    <ul>
      ${rest.map((sentence) => html`<li>${sentence}</li>`)}
    </ul>
  </details>`;
}
