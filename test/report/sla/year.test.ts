import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { monthSpan } from "../../../src/inventory/local-time.ts";
import { serviceSpans } from "../../../src/inventory/service-hours.ts";
import type { Standing } from "../../../src/relation/account.ts";
import { judge } from "../../../src/report/sla/judge.ts";
import { countLink } from "../../../src/report/sla/link-counts.ts";
import { needs } from "../../support/needs.ts";
import { drawYear, holidays, minuteMs, minutes, segmentsOf, startMs } from "./year.ts";
import type { Year } from "./year.ts";

const zone = "Asia/Makassar";
const lacking = needs({ commands: ["python3"] });
const script = fileURLToPath(new URL("contract_text.py", import.meta.url));
const months = Array.from({ length: 12 }, (_, month) => `2028-${String(month + 1).padStart(2, "0")}`);

function ours(year: Year, month: string) {
  const { terms } = year;
  const counts = countLink({
    month: monthSpan(month, zone)!,
    nowMs: startMs + minutes * minuteMs,
    segments: segmentsOf(year),
    standingOf: ({ state }) => state as Standing,
    blips: [],
    terms,
    service: (span) =>
      serviceSpans(terms.serviceHours, span, zone, (day) => terms.closedOnHolidays && holidays.includes(day)),
    exclusions: year.exclusions.map(([from, to, kind], index) => ({
      kind,
      id: `x${index}`,
      fromMs: startMs + from * minuteMs,
      toMs: startMs + to * minuteMs,
      reason: "r",
      author: "a",
    })),
  });
  const excludedMs = Object.values(counts.excludedMs).reduce((sum, ms) => sum + ms, 0);
  return {
    service: counts.serviceMs / minuteMs,
    counted: counts.countedMs / minuteMs,
    short: counts.shortMs / minuteMs,
    up: counts.upMs / minuteMs,
    unknown: counts.notMeasuredMs / minuteMs,
    off: counts.expectedOffMs / minuteMs,
    excluded: excludedMs / minuteMs,
    failures: counts.failures,
    repair: counts.repairMs / minuteMs,
    amount: judge(counts, terms).restitution.amountIdr,
  };
}

describe.skipIf(lacking !== null)(`a leap year of outages${lacking === null ? "" : `: ${lacking}`}`, () => {
  it(
    "is accounted for as the text of the contract says, under every rule, month by month",
    { timeout: 600_000 },
    () => {
      const years = Array.from({ length: 18 }, (_, index) => drawYear(index));
      const cases = years.map((year) => ({
        ...year,
        terms: { ...year.terms, holidays },
        startMinute: startMs / minuteMs,
        minutes,
      }));
      const { stdout, stderr, status } = spawnSync("python3", [script], {
        input: JSON.stringify(cases),
        encoding: "utf8",
        maxBuffer: 100_000_000,
      });
      expect([status, stderr]).toEqual([0, ""]);
      const texts = JSON.parse(stdout) as Record<string, unknown>[];
      let [counted, owed] = [0, 0];
      for (const [index, year] of years.entries()) {
        for (const month of months) {
          const found = ours(year, month);
          expect({ index, month, ...found }).toEqual({ index, month, ...(texts[index]![month] as object) });
          counted += found.counted;
          owed += found.amount === 0 ? 0 : 1;
        }
      }
      // The years hold what there is to be tested.
      expect(counted).toBeGreaterThan(50_000);
      expect(owed).toBeGreaterThan(80);
    },
  );
});
