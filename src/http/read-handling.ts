import { createRoute, z } from "@hono/zod-openapi";
import { defaultTimeZone } from "../inventory/local-time.ts";
import { handlingSteps } from "../relation/handling.ts";
import type { HandlingStep } from "../relation/handling.ts";
import { queryHandling } from "../report/handling-query.ts";
import { dayParams, resolveDays } from "./day-range.ts";
import { createApi, json, refusedWith, rowsOf, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { answer, metaOf } from "./read-context.ts";
import type { ReadDeps } from "./read-context.ts";

const step = z.object({
  limitDays: z.int().openapi({ description: "Working days." }),
  within: z.int(),
  late: z.int().openapi({ description: "Done later, or not done and over the limit." }),
  open: z.int().openapi({ description: "Not done, and not over the limit." }),
  notKnown: z.int().openapi({ description: "A date is missing, or the case ended in another way." }),
  withinRatio: z
    .number()
    .nullable()
    .openapi({ description: "within / (within + late); null: there are none." }),
});

const officeRow = z
  .object({
    office: z.string().openapi({
      description: "Of the kecamatan complained about, or of the regency where no kecamatan is known.",
    }),
    name: z.string(),
    cases: z.int(),
    verified: step,
    followedUp: step,
    closed: step,
    downS: z.int().nullable().openapi({
      description:
        "How long the office was cut off in the same days; null: it is not monitored. It stands beside the rest, and explains nothing.",
    }),
    notMeasuredS: z
      .int()
      .nullable()
      .openapi({ description: "How long nobody measured whether it was; null: it is not monitored." }),
    yearsWithoutHolidays: z.array(z.int()).openapi({ description: "There weekends alone were left out." }),
  })
  .openapi("ComplaintHandling");

const handlingRoute = createRoute({
  method: "get",
  path: "/complaints/handling",
  tags: ["complaints"],
  summary: "How long cases took, beside the outages of the office in charge",
  description:
    "Cases received in the days asked for: verified within 3 working days, followed up within 5 of that, closed within 10 of that. Working days are Monday to Friday without holidays; yearsWithoutHolidays names years whose holidays the inventory does not have. Anonymous and confidential cases, and those past their retention, have no dates and are not in it.",
  security: withKey,
  request: { query: z.strictObject(dayParams) },
  responses: {
    200: json("One row per office with cases.", rowsOf(officeRow)),
    ...refusedWith(400, 401, 403),
  },
});

export function createHandlingRoutes({ reader, state, inventory, nowMs }: ReadDeps): Api {
  const api = createApi();
  api.openapi(handlingRoute, async (c) => {
    const [now, of] = [nowMs(), inventory()];
    const { fromDay, toDay } = resolveDays(c.req.valid("query"), now, of.timeZone ?? defaultTimeZone);
    const deps = { state, reader, inventory: of, nowMs: now };
    const { offices, yearsWithoutHolidays } = await queryHandling(deps, { fromDay, toDay });
    const data = offices.map(({ office, name, cases, steps, network }) => ({
      office,
      name,
      cases,
      ...(Object.fromEntries(handlingSteps.map((each) => [each, steps[each]])) as Record<
        HandlingStep,
        z.infer<typeof step>
      >),
      downS: network?.downS ?? null,
      notMeasuredS: network?.notMeasuredS ?? null,
      yearsWithoutHolidays,
    }));
    return answer(c, { data, meta: { ...metaOf(data), from: fromDay, to: toDay } });
  });
  return api;
}
