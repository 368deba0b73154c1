import type { DemoInventory } from "./inventory.ts";
import type { DemoLink, DemoTechnology } from "./links.ts";
import { createRandom } from "./random.ts";
import type { Random } from "./random.ts";
import type { Fault, FaultKind } from "./world.ts";

/** A fault before it has a place: minutes count from the start of the history, or, negative, from its end. */
export interface PlannedFault {
  kind: FaultKind;
  /** `relay`: a village that another one hangs from. */
  where: "village" | "relay" | "kecamatan" | "top";
  atMin: number;
  lengthMin: number;
  technology?: DemoTechnology;
}

/**
 * The day that is shown: each cause at least once, none beside another on the same path, and three that last beyond the
 * end of the history, so that the live page has something to tell. They end while one watches.
 */
export const dayPlan: readonly PlannedFault[] = [
  { kind: "normal", where: "village", atMin: 0, lengthMin: 1440, technology: "vsat" },
  { kind: "provider", where: "top", atMin: 30, lengthMin: 25 },
  { kind: "link", where: "village", atMin: 95, lengthMin: 47 },
  { kind: "rain", where: "village", atMin: 165, lengthMin: 16, technology: "vsat" },
  { kind: "link", where: "kecamatan", atMin: 210, lengthMin: 85 },
  { kind: "power", where: "village", atMin: 330, lengthMin: 160 },
  { kind: "link", where: "village", atMin: 340, lengthMin: 130, technology: "radio" },
  { kind: "crash", where: "village", atMin: 470, lengthMin: 180 },
  { kind: "link", where: "village", atMin: 560, lengthMin: 18 },
  { kind: "service", where: "top", atMin: 665, lengthMin: 50 },
  { kind: "certificate", where: "top", atMin: 728, lengthMin: 22 },
  { kind: "link", where: "village", atMin: 770, lengthMin: 6 },
  { kind: "link", where: "village", atMin: 830, lengthMin: 35, technology: "leo" },
  { kind: "dns", where: "kecamatan", atMin: 900, lengthMin: 55 },
  { kind: "crash", where: "village", atMin: 985, lengthMin: 75 },
  { kind: "power", where: "village", atMin: 1070, lengthMin: 50 },
  { kind: "power", where: "kecamatan", atMin: 1180, lengthMin: 35 },
  { kind: "link", where: "relay", atMin: 1240, lengthMin: 30 },
  { kind: "rain", where: "village", atMin: 1295, lengthMin: 22, technology: "radio" },
  { kind: "link", where: "village", atMin: -70, lengthMin: 82 },
  { kind: "power", where: "village", atMin: -35, lengthMin: 60 },
  { kind: "link", where: "kecamatan", atMin: -20, lengthMin: 28 },
];

export interface PlanOptions {
  plan: readonly PlannedFault[];
  /** The history; faults may last beyond its end. */
  fromMs: number;
  toMs: number;
  seed: string;
}

/** Gives each planned fault a site by chance. Two faults never touch on one path, so that each cause stays clear. */
export function placeFaults(inventory: DemoInventory, options: PlanOptions): Fault[] {
  const random = createRandom(`${options.seed}/faults`);
  const placed: Fault[] = [];
  for (const planned of options.plan) {
    const baseMs = planned.atMin < 0 ? options.toMs : options.fromMs;
    // Off the whole minute, as in life; whole seconds, since outages are told in them.
    const startMs = baseMs + planned.atMin * 60_000 + Math.floor(random.next() * 60) * 1000;
    const span = { kind: planned.kind, startMs, endMs: startMs + planned.lengthMin * 60_000 };
    placed.push({ ...span, site: choose(planned, span, inventory, placed, random) });
  }
  return placed.toSorted((a, b) => a.startMs - b.startMs || (a.site < b.site ? -1 : 1));
}

function choose(
  planned: PlannedFault,
  span: Omit<Fault, "site">,
  inventory: DemoInventory,
  placed: readonly Fault[],
  random: Random,
): string {
  const { top, links } = inventory;
  if (planned.where === "top") return top;
  const wanted = planned.technology;
  const fits = links.filter(
    (link) =>
      isAt(planned.where, link, links) &&
      (wanted === undefined || link.technology === wanted) &&
      placed.every((other) => !meets(span, other, link.site, links)),
  );
  const unused = fits.filter(({ site }) => placed.every((other) => other.site !== site));
  if (fits.length === 0)
    throw new Error(`no site is left for the planned ${planned.kind} at minute ${planned.atMin}`);
  return random.pick(unused.length > 0 ? unused : fits).site;
}

function isAt(where: PlannedFault["where"], link: DemoLink, links: readonly DemoLink[]): boolean {
  if (where !== "relay") return depthOf(link) === where;
  return depthOf(link) === "village" && links.some(({ parent }) => parent === link.site);
}

function depthOf({ site }: DemoLink): "top" | "kecamatan" | "village" {
  return (["top", "kecamatan", "village"] as const)[site.split(".").length - 2]!;
}

/** Room between two faults on one path, ms: time for spools to arrive and machines to start. */
const roomMs = 10 * 60_000;

/** Whether two faults come near each other on one path. The service's, at the top, is on everybody's. */
function meets(span: Omit<Fault, "site">, other: Fault, site: string, links: readonly DemoLink[]): boolean {
  const near = span.startMs < other.endMs + roomMs && other.startMs < span.endMs + roomMs;
  if (!near || other.kind === "service" || other.kind === "certificate") return false;
  return isAbove(site, other.site, links) || isAbove(other.site, site, links);
}

/** Whether one site is the other, or on its way to the top. */
function isAbove(upper: string, lower: string, links: readonly DemoLink[]): boolean {
  for (let at: string | null = lower; at !== null; at = links.find(({ site }) => site === at)!.parent) {
    if (at === upper) return true;
  }
  return false;
}
