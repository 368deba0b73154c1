import type { Dashboard, QueryVariable, Target } from "../../dashboards/lib/grafana.ts";
import type { AppWithData } from "../support/app-with-data.ts";
import { frameOf, requestOf } from "./infinity.ts";
import type { View } from "./infinity.ts";
import { isQuery } from "./queries-of.ts";
import type { DashboardQuery } from "./queries-of.ts";

/* A collector asked as Grafana and the plugin would ask it. */

export async function ask(
  { app, keys }: AppWithData,
  target: Target,
  view: View,
): Promise<{ status: number; body: unknown }> {
  // The base URL of the data source ends in /api.
  const response = await app.request(`/api${requestOf(target, view)}`, {
    headers: { authorization: `Bearer ${keys.read}` },
  });
  return { status: response.status, body: await response.json() };
}

/** The dashboard's variables filled from the API in their order; several values, all of them. `chosen` comes first. */
export async function viewOf(
  collector: AppWithData,
  dashboard: Dashboard,
  chosen: Record<string, string[]>,
  range: Pick<View, "fromMs" | "toMs">,
): Promise<View> {
  const variables: Record<string, readonly string[]> = { datasource: ["sambung-api"], ...chosen };
  for (const variable of dashboard.templating.list) {
    // One that is chosen in a dashboard of one site is all of them where several are shown.
    if (!isQuery(variable) || (variable.name in chosen && !variable.multi)) continue;
    const values = await optionsOf(collector, variable, { ...range, variables });
    variables[variable.name] = variable.multi ? values : values.slice(0, 1);
  }
  return { ...range, variables };
}

async function optionsOf(collector: AppWithData, { query }: QueryVariable, view: View): Promise<string[]> {
  const { body } = await ask(collector, query.infinityQuery, view);
  return frameOf(query.infinityQuery, body, view).map((row) => row.__value as string);
}

/** What one panel sees: a repeated one a single value of its variable, one with a range of its own that. */
export function seenBy(view: View, { repeat, timeFrom }: Pick<DashboardQuery, "repeat" | "timeFrom">): View {
  const hours = timeFrom === undefined ? null : Number(/^(\d+)h$/.exec(timeFrom)![1]);
  return {
    ...view,
    fromMs: hours === null ? view.fromMs : view.toMs - hours * 3_600_000,
    variables:
      repeat === undefined
        ? view.variables
        : { ...view.variables, [repeat]: view.variables[repeat]!.slice(0, 1) },
  };
}
