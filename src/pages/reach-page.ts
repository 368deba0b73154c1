import { html } from "hono/html";
import { causes } from "../outage/table.ts";
import type { Cause } from "../outage/table.ts";
import type { AvailabilityRow } from "../report/reader.ts";
import type { ReachData } from "./gather-reach.ts";
import { layout } from "./layout.ts";
import { capitalise, countSites } from "./page-context.ts";
import type { Html, PageContext } from "./page-context.ts";
import { openDataPath } from "./paths.ts";
import { barTable } from "./reach-bars.ts";
import { outagesHref, reachHref } from "./reach-query.ts";
import { relationSection } from "./reach-relation.ts";
import { siteSection } from "./reach-sites.ts";
import { reachTexts } from "./reach-texts.ts";
import { mark } from "./state-mark.ts";

/** Below this share of measured time the reader has to be told beside the answer, and not in small print. */
const wellCovered = 0.9;
/** A range of ratios is told from this width on (methods.md §C1). */
const tellingWidth = 0.001;
const dayS = 86_400;

/** Could people reach the complaint service this month: the answer, what was lost and why, and where. */
export function reachPage(page: PageContext, data: ReachData, show: { allSites: boolean }): Html {
  const t = reachTexts[page.language];
  const { whole, view } = data;
  const names = new Map(data.sites.map(({ code, name }) => [code, name]));
  const isMeasured = whole !== null && whole.availability.observedS > 0;
  const month = page.format.month(view.fromMs);
  return layout(page, {
    title: `${heading(page, data)}: ${month}`,
    area: data.sites.find(({ parent }) => parent === null)?.name ?? "",
    refreshS: null,
    body: html`${serviceTabs(page, data)}
      ${
        isMeasured
          ? html`${answer(page, data, whole)} ${sides(page, data, whole)} ${byCause(page, data, whole)}
            ${siteSection(page, data, names, show)}`
          : html`<section class="answer">
              <p class="kind">${period(page, data)}</p>
              <h1>${t.nothing(page.serviceName(view.service))}</h1>
              <p class="soft">${data.neverAnswered ? t.neverAnswered : t.nothingHint}</p>
            </section>`
      }
      ${relationSection(page, data)} ${monthSection(page, data)}
      <p class="note">${t.caveat}</p>`,
  });
}

function period(page: PageContext, { view, services }: ReachData): string {
  const t = reachTexts[page.language];
  const until = view.isOver ? null : `${page.format.date(view.toMs)}, ${page.format.time(view.toMs)}`;
  const told = t.period(page.format.month(view.fromMs), until);
  // Of several the tab and the sentence below say which.
  return services.length < 2 ? `${t.title} · ${told}` : told;
}

/** One service is the complaint service; of several, each is called by its name. */
function heading(page: PageContext, { view, services }: ReachData): string {
  return services.length < 2 ? reachTexts[page.language].title : page.serviceName(view.service);
}

/** The others are a word away; of one alone nothing need be said. */
function serviceTabs(page: PageContext, { view, services }: ReachData): Html | string {
  const t = reachTexts[page.language];
  if (services.length < 2) return "";
  return html`<nav class="others" aria-label="${t.services}">
    <ul class="tabs">
      ${services.map(({ id, name }) =>
        id === view.service
          ? html`<li aria-current="page"><b>${name}</b></li>`
          : html`<li><a href="${page.href(reachHref({ ...view, service: id }))}">${name}</a></li>`,
      )}
    </ul>
  </nav>`;
}

function answer(page: PageContext, data: ReachData, { availability, people, sites }: AvailabilityRow): Html {
  const { format } = page;
  const t = reachTexts[page.language];
  const { availabilityRatio, worstRatio, bestRatio, coverageRatio, unavailableS, notMeasuredS } =
    availability;
  const lost = data.bySite.filter((row) => row.availability.unavailableS > 0);
  const longest = lost.toSorted((a, b) => b.availability.unavailableS - a.availability.unavailableS)[0];
  const villages = new Set(
    data.sites.filter(({ kind }) => kind === "desa" || kind === "kelurahan").map(({ code }) => code),
  );
  const cutVillages = lost.filter(({ group }) => villages.has(group)).length;
  const longer = lost.filter((row) => row.availability.unavailableS > dayS).length;
  const never = data.bySite.filter((row) => row.availability.observedS === 0).length;
  const hours = (seconds: number) => format.count(Math.round(seconds / 3600));
  const sentences = [
    lost.length === 0
      ? t.everywhere(countSites(page, sites - never))
      : t.lost(format.count(lost.length), format.count(sites), format.count(cutVillages)),
    longer === 0 ? "" : t.longer(countSites(page, longer)),
    longest === undefined
      ? ""
      : t.longest(longest.name, format.duration(longest.availability.unavailableS * 1000)),
    unavailableS === 0 ? "" : t.together(format.duration(unavailableS * 1000)),
  ];
  return html`<section class="answer">
    <p class="kind">${period(page, data)}</p>
    <h1>${t.could(page.serviceName(data.view.service), format.percent(availabilityRatio!))}</h1>
    <p class="now">${sentences.filter((part) => part !== "").join(" ")}</p>
    <p class="${(coverageRatio ?? 0) < wellCovered ? "" : "soft"}">
      ${
        notMeasuredS === 0
          ? t.complete
          : t.coverage(
              format.percent(coverageRatio!),
              format.percent(worstRatio!),
              format.percent(bestRatio!, true),
            )
      }
      ${never === 0 ? "" : t.never(countSites(page, never))}
    </p>
    <p class="soft">
      ${
        people.availability === null
          ? t.noPeople
          : people.unknownVillages === 0
            ? t.people(
                hours(people.availability.unavailableS),
                people.villages,
                format.count(people.villages),
              )
            : t.peopleOfSome(
                hours(people.availability.unavailableS),
                format.count(people.villages),
                format.count(people.villages + people.unknownVillages),
              )
      }
    </p>
  </section>`;
}

