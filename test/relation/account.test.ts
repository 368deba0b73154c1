import { describe, expect, it } from "vitest";
import type { Span } from "../../src/inventory/spans.ts";
import type { StateSegment } from "../../src/outage/table.ts";
import { accountFor, sumAccounts } from "../../src/relation/account.ts";
import type { AccountedBlip, Standing } from "../../src/relation/account.ts";
import { seededRandom, whole } from "../support/random.ts";

const site = "64.08.04.2001";
const ms = (text: string) => Date.parse(text);
/** October 2026 in WITA: 31 days, from 30 September 16.00 UTC on. */
const october: Span = { fromMs: ms("2026-10-01T00:00:00+08:00"), toMs: ms("2026-11-01T00:00:00+08:00") };
const nowMs = ms("2026-11-10T00:00:00+08:00");

type Piece = [from: string, to: string | null, state: StateSegment["state"], cause?: StateSegment["cause"]];

const segments = (...pieces: Piece[]): StateSegment[] =>
  pieces.map(([from, to, state, cause = null]) => ({
    site,
    service: "",
    startMs: ms(from),
    endMs: to === null ? null : ms(to),
    state,
    cause,
  }));

const standingOf = ({ state }: StateSegment): Standing =>
  state === "down" || state === "unreachable"
    ? "down"
    : state === "off"
      ? "off"
      : state === "up"
        ? "up"
        : "unknown";

const account = (
  pieces: StateSegment[],
  excluded: Span[] = [],
  window = october,
  blips: readonly AccountedBlip[] = [],
) => accountFor({ window, segments: pieces, standingOf, blips, excluded, nowMs });

