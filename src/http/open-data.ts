import { createRoute, z } from "@hono/zod-openapi";
import { fileKinds } from "../report/open-data.ts";
import type { OpenData } from "../report/open-data.ts";
import { createApi, refusedWith } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { notFound } from "./problem.ts";
import { revalidated } from "./revalidation.ts";

/*
 * Open data: files by stable names that anybody may fetch without a key and any cache may keep. What is in them:
 * report/open-data.ts.
 */

const csv = { "text/csv": { schema: z.string() } };
const plain = { "application/json": { schema: z.looseObject({}) } };

const catalogueRoute = createRoute({
  method: "get",
  path: "/data/katalog.json",
  tags: ["open data"],
  summary: "Every data set with its metadata",
  responses: { 200: { description: "The catalogue.", content: plain }, ...refusedWith() },
});

const fileRoute = createRoute({
  method: "get",
  path: "/data/{file}",
  tags: ["open data"],
  summary: "A data set of one month by kecamatan: .csv, .json with the same rows, or .metadata.json",
  description:
    "ketersediaan-<service>-<month> and aduan-<month>, such as ketersediaan-lapor-2026-10.csv. A month that is not over is provisional.",
  request: { params: z.object({ file: z.string() }) },
  responses: {
    200: { description: "The file.", content: { ...csv, ...plain } },
    ...refusedWith(404),
  },
});

/** A month that lasts changes every five minutes, one that is over only where data came late. */
const maxAgeS = { running: 300, over: 3_600 };

export function createOpenDataRoutes(openData: OpenData): Api {
  const room = createApi();
  room.openapi(catalogueRoute, async (c) => {
    c.header("Cache-Control", `public, max-age=${maxAgeS.running}, stale-if-error=86400`);
    // Portals collect it from pages of their own.
    c.header("Access-Control-Allow-Origin", "*");
    return c.json((await openData.catalogue()) as never, 200);
  });
  room.openapi(fileRoute, async (c) => {
    const { file } = c.req.valid("param");
    const dot = file.indexOf(".", file.lastIndexOf("-"));
    const kind = fileKinds.find((each) => each === file.slice(dot + 1));
    const set = kind === undefined ? null : await openData.find(file.slice(0, dot));
    if (kind === undefined || set === null) throw notFound("there is no such file; see /data/katalog.json");
    const text = await openData.file(set, kind);
    const age = set.isOver ? maxAgeS.over : maxAgeS.running;
    const type = kind === "csv" ? "text/csv; charset=utf-8; header=present" : "application/json";
    return c.body(text, 200, {
      "Content-Type": type,
      "Content-Disposition": `inline; filename="${file}"`,
      "Cache-Control": `public, max-age=${age}, stale-if-error=86400`,
      "Access-Control-Allow-Origin": "*",
    }) as never;
  });
  return revalidated(room);
}
