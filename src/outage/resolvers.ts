import type { Tree } from "../inventory/tree.ts";
import type { Evidence } from "./evidence.ts";
import { overlay } from "./steps.ts";
import type { Step } from "./steps.ts";
import { tally } from "./tally.ts";
import type { Tally } from "./tally.ts";

/*
 * Whose resolver it is that gives no names. Where most of the places fail that hang from one site, it is that site's, and one
 * fault: a kecamatan's villages ask what stands at its hub (methods.md §B3: 60 % and two of them). A site that gets its names
 * clears itself and all above it. Of several such sites above each other it is the nearest that explains the most places.
 */

/** Share of the places below a site, itself among them, that have to fail (methods.md §B3). */
const leastShare = 0.6;
const leastPlaces = 2;

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
  return (site) => {
    const path = pathOf(site, tree);
    if (!failing.has(site) || !path.some((one) => tallies.has(one))) return [];
    const steps = overlay<Tally | Names, string | undefined>(
      path.flatMap((one) => [tallies.get(one) ?? [], names.get(one) ?? []]),
      fromMs,
      nowMs,
      (values) =>
        choose(
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
  return choose(
    pathOf(site, tree).map((one) => {
      const told = tree.subtreeOf(one).flatMap((place) => failing.get(place) ?? []);
      const own = failing.get(one);
      return {
        site: one,
        below: { able: told.length, failing: told.filter(Boolean).length },
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

/** `path`: the nearest first. */
function choose(path: readonly Stage[]): string | undefined {
  let best: { site: string; failing: number } | undefined;
  for (const { site, below, own } of path) {
    if (own?.failing === false) break;
    const { able, failing } = below ?? { able: 0, failing: 0 };
    const isShared = failing >= leastPlaces && failing >= leastShare * able;
    if (isShared && failing > (best?.failing ?? 0)) best = { site, failing };
  }
  return best?.site;
}

const pathOf = (site: string, tree: Tree) => [site, ...tree.ancestorsOf(site)];
