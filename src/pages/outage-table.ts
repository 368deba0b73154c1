import { html } from "hono/html";
import { statementsOf } from "../outage/speaks.ts";
import type { Reader } from "../report/reader.ts";
import { capitalise } from "./page-context.ts";
import type { Html, PageContext } from "./page-context.ts";
import { mark } from "./state-mark.ts";

type OutageRecord = Awaited<ReturnType<Reader["outages"]>>[number];

/** Rows in one page; a link that flaps has hundreds, and the page must stay small. */
const shownOutages = 60;

/** Outages of a site and of services seen from it, the newest first. */
export function outageTable(page: PageContext, outages: readonly OutageRecord[]): Html {
  const t = page.t.outages;
  const sorted = outages.toSorted((a, b) => b.startMs - a.startMs);
  const hidden = sorted.length - shownOutages;
  return html`<section>
    <h2>${t.title}</h2>
    ${
      sorted.length === 0
        ? html`<p class="calm">${mark("up")} ${t.none}</p>`
        : html`<table class="stack">
            <thead>
              <tr>
                ${[t.start, t.end, t.duration, t.cause, t.confidence, t.evidence].map(
                  (head) => html`<th scope="col">${head}</th>`,
                )}
              </tr>
            </thead>
            <tbody>
              ${sorted.slice(0, shownOutages).map((outage) => outageRow(page, outage))}
            </tbody>
          </table>`
    }
    ${hidden > 0 ? html`<p class="note">${t.more(page.format.count(hidden))}</p>` : ""}
    <p class="note">${t.unknownNote}</p>
  </section>`;
}

function outageRow(page: PageContext, outage: OutageRecord): Html {
  const { format, nowMs } = page;
  const t = page.t.outages;
  const of =
    outage.service === null
      ? outage.ofLink === true
        ? t.link
        : null
      : t.service(page.serviceName(outage.service));
  const only = of === null ? "" : html`<br /><small>${of}</small>`;
  return html`<tr>
    <td data-l="${t.start}">${format.moment(outage.startMs, nowMs)}</td>
    <td data-l="${t.end}">
      ${outage.endMs === null ? html`<b>${t.ongoing}</b>` : format.moment(outage.endMs, nowMs)}
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
