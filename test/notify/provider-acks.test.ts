import { expect, it } from "vitest";
import { createProviderAcks } from "../../src/notify/provider-acks.ts";
import { createPartnerFeed } from "../../src/report/partner-feed.ts";
import { unnamedActor } from "../../src/state/audit.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import { makeDistrict } from "../support/inventory.ts";
import { tempDir } from "../support/temp-dir.ts";
import { anAlert, anOutage, morningMs } from "./factories.ts";

it("finds the provider that acknowledged the outage of its link, and not whoever suffers from it", async () => {
  using dir = tempDir();
  const stores = openSqlite(dir.file("sambung.db"));
  const { state } = stores;
  const inventory = makeDistrict();
  const [hulu, atas] = ["64.08.01", "64.08.01.2001"];
  const linkAt = (site: string) => [...inventory.links.values()].find((one) => one.site === site)!;
  const links = new Map([
    ["hulu", { ...linkAt(hulu), id: "hulu", provider: "Icon+" }],
    ["atas", { ...linkAt(atas), id: "atas", provider: "Telkom" }],
  ]);
  const outages = [
    anOutage({ id: "o1", incident: "i", site: hulu, root: hulu, link: "hulu", cause: "link" }),
    anOutage({ id: "o2", incident: "i", site: atas, root: hulu, link: "atas", cause: "backhaul" }),
  ];
  await state.writeWatch({ outages, states: [], alerts: [], messages: [] });
  await createPartnerFeed(
    state,
    () => ({ ...inventory, links }),
    () => morningMs,
  )();
  const alert = anAlert({ root: hulu, sites: [hulu, atas], providers: ["Icon+"] });
  const whoKnows = createProviderAcks(state);
  expect(await whoKnows(alert)).toEqual([]);
  const act = { kind: "acknowledge" as const, note: null, user: "NOC", system: null };
  for (const outage of ["o1", "o2"]) {
    const [record] = await state.partnerRecordsOf(outage);
    await state.actOnOutages(record!.provider, [record!.id], act, morningMs + 60_000, unnamedActor);
  }
  expect(await whoKnows(alert)).toEqual([{ name: "Icon+", atMs: morningMs + 60_000 }]);
  stores.close();
});
