import { describe, expect, it } from "vitest";
import type { Blip } from "../../src/outage/blips.ts";
import { causes } from "../../src/outage/table.ts";
import type { Cause, StateSegment } from "../../src/outage/table.ts";
import { bookedOn, providersElsewhere } from "../../src/relation/booking.ts";
import type { Booking, Losses } from "../../src/relation/booking.ts";
import { measureAvailability } from "../../src/relation/measure.ts";
import { seededRandom, whole } from "../support/random.ts";

const [village, hub, centre] = ["64.08.05.2001", "64.08.05", "64.08"];
const providers: Record<string, string[]> = {
  [village]: ["BAKTI"],
  [hub]: ["Telkom"],
  [centre]: ["Indosat"],
};
const booking: Booking = {
  providersAt: (site) => providers[site]!,
  isSite: (root) => root in providers,
};
const ms = (seconds: number) => seconds * 1000;
const windowS = 1_000;

const segment = (fromS: number, toS: number, state: StateSegment["state"], cause: Cause | null = null) => ({
  site: village,
  service: "lapor",
  startMs: ms(fromS),
  endMs: ms(toS),
  state,
  cause,
});
const outage = (fromS: number, toS: number | null, cause: Cause, root: string) => ({
  startMs: ms(fromS),
  endMs: toS === null ? null : ms(toS),
  cause,
  root,
});
const blip = (fromS: number, toS: number, root: string): Blip => ({
  site: village,
  startMs: ms(fromS),
  endMs: ms(toS),
  cause: "backhaul",
  measured: "backhaul",
  root,
});

function rowOf(provider: string, losses: Losses) {
  const { availableS, unavailableS, notMeasuredS, byCause } = measureAvailability({
    window: { fromMs: 0, toMs: ms(windowS) },
    site: village,
    service: "lapor",
    siteStates: [],
    ...bookedOn(provider, losses, booking),
  });
  return { availableS, unavailableS, notMeasuredS, byCause };
}

describe("what is booked on a provider", () => {
  const losses: Losses = {
    site: village,
    serviceStates: [
      segment(0, 100, "up"),
      segment(100, 300, "unreachable", "backhaul"),
      segment(300, 350, "down", "link"),
      segment(350, 400, "down", "power"),
      segment(400, 450, "down", "service"),
      segment(450, 1_000, "up"),
    ],
    outages: [
      outage(100, 300, "backhaul", hub),
      outage(300, 350, "link", village),
      outage(350, 400, "power", village),
    ],
    blips: [blip(500, 530, hub), blip(600, 630, village)],
  };

  it("is what its own link cut, also of the places that hang from it", () => {
    expect(providersElsewhere(losses, booking)).toEqual(["Telkom"]);
    expect(rowOf("Telkom", losses)).toEqual({
      availableS: 100 + 550 - 60,
      unavailableS: 230,
      notMeasuredS: 50 + 50 + 50 + 30,
      byCause: { backhaul: 230 },
    });
  });

  it("is no fault of another's link, and all else that the place lost", () => {
    expect(rowOf("BAKTI", losses)).toEqual({
      availableS: 100 + 550 - 60,
      unavailableS: 180,
      notMeasuredS: 200 + 30,
      byCause: { backhaul: 30, link: 50, power: 50, service: 50 },
    });
  });

  it("is nothing where it has no part in the way", () => {
    expect(rowOf("Indosat", losses)).toMatchObject({ unavailableS: 0, byCause: {} });
  });

  it("is not the parent's equipment or power, which is no link's", () => {
    const dark: Losses = {
      ...losses,
      serviceStates: [segment(0, 1_000, "unreachable", "hub")],
      outages: [outage(0, 1_000, "hub", hub)],
      blips: [],
    };
    expect(providersElsewhere(dark, booking)).toEqual([]);
    expect(rowOf("BAKTI", dark).byCause).toEqual({ hub: 1_000 });
  });

  it("goes on while the outage does", () => {
    const open: Losses = {
      ...losses,
      serviceStates: [{ ...segment(0, 0, "unreachable", "backhaul"), endMs: null }],
      outages: [outage(0, null, "backhaul", hub)],
      blips: [],
    };
    expect(rowOf("Telkom", open).unavailableS).toBe(windowS);
    expect(rowOf("BAKTI", open).notMeasuredS).toBe(windowS);
  });

  it("adds up over the providers to what the place lost, cause by cause", () => {
    const random = seededRandom(3);
    for (let run = 0; run < 300; run++) {
      const serviceStates: StateSegment[] = [];
      for (let atS = 0; atS < windowS;) {
        const endS = Math.min(windowS, atS + (1 + whole(random, 200)));
        const cause = causes[whole(random, causes.length)]!;
        const state = (["up", "down", "unreachable", "unknown"] as const)[whole(random, 4)]!;
        serviceStates.push(segment(atS, endS, state, state === "up" || state === "unknown" ? null : cause));
        atS = endS;
      }
      const somewhere = () => [village, hub, centre, "service:lapor"][whole(random, 4)]!;
      const outages = [];
      for (let atS = whole(random, 201); atS < windowS;) {
        const endS = atS + (1 + whole(random, 200));
        outages.push(outage(atS, endS, causes[whole(random, causes.length)]!, somewhere()));
        atS = endS + whole(random, 101);
      }
      const startS = whole(random, 901);
      const blips = [blip(startS, startS + 30, [village, hub, centre][whole(random, 3)]!)];
      const losses: Losses = { site: village, serviceStates, outages, blips };
      const all = measureAvailability({
        window: { fromMs: 0, toMs: ms(windowS) },
        site: village,
        service: "lapor",
        siteStates: [],
        serviceStates,
        blips,
      });
      const sums: Partial<Record<Cause, number>> = {};
      for (const provider of ["BAKTI", "Telkom", "Indosat"]) {
        const row = rowOf(provider, losses);
        for (const [cause, seconds] of Object.entries(row.byCause) as [Cause, number][])
          sums[cause] = (sums[cause] ?? 0) + seconds;
        expect(row.availableS).toBe(all.availableS);
      }
      expect(sums).toEqual(all.byCause);
    }
  });
});
