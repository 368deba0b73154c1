import type { AgentTarget } from "#wire/targets-v1.ts";
import type { DnsSample, HttpSample, IcmpSample, Sample } from "../probe.ts";
import type { DemoInventory } from "./inventory.ts";
import type { DemoTechnology } from "./links.ts";
import { createRandom } from "./random.ts";
import type { Random } from "./random.ts";
import type { ServiceState, World } from "./world.ts";

/*
 * NO PROBE RUNS HERE. The measurements of the demonstration are drawn from this model:
 *
 *   round trip = the links' own base times on the way + queueing, exponential, more of it in the hours of load
 *   loss       = a share of packets by technology, three times as much at full load; all where the way is cut, and two
 *                of each round where a storm fades a link on the way
 *
 * Base times are working defaults for planning, judgement and no measurement; a geostationary satellite is never under
 * 477 ms (4 × 35,786 km at the speed of light).
 */
interface Medium {
  /** Base round trip of the link, ms: a site gets one between these. */
  baseMs: readonly [number, number];
  /** Mean queueing at full load, ms. */
  queueMs: number;
  /** Share of packets lost without load. */
  lossRatio: number;
}

const media: Record<DemoTechnology, Medium> = {
  fibre: { baseMs: [4, 18], queueMs: 4, lossRatio: 0.0005 },
  radio: { baseMs: [8, 35], queueMs: 14, lossRatio: 0.004 },
  "4g": { baseMs: [28, 60], queueMs: 25, lossRatio: 0.005 },
  leo: { baseMs: [32, 55], queueMs: 20, lossRatio: 0.011 },
  vsat: { baseMs: [560, 640], queueMs: 60, lossRatio: 0.01 },
};

/** Way from the NOC to the public network and to the complaint service, ms. */
const worldMs = 24;
const worldQueueMs = 3;
/** Of the targets that watch the sites below. */
const belowPrefix = "below-";
/** WITA, UTC+8: load follows the local day. */
const zoneOffsetMs = 8 * 3_600_000;
/** The certificate of the simulated service runs out then. */
const certificateEndMs = Date.UTC(2027, 11, 31);

interface Way {
  baseMs: number;
  queueMs: number;
  lossRatio: number;
}

export type Measure = (target: AgentTarget, atMs: number) => Sample;

/** What the agents measure: a function for each site, with chance of its own for each target. */
export function createModel(inventory: DemoInventory, world: World, seed: string): (site: string) => Measure {
  const ways = drawLinkWays(inventory, seed);
  return (site) => createMeasure(site, inventory.top, ways, world, seed);
}

function createMeasure(
  site: string,
  top: string,
  ways: ReadonlyMap<string, Way>,
  world: World,
  seed: string,
): Measure {
  const linkWay = (of: string) => ways.get(of)!;
  const hubWay = linkWay(site);
  const topWay = sum(
    world
      .pathOf(site)
      .filter((hop) => hop !== top)
      .map(linkWay),
  );
  const outWay = sum([topWay, { baseMs: worldMs, queueMs: worldQueueMs, lossRatio: 0.0002 }]);
  const lanWay = { baseMs: 0.6, queueMs: 0.2, lossRatio: 0.0001 };
  const chances = new Map<string, Random>();
  const chanceOf = (id: string) => {
    const known = chances.get(id);
    if (known !== undefined) return known;
    const made = createRandom(`${seed}/${site}/${id}`);
    chances.set(id, made);
    return made;
  };

  const reachesOut = (atMs: number) => world.reachesTop(site, atMs) && world.reachesWorld(atMs);
  const isPoor = (target: string, atMs: number) => {
    if (target === "gw") return false;
    if (target === "hub") return world.isPoor(site, atMs);
    if (target.startsWith(belowPrefix)) return world.isPoor(target.slice(belowPrefix.length), atMs);
    return world.pathOf(site).some((hop) => world.isPoor(hop, atMs));
  };

  function ping(target: string, atMs: number): { way: Way; answers: boolean } {
    if (target === "gw") return { way: lanWay, answers: true };
    if (target === "hub") return { way: hubWay, answers: world.reachesHub(site, atMs) };
    if (target === "noc") return { way: topWay, answers: world.reachesTop(site, atMs) };
    if (target === "anchor") return { way: outWay, answers: reachesOut(atMs) };
    const child = target.slice(belowPrefix.length);
    return { way: linkWay(child), answers: world.reachesHub(child, atMs) };
  }

  return (target, atMs) => {
    const chance = chanceOf(target.id);
    const load = loadAt(atMs);
    if (target.kind === "icmp") {
      const { way, answers } = ping(target.id, atMs);
      if (!answers) return lost(target.count);
      const sample = icmp(target.count, way, load, chance);
      return isPoor(target.id, atMs) ? fade(sample) : sample;
    }
    const reachable = reachesOut(atMs) && world.resolves(site, atMs);
    if (target.kind === "dns") return dns(reachable, outWay, load, chance);
    if (target.kind === "http") {
      const service = reachable ? world.service(atMs) : "unreachable";
      return http(service, outWay, load, chance, atMs);
    }
    throw new Error(`the demonstration has no ${target.kind} targets, yet was given ${target.id}`);
  };
}

