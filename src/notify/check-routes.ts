import { showValue } from "#wire/wire-error.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { RoutingConfig } from "./route-config.ts";

/** Throws when a route names an area or a provider that the inventory does not have: it would take nothing, silently. */
export function checkRoutes({ routes = [] }: Pick<RoutingConfig, "routes">, inventory: Inventory): void {
  const providers = [...new Set([...inventory.links.values()].map(({ provider }) => provider))].sort();
  const mistakes = routes.flatMap(({ areas = [], providers: named = [] }, index) => [
    ...areas.flatMap((code, at) =>
      inventory.sites.has(code)
        ? []
        : [
            `alerts.routes[${index}].areas[${at}]: ${showValue(code)} is not allowed; expected a code of sites.csv`,
          ],
    ),
    ...named.flatMap((name, at) =>
      providers.includes(name)
        ? []
        : [
            `alerts.routes[${index}].providers[${at}]: ${showValue(name)} is not allowed; expected a provider of links.yaml: ${providers.join(", ")}`,
          ],
    ),
  ]);
  if (mistakes.length > 0) throw new Error(mistakes.join("\n"));
}
