import { html } from "hono/html";
import type { ServiceSummary } from "./district-summary.ts";
import { capitalise, countSites } from "./page-context.ts";
import type { Html, PageContext } from "./page-context.ts";
import { reachPath } from "./paths.ts";
import { mark } from "./state-mark.ts";

/** Each service as seen from the district, in one or two sentences. */
export function serviceList(page: PageContext, services: readonly ServiceSummary[]): Html | string {
  if (services.length === 0) return "";
  const [first] = services;
  const which = services.length === 1 ? page.serviceName(first!.service) : page.t.services.several;
  return html`<h2 class="hidden">${page.t.services.title}</h2>
    <ul class="services">
      ${services.map((service) => serviceItem(page, service))}
    </ul>
    <p class="note"><a href="${page.href(reachPath)}">${page.t.services.month(which)}</a></p>`;
}

const marks = { up: "up", down: "down", partly: "degraded", unknown: "unknown" } as const;

function serviceItem(page: PageContext, service: ServiceSummary): Html {
  return html`<li>
    ${mark(marks[service.state])}
    <div>
      <p class="lead"><b>${page.serviceName(service.service)}</b> ${page.t.services[service.state]}</p>
      <p class="soft">${sentences(page, service)}</p>
    </div>
  </li>`;
}

function sentences(page: PageContext, service: ServiceSummary): string {
  const { format } = page;
  const t = page.t.services;
  const since =
    service.sinceMs === null ? "" : `, ${page.t.since(format.moment(service.sinceMs, page.nowMs))}`;
  const where = [
    service.reachable > 0 ? t.upFrom(countSites(page, service.reachable)) : "",
    service.notReachable > 0 ? t.downFrom(countSites(page, service.notReachable)) + since : "",
    service.unknown > 0 ? t.unknownFrom(countSites(page, service.unknown)) : "",
  ].filter((part) => part !== "");
  const text = where.length === 0 ? page.t.neverChecked : where.join("; ");
  const known = service.causes.map(({ cause, sites }) =>
    service.causes.length === 1 ? page.cause(cause) : t.causeAt(page.cause(cause), countSites(page, sites)),
  );
  const causes = known.length === 0 ? "" : ` ${t.causes(page.t.list(known))}.`;
  return `${capitalise(text)}.${causes}`;
}
