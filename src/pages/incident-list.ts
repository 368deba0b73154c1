import { html } from "hono/html";
import type { Cause, Confidence } from "../outage/table.ts";
import type { IncidentView } from "../report/reader.ts";
import type { Html, PageContext } from "./page-context.ts";
import { capitalise, countSites, sitePath } from "./page-context.ts";
import { causeText, mark } from "./state-mark.ts";

export interface RatedIncident extends IncidentView {
  /** As sure as the least sure of its outages. */
  confidence: Confidence;
  /** Where no site was cut off, but services were out of reach: which. Empty where sites were cut off. */
  services: string[];
}

/** Open incidents, the widest first: where the fault lies, why, since when, how many sites. */
export function incidentList(
  page: PageContext,
  incidents: readonly RatedIncident[],
  names: ReadonlyMap<string, string>,
): Html {
  const { t } = page;
  const sorted = incidents.toSorted((a, b) => b.sites.length - a.sites.length || a.startMs - b.startMs);
  return html`<section>
    <h2>${t.incidents.title}</h2>
    ${
      sorted.length === 0
        ? html`<p class="calm">${mark("up")} ${t.incidents.none}</p>`
        : html`<ul class="cards">
            ${sorted.map((incident) => incidentItem(page, incident, names))}
          </ul>`
    }
  </section>`;
}

const kinds: Partial<Record<Cause, "maintenance" | "degraded">> = {
  maintenance: "maintenance",
  congestion: "degraded",
};

function incidentItem(page: PageContext, incident: RatedIncident, names: ReadonlyMap<string, string>): Html {
  const { t, format, nowMs } = page;
  const title = rootName(page, incident.root, names);
  const kind = incident.provisional ? "unknown" : (kinds[incident.cause] ?? "down");
  const services = incident.services.map((service) => page.serviceName(service));
  const suspected = incident.provisional ? `${capitalise(t.suspected)}. ` : "";
  const lost = services.length === 0 ? "" : `${t.list(services)} ${t.services.down}. `;
  return html`<li class="card ${kind}">
    <h3>
      ${mark(kind)}
      ${names.has(incident.root) ? html`<a href="${page.href(sitePath(incident.root))}">${title}</a>` : title}
    </h3>
    <p>${suspected}${lost}${causeText(page, incident.cause, incident.confidence)}</p>
    <p class="soft">
      ${t.since(format.moment(incident.startMs, nowMs))} (${format.duration(nowMs - incident.startMs)}) ·
      ${countSites(page, incident.sites.length)}
    </p>
  </li>`;
}

/** `service:lapor` or a site code as people call it; a root that is gone from the inventory keeps its code. */
export function rootName(page: PageContext, root: string, names: ReadonlyMap<string, string>): string {
  return root.startsWith("service:")
    ? page.serviceName(root.slice("service:".length))
    : (names.get(root) ?? root);
}
