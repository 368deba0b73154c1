import { exclusionKinds } from "../../../src/inventory/contract.ts";
import type { Contract, Restitution } from "../../../src/inventory/contract.ts";
import type { StateSegment } from "../../../src/outage/table.ts";
import { seededRandom } from "../../support/random.ts";

/* Years of one link in whole minutes, drawn from a seed: what a link did, what was written down, and its contract. */

export const minuteMs = 60_000;
/** From three weeks before the leap year 2028 begins until three after it, WITA. */
export const startMs = Date.UTC(2027, 11, 10, 16);
export const minutes = (Date.UTC(2029, 0, 21, 16) - startMs) / minuteMs;
export const holidays = ["2028-01-01", "2028-02-29", "2028-08-17", "2028-12-25"];

type Cell = [
  fromMin: number,
  toMin: number,
  standing: "up" | "down" | "unknown" | "off",
  cause: string | null,
];

export interface Year {
  terms: Contract;
  states: Cell[];
  /** `leadH`: so long before work begins it was announced, hours. */
  exclusions: [
    fromMin: number,
    toMin: number,
    kind: "maintenance" | "force-majeure" | "customer",
    leadH: number,
  ][];
  /** Single lost rounds, of which one lies beside what was up; every other one was lost above. */
  blips: [fromMin: number, toMin: number, standing: "down" | "unknown"][];
}

const restitutions: Restitution[] = [
  { rule: "none", ceiling: 1, roundIdr: 1, rounding: "nearest" },
  { rule: "pro-rata", ceiling: 1, roundIdr: 1, rounding: "nearest" },
  { rule: "below-sla", downtime: "whole", ceiling: 1, roundIdr: 1000, rounding: "down" },
  { rule: "below-sla", downtime: "excess", ceiling: 0.333333, roundIdr: 500, rounding: "up" },
  { rule: "ratio", ceiling: 0.5, roundIdr: 1, rounding: "up" },
  {
    rule: "tiers",
    tiers: [
      { below: 0.999, fee: 0.02 },
      { below: 0.99, fee: 0.05 },
      { below: 0.95, fee: 0.1 },
    ],
    ceiling: 1,
    roundIdr: 100,
    rounding: "nearest",
  },
];

const hours = [
  [],
  [{ days: [1, 2, 3, 4, 5], fromMin: 450, toMin: 960 }],
  [
    { days: [1, 2, 3, 4, 5, 6], fromMin: 1080, toMin: 120 },
    { days: [7], fromMin: 0, toMin: 1440 },
  ],
];

export function drawYear(index: number): Year {
  const random = seededRandom(index + 1);
  const upTo = (most: number) => Math.floor(random() * most);
  const pick = <T>(list: readonly T[]): T => list[upTo(list.length)]!;
  const restitution = restitutions[index % restitutions.length]!;
  const year = {
    terms: {
      id: "c1",
      provider: "A",
      slaRatio: pick([0.95, 0.98, 0.99, 0.995]),
      period: "month",
      serviceHours: hours[(index + Math.floor(index / 3)) % hours.length]!,
      closedOnHolidays: random() < 0.5,
      countsWhen: "link",
      excludes: exclusionKinds.filter(() => random() < 0.7),
      noticeHours: null,
      thresholdS: pick([0, 300, 900]),
      monthlyFeeIdr: 1_000_000 + upTo(5_000_000),
      restitution,
      clause: null,
    },
    states: drawStates(random, upTo, pick),
    blips: [],
    exclusions: Array.from({ length: 40 }, (_, at) => {
      const from = upTo(minutes - 3_000);
      const to = from + 1 + upTo(2_000);
      return [from, to, pick(["maintenance", "force-majeure", "customer"] as const), (at * 13) % 120];
    }),
  } satisfies Year as Year;
  const up = year.states.filter(([, , standing]) => standing === "up");
  year.blips = up.map(([, to], at) => [to - 2, to + 1, at % 2 === 0 ? "down" : "unknown"]);
  return year;
}

function drawStates(
  random: () => number,
  upTo: (most: number) => number,
  pick: <T>(list: readonly T[]) => T,
): Cell[] {
  const cells: Cell[] = [];
  let at = 0;
  const add = (length: number, standing: Cell[2], cause: string | null) => {
    const to = Math.min(minutes, at + length);
    if (to > at) cells.push([at, to, standing, cause]);
    at = to;
  };
  while (at < minutes) {
    add(30 + upTo(8_000), "up", null);
    const kind = random();
    if (kind < 0.1) add(1 + upTo(3_000), "unknown", "agent");
    else if (kind < 0.2) add(1 + upTo(700), "off", "power");
    // An outage may change its cause meanwhile, last minutes or days, and go on over hours without supply, or into them.
    else
      for (let part = 0; part <= upTo(3); part += 1) {
        add(1 + upTo(pick([4, 12, 600, 4_000])), "down", pick(["link", "power", "backhaul", "unknown"]));
        if (random() < 0.3) add(1 + upTo(700), "off", "power");
      }
  }
  return cells;
}

/** As they are known at that minute: what goes on over it lasts. */
export function segmentsOf({ states }: Year, nowMin = minutes): StateSegment[] {
  return states
    .filter(([from]) => from < nowMin)
    .map(([from, to, standing, cause]) => ({
      site: "64.08.01",
      service: "",
      startMs: startMs + from * minuteMs,
      endMs: to > nowMin ? null : startMs + to * minuteMs,
      state: standing === "off" ? "off" : standing,
      cause: cause as StateSegment["cause"],
    }));
}
