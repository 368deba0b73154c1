import { describe, expect, it } from "vitest";
import { monthAt, monthSpan } from "../../../src/inventory/local-time.ts";
import { serviceSpans } from "../../../src/inventory/service-hours.ts";
import type { Standing } from "../../../src/relation/account.ts";
import { judge, ratiosOf } from "../../../src/report/sla/judge.ts";
import { countLink } from "../../../src/report/sla/link-counts.ts";
import { needs } from "../../support/needs.ts";
import { figuresOf, readContracts, rounded } from "./contract-text.ts";
import { openVillages, villages } from "./sla-world.ts";
import { drawYear, holidays, minuteMs, minutes, segmentsOf, startMs } from "./year.ts";
import type { Year } from "./year.ts";

const zone = "Asia/Makassar";
const lacking = needs({ commands: ["python3"] });
const months = Array.from({ length: 12 }, (_, month) => `2028-${String(month + 1).padStart(2, "0")}`);

function ours(year: Year, month: string, nowMin: number) {
  const { terms } = year;
  const at = (minute: number) => startMs + minute * minuteMs;
  const counts = countLink({
    month: monthSpan(month, zone)!,
    nowMs: at(nowMin),
    edgeMs: minuteMs,
    segments: segmentsOf(year, nowMin),
    standingOf: ({ state }) => state as Standing,
    blips: year.blips.map(([from, to, standing]) => ({
      site: "64.08.01",
      startMs: at(from),
      endMs: at(to),
      cause: "link",
      measured: "link",
      root: standing === "down" ? "64.08.01" : "64.08",
      standing,
    })),
    terms,
    service: (span) =>
      serviceSpans(terms.serviceHours, span, zone, (day) => terms.closedOnHolidays && holidays.includes(day)),
    exclusions: year.exclusions.map(([from, to, kind], index) => ({
      kind,
      id: `x${index}`,
      fromMs: at(from),
      toMs: at(to),
      reason: "r",
      author: "a",
    })),
  });
  return figuresOf(counts, ratiosOf(counts), judge(counts, terms));
}

const lastMin = minutes;
/** In the midst of a month and of an outage, which then lasts. */
const midMin = drawYear(0)
  .states.filter(([from, to, standing]) => standing === "down" && to - from > 300)
  .map(([from, to]) => Math.floor((from + to) / 2))
  .find((minute) => startMs + minute * minuteMs > Date.UTC(2028, 2, 5))!;
const midMonth = monthAt(startMs + midMin * minuteMs, zone);

describe.skipIf(lacking !== null)(`a leap year of outages${lacking === null ? "" : `: ${lacking}`}`, () => {
  it.each([
    ["once it is over", 18, lastMin, months],
    ["in the midst of an outage", 6, midMin, months.slice(0, months.indexOf(midMonth) + 1)],
  ] as const)(
    "is accounted for as the text of the contract says, under every rule, %s",
    (_, count, nowMin, of) => {
      const years = Array.from({ length: count }, (_year, index) => drawYear(index));
      const texts = readContracts(years, nowMin);
      const seen = {
        counted: 0,
        owed: 0,
        blips: 0,
        unknown: 0,
        open: 0,
        differ: 0,
        unsure: 0,
        ahead: 0,
        lasting: 0,
      };
      for (const [index, year] of years.entries()) {
        for (const month of of) {
          const found = ours(year, month, nowMin);
          expect({ index, name: month, ...found }).toEqual({
            index,
            name: month,
            ...rounded(texts[index]![month]!),
          });
          seen.counted += found.counted;
          seen.owed += found.amount === 0 ? 0 : 1;
          seen.blips += found.blip;
          seen.unknown += found.unknown;
          seen.open += found.verdict === "open" ? 1 : 0;
          seen.differ += found.mostAmount === found.amount ? 0 : 1;
          seen.unsure += found.least === found.counted ? 0 : 1;
          seen.ahead += found.ahead;
          seen.lasting += found.failures - found.repaired;
        }
      }
      // The years hold what there is to be tested.
      const isWhole = nowMin === lastMin;
      expect(seen.counted).toBeGreaterThan(isWhole ? 50_000 : 2_000);
      expect(seen.owed).toBeGreaterThan(isWhole ? 80 : 3);
      for (const some of [seen.blips, seen.unknown, seen.open, seen.differ, seen.unsure])
        expect(some).toBeGreaterThan(isWhole ? 5 : 0);
      expect(seen.ahead > 0).toBe(!isWhole);
      expect(seen.lasting > 0).toBe(!isWhole);
    },
    600_000,
  );

  it("is so out of the stores as well: with notice of work, and of two links the one under contract", async () => {
    const those = villages(6);
    using http = await openVillages(those);
    const texts = readContracts(
      those.map(({ year }) => year),
      lastMin,
    );
    let [notTold, work] = [0, 0];
    for (const month of months) {
      const { links } = (await http.sla.month(month, true))!;
      for (const [index, { link, year }] of those.entries()) {
        const { counts, ratios, judgement } = links.find((each) => each.link === link)!;
        const found = figuresOf(counts, ratios, judgement);
        expect({ link, name: month, ...found }).toEqual({
          link,
          name: month,
          ...rounded(texts[index]![month]!),
        });
        work += found.excluded["maintenance"] ?? 0;
        if (year.terms.noticeHours !== null)
          notTold += year.exclusions.filter(
            ([, , kind, leadH]) => kind === "maintenance" && leadH < 72,
          ).length;
      }
    }
    expect(those.filter(({ hasSecond }) => hasSecond)).toHaveLength(1);
    expect(work).toBeGreaterThan(1_000);
    expect(notTold).toBeGreaterThan(10);
  }, 600_000);

  it("counts an outage over New Year in both years, by what lies in each, and begins it in the old one", () => {
    const newYear = (Date.UTC(2028, 11, 31, 16) - startMs) / minuteMs;
    const [from, to] = [newYear - 600, newYear + 900];
    const plain = drawYear(1);
    const year: Year = {
      ...plain,
      terms: { ...plain.terms, serviceHours: [], closedOnHolidays: false, thresholdS: 300, excludes: [] },
      states: [
        [0, from, "up", null],
        [from, to, "down", "link"],
        [to, minutes, "up", null],
      ],
      blips: [],
      exclusions: [],
    };
    const [texts] = readContracts([year], lastMin);
    const [december, january] = ["2028-12", "2029-01"].map((name) => ours(year, name, lastMin));
    expect(december).toEqual(rounded(texts!["2028-12"]!));
    expect(december).toMatchObject({ counted: 600, failures: 1, repaired: 1, repair: 1500 });
    expect(january).toMatchObject({ counted: 900, failures: 0, repaired: 0 });
    // By the rule pro rata, to the rupiah, of the fee for 31 days.
    expect(december!.amount).toBe(Math.round((year.terms.monthlyFeeIdr! * 600) / (31 * 1440)));
  });
});