/** How much was the network's, how much the service's own: an exact account of this month. */
function sides(
  page: PageContext,
  data: ReachData,
  { availability, attribution }: AvailabilityRow,
): Html | string {
  const { format } = page;
  const t = reachTexts[page.language];
  const { unavailableS, networkUpRatio, networkUpLowerRatio } = availability;
  if (unavailableS === 0) return "";
  const { networkOnlyS, serviceOnlyS, bothS, unexplainedS } = attribution;
  const all = [
    ["network", networkOnlyS, "cut"],
    ["service", serviceOnlyS, "maintenance"],
    ["both", bothS, "degraded"],
    ["unexplained", unexplainedS, "unknown"],
  ] as const;
  const bars = all
    .filter(([, seconds]) => seconds > 0)
    .map(([side, seconds, kind]) => ({
      label: t.side[side],
      href: page.href(outagesHref(data.view, { side })),
      value: seconds,
      told: format.duration(seconds * 1000),
      share: format.share(seconds / unavailableS),
      kind,
    }));
  const centre = data.bySite.find(({ group }) => group === data.control);
  const outS = centre?.availability.byCause.service ?? 0;
  const control = data.sites.find(({ code }) => code === data.control)?.name ?? data.control;
  return html`<section>
    <h2>${t.whose}</h2>
    ${barTable(t.whose, bars)}
    <p class="note">
      ${
        networkUpRatio! - networkUpLowerRatio! < tellingWidth
          ? t.networkUp(format.percent(networkUpRatio!))
          : t.networkUpRange(format.percent(networkUpLowerRatio!), format.percent(networkUpRatio!, true))
      }
      ${t.control(control)}
      ${centre === undefined || outS === 0 ? "" : t.serviceOut(format.duration(outS * 1000))}
    </p>
  </section>`;
}

function byCause(page: PageContext, data: ReachData, { availability }: AvailabilityRow): Html {
  const { format } = page;
  const t = reachTexts[page.language];
  const { byCause: found, unavailableS } = availability;
  const bars = causes
    .filter((cause) => (found[cause] ?? 0) > 0)
    .toSorted((a, b) => found[b]! - found[a]!)
    .map((cause: Cause) => ({
      label: capitalise(page.cause(cause)),
      href: page.href(outagesHref(data.view, { cause })),
      value: found[cause]!,
      told: format.duration(found[cause]! * 1000),
      share: format.share(found[cause]! / unavailableS),
      kind: cause === "service" ? "maintenance" : cause === "unknown" ? "unknown" : "cut",
    }));
  return html`<section>
    <h2>${t.causes}</h2>
    ${
      bars.length === 0
        ? html`<p class="calm">${mark("up")} ${t.noLoss}</p>`
        : html`<p class="soft">${t.causesLead}</p>
            ${barTable(t.causes, bars)}
            <p class="note">
              ${(found.service ?? 0) > 0 ? t.bothUnder : ""}
              <a href="${page.href(outagesHref(data.view))}">${t.more2}</a>
            </p>`
    }
  </section>`;
}

function monthSection(page: PageContext, { view, months }: ReachData): Html {
  const { format } = page;
  const t = reachTexts[page.language];
  return html`<section>
    <h2>${t.months}</h2>
    <table class="figures narrow">
      <thead>
        <tr>
          <th scope="col">${t.month}</th>
          <th scope="col">${t.reach}</th>
        </tr>
      </thead>
      <tbody>
        ${months.map(({ month, isOver, row }) => {
          const name = format.month(Date.parse(`${month}-15T00:00:00Z`));
          const ratio = row?.availability.availabilityRatio ?? null;
          const figure = ratio === null ? t.notAvailable : format.percent(ratio);
          return html`<tr>
            <th scope="row">
              ${month === view.month ? html`<b>${name}</b>` : html`<a href="${page.href(reachHref({ ...view, month }))}">${name}</a>`}
            </th>
            <td>${figure}${isOver ? "" : ` (${t.provisional})`}</td>
          </tr>`;
        })}
      </tbody>
    </table>
    <p class="note"><a href="${page.href(openDataPath)}">${t.files}</a></p>
  </section>`;
}
