import { describe, expect, it } from "vitest";
import { createTree } from "../../src/inventory/tree.ts";
import { defaultDetectOptions } from "../../src/outage/signal.ts";
import type { LiveVerdict } from "../../src/outage/live-rules.ts";
import { judgeLiveServices } from "../../src/outage/live-services.ts";
import { atMs, evidenceOf, smallDistrict } from "../support/evidence.ts";
import type { Watched } from "../support/evidence.ts";

const [noc, kec, v1, v2] = ["64.08", "64.08.04", "64.08.04.2001", "64.08.04.2002"] as const;
const tree = createTree(smallDistrict());
const since = (second: number): [number, number][] => [[second, Infinity]];

/** What is told at 1,800 s of a service that each place checks at the beginning of each minute. */
function toldOf(
  bad: Record<string, [number, number][]>,
  down: readonly string[] = [],
  phase: "timeout" | "dns" = "timeout",
) {
  const { targets, nowMs } = evidenceOf(
    1_800,
    [noc, kec, v1, v2].map((site) => ({
      key: `${site}/lapor`,
      role: "service" as const,
      service: "lapor",
      kind: "http" as const,
      phase,
      phaseS: 0,
      bad: bad[site] ?? [],
    })),
  );
  const verdicts = new Map(
    down.map((site): [string, LiveVerdict] => [site, { state: "down", sinceMs: atMs(1_500), root: site }]),
  );
  const services = smallDistrict().services.values();
  return judgeLiveServices(targets, services, verdicts, tree, nowMs, defaultDetectOptions).map(
    ({ site, sinceMs, judgement: { cause, root } }) => [site, sinceMs, cause, root],
  );
}

describe("services that fail live", () => {
  it("have failed for two rounds: one is nothing yet", () => {
    expect(toldOf({ [v1]: since(1_740) })).toEqual([]);
    expect(toldOf({ [v1]: since(1_680) })).toEqual([[v1, atMs(1_680), "unknown", v1]]);
  });

  it("are the service's own fault where the control vantage and most others see it, these for one round at least", () => {
    expect(toldOf({ [noc]: since(1_680), [v1]: since(1_620), [v2]: since(1_740) })).toEqual([
      [noc, atMs(1_680), "service", "service:lapor"],
      [v1, atMs(1_620), "service", "service:lapor"],
    ]);
  });

  it("are on the way from those that see it where most others reach the service", () => {
    expect(toldOf({ [noc]: since(1_680), [v1]: since(1_620) })).toEqual([
      [noc, atMs(1_680), "unknown", noc],
      [v1, atMs(1_620), "unknown", v1],
    ]);
  });

  it("lie at the kecamatan whose villages get no names, unless it gets them itself", () => {
    const all = { [kec]: since(1_620), [v1]: since(1_620), [v2]: since(1_680) };
    expect(toldOf(all, [], "dns").map(([site, , cause, root]) => [site, cause, root])).toEqual([
      [kec, "dns", kec],
      [v1, "dns", kec],
      [v2, "dns", kec],
    ]);
    const { [kec]: _, ...villages } = all;
    expect(toldOf(villages, [], "dns").map(([site, , cause, root]) => [site, cause, root])).toEqual([
      [v1, "dns", v1],
      [v2, "dns", v2],
    ]);
  });

  it("are left out where the site is cut off itself", () => {
    expect(toldOf({ [v1]: since(1_500), [v2]: since(1_680) }, [v1])).toEqual([
      [v2, atMs(1_680), "unknown", v2],
    ]);
  });

  it("are not told of by checks that have ceased", () => {
    const { targets } = evidenceOf(1_800, [
      { key: `${v1}/lapor`, role: "service", service: "lapor", kind: "http", bad: since(1_500) },
    ]);
    const services = smallDistrict().services.values();
    expect(judgeLiveServices(targets, services, new Map(), tree, atMs(2_400), defaultDetectOptions)).toEqual(
      [],
    );
  });

  it("are judged by their HTTP checks where there are any, and never by what never answered", () => {
    const check = (kind: "http" | "dns", id: string, more: Partial<Watched> = {}): Watched => ({
      key: `${v1}/${id}`,
      role: "service",
      service: "lapor",
      kind,
      bad: since(1_500),
      ...more,
    });
    const told = (...watched: Watched[]) => {
      const { targets, nowMs } = evidenceOf(1_800, watched);
      const services = smallDistrict().services.values();
      return judgeLiveServices(targets, services, new Map(), tree, nowMs, defaultDetectOptions).length;
    };
    expect(told(check("dns", "names"))).toBe(1);
    expect(told(check("dns", "names"), check("http", "page", { bad: [] }))).toBe(0);
    expect(told(check("http", "page"), check("http", "other", { bad: [] }))).toBe(0);
    expect(told(check("http", "page", { more: { answeredMs: null } }))).toBe(0);
  });
});
