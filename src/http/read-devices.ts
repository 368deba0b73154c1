import { createRoute, z } from "@hono/zod-openapi";
import type { InterfaceRow, ReadingRow } from "../report/reader.ts";
import { formatStep } from "./duration.ts";
import { createApi, json, refusedWith, rowsOf, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { fromParam, resolveRange, resolveStepMs, stepParam, targetsParam, toParam } from "./params.ts";
import { answer, chooseTargets, maxRows, metaOf } from "./read-context.ts";
import type { ReadDeps } from "./read-context.ts";
import { iso } from "./rows.ts";

const time = z.iso.datetime();
const rate = z.number().nullable();

const interfaceRow = z
  .object({
    time,
    target: z.string(),
    index: z.int().openapi({ description: "ifIndex." }),
    interface: z.string().openapi({
      description:
        "ifName, or ifDescr where it has none; with the index behind it where the device has that name twice.",
    }),
    up: z.boolean().nullable(),
    in_bps: rate.openapi({ description: "Bits a second." }),
    out_bps: rate,
    in_errors_per_s: rate.openapi({ description: "Packets a second." }),
    out_errors_per_s: rate,
    in_discards_per_s: rate,
    out_discards_per_s: rate,
  })
  .openapi("InterfaceRow");

const readingRow = z
  .object({
    time,
    target: z.string(),
    object: z.string().openapi({ description: "As the profile names it, with its instance: `signalDbm.1`." }),
    value: z.number().nullable().openapi({ description: "The last one read in the step." }),
  })
  .openapi("ReadingRow");

const range = { target: targetsParam, step: stepParam, from: fromParam, to: toParam };

const interfacesRoute = createRoute({
  method: "get",
  path: "/interfaces",
  tags: ["series"],
  summary: "Traffic, errors and state of the interfaces of SNMP targets, by step",
  security: withKey,
  request: { query: z.strictObject(range) },
  responses: { 200: json("Rows, ascending in time.", rowsOf(interfaceRow)), ...refusedWith(400, 401, 403) },
});

const objectsAllowed = "names such as signalDbm,snrDb, without an index, 20 at most";
const objectName = /^[A-Za-z][A-Za-z0-9]{0,63}$/;

const objectsParam = z
  .string({ error: `${objectsAllowed}, once` })
  .transform((text, context): string[] => {
    const names = [...new Set(text.split(",").map((name) => name.trim()))];
    if (names.length <= 20 && names.every((name) => objectName.test(name))) return names;
    context.addIssue({ code: "custom", message: objectsAllowed });
    return z.NEVER;
  })
  .openapi({ type: "string", param: { description: `${objectsAllowed}.` }, example: "signalDbm,snrDb" });

const readingsRoute = createRoute({
  method: "get",
  path: "/readings",
  tags: ["series"],
  summary: "Objects of SNMP targets by name, one row for each instance and step",
  security: withKey,
  request: { query: z.strictObject({ object: objectsParam, ...range }) },
  responses: { 200: json("Rows, ascending in time.", rowsOf(readingRow)), ...refusedWith(400, 401, 403) },
});

export function createDeviceRoutes({ reader, inventory, nowMs }: ReadDeps): Api {
  const api = createApi();
  api.openapi(interfacesRoute, async (c) => {
    const query = c.req.valid("query");
    const asked = resolveRange(query, nowMs());
    const stepMs = resolveStepMs(query.step, asked);
    const { targets, unknown } = chooseTargets(inventory(), query.target);
    const found = await reader.interfaces({ ...asked, targets, stepMs, maxRows });
    const { rows, truncated } = found;
    const data = rows.map(toInterfaceRow);
    return answer(c, {
      data,
      meta: metaOf(data, { truncated, range: asked, step: formatStep(found.stepMs), unknown }),
    });
  });
  api.openapi(readingsRoute, async (c) => {
    const { object: objects, ...query } = c.req.valid("query");
    const asked = resolveRange(query, nowMs());
    const stepMs = resolveStepMs(query.step, asked);
    const { targets, unknown } = chooseTargets(inventory(), query.target);
    const found = await reader.readings({ ...asked, targets, objects, stepMs, maxRows });
    const { rows, truncated } = found;
    const data = rows.map(toReadingRow);
    return answer(c, {
      data,
      meta: metaOf(data, { truncated, range: asked, step: formatStep(found.stepMs), unknown }),
    });
  });
  return api;
}

function toInterfaceRow({ timeMs, name, ...row }: InterfaceRow): z.input<typeof interfaceRow> {
  return {
    time: iso(timeMs),
    target: row.target,
    index: row.index,
    interface: name,
    up: row.up,
    in_bps: row.inBps,
    out_bps: row.outBps,
    in_errors_per_s: row.inErrors,
    out_errors_per_s: row.outErrors,
    in_discards_per_s: row.inDiscards,
    out_discards_per_s: row.outDiscards,
  };
}

function toReadingRow({ timeMs, target, object, value }: ReadingRow): z.input<typeof readingRow> {
  return { time: iso(timeMs), target, object, value };
}
