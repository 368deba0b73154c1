import type { StateSegment } from "../../../src/outage/table.ts";
import { associate } from "../../../src/relation/associate.ts";
import type { AssociationInput, NetworkSpan, ServiceSpan } from "../../../src/relation/association.ts";
import { findComplaintEffect } from "../../../src/relation/find-complaint-effect.ts";
import { measureAvailability, sumAvailability } from "../../../src/relation/measure.ts";
import { createRandom } from "../../../src/relation/random.ts";
import { drawComplaints } from "../../calibrate/complaint-world.ts";
import { createDraws } from "../../calibrate/draws.ts";
import { drawCourse, inputOf } from "../../calibrate/world.ts";
import { rowOf } from "../table.ts";
import type { Row } from "../table.ts";

const services = ["lapor", "ppid", "whatsapp"];
const [month, year] = [30, 365];
/** Of a month that happens to have enough failures for an answer. */
const seed = 2;
/** A year may cost twelve times a month. */
const marksMs = {
  attribution: { [month]: 1_000, [year]: 12_000 },
  association: { [month]: 3_000, [year]: 36_000 },
};

/** Kutai Timur, and some more: 160 sites of eighteen kecamatan. */
function district(days: number): AssociationInput {
  const draws = createDraws(createRandom(seed));
  return inputOf(drawCourse({ days, takenShare: 0.1, sites: 160, areas: 18 }, draws));
}

/** CPU time, since others use the machine as well; the wall clock of a machine of one's own. */
function timed<T>(work: () => T): { cpuMs: number; result: T } {
  const start = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(start);
  return { cpuMs: (user + system) / 1000, result };
}

export function benchAttribution(): Promise<Row[]> {
  const rows = [month, year].map((days) => {
    const { window, sites } = district(days);
    const span = { fromMs: window.fromMs, toMs: window.fromMs + days * 86_400_000 };
    const states = sites.map(({ code, network, service }) => ({
      code,
      siteStates: network.map((stretch) => segmentOf(code, "", stretch, stretch.out)),
      serviceStates: services.map((name) =>
        service.map((stretch) => segmentOf(code, name, stretch, stretch.failed)),
      ),
    }));
    const { cpuMs, result } = timed(() =>
      services.map((service, place) =>
        sumAvailability(
          states.map(({ code, siteStates, serviceStates }) =>
            measureAvailability({
              window: span,
              site: code,
              service,
              siteStates,
              serviceStates: serviceStates[place]!,
              blips: [],
            }),
          ),
        ),
      ),
    );
    if (
      result.some(
        ({ windowS, observedS }) => windowS !== sites.length * days * 86_400 || observedS !== windowS,
      )
    )
      throw new Error("seconds were lost");
    return rowOf(`accounts of 160 sites × 3 services, ${days} days: CPU`, cpuMs, "ms", {
      atMost: marksMs.attribution[days]!,
    });
  });
  return Promise.resolve(rows);
}

function segmentOf(
  site: string,
  service: string,
  { fromMs, toMs }: NetworkSpan | ServiceSpan,
  isDown: boolean,
): StateSegment {
  return {
    site,
    service,
    startMs: Math.ceil(fromMs / 1000) * 1000,
    endMs: Math.ceil(toMs / 1000) * 1000,
    state: isDown ? "down" : "up",
    cause: isDown ? (service === "" ? "link" : "service") : null,
  };
}

export function benchAssociation(): Promise<Row[]> {
  const rows = [month, year].map((days) => {
    const input = district(days);
    const { cpuMs, result } = timed(() => associate(input));
    if (result.inference === null)
      throw new Error(`not enough data in ${days} days: there is nothing to time`);
    return rowOf(
      `association of 160 sites, ${days} days, all rotations, controls and lags: CPU`,
      cpuMs,
      "ms",
      { atMost: marksMs.association[days]! },
    );
  });
  return Promise.resolve(rows);
}

export function benchComplaints(): Promise<Row[]> {
  const world = drawComplaints(
    { contactsPerYear: 3_000, outageShare: 0.05, rateRatio: 0.5 },
    createDraws(createRandom(1)),
  );
  const { fromMs, toMs, timed: strata, daily: series } = world;
  const times = timed(() =>
    findComplaintEffect({ evidence: { resolution: "times", strata }, fromMs, toMs, seed: 1 }),
  );
  const days = timed(() =>
    findComplaintEffect({ evidence: { resolution: "days", series }, fromMs, toMs, seed: 1 }),
  );
  if (times.result.verdict === "cannot-be-shown" || days.result.verdict === "cannot-be-shown")
    throw new Error("neither test nor interval was made: there is nothing to time");
  return Promise.resolve([
    rowOf("effect on 3,000 contacts with their minute, a year: CPU", times.cpuMs, "ms"),
    rowOf("effect on 3,000 contacts by the day, 9,999 draws: CPU", days.cpuMs, "ms"),
  ]);
}
