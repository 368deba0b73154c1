import type { LookupAddress } from "node:dns";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCallback } from "../../src/notify/callback.ts";
import { createConformance } from "../support/conforms.ts";
import type { Conformance, OpenApi } from "../support/conforms.ts";
import { nowMs, openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { addPartnerKey, outageRow, twoProviders } from "../support/partners.ts";

let http: TestHttp;
let telkom: string;
let bakti: string;
let conformance: Conformance;
let addresses: LookupAddress[] | Promise<LookupAddress[]>;

beforeEach(async () => {
  addresses = [{ address: "203.0.113.9", family: 4 }];
  const { check } = createCallback({ networks: [], resolve: async () => addresses });
  const partners = { origin: "", checkCallback: check, poke() {} };
  http = await openTestHttp({ inventory: twoProviders(), deps: { partners } });
  telkom = await addPartnerKey(http.state, "Telkom", nowMs);
  bakti = await addPartnerKey(http.state, "BAKTI", nowMs);
  conformance = createConformance(await http.get<OpenApi>("/openapi.json"));
});
afterEach(() => http[Symbol.dispose]());

let names = 0;
const url = "https://noc.example.id/sambung";

async function post(path: string, body: unknown, key = telkom, name = `"hook-${(names += 1)}"`) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": name };
  const init = { method: "POST", headers, key, body: JSON.stringify(body) };
  const response = await http.request(`/api/v1/partner/webhooks${path}`, init);
  await conformance.check("POST", `/api/v1/partner/webhooks${path}`, response);
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text) as Answer };
}
interface Answer {
  code: string;
  data: { id: string; secret: string; deliveries: number };
  errors: { field: string; allowed: string }[];
}
const list = async (key = telkom) => {
  const response = await http.request("/api/v1/partner/webhooks", { key });
  await conformance.check("GET", "/api/v1/partner/webhooks", response);
  return ((await response.json()) as { data: Record<string, unknown>[] }).data;
};

