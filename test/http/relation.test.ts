import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StateSegment } from "../../src/outage/table.ts";
import { commandActor } from "../../src/state/audit.ts";
import { nowMs, openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { makeDistrict, makeInventory } from "../support/inventory.ts";
import { createWriter, httpRounds } from "../support/rounds.ts";
import { segments, writeWatch } from "../support/watch.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** nowMs is 22.00 WITA: the last local midnight. */
const midnightMs = nowMs - 22 * hourMs;
const stepMs = 300_000;
let http: TestHttp;

beforeEach(async () => {
  http = await openTestHttp();
});
afterEach(() => http[Symbol.dispose]());

interface Answer {
  data: (Record<string, unknown> & {
    needs: Record<string, unknown>[];
    counts: Record<string, number>;
    caveats: { caveat: string; text: string }[];
  })[];
}

const associationOf = async (query = "", service = "lapor") =>
  (await http.get<Answer>(`/api/v1/services/${service}/association${query}`)).data[0]!;

/**
 * Thirty days of two villages, each cut off for an hour every other day, checked every five minutes. `fails`: whether their
 * checks fail then. The service itself is out for ten minutes on each seventh day, everywhere.
 */
async function writeDays(fails: boolean): Promise<void> {
  const startMs = midnightMs - 30 * dayMs;
  const villages = ["64.08.01.2001", "64.08.02.2001"];
  const cutAt = (ms: number, which: number) => {
    const day = Math.floor((ms - startMs) / dayMs);
    const intoMs = (ms - startMs) % dayMs;
    const beginsMs = (2 + ((day * 5 + which * 7) % 18)) * hourMs;
    return day % 2 === which && intoMs >= beginsMs && intoMs < beginsMs + hourMs;
  };
  const isServiceOut = (ms: number) =>
    Math.floor((ms - startMs) / dayMs) % 5 === 3 && (ms - startMs) % dayMs < 2 * stepMs;
  for (const [which, site] of [...villages, "64.08"].entries()) {
    const count = (30 * dayMs) / stepMs;
    const times = Array.from({ length: count }, (_, at) => startMs + at * stepMs);
    const outcomes = times.map((ms) =>
      isServiceOut(ms) || (fails && which < 2 && cutAt(ms, which)) ? ("timeout" as const) : 40,
    );
    const write = createWriter(http.batchLog, { id: `ag_${which}`, site });
    await write([httpRounds(`${site}/lapor`, startMs, stepMs, outcomes)]);
    const changes = times.flatMap((ms, at): [number, StateSegment["state"], StateSegment["cause"]][] => {
      const isCut = which < 2 && cutAt(ms, which);
      const wasCut = at > 0 && which < 2 && cutAt(times[at - 1]!, which);
      if (at > 0 && isCut === wasCut) return [];
      return [[ms, isCut ? "down" : "up", isCut ? "link" : null]];
    });
    await writeWatch(http.state, { states: [segments(site, "", changes)] });
  }
}

function everyFiveMinutes() {
  const district = makeDistrict();
  return makeInventory({
    sites: [...district.sites.values()],
    links: [...district.links.values()],
    services: [...district.services.values()],
    targets: [...district.targets.values()].map((target) =>
      target.role === "service" ? { ...target, probe: { ...target.probe, intervalS: 300 } } : target,
    ),
  });
}

describe("association", () => {
  it("says what is missing where there is not enough data, in words, and nothing beyond", async () => {
    const data = await associationOf("?lang=en");
    expect(data).toMatchObject({
      service: "lapor",
      exposure: "down",
      verdict: "not-enough-data",
      inference: null,
    });
    expect(data.verdictText).toContain("not enough data");
    expect(data.needs.length).toBeGreaterThan(0);
    expect(data.needs[0]).toMatchObject({ have: 0, text: expect.stringMatching(/: 0 of \d+$/) as string });
    expect((await associationOf()).verdictText).toContain("Data belum cukup");
  });

  it("finds failures that come with outages, from the checks and the network's own states", async () => {
    http.held.inventory = everyFiveMinutes();
    await writeDays(true);
    const data = await associationOf();
    expect(data.verdict).toBe("associated");
    expect(data.counts).toMatchObject({ sites: 6, days: 30 });
    // Thirty hours of outages in all, each minute of which failed.
    expect([data.counts.exposed, data.counts.exposedFailed]).toEqual([1800, 1800]);
    expect(data.caveats.map(({ caveat }) => caveat)).toContain("near-tautological");
    const accounting = data.accounting as Record<string, number>;
    expect(accounting.networkOnly! + accounting.both!).toBe(1800);
    expect(data.made).toMatchObject({ to: new Date(midnightMs).toISOString() });
    expect(await associationOf()).toEqual(data);
  });

  it("claims nothing where the service goes on through the outages", async () => {
    http.held.inventory = everyFiveMinutes();
    await writeDays(false);
    const data = await associationOf();
    expect(data.verdict).toBe("not-shown");
    expect(data.counts.exposedFailed).toBeLessThan(40);
  });

  it("does not count the centre's own outage as the service's", async () => {
    http.held.inventory = everyFiveMinutes();
    await writeDays(true);
    const before = (await associationOf()).accounting as Record<string, number>;
    const startMs = midnightMs - 30 * dayMs;
    const cut: [number, StateSegment["state"], StateSegment["cause"]][] = [[startMs, "down", "provider"]];
    await writeWatch(http.state, { states: [{ ...segments("64.08", "", cut), knownMs: 1 }] });
    http.clock.ms += 60_000;
    const after = (await associationOf()).accounting as Record<string, number>;
    expect([after.serviceOnly, after.both, after.unexplained]).toEqual([0, 0, 0]);
    expect(after.undecided! - before.undecided!).toBe(
      before.serviceOnly! + before.both! + before.unexplained! + before.networkOnly!,
    );
    expect(before.serviceOnly).toBeGreaterThan(0);
  });

  it("leaves out sites at which nothing but the service tells of the network", async () => {
    const district = makeDistrict();
    const targets = new Map([...district.targets].filter(([key]) => key !== "64.08.02/hub"));
    http.held.inventory = { ...district, targets };
    const data = await associationOf();
    expect(data.leftOut).toEqual(["64.08.02"]);
    expect(data.counts.sites).toBe(5);
  });

  it("refuses a window without a whole day, an unknown exposure and an unknown service", async () => {
    const status = async (path: string) => (await http.request(`/api/v1/services/${path}`)).status;
    expect(await status(`lapor/association?from=${midnightMs + hourMs}`)).toBe(400);
    expect(await status("lapor/association?exposure=up")).toBe(400);
    expect(await status("none/association")).toBe(404);
  });
});

describe("effect on complaints", () => {
  const effect = async (query = "") => (await http.get(`/api/v1/complaints/effect${query}`)).data[0]!;
  const cell = { channel: "web", topic: "other", aboutConnectivity: null } as const;

  async function writeOutages(): Promise<void> {
    const startMs = midnightMs - 365 * dayMs;
    const changes = Array.from(
      { length: 36 },
      (_, n): [number, StateSegment["state"], StateSegment["cause"]?][] => [
        [startMs + n * 10 * dayMs, "up"],
        [startMs + (n * 10 + 5) * dayMs, "down", "link"],
        [startMs + (n * 10 + 5) * dayMs + hourMs, "up"],
      ],
    ).flat();
    await writeWatch(http.state, {
      states: [segments("64.08.01.2001", "lapor", changes), segments("64.08.02.2001", "lapor", changes)],
    });
  }

  it("cannot be shown without complaints, and has no p then", async () => {
    const data = await effect("?lang=en");
    expect(data).toMatchObject({ verdict: "cannot-be-shown", resolution: "days" });
    expect(data.verdictText).toContain("cannot be shown");
    expect(data).not.toHaveProperty("p");
  });

  it("cannot be shown at the district's volume, by the day, and says what would be needed", async () => {
    await writeOutages();
    const counts = Array.from({ length: 120 }, (_, n) => ({
      ...cell,
      area: n % 10 === 0 ? "64.08" : n % 2 === 0 ? "64.08.01.2001" : "64.08.02",
      day: new Date(midnightMs - (n * 3 + 2) * dayMs).toISOString().slice(0, 10),
      count: 1,
    }));
    const what = {
      id: "imp_1",
      surface: "api",
      fileHash: "x",
      cases: [],
      hidden: [],
      refused: 0,
      days: null,
    } as const;
    await http.state.importComplaints({ ...what, counts }, nowMs, commandActor("test"));
    const data = await effect();
    expect(data).toMatchObject({
      verdict: "cannot-be-shown",
      leftOut: { place: 12 },
      counts: { contacts: 108 },
    });
    expect(data).not.toHaveProperty("p");
    expect((data.needs as object[]).length).toBeGreaterThan(0);
  });

  it("takes contacts with their minute, where there are any", async () => {
    await writeOutages();
    const startMs = midnightMs - 365 * dayMs;
    const contacts = Array.from({ length: 350 }, (_, n) => ({
      area: n % 2 === 0 ? "64.08.01.2001" : "64.08.02.2001",
      timeMs: startMs + n * dayMs + 2 * hourMs,
      channel: "whatsapp" as const,
      count: 3,
    }));
    const during = { ...contacts[0]!, timeMs: startMs + 5 * dayMs + hourMs / 2, count: 1 };
    const elsewhere = { ...during, area: "64.08.03", count: 2 };
    const whole = { channel: "whatsapp" as const, fromMs: startMs, toMs: midnightMs };
    await http.state.putContacts([whole], [...contacts, during, elsewhere], nowMs, commandActor("test"));
    const data = await effect();
    expect(data).toMatchObject({ resolution: "times", counts: { contacts: 1051 } });
    expect(data.leftOut).toEqual({ place: 2, unmeasured: 0, uncounted: 0 });
    // An hour in ten days.
    expect((data.counts as { exposedRatio: number }).exposedRatio).toBeCloseTo(1 / 240, 3);
  });
});
