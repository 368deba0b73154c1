import { describe, expect, it } from "vitest";
import { createConformance } from "./conforms.ts";

const schema = { type: "object", properties: { id: { $ref: "#/components/schemas/Id" } }, required: ["id"] };
const { check, seen } = createConformance({
  paths: {
    "/things/{id}": {
      get: { responses: { "200": { content: { "application/json": { schema } } } } },
      delete: { responses: { "204": {} } },
    },
  },
  components: { schemas: { Id: { type: "string", pattern: "^[a-z]+$" } } },
});
const json = (body: unknown, status = 200, type = "application/json") =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": type } });

/** The platform makes no such answer; another server might. */
const withBody = { status: 204, headers: new Headers(), clone: () => json({ id: "a" }) } as never;

describe("conformance with the API's document", () => {
  it("is found of what is as documented", async () => {
    await check("GET", "/things/a?lang=en", json({ id: "a" }));
    await check("DELETE", "/things/a", new Response(null, { status: 204 }));
    expect([...seen]).toEqual(["GET /things/{id} 200", "DELETE /things/{id} 204"]);
  });

  it.each([
    ["GET", "/things/a", json({ id: "A" }), "id"],
    ["GET", "/things/a", json({}), "id"],
    ["GET", "/things/a", json({ id: "a", secret: 1 }), "secret"],
    ["GET", "/things/a", json({ id: "a" }, 404), "404 is not documented"],
    ["GET", "/things/a", json({ id: "a" }, 200, "text/html"), "text/html"],
    ["PUT", "/things/a", json({ id: "a" }), "not documented"],
    ["GET", "/others", json({ id: "a" }), "not documented"],
    ["DELETE", "/things/a", withBody, "has a body"],
  ])("is refused: %s %s", async (method, path, response, what) => {
    await expect(check(method, path, response)).rejects.toThrow(what);
  });
});