/** Each link's base time is drawn once, so that both its ends know the same. */
function drawLinkWays({ links }: DemoInventory, seed: string): Map<string, Way> {
  return new Map(
    links.map(({ site, technology }) => {
      const { baseMs, ...medium } = media[technology];
      return [site, { ...medium, baseMs: createRandom(`${seed}/base/${site}`).between(...baseMs) }];
    }),
  );
}

function sum(ways: readonly Way[]): Way {
  const total = (of: (way: Way) => number) => ways.reduce((all, way) => all + of(way), 0);
  return {
    baseMs: total((way) => way.baseMs),
    queueMs: total((way) => way.queueMs),
    lossRatio: total((way) => way.lossRatio),
  };
}

/** Load of the local hour, 0 to 1: offices from eight to four, homes in the evening, nobody at three. */
function loadAt(atMs: number): number {
  const hour = ((atMs + zoneOffsetMs) % 86_400_000) / 3_600_000;
  const hill = (middle: number, width: number) => Math.exp(-(((hour - middle) / width) ** 2));
  return 0.08 + 0.7 * hill(11, 3) + 0.9 * hill(20.5, 2.5);
}

const rttMs = (way: Way, load: number, chance: Random) =>
  way.baseMs * (1 + 0.004 * Math.abs(chance.normal())) + way.queueMs * load * chance.exponential();

function icmp(count: number, way: Way, load: number, chance: Random): IcmpSample {
  const lossRatio = way.lossRatio * (1 + 2 * load);
  const rttUs: number[] = [];
  let lossRun = 0;
  let run = 0;
  for (let echo = 0; echo < count; echo++) {
    const isLost = chance.next() < lossRatio;
    if (!isLost) rttUs.push(Math.round(rttMs(way, load, chance) * 1000));
    run = isLost ? run + 1 : 0;
    lossRun = Math.max(lossRun, run);
  }
  return { kind: "icmp", sent: count, recv: rttUs.length, rttUs, unsent: null, lossRun };
}

/** Two echoes of the round are lost besides: some came back, and the link is poor. */
function fade({ sent, rttUs, lossRun, ...rest }: IcmpSample): IcmpSample {
  const left = rttUs.slice(0, Math.max(1, rttUs.length - 2));
  return {
    ...rest,
    sent,
    recv: left.length,
    rttUs: left,
    lossRun: Math.max(lossRun ?? 0, sent - left.length),
  };
}

const lost = (count: number): IcmpSample => ({
  kind: "icmp",
  sent: count,
  recv: 0,
  rttUs: [],
  unsent: null,
  lossRun: count,
});

function dns(answers: boolean, way: Way, load: number, chance: Random): DnsSample {
  if (!answers) return { kind: "dns", ok: 0, rcode: null, totalMs: null };
  return { kind: "dns", ok: 1, rcode: "NOERROR", totalMs: rttMs(way, load, chance) };
}

const nothing: HttpSample = {
  kind: "http",
  ok: 0,
  phase: "dns",
  status: null,
  dnsMs: null,
  connectMs: null,
  tlsMs: null,
  ttfbMs: null,
  totalMs: null,
  certExpiresS: null,
  tlsError: null,
};

function http(
  service: ServiceState | "unreachable",
  way: Way,
  load: number,
  chance: Random,
  atMs: number,
): HttpSample {
  if (service === "unreachable") return nothing;
  const dnsMs = rttMs(way, load, chance);
  if (service === "refused") return { ...nothing, phase: "refused", dnsMs };
  const connectMs = rttMs(way, load, chance);
  const tlsMs = rttMs(way, load, chance) * 2;
  if (service === "expired") {
    return {
      ...nothing,
      phase: "tls",
      dnsMs,
      connectMs,
      tlsMs,
      certExpiresS: -60,
      tlsError: "CERT_HAS_EXPIRED",
    };
  }
  const ttfbMs = rttMs(way, load, chance) + 40 + 30 * chance.exponential();
  return {
    kind: "http",
    ok: service === "ok" ? 1 : 0,
    phase: service === "ok" ? null : "http",
    status: service === "ok" ? 200 : 500,
    dnsMs,
    connectMs,
    tlsMs,
    ttfbMs,
    totalMs: dnsMs + connectMs + tlsMs + ttfbMs + way.baseMs,
    certExpiresS: Math.round((certificateEndMs - atMs) / 1000),
    tlsError: null,
  };
}
