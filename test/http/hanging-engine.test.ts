import { expect, it } from "vitest";
import { createInfluxSeries } from "../../src/series/influx-series.ts";
import { createPatientSeries } from "../../src/state/patient-series.ts";
import { makeDistrict } from "../support/inventory.ts";
import { nowMs, openTestHttp } from "../support/http.ts";
import { icmpRounds } from "../support/rounds.ts";
import { startSilent } from "../support/silent-server.ts";

/* An engine that takes connections and never answers: whoever looks is told so, and does not wait for its own bound of 30 s. */

it("is waited for by nobody: what is known is told without what is measured, and the rest refused", async () => {
  await using engine = await startSilent();
  const inventory = makeDistrict();
  using http = await openTestHttp({
    inventory,
    sqlite: {
      outerSeries(catalogue) {
        // A device that left the inventory has its past.
        for (const key of [...inventory.targets.keys(), "64.08.01/gone"])
          catalogue.learn([icmpRounds(key, nowMs - 3_600_000, 30_000, [[10]])]);
        const options = {
          url: engine.url,
          token: null,
          api: "v1",
          database: "d",
          org: null,
          now: Date.now,
        } as const;
        return createPatientSeries(createInfluxSeries(options, catalogue));
      },
    },
  });
  const range = `from=${nowMs - 3_600_000}&to=${nowMs}`;
  const refused = [
    `/api/v1/interfaces?target=64.08.01/gone&${range}`,
    `/api/v1/readings?target=64.08.01/gone&object=signalDbm&${range}`,
    `/api/v1/series?target=64.08.01/hub&${range}`,
    `/api/v1/smoke?target=64.08.01/hub&${range}`,
  ];
  const told = ["/api/v1/map", "/api/v1/map?parent=64.08.01"];
  const hang = expect.stringContaining("no answer within 3 s: its machine or disk hangs");
  const ask = async (path: string) => {
    const response = await http.request(path);
    const { detail, meta } = (await response.json()) as { detail?: string; meta?: { trouble?: string } };
    return {
      path,
      status: response.status,
      again: response.headers.get("Retry-After"),
      detail,
      trouble: meta?.trouble,
    };
  };
  // Together, and once more after somebody has waited in vain.
  for (const round of [1, 2]) {
    const answers = await Promise.all([...refused, ...told].map(ask));
    expect(answers, String(round)).toEqual([
      ...refused.map((path) => ({ path, status: 503, again: "30", detail: hang, trouble: undefined })),
      ...told.map((path) => ({ path, status: 200, again: null, detail: undefined, trouble: hang })),
    ]);
  }
}, 30_000);
