import type { Tree } from "../inventory/tree.ts";
import type { Evidence } from "./evidence.ts";
import { overlay } from "./steps.ts";
import type { Step } from "./steps.ts";
import { tally } from "./tally.ts";
import type { Tally } from "./tally.ts";

/*
 * Whose resolver it is that gives no names. Where most of the places fail that hang from one site, it is that site's, and one
 * fault: a kecamatan's villages ask what stands at its hub (methods.md §B3: 60 % and two of them). A site that gets its names
 * clears itself and all above it, and where about as many fail elsewhere it is the zone and nobody's resolver. Of several such sites above each other it is the nearest that explains the most places.
 */

/** Share of the places below a site, itself among them, that have to fail (methods.md §B3). */
const leastShare = 0.6;
const leastPlaces = 2;
/** Share of the places elsewhere that may fail as well. A judgement: half of what tells of a resolver. */
const mostElsewhere = leastShare / 2;

/** Whether a place that is connected fails for want of names; left out: it does not check, or cannot. */
interface Names {
  failing: boolean;
}

/** Over time: by site, the one whose resolver it is there. `names`: by site. */
export function readResolvers(
  names: ReadonlyMap<string, readonly Step<Names>[]>,
  tree: Tree,
  { fromMs, nowMs }: Pick<Evidence, "fromMs" | "nowMs">,
): (site: string) => readonly Step<string>[] {
  const failing = new Set(
    [...names].flatMap(([site, steps]) => (steps.some(({ value }) => value.failing) ? [site] : [])),
  );
  const tallies = new Map<string, readonly Step<Tally>[]>();
  for (const site of new Set([...failing].flatMap((one) => pathOf(one, tree)))) {
    const places = tree.subtreeOf(site);
    if (places.filter((one) => failing.has(one)).length < leastPlaces) continue;
    tallies.set(site, tally(places.flatMap((one) => (names.has(one) ? [names.get(one)!] : []))));
  }
  const everywhere = tallies.size === 0 ? [] : tally([...names.values()]);
  return (site) => {
    const path = pathOf(site, tree);
    if (!failing.has(site) || !path.some((one) => tallies.has(one))) return [];
    const steps = overlay<Tally | Names, string | undefined>(
      [everywhere, ...path.flatMap((one) => [tallies.get(one) ?? [], names.get(one) ?? []])],
      fromMs,
      nowMs,
      ([all, ...values]) =>
        choose(
          all as Tally | undefined,
          path.map((one, index) => ({
            site: one,
            below: values[2 * index] as Tally | undefined,
            own: values[2 * index + 1] as Names | undefined,
          })),
        ),
      (a, b) => a === b,
    );
    return steps.filter((step): step is Step<string> => step.value !== undefined);
  };
}

/** At one moment. `failing`: by site, of those that check and are connected. */
export function resolverOf(
  site: string,
  failing: ReadonlyMap<string, boolean>,
  tree: Tree,
): string | undefined {
  const all = tallyOf([...failing.values()]);
  // Nearly always: asked at each look of every site, and no subtree is walked for it.
  if (all.failing < leastPlaces || failing.get(site) === false) return undefined;
  return choose(
    all,
    pathOf(site, tree).map((one) => {
      const told = tree.subtreeOf(one).flatMap((place) => failing.get(place) ?? []);
      const own = failing.get(one);
      return {
        site: one,
        below: tallyOf(told),
        own: own === undefined ? undefined : { failing: own },
      };
    }),
  );
}

/** A site of a path with what is told of the places below it, itself among them. */
interface Stage {
  site: string;
  below: Tally | undefined;
  own: Names | undefined;
}

const tallyOf = (failing: readonly boolean[]): Tally => ({
  able: failing.length,
  failing: failing.filter(Boolean).length,
});

/** `all`: of the whole district · `path`: the nearest first. */
function choose(all: Tally | undefined, path: readonly Stage[]): string | undefined {
  let best: { site: string; failing: number } | undefined;
  if (all === undefined) return undefined;
  for (const { site, below, own } of path) {
    if (own?.failing === false) break;
    const { able, failing } = below ?? { able: 0, failing: 0 };
    const [ableElsewhere, failingElsewhere] = [all.able - able, all.failing - failing];
    const isZone = ableElsewhere > 0 && failingElsewhere >= mostElsewhere * ableElsewhere;
    const isShared = failing >= leastPlaces && failing >= leastShare * able && !isZone;
    if (isShared && failing > (best?.failing ?? 0)) best = { site, failing };
  }
  return best?.site;
}

const pathOf = (site: string, tree: Tree) => [site, ...tree.ancestorsOf(site)];