describe("webhooks", () => {
  it("are registered with a secret that is shown once, listed, and removed", async () => {
    const made = await post("", { url, types: ["outage.opened", "outage.ended"] });
    expect(made.status).toBe(201);
    const { id, secret } = made.body.data;
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const listed = await list();
    expect(listed).toMatchObject([
      { id, url, types: ["outage.opened", "outage.ended"], secrets: 1, disabled: null, waiting: 0 },
    ]);
    expect(JSON.stringify(listed)).not.toContain(secret);
    expect(await list(bakti)).toEqual([]);
    const remove = (key: string) => http.request(`/api/v1/partner/webhooks/${id}`, { method: "DELETE", key });
    expect((await remove(bakti)).status).toBe(404);
    expect((await remove(telkom)).status).toBe(204);
    expect((await remove(telkom)).status).toBe(404);
    expect(await list()).toEqual([]);
    const actions = (await http.state.audit({ limit: 10 })).map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(["webhook.made", "webhook.removed"]));
  });

  it.each([
    [{ url: "http://noc.example.id/" }, "url"],
    [{ url: "https://10.0.0.1/" }, "url"],
    [{ url: "https://localhost/" }, "url"],
    [{ url: "nonsense" }, "url"],
    [{}, "url"],
    [{ url, secret: `whsec_${Buffer.alloc(23).toString("base64")}` }, "secret"],
    [{ url, secret: `whsec_${Buffer.alloc(65).toString("base64")}` }, "secret"],
    [{ url, secret: "rahasia" }, "secret"],
    [{ url, types: ["site.down"] }, "types.0"],
    [{ url, provider: "BAKTI" }, "provider"],
  ])("are refused with %j, by the field, and nothing is kept", async (body, field) => {
    const refused = await post("", body);
    expect([refused.status, refused.body.errors[0]!.field]).toEqual([422, field]);
    expect(await list()).toEqual([]);
  });

  it("are refused where the name leads inside", async () => {
    addresses = [{ address: "10.1.2.3", family: 4 }];
    const refused = await post("", { url });
    expect([refused.status, refused.body.errors[0]!.allowed]).toEqual([
      422,
      expect.stringContaining("private"),
    ]);
  });

  it("are made once for one Idempotency-Key, and a second request waits for the first to end", async () => {
    const lookup = Promise.withResolvers<LookupAddress[]>();
    addresses = lookup.promise;
    const first = post("", { url }, telkom, '"one"');
    const meanwhile = await post("", { url }, telkom, '"one"');
    expect([meanwhile.status, meanwhile.body.code]).toEqual([409, "once.running"]);
    lookup.resolve([{ address: "203.0.113.9", family: 4 }]);
    const done = await first;
    const again = await post("", { url }, telkom, '"one"');
    expect([again.status, again.text]).toEqual([201, done.text]);
    expect(await list()).toHaveLength(1);
    // The same name from another provider is another request.
    expect((await post("", { url }, bakti, '"one"')).body.data.id).not.toBe(done.body.data.id);
  });

  it("are at most ten", async () => {
    for (let made = 0; made < 10; made++) expect((await post("", { url })).status).toBe(201);
    const refused = await post("", { url });
    expect([refused.status, refused.body.code]).toEqual([409, "webhooks.full"]);
    expect((await post("", { url }, bakti)).status).toBe(201);
  });

  it("sign with the old secret as well after a rotation", async () => {
    const { id, secret } = (await post("", { url })).body.data;
    const rotated = await post(`/${id}/rotate`, { overlapS: 60 });
    expect(rotated.status).toBe(201);
    const [hook] = await http.state.hooks("Telkom", "webhook");
    expect(hook!.secrets).toEqual([
      { secret: rotated.body.data.secret, untilMs: null },
      { secret, untilMs: nowMs + 60_000 },
    ]);
    expect((await post(`/${id}/rotate`, { secret: "short" })).body.errors[0]!.field).toBe("secret");
    expect((await post(`/${id}/rotate`, {}, bakti)).status).toBe(404);
  });

  it("are tested, and get again what changed since a moment", async () => {
    await http.state.writeWatch({
      outages: [outageRow("out_hulu"), outageRow("out_hilir", { site: "64.08.02" })],
      states: [],
      alerts: [],
      messages: [],
    });
    await http.followPartners();
    const { id } = (await post("", { url })).body.data;
    expect((await post(`/${id}/test`, {})).status).toBe(202);
    expect(await list()).toMatchObject([{ waiting: 1 }]);
    const from = new Date(nowMs - 86_400_000).toISOString();
    const replayed = await post(`/${id}/replay?from=${from}`, {});
    expect([replayed.status, replayed.body.data]).toEqual([202, { deliveries: 1 }]);
    expect(await list()).toMatchObject([{ waiting: 2 }]);
    for (const query of ["", "?from=2999-01-01T00:00:00Z"])
      expect((await post(`/${id}/replay${query}`, {})).body.errors[0]!.field).toBe("from");
    expect((await post(`/${id}/replay?from=${from}`, {}, bakti)).status).toBe(404);
    await http.state.disableHook(id, "answered 410", nowMs);
    expect(await list()).toMatchObject([{ disabledReason: "answered 410" }]);
    expect((await post(`/${id}/replay?from=${from}`, {})).body.code).toBe("webhook.disabled");
    expect((await post(`/${id}/enable`, {})).status).toBe(200);
    expect(await list()).toMatchObject([{ disabled: null, waiting: 2 }]);
  });

  it("that are registered or enabled with a key that is being rotated belong to the new one", async () => {
    const before = (await post("", { url })).body.data.id;
    let last = "key_telkom";
    for (let nth = 0; nth < 2; nth++) {
      const rotated = await http.post(`/api/v1/keys/${last}/rotate`, { overlapS: 3600 });
      expect(rotated.status).toBe(201);
      last = ((await rotated.json()) as { data: { id: string } }).data.id;
    }
    const during = (await post("", { url: `${url}/2` })).body.data.id;
    await http.state.disableHook(before, "answered 410", nowMs);
    expect((await post(`/${before}/enable`, {})).status).toBe(200);
    const owners = (await http.state.allHooks()).map(({ id, key }) => [id, key]);
    expect(Object.fromEntries(owners)).toEqual({ [before]: last, [during]: last });
  });
});
