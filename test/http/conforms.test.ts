import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appWithData } from "../support/app-with-data.ts";
import type { AppWithData } from "../support/app-with-data.ts";
import { createConformance } from "../support/conforms.ts";
import type { Conformance, OpenApi } from "../support/conforms.ts";
import { fromMs, nowMs, village } from "../support/day-of-data.ts";

/*
 * The document is true: what is read of a day of data, and every refusal on the way, has the documented status, type and shape.
 * Writes are held to it where they are tested: partners.test.ts, partner-webhooks.test.ts, tmf.test.ts.
 */

let held: AppWithData;
let conformance: Conformance;
let document: OpenApi;

beforeAll(async () => {
  held = await appWithData();
  document = (await (await held.app.request("/openapi.json")).json()) as OpenApi;
  conformance = createConformance(document);
});
afterAll(() => held[Symbol.asyncDispose]());

async function ask(method: string, path: string, key: string | null, body?: string): Promise<Response> {
  const response = await held.app.request(path, {
    method,
    headers: {
      ...(key === null ? {} : { Authorization: `Bearer ${key}` }),
      "Content-Type": "application/json",
    },
    ...(body === undefined ? {} : { body }),
  });
  await conformance.check(method, path, response);
  return response;
}

const range = `from=${fromMs}&to=${nowMs}`;
/** What reads of the day of data need, by template. */
const queries: Record<string, string[]> = {
  "/api/v1/series": [
    `target=${village}/*&metric=rtt_ms,loss_ratio&${range}`,
    `target=${village}/*&metric=up_ratio`,
  ],
  "/api/v1/smoke": [`target=${village}/gw&${range}`],
  "/api/v1/states": [range, `site=${village}&${range}`],
  "/api/v1/outages": [range, `${range}&lang=en&open=false`],
  "/api/v1/incidents": [range],
  "/api/v1/map": ["", `parent=64.08`],
  "/api/v1/availability": ["site", "link", "kecamatan", "kabupaten", "provider"].map(
    (by) => `by=${by}&${range}`,
  ),
  "/api/v1/agents/ledger": ["agent=", "agent=ag_village1"],
  "/api/v1/services/availability": ["service=", `service=lapor&by=site&${range}`],
  "/api/v1/services/association": ["service=", "service=lapor"],
  "/api/v1/sites": ["", "within=", "within=64.08"],
  "/api/v1/services/{id}/availability": ["site", "provider"].map((by) => `by=${by}&${range}`),
};

function filled(template: string): string {
  const id = template.includes("/services/") ? [...held.inventory.services.keys()][0]! : "ag_village1";
  return template.replace("{code}", village).replace("{id}", id).replace("{file}", "katalog.json");
}

describe("the API's document", () => {
  it("is true of everything that is read", async () => {
    const reads = Object.entries(document.paths).filter(([, of]) => "get" in of);
    const answered: string[] = [];
    const wrong: string[] = [];
    for (const [template] of reads)
      for (const query of queries[template] ?? [""]) {
        const path = `${filled(template)}${query === "" ? "" : `?${query}`}`;
        try {
          if ((await ask("GET", path, held.keys.admin)).status === 200) answered.push(template);
        } catch (error) {
          wrong.push((error as Error).message.slice(0, 600));
        }
      }
    expect(wrong).toEqual([]);
    expect(new Set(answered).size).toBeGreaterThan(25);
  });

  it("is true of what is refused: without a key, with another's, with what is not understood", async () => {
    const wrong: string[] = [];
    const statuses = new Set<number>();
    for (const [template, operations] of Object.entries(document.paths))
      for (const verb of Object.keys(operations)) {
        const method = verb.toUpperCase();
        // Telegraf is answered as InfluxDB would answer it.
        if (template.startsWith("/api/v2/")) continue;
        const body = method === "GET" || method === "DELETE" ? undefined : '{"nonsense": 1}';
        for (const [key, query] of [
          [null, ""],
          [held.keys.read, ""],
          [held.keys.admin, "?nonsense=1"],
        ] as const)
          try {
            statuses.add((await ask(method, `${filled(template)}${query}`, key, body)).status);
          } catch (error) {
            wrong.push(`${method} ${template}${query}: ${(error as Error).message.slice(0, 300)}`);
          }
      }
    expect(wrong).toEqual([]);
    for (const status of [200, 400, 401, 403, 404, 422]) expect(statuses).toContain(status);
  });
});
