import { html, raw } from "hono/html";
import { siteStates } from "../outage/table.ts";
import type { SiteState } from "../outage/table.ts";
import type { Html, PageContext } from "./page-context.ts";
import { slotsPerDay } from "./week.ts";
import type { WeekDay } from "./week.ts";

/**
 * Height of a state's bar of 20 px, so that states differ in shape as well as in colour. Zero line at the bottom; but what
 * comes from above, from the parent, hangs from the top.
 */
const heights: Record<SiteState, number> = {
  up: 7,
  degraded: 13,
  maintenance: 10,
  off: 4,
  unreachable: 10,
  down: 20,
  unknown: 2,
};

/** One row a day: midnight to midnight as a bar, and the same in words. Daily habits of a supply show as columns. */
export function weekTable(page: PageContext, days: readonly WeekDay[]): Html {
  const t = page.t.week;
  const shown = siteStates.filter((state) => days.some((day) => day.lastedMs[state] !== undefined));
  return html`<section>
    <h2>${t.title}</h2>
    <table class="week">
      <thead class="hidden">
        <tr>
          <th scope="col">${t.day}</th>
          <th scope="col">${t.course}</th>
          <th scope="col">${t.sums}</th>
        </tr>
      </thead>
      <tbody>
        ${days.map(
          (day) =>
            html`<tr>
              <th scope="row">${page.format.shortDate(day.startMs)}</th>
              <td class="course">${bar(day)}</td>
              <td class="sums">${sums(page, day)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    <ul class="legend">
      ${shown.map((state) => html`<li>${sample(state)} ${page.state(state)}</li>`)}
    </ul>
    <p class="note">${t.course}</p>
  </section>`;
}

function bar(day: WeekDay): Html {
  const runs = day.runs.map(({ state, fromSlot, slots }) => rect(state, fromSlot, slots)).join("");
  const hours = `<path class="tick" d="M36 0v20M72 0v20M108 0v20"/>`;
  return html`<svg
    class="day"
    width="100%"
    height="20"
    viewBox="0 0 ${slotsPerDay} 20"
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    ${raw(hours + runs)}
  </svg>`;
}

function sample(state: SiteState): Html {
  return html`<svg width="14" height="20" aria-hidden="true">${raw(rect(state, 0, 14))}</svg>`;
}

function rect(state: SiteState, x: number, width: number): string {
  const height = heights[state];
  const y = state === "unreachable" ? 0 : 20 - height;
  return `<rect class="${state}" x="${x}" y="${y}" width="${width}" height="${height}"/>`;
}

/** What was not normal, the longest first; a day of one state in so many words. */
function sums(page: PageContext, day: WeekDay): string {
  const lasted = Object.entries(day.lastedMs) as [SiteState, number][];
  const only = lasted.length === 1 ? lasted[0]?.[0] : undefined;
  if (only !== undefined) return page.t.week.all(page.state(only));
  return lasted
    .filter(([state]) => state !== "up")
    .toSorted(([, a], [, b]) => b - a)
    .map(([state, ms]) => `${page.state(state)} ${page.format.duration(ms)}`)
    .join(", ");
}
