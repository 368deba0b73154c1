import { createRoute, z } from "@hono/zod-openapi";
import { siteKinds } from "../inventory/inventory.ts";
import { causes, siteStates } from "../outage/table.ts";
import type { SiteState } from "../outage/table.ts";
import { createApi, json, refusedWith, rowsOf, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { fromParam, langParam, resolveRange, sitesParam, toParam } from "./params.ts";
import { answer, chooseSites, maxRows, metaOf } from "./read-context.ts";
import type { ReadDeps } from "./read-context.ts";
import { iso, stateValues } from "./rows.ts";
import { toChanges } from "./state-rows.ts";
import type { StateChange } from "./state-rows.ts";

const changeRow = z
  .object({
    time: z.iso.datetime(),
    site: z.string(),
    name: z.string(),
    kind: z.enum(siteKinds),
    before: z.enum(siteStates),
    beforeText: z.string(),
    state: z.enum(siteStates),
    stateText: z.string(),
    value: z.int().openapi({ description: "The new state as a number, by severity; see /states." }),
    cause: z.enum(causes).nullable(),
    causeText: z.string().nullable(),
  })
  .openapi("StateChange");

const changesRoute = createRoute({
  method: "get",
  path: "/changes",
  tags: ["outages"],
  summary: "Moments in the range at which sites came from one state into another",
  security: withKey,
  request: {
    query: z.strictObject({ site: sitesParam, from: fromParam, to: toParam, lang: langParam }),
  },
  responses: { 200: json("Rows, ascending in time.", rowsOf(changeRow)), ...refusedWith(400, 401, 403) },
});

interface Change extends StateChange {
  before: SiteState;
}

export function createChangeRoutes({ reader, inventory, nowMs, words }: ReadDeps): Api {
  const api = createApi();
  api.openapi(changesRoute, async (c) => {
    const { site, lang, ...query } = c.req.valid("query");
    const asked = resolveRange(query, nowMs());
    const { sites, unknown } = chooseSites(inventory(), site);
    const known = sites.filter((code) => !unknown.includes(code));
    // What has not happened yet has no state.
    const range = { fromMs: asked.fromMs, toMs: Math.min(asked.toMs, nowMs()) };
    const segments =
      range.fromMs < range.toMs ? await reader.states({ ...range, sites: known, service: "" }) : [];
    const changes = known.length === 0 ? [] : changesWithin(toChanges(segments, known, range));
    const spoken = words(lang);
    const data = changes.slice(0, maxRows).map((change): z.input<typeof changeRow> => {
      const { name, kind } = inventory().sites.get(change.site)!;
      return {
        time: iso(change.timeMs),
        site: change.site,
        name,
        kind,
        before: change.before,
        beforeText: spoken.state(change.before),
        state: change.state,
        stateText: spoken.state(change.state),
        value: stateValues[change.state],
        cause: change.cause,
        causeText: spoken.cause(change.cause, change.state),
      };
    });
    return answer(c, {
      data,
      meta: metaOf(data, { truncated: changes.length > maxRows, range: asked, unknown }),
    });
  });
  return api;
}

/** Without the rows at both ends, and without those in which the cause alone became another. */
function changesWithin(points: readonly StateChange[]): Change[] {
  const last = new Map<string, SiteState>();
  return points.flatMap((point) => {
    const before = last.get(point.site);
    last.set(point.site, point.state);
    return before === undefined || before === point.state ? [] : [{ ...point, before }];
  });
}
