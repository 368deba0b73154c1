import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeKey } from "../../src/state/keys.ts";
import { openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";

let http: TestHttp;
beforeEach(async () => {
  http = await openTestHttp();
});
afterEach(() => http[Symbol.dispose]());

const problemOf = async (response: Response) => (await response.json()) as Record<string, unknown>;

describe("keys at the door", () => {
  it("are asked for with a challenge", async () => {
    const response = await http.request("/api/v1/sites", { key: null });
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toBe('Bearer realm="sambung"');
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await problemOf(response)).toMatchObject({
      status: 401,
      code: "auth.missing",
      instance: "/api/v1/sites",
    });
  });

  it.each([
    ["another kind of key", makeKey("sba")],
    ["one that was never given out", makeKey("sbk")],
    ["one with a wrong checksum", "sbk_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18"],
  ])("refuse %s", async (_, key) => {
    const response = await http.request("/api/v1/sites", { key });
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toContain('error="invalid_token"');
  });

  it("that were revoked are refused with the next request", async () => {
    const key = await http.addKey("guest", ["read"]);
    expect((await http.request("/api/v1/whoami", { key })).status).toBe(200);
    await http.request("/api/v1/keys/key_guest", { method: "DELETE", key: http.adminKey });
    expect((await http.request("/api/v1/whoami", { key })).status).toBe(401);
  });

  it("with scope read may not administer; with scope admin may also read", async () => {
    const refused = await http.request("/api/v1/keys");
    expect(refused.status).toBe(403);
    expect(refused.headers.get("WWW-Authenticate")).toContain('scope="admin"');
    expect((await http.request("/api/v1/sites", { key: http.adminKey })).status).toBe(200);
  });

  it("are told who they are", async () => {
    const { data } = await http.get<{ data: object }>("/api/v1/whoami");
    expect(data).toMatchObject({ name: "reader", scopes: ["read"], prefix: http.readKey.slice(0, 8) });
    expect(JSON.stringify(data)).not.toContain(http.readKey.slice(8));
  });

  it("never reach the log", async () => {
    await http.request("/api/v1/sites?lang=en");
    expect(http.log.at(-1)).toMatchObject({
      level: "info",
      fields: { method: "GET", path: "/api/v1/sites", status: 200, key: "key_reader" },
    });
    expect(JSON.stringify(http.log)).not.toContain(http.readKey.slice(8));
  });
});

describe("administration", () => {
  it("makes a key that is shown once and works", async () => {
    const response = await http.post("/api/v1/keys", { name: "grafana", scopes: ["read"] });
    expect(response.status).toBe(201);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    const { data } = (await response.json()) as { data: { id: string; key: string } };
    expect((await http.request("/api/v1/sites", { key: data.key })).status).toBe(200);
    const listed = await (await http.request("/api/v1/keys", { key: http.adminKey })).text();
    expect(listed).toContain(data.id);
    expect(listed).not.toContain(data.key);
  });

  it.each([
    [{ name: "", scopes: ["read"] }, "name", "1 to 100 characters"],
    [{ name: "x", scopes: ["write"] }, "scopes.0", "some of read, complaints, admin, partner; partner alone"],
    [{ name: "x", scopes: [] }, "scopes", "some of read, complaints, admin, partner; partner alone"],
    [{ name: "x", scopes: ["read"], site: "64.08" }, "site", "no such name here; see /openapi.json"],
  ])("names what is wrong with %j", async (body, field, allowed) => {
    const response = await http.post("/api/v1/keys", body);
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors).toMatchObject([{ field, allowed }]);
  });

  it("refuses a body that is not JSON, not said to be JSON, or too large", async () => {
    const send = (body: string, type: string) =>
      http.request("/api/v1/keys", {
        method: "POST",
        key: http.adminKey,
        body,
        headers: { "Content-Type": type, "Content-Length": String(body.length) },
      });
    const answers = [
      await send("{", "application/json"),
      await send("name=x", "text/plain"),
      await send(JSON.stringify({ name: "x".repeat(70_000) }), "application/json"),
    ];
    const codes = await Promise.all(answers.map(problemOf));
    expect(codes.map(({ status, code }) => [status, code])).toEqual([
      [400, "body.malformed"],
      [415, "body.type"],
      [413, "body.size"],
    ]);
  });

  it("gives enrolment tokens for sites of the inventory alone", async () => {
    const response = await http.post("/api/v1/agents/tokens", { site: "64.08.01" });
    expect(response.status).toBe(201);
    const { data } = (await response.json()) as { data: { token: string; expires: string } };
    expect(data.token).toMatch(/^sbe_[0-9A-Za-z]{36}$/);
    expect(data.expires).toBe("2026-09-22T14:00:00.000Z");
    const refused = await http.post("/api/v1/agents/tokens", { site: "64.99" });
    expect(refused.status).toBe(422);
    expect((await problemOf(refused)).errors).toEqual([
      { field: "site", value: "64.99", allowed: "the code of a site of the inventory" },
    ]);
  });

  it("revokes what there is, and says 404 of what there is not", async () => {
    for (const path of ["/api/v1/keys/none", "/api/v1/agents/none"]) {
      expect((await http.request(path, { method: "DELETE", key: http.adminKey })).status).toBe(404);
    }
  });
});