describe("an account", () => {
  /**
   * October has 31 x 86,400 = 2,678,400 s. Down: 10 October 12.00 to 13.00 (3,600 s) and 20 October 00.00 to 02.00
   * (7,200 s), 10,800 s together. Nobody measured on 25 October (86,400 s). Up is the rest: 2,581,200 s.
   * Availability 2,581,200 / 2,592,000 = 0.99583; worst 2,581,200 / 2,678,400; best 2,667,600 / 2,678,400.
   * MTTR 10,800 / 2 = 5,400 s; MTBF 2,581,200 / 2 + 5,400 = 1,296,000 s, which is 15 days.
   */
  it("of a month with two outages and a day that nobody measured", () => {
    const found = account(
      segments(
        ["2026-09-01T00:00:00+08:00", "2026-10-10T12:00:00+08:00", "up"],
        ["2026-10-10T12:00:00+08:00", "2026-10-10T13:00:00+08:00", "down", "link"],
        ["2026-10-10T13:00:00+08:00", "2026-10-20T00:00:00+08:00", "up"],
        ["2026-10-20T00:00:00+08:00", "2026-10-20T02:00:00+08:00", "down", "power"],
        ["2026-10-20T02:00:00+08:00", "2026-10-25T00:00:00+08:00", "up"],
        ["2026-10-25T00:00:00+08:00", "2026-10-26T00:00:00+08:00", "unknown"],
        ["2026-10-26T00:00:00+08:00", null, "up"],
      ),
    );
    expect(found).toEqual({
      windowS: 2_678_400,
      upS: 2_581_200,
      downS: 10_800,
      notMeasuredS: 86_400,
      expectedOffS: 0,
      maintenanceS: 0,
      byCause: { link: 3_600, power: 7_200 },
      availabilityRatio: 2_581_200 / 2_592_000,
      worstRatio: 2_581_200 / 2_678_400,
      bestRatio: 2_667_600 / 2_678_400,
      coverageRatio: 2_592_000 / 2_678_400,
      outages: 2,
      repaired: 2,
      repairS: 10_800,
      mttrS: 5_400,
      mtbfS: 1_296_000,
    });
  });

  it("takes a fault that goes on over hours without supply for one, as long as what it took of the supply", () => {
    // 03.00 to 21.00 on the next day, with electricity from 18.00 to 06.00: 3 + 12 + 3 hours; the second night is over by day.
    const found = account(
      segments(
        ["2026-10-01T00:00:00+08:00", "2026-10-10T03:00:00+08:00", "up"],
        ["2026-10-10T03:00:00+08:00", "2026-10-10T06:00:00+08:00", "down", "power"],
        ["2026-10-10T06:00:00+08:00", "2026-10-10T18:00:00+08:00", "off"],
        ["2026-10-10T18:00:00+08:00", "2026-10-11T06:00:00+08:00", "down", "power"],
        ["2026-10-11T06:00:00+08:00", "2026-10-11T18:00:00+08:00", "off"],
        ["2026-10-11T18:00:00+08:00", "2026-10-11T21:00:00+08:00", "down", "power"],
        ["2026-10-11T21:00:00+08:00", "2026-10-12T06:00:00+08:00", "up"],
        ["2026-10-12T06:00:00+08:00", "2026-10-12T18:00:00+08:00", "off"],
        ["2026-10-12T18:00:00+08:00", null, "up"],
      ),
    );
    expect(found).toMatchObject({ downS: 64_800, expectedOffS: 129_600, byCause: { power: 64_800 } });
    expect(found).toMatchObject({ outages: 1, repaired: 1, repairS: 64_800 });
    const lasting = account(
      segments(
        ["2026-10-01T00:00:00+08:00", "2026-10-10T03:00:00+08:00", "up"],
        ["2026-10-10T03:00:00+08:00", "2026-10-10T06:00:00+08:00", "down", "power"],
        ["2026-10-10T06:00:00+08:00", null, "off"],
      ),
    );
    expect(lasting).toMatchObject({ outages: 1, repaired: 0, mttrS: null });
  });

  /**
   * One outage from 30 September 23.00 to 1 October 01.00 WITA: an hour of it is October's, but it is September's outage.
   * Another from 31 October 23.30 to 1 November 02.30: half an hour is October's, and so is the outage, with its whole
   * length of 3 h. MTTR 10,800 s.
   */
  it("cuts outages at midnight of WITA, and counts each in the month in which it begins", () => {
    const pieces = segments(
      ["2026-09-01T00:00:00+08:00", "2026-09-30T23:00:00+08:00", "up"],
      ["2026-09-30T23:00:00+08:00", "2026-10-01T01:00:00+08:00", "down", "link"],
      ["2026-10-01T01:00:00+08:00", "2026-10-31T23:30:00+08:00", "up"],
      ["2026-10-31T23:30:00+08:00", "2026-11-01T02:30:00+08:00", "down", "link"],
      ["2026-11-01T02:30:00+08:00", null, "up"],
    );
    expect(account(pieces)).toMatchObject({
      downS: 3_600 + 1_800,
      outages: 1,
      repaired: 1,
      repairS: 10_800,
      mttrS: 10_800,
      coverageRatio: 1,
    });
    const september = { fromMs: ms("2026-09-01T00:00:00+08:00"), toMs: october.fromMs };
    expect(account(pieces, [], september)).toMatchObject({ downS: 3_600, outages: 1, repairS: 7_200 });
  });

  it("takes an outage whose cause changes for one, and one that lasts for not repaired", () => {
    const found = account(
      segments(
        ["2026-10-10T12:00:00+08:00", "2026-10-10T13:00:00+08:00", "down", "unknown"],
        ["2026-10-10T13:00:00+08:00", "2026-10-10T14:00:00+08:00", "unreachable", "hub"],
        ["2026-10-10T14:00:00+08:00", "2026-10-31T12:00:00+08:00", "up"],
        ["2026-10-31T12:00:00+08:00", null, "down", "link"],
      ),
    );
    expect(found).toMatchObject({
      byCause: { hub: 3_600, link: 43_200, unknown: 3_600 },
      outages: 2,
      repaired: 1,
      mttrS: 7_200,
    });
  });

  /**
   * Work from 22.00 to 02.00 (14,400 s). The site is down from 22.30 to 03.00: 16,200 s, of which 12,600 s lie within the
   * work. Without it an hour of outage remains, which begins at 02.00.
   */
  it("without announced work is of the rest of the time", () => {
    const pieces = segments(
      ["2026-09-01T00:00:00+08:00", "2026-10-13T22:30:00+08:00", "up"],
      ["2026-10-13T22:30:00+08:00", "2026-10-14T03:00:00+08:00", "down", "maintenance"],
      ["2026-10-14T03:00:00+08:00", null, "up"],
    );
    const work = { fromMs: ms("2026-10-13T22:00:00+08:00"), toMs: ms("2026-10-14T02:00:00+08:00") };
    expect(account(pieces)).toMatchObject({ downS: 16_200, maintenanceS: 0, outages: 1, mttrS: 16_200 });
    const found = account(pieces, [work]);
    expect(found).toMatchObject({
      windowS: 2_678_400,
      maintenanceS: 14_400,
      downS: 3_600,
      upS: 2_660_400,
      outages: 1,
      mttrS: 3_600,
      availabilityRatio: 2_660_400 / 2_664_000,
    });
    const whole_ = { ...work, toMs: ms("2026-10-14T03:00:00+08:00") };
    expect(account(pieces, [whole_])).toMatchObject({ downS: 0, outages: 0, mttrS: null, mtbfS: null });
  });

  it("expects nothing outside of the hours of supply", () => {
    const day = { fromMs: ms("2026-10-02T00:00:00+08:00"), toMs: ms("2026-10-03T00:00:00+08:00") };
    const pieces = segments(
      ["2026-10-02T00:00:00+08:00", "2026-10-02T06:00:00+08:00", "up"],
      ["2026-10-02T06:00:00+08:00", "2026-10-02T18:00:00+08:00", "off"],
      ["2026-10-02T18:00:00+08:00", "2026-10-02T21:00:00+08:00", "down", "power"],
      ["2026-10-02T21:00:00+08:00", "2026-10-03T00:00:00+08:00", "up"],
    );
    expect(account(pieces, [], day)).toMatchObject({
      expectedOffS: 43_200,
      availabilityRatio: 0.75,
      worstRatio: 0.75,
      coverageRatio: 1,
    });
  });

  describe("with blips", () => {
    const blip = (from: string, lengthS: number, more: Partial<AccountedBlip> = {}): AccountedBlip => ({
      site,
      startMs: ms(from),
      endMs: ms(from) + lengthS * 1000,
      cause: "link",
      measured: "link",
      root: site,
      standing: "down",
      ...more,
    });
    const pieces = segments(
      ["2026-09-01T00:00:00+08:00", "2026-10-10T12:00:00+08:00", "up"],
      ["2026-10-10T12:00:00+08:00", "2026-10-10T13:00:00+08:00", "down", "power"],
      ["2026-10-10T13:00:00+08:00", null, "up"],
    );

    it("has their seconds down under their cause, and neither an outage nor a repair more", () => {
      const blips = [
        blip("2026-10-02T00:00:00+08:00", 60),
        blip("2026-10-03T00:00:00+08:00", 60, { cause: "relay", measured: "relay", root: "64.08.04.2002" }),
      ];
      const found = account(pieces, [], october, blips);
      expect(found).toMatchObject({
        upS: 2_678_400 - 3_600 - 120,
        downS: 3_720,
        notMeasuredS: 0,
        byCause: { link: 60, power: 3_600, relay: 60 },
        outages: 1,
        repaired: 1,
        mttrS: 3_600,
      });
      expect(found.mtbfS).toBe(2_678_400 - 3_600 - 120 + 3_600);
    });

    it("counts no second twice: not one that is down already, nor of two that overlap, nor beyond the window", () => {
      const blips = [
        blip("2026-09-30T23:59:30+08:00", 60),
        blip("2026-10-10T11:59:30+08:00", 60),
        blip("2026-10-20T00:00:00+08:00", 60),
        blip("2026-10-20T00:00:40+08:00", 60),
      ];
      expect(account(pieces, [], october, blips)).toMatchObject({
        byCause: { link: 30 + 30 + 100, power: 3_600 },
        upS: 2_678_400 - 3_760,
      });
    });

    it("leaves a link unmeasured while something above it had one", () => {
      const blips = [
        blip("2026-10-02T00:00:00+08:00", 60, { standing: "unknown", cause: "backhaul", root: "64.08.04" }),
      ];
      expect(account(pieces, [], october, blips)).toMatchObject({ downS: 3_600, notMeasuredS: 60 });
    });

    it("takes announced work out of them as well", () => {
      const work = {
        fromMs: ms("2026-10-02T00:00:30+08:00"),
        toMs: ms("2026-10-02T02:00:00+08:00"),
      };
      const blips = [blip("2026-10-02T00:00:00+08:00", 60, { cause: "maintenance" })];
      expect(account(pieces, [work], october, blips)).toMatchObject({
        byCause: { maintenance: 30, power: 3_600 },
        maintenanceS: 7_170,
        upS: 2_678_400 - 3_600 - 7_170 - 30,
      });
    });
  });

  it("adds up exactly whatever the segments, and hiding any of it leaves the truth within the bounds", () => {
    const states: StateSegment["state"][] = ["up", "down", "unreachable", "off"];
    for (let seed = 0; seed < 500; seed++) {
      const random = seededRandom(seed);
      const window = { fromMs: october.fromMs, toMs: october.fromMs + 86_400_000 };
      const truth: StateSegment[] = [];
      for (let at = window.fromMs - 3_600_000; at < window.toMs;) {
        const endMs = at + 1000 * (1 + whole(random, 20_000));
        truth.push({
          site,
          service: "",
          startMs: at,
          endMs,
          state: states[whole(random, 4)]!,
          cause: "link",
        });
        at = endMs;
      }
      const workMs = window.fromMs + 1000 * whole(random, 80_000);
      const excluded = random() < 0.5 ? [] : [{ fromMs: workMs, toMs: workMs + 7_200_000 }];
      const hidden = truth.filter(() => random() < 0.7);
      const blips: AccountedBlip[] = [];
      for (let at = window.fromMs; at < window.toMs; at += 1000 * (1 + whole(random, 20_000)))
        blips.push({
          site,
          startMs: at,
          endMs: at + 1000 * (1 + whole(random, 120)),
          cause: "link",
          measured: "link",
          root: site,
          standing: "down",
        });
      const [full, part] = [
        account(truth, excluded, window, blips),
        account(hidden, excluded, window, blips),
      ];
      for (const found of [full, part]) {
        const { upS, downS, notMeasuredS, expectedOffS, maintenanceS } = found;
        expect(upS + downS + notMeasuredS + expectedOffS + maintenanceS, `seed ${seed}`).toBe(found.windowS);
        expect(Object.values(found.byCause).reduce((a, b) => a + b, 0)).toBe(downS);
      }
      expect(full.notMeasuredS).toBe(0);
      if (full.availabilityRatio === null) continue;
      expect(part.worstRatio!, `seed ${seed}`).toBeLessThanOrEqual(full.availabilityRatio);
      expect(part.bestRatio!, `seed ${seed}`).toBeGreaterThanOrEqual(full.availabilityRatio);
    }
  });

  it("of several is made of their seconds and counts", () => {
    const one = account(segments(["2026-10-01T00:00:00+08:00", null, "up"]));
    const two = account(
      segments(
        ["2026-10-01T00:00:00+08:00", "2026-10-16T12:00:00+08:00", "up"],
        ["2026-10-16T12:00:00+08:00", null, "down", "link"],
      ),
    );
    expect(sumAccounts([one, two])).toMatchObject({
      windowS: 2 * 2_678_400,
      availabilityRatio: 0.75,
      outages: 1,
      repaired: 0,
      mttrS: null,
      mtbfS: null,
    });
  });
});
