import { createRoute, z } from "@hono/zod-openapi";
import { createLocalTime, defaultTimeZone, startOfDay } from "../inventory/local-time.ts";
import type { Made } from "../relation/association.ts";
import { recentAssociationDays } from "../report/association-query.ts";
import { createRelationWords } from "../report/relation-words.ts";
import { createApi, json, refusedWith, rowsOf, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { fromParam, idParam, langParam, toParam } from "./params.ts";
import { badField, notFound } from "./problem.ts";
import { answer, metaOf } from "./read-context.ts";
import type { ReadDeps } from "./read-context.ts";
import { associationAnswer, effectAnswer } from "./relation-schemas.ts";
import { iso } from "./rows.ts";

const dayMs = 86_400_000;
/** Days that are asked about at most; more than the store of a district holds for a question of minutes. */
const mostDays = 1_100;
const exposures = ["down", "degraded"] as const;

const days = {
  from: fromParam.openapi({ param: { description: "Start, taken back to the local midnight before it." } }),
  to: toParam.openapi({
    param: { description: "End, taken back to the local midnight before it. Default: the last one." },
  }),
};

const associationQuery = {
  exposure: z
    .enum(exposures, { error: `one of ${exposures.join(", ")}` })
    .default("down")
    .openapi({ param: { description: "What the network is asked about." } }),
  lang: langParam,
  ...days,
};

const associationRoute = createRoute({
  method: "get",
  path: "/services/{id}/association",
  tags: ["services"],
  summary:
    "Whether a service fails more often while the network is out, with what that does and does not mean",
  description:
    "The outcome comes from the service's own checks alone, the exposure from network probes alone. `accounting` is an exact account of the window, `inference` what may be said in general; the two are never mixed. Default: the last 90 whole days.",
  security: withKey,
  request: {
    params: z.object({ id: z.string() }),
    query: z.strictObject(associationQuery),
  },
  responses: {
    200: json("One row: the association.", rowsOf(associationAnswer)),
    ...refusedWith(400, 401, 403, 404),
  },
});

const chosenAssociationRoute = createRoute({
  method: "get",
  path: "/services/association",
  tags: ["services"],
  summary: "The same, of the service that a dashboard has chosen",
  security: withKey,
  request: { query: z.strictObject({ service: idParam("The service."), ...associationQuery }) },
  responses: {
    200: json("One row at most: the association.", rowsOf(associationAnswer)),
    ...refusedWith(400, 401, 403, 404),
  },
});

const effectRoute = createRoute({
  method: "get",
  path: "/complaints/effect",
  tags: ["complaints"],
  summary:
    "Whether fewer complaints come in while the service cannot be reached, or why that cannot be shown",
  description:
    "Compared within each kecamatan and month. Time-stamped contacts are taken where there are any, counts by the day otherwise. Without enough expected complaints there is no p, but what would be needed. Default: the last 365 whole days.",
  security: withKey,
  request: {
    query: z.strictObject({
      service: z
        .string()
        .optional()
        .openapi({
          param: { description: "Empty: none, and no rows. Default: the first of the inventory." },
        }),
      seed: z
        .string()
        .regex(/^\d{1,9}$/, { error: "a whole number from 0 to 999999999" })
        .default("1")
        .openapi({ param: { description: "Of the draws behind daily counts." } }),
      lang: langParam,
      ...days,
    }),
  },
  responses: {
    200: json("One row: the effect.", rowsOf(effectAnswer)),
    ...refusedWith(400, 401, 403, 404),
  },
});

export function createRelationRoutes({ reader, inventory, nowMs }: ReadDeps): Api {
  const api = createApi();
  const zone = () => inventory().timeZone ?? defaultTimeZone;
  async function associationOf(
    id: string,
    { exposure, lang, ...query }: z.output<z.ZodObject<typeof associationQuery>>,
  ) {
    const found = await reader.association({
      service: id,
      exposure,
      ...wholeDays(query, recentAssociationDays, nowMs(), zone()),
    });
    if (found === null) throw notFound(`the inventory has no service ${id}`);
    const { association, leftOut } = found;
    const words = createRelationWords(lang);
    const { verdict, caveats, needs, readyMs, made, ...rest } = association;
    const data = {
      ...rest,
      verdict,
      verdictText: words.verdict(verdict, association.exposure),
      caveats: caveats.map((caveat) => ({ caveat, text: words.caveat(caveat) })),
      needs: needs.map((need) => ({ ...need, text: words.need(need) })),
      ready: readyMs === null ? null : iso(readyMs),
      leftOut,
      made: toMade(made),
    };
    return { data: [data], meta: metaOf([data]) };
  }
  api.openapi(associationRoute, async (c) =>
    answer(c, await associationOf(c.req.valid("param").id, c.req.valid("query"))),
  );
  api.openapi(chosenAssociationRoute, async (c) => {
    const { service, ...query } = c.req.valid("query");
    return answer(c, service === "" ? noRows : await associationOf(service, query));
  });
  api.openapi(effectRoute, async (c) => {
    const { service = [...inventory().services.keys()][0], seed, lang, ...query } = c.req.valid("query");
    if (service === "") return answer(c, noRows);
    const found =
      service === undefined
        ? null
        : await reader.complaintEffect({
            service,
            seed: Number(seed),
            ...wholeDays(query, 365, nowMs(), zone()),
          });
    if (found === null) throw notFound(`the inventory has no service ${service ?? ""}`);
    const { effect, leftOut, alike } = found;
    const words = createRelationWords(lang);
    const { made, ...rest } = effect;
    const verdictText = words.effect(effect.verdict);
    const data = { ...rest, verdictText, caveats: words.effectCaveats(), leftOut, alike, made: toMade(made) };
    return answer(c, { data: [data], meta: metaOf([data]) });
  });
  return api;
}

const noRows = { data: [], meta: metaOf([]) };

const toMade = ({ fromMs, toMs, ...made }: Made) => ({ ...made, from: iso(fromMs), to: iso(toMs) });

/** Whole local days that are over: today would be compared with only a part of itself. */
function wholeDays(
  query: { from?: number | undefined; to?: number | undefined },
  usual: number,
  nowMs: number,
  zone: string,
): { fromMs: number; days: number } {
  const { toLocalMs } = createLocalTime(zone);
  const toMs = startOfDay(Math.min(query.to ?? nowMs, nowMs), zone);
  const fromMs = query.from === undefined ? toMs - usual * dayMs : startOfDay(query.from, zone);
  const found = Math.round((toLocalMs(toMs) - toLocalMs(fromMs)) / dayMs);
  if (found >= 1 && found <= mostDays) return { fromMs, days: found };
  const allowed = `a time from 1 to ${mostDays} whole days before the end, ${iso(toMs)}`;
  throw badField(400, [{ field: "from", value: iso(fromMs), allowed }]);
}
