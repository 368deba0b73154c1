import { siteStates } from "../outage/table.ts";
import type { SiteState } from "../outage/table.ts";
import type { Reader, SiteView } from "../report/reader.ts";
import type { DefineGauge, Meter } from "./meter.ts";

/** Sites, links and services as they stand now, one row for each state: 1 for the one that it is. */
export function addPlaces(meter: Meter, reader: Reader): void {
  meter.part("sites", (gauge) => {
    const fillSites = siteGauges(gauge);
    const fillLinks = linkGauges(gauge);
    return async () => {
      const sites = await reader.sites();
      fillSites(sites);
      fillLinks(sites);
    };
  });
  meter.part("services", (gauge) => {
    const state = gauge("sambung_service_state", "1 for the state of the service at its control vantage.", [
      "service",
      "state",
    ]);
    const sites = gauge("sambung_service_sites", "Sites that check the service.", ["service"]);
    const cut = gauge("sambung_service_sites_cut", "Of these, unable to reach it now.", ["service"]);
    return async () => {
      for (const view of await reader.services()) {
        const service = view.id;
        eachState(view.state, (name, value) => state.set({ service, state: name }, value));
        sites.set({ service }, view.vantages.sites);
        cut.set({ service }, view.vantages.cut);
      }
    };
  });
}

function siteGauges(gauge: DefineGauge) {
  const info = gauge("sambung_site_info", "1; what the inventory says of the site.", [
    "site",
    "name",
    "kind",
    "parent",
  ]);
  const state = gauge("sambung_site_state", "1 for the state that the site is in.", ["site", "state"]);
  const since = gauge(
    "sambung_site_state_since_timestamp_seconds",
    "When the site came into the state that it is in.",
    ["site"],
  );
  return (sites: readonly SiteView[]) => {
    for (const { code: site, name, kind, parent, ...view } of sites) {
      info.set({ site, name, kind, parent: parent ?? "" }, 1);
      eachState(view.state, (each, value) => state.set({ site, state: each }, value));
      if (view.sinceMs !== null) since.set({ site }, view.sinceMs / 1000);
    }
  };
}

/** The only link of a site stands as the site does. Of several, one that no target tests has no state. */
function linkGauges(gauge: DefineGauge) {
  const labels = ["link", "site"] as const;
  const info = gauge("sambung_link_info", "1; what the inventory says of the link.", [
    ...labels,
    "provider",
    "technology",
  ]);
  const state = gauge("sambung_link_state", "1 for the state that the link is in.", [...labels, "state"]);
  return (sites: readonly SiteView[]) => {
    for (const { code: site, links, state: ofSite } of sites) {
      for (const { id: link, provider, technology, standing } of links) {
        info.set({ link, site, provider, technology }, 1);
        const own = links.length === 1 ? ofSite : standing?.state;
        if (own === undefined) continue;
        eachState(own, (each, value) => state.set({ link, site, state: each }, value));
      }
    }
  };
}

function eachState(own: SiteState, set: (name: SiteState, value: number) => void): void {
  for (const name of siteStates) set(name, name === own ? 1 : 0);
}
