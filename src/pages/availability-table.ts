import { html } from "hono/html";
import { causes } from "../outage/table.ts";
import type { Availability } from "../relation/availability.ts";
import { capitalise } from "./page-context.ts";
import type { Html, PageContext } from "./page-context.ts";

/** One service from one site; null: it has no figures there. */
export interface SiteAvailability {
  service: string;
  day: Availability | null;
  month: Availability | null;
}

/** How often each service could be reached, why not, and how much of the time was measured at all. */
export function availabilitySection(page: PageContext, services: readonly SiteAvailability[]): Html | string {
  if (services.length === 0) return "";
  const t = page.t.availability;
  return html`<section>
    <h2>${t.title}</h2>
    <p class="soft">${t.lead}</p>
    ${services.map((service) => serviceTable(page, service))}
    <p class="note">${t.note}</p>
  </section>`;
}

function serviceTable(page: PageContext, { service, day, month }: SiteAvailability): Html {
  const t = page.t.availability;
  const percent = (value: number, upper = false) => page.format.percent(value, upper);
  const duration = (seconds: number) => page.format.duration(seconds * 1000);
  const row = (name: string, figure: (of: Availability) => string | null, kind = "") =>
    html`<tr class="${kind}">
      <th scope="row">${name}</th>
      ${[day, month].map((of) => html`<td>${(of === null ? null : figure(of)) ?? t.nothing}</td>`)}
    </tr>`;
  const ratio = (value: number | null, upper = false) => (value === null ? null : percent(value, upper));
  const seen = causes.filter((cause) => [day, month].some((of) => (of?.byCause[cause] ?? 0) > 0));
  return html`<table class="figures">
    <caption>
      ${page.serviceName(service)}
    </caption>
    <thead>
      <tr>
        <th scope="col"><span class="hidden">${t.figure}</span></th>
        <th scope="col">${t.day}</th>
        <th scope="col">${t.month}</th>
      </tr>
    </thead>
    <tbody>
      ${row(t.ratio, (of) => ratio(of.availabilityRatio), "main")}
      ${row(t.bounds, ({ worstRatio, bestRatio }) =>
        worstRatio === null || bestRatio === null
          ? null
          : worstRatio === bestRatio
            ? percent(worstRatio)
            : `${percent(worstRatio)} – ${percent(bestRatio, true)}`,
      )}
      ${row(t.coverage, (of) => ratio(of.coverageRatio))}
      ${row(t.networkUp, (of) => ratio(of.networkUpRatio))}
      ${row(t.unavailable, (of) => (of.observedS === 0 ? null : of.unavailableS === 0 ? t.none : duration(of.unavailableS)))}
      ${seen.map((cause) =>
        row(
          capitalise(page.cause(cause)),
          (of) => ((of.byCause[cause] ?? 0) === 0 ? t.none : duration(of.byCause[cause] ?? 0)),
          "sub",
        ),
      )}
      ${row(t.notMeasured, (of) => (of.notMeasuredS === 0 ? t.none : duration(of.notMeasuredS)))}
      ${
        [day, month].some((of) => (of?.expectedOffS ?? 0) > 0)
          ? row(t.expectedOff, (of) => (of.expectedOffS === 0 ? t.none : duration(of.expectedOffS)))
          : ""
      }
    </tbody>
  </table>`;
}
