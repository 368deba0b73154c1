import type { Inventory, Role } from "../../src/inventory/inventory.ts";
import type { Evidence, Run, TargetEvidence } from "../../src/outage/evidence.ts";

/** Midnight of 2025-11-22 UTC; times in these tests are seconds from here. */
export const epochMs = 1_763_769_600_000;
export const atMs = (seconds: number) => epochMs + seconds * 1000;

/** A kabupaten, one kecamatan, two villages, with one link each; `lapor` with its control at the kabupaten. */
export function smallDistrict(): Inventory {
  const site = (code: string, kind: "kabupaten" | "kecamatan" | "desa", parent: string | null) =>
    [code, { code, kind, name: `Lokasi ${code}`, parent, latitude: 0.5, longitude: 117.5 }] as const;
  const link = (code: string, parent: string | null) =>
    [
      `l-${code}`,
      {
        id: `l-${code}`,
        site: code,
        provider: "Penyedia",
        technology: "radio" as const,
        circuitId: null,
        parent,
        gateway: null,
        contract: null,
      },
    ] as const;
  return {
    sites: new Map([
      site("64.08", "kabupaten", null),
      site("64.08.04", "kecamatan", "64.08"),
      site("64.08.04.2001", "desa", "64.08.04"),
      site("64.08.04.2002", "desa", "64.08.04"),
    ]),
    links: new Map([
      link("64.08", null),
      link("64.08.04", "64.08"),
      link("64.08.04.2001", "64.08.04"),
      link("64.08.04.2002", "64.08.04"),
    ]),
    contracts: new Map(),
    services: new Map([
      [
        "lapor",
        { id: "lapor", name: "SP4N-LAPOR!", url: "http://lapor.test/", control: "64.08", private: false },
      ],
    ]),
    targets: new Map(),
  };
}

/** The small district in which village 2001 has a second link, a satellite that hangs from the kabupaten. */
export function districtWithBackup(): Inventory {
  const district = smallDistrict();
  const primary = district.links.get("l-64.08.04.2001")!;
  const backup = { ...primary, id: "vsat-2001", technology: "vsat" as const, parent: "64.08" };
  return { ...district, links: new Map([...district.links, [backup.id, backup]]) };
}

export interface Watched {
  key: string;
  role: Role;
  of?: string;
  service?: string;
  kind?: TargetEvidence["kind"];
  phase?: Run["phase"];
  /** [from, to) in seconds: rounds were taken there. Default: the whole span. */
  measured?: [number, number][];
  /** [from, to) in seconds: they were lost there. */
  bad?: [number, number][];
  /** [from, to) in seconds: a good part of their echoes was. */
  weak?: [number, number][];
  /** Second of the first round. Default: one for each place in the list. */
  phaseS?: number;
  intervalS?: number;
  /** Whatever else its evidence holds. */
  more?: Partial<TargetEvidence>;
}

/** Evidence of one round each interval from 0 to `toS`, each target's rounds shifted a little against the others'. */
export function evidenceOf(toS: number, watched: readonly Watched[], nowS = toS): Evidence {
  return {
    fromMs: atMs(0),
    nowMs: atMs(nowS),
    targets: watched.map((one, index) => toTarget(one, index, toS)),
    events: [],
  };
}

function toTarget(
  {
    key,
    role,
    of,
    service,
    kind = "icmp",
    phase = null,
    measured,
    bad = [],
    weak = [],
    intervalS = 60,
    phaseS,
    more = {},
  }: Watched,
  index: number,
  toS: number,
): TargetEvidence {
  const within = (spans: readonly [number, number][], second: number) =>
    spans.some(([from, to]) => second >= from && second < to);
  const runs: Run[] = [];
  for (let second = phaseS ?? (index * 7) % intervalS; second < toS; second += intervalS) {
    if (measured !== undefined && !within(measured, second)) continue;
    const lost = within(bad, second);
    const next: Run = {
      verdict: lost ? "bad" : "ok",
      phase: lost ? phase : null,
      ...(within(weak, second) ? { weak: true } : {}),
      firstMs: atMs(second),
      lastMs: atMs(second),
      rounds: 1,
    };
    const last = runs.at(-1);
    if (
      last !== undefined &&
      last.verdict === next.verdict &&
      last.weak === next.weak &&
      next.firstMs - last.lastMs <= intervalS * 2_500
    ) {
      last.lastMs = next.lastMs;
      last.rounds += 1;
    } else {
      runs.push(next);
    }
  }
  return {
    key,
    vantage: key.split("/")[0]!,
    role,
    kind,
    of: of ?? null,
    link: null,
    service: service ?? null,
    intervalMs: intervalS * 1000,
    runs,
    ...more,
  };
}
