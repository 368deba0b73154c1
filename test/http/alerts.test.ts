import { describe, expect, it } from "vitest";
import { createAckTokens } from "../../src/notify/ack-token.ts";
import { unnamedActor } from "../../src/state/audit.ts";
import type { DigestPayload } from "../../src/notify/payload.ts";
import { aDigest, aMessage, anAlert, anAlertRecord } from "../notify/factories.ts";
import { openTestHttp, nowMs } from "../support/http.ts";

const ackTokens = createAckTokens(Buffer.alloc(32, 7));

/** Two alerts: one lasts, one is over. */
async function setUp() {
  const http = await openTestHttp({ deps: { ackTokens } });
  const record = (id: string, closedMs: number | null) =>
    anAlertRecord({
      id,
      openedMs: nowMs - 60_000,
      toldMs: nowMs,
      closedMs,
      facts: anAlert({ alert: id, name: "Mekar <b>Baru" }),
    });
  const waiting = anAlertRecord({ id: "waits", toldMs: null, told: null });
  await http.state.writeWatch({
    outages: [],
    states: [],
    alerts: [record("a@1#x", null), record("b@1", nowMs), waiting],
    messages: [],
  });
  const token = (alert: string, endsMs = nowMs + 60_000) =>
    ackTokens.make({ alert, channel: "mail" }, endsMs);
  const open = (given: string, init: RequestInit = {}) =>
    http.request(`/peringatan?t=${given}`, { key: null, from: "203.0.113.9", ...init });
  const push = (given: string, name = "") =>
    open(given, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ name }).toString(),
    });
  return { http, token, open, push };
}

describe("the page behind the link of a message", () => {
  it("shows the alert and changes nothing when it is opened", async () => {
    const { http, token, open } = await setUp();
    const page = await open(token("a@1#x"));
    expect(page.status).toBe(200);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(page.headers.get("cache-control")).toBe("no-store");
    const text = await page.text();
    expect(text).toContain("PUTUS - Mekar &lt;b&gt;Baru (Busang)");
    expect(text).toContain("<button");
    expect(await http.state.acks(["a@1#x"])).toEqual(new Map());
    expect(JSON.stringify(http.log)).not.toContain(token("a@1#x"));
  });

  it("acknowledges by its button, once, by name or else by channel", async () => {
    const { http, token, push, open } = await setUp();
    const done = await push(token("a@1#x"), "  Rudi\n Hartono ");
    expect(done.status).toBe(200);
    expect(await done.text()).toMatch(/Sudah diketahui oleh Rudi Hartono, \d\d\.\d\d WITA/);
    await push(token("a@1#x"), "Siti");
    expect((await http.state.acks(["a@1#x"])).get("a@1#x")).toMatchObject({
      by: "Rudi Hartono",
      via: "link",
    });
    expect(await (await open(`${token("a@1#x")}&lang=en`)).text()).toContain("Acknowledged by Rudi Hartono");
    const [entry] = await http.state.audit({ limit: 1 });
    expect(entry).toMatchObject({
      action: "alert.acknowledged",
      subject: "a@1#x",
      by: { id: "link", name: "mail", address: "203.0.113.9" },
    });
    const other = await setUp();
    await other.push(other.token("a@1#x"));
    expect((await other.http.state.acks(["a@1#x"])).get("a@1#x")!.by).toBe("mail");
  });

  it("takes one answer to a digest for all that lasts in it", async () => {
    const { http, token, open, push } = await setUp();
    const digest: DigestPayload = { ...aDigest(1), alert: "digest-1-mail", lasting: ["a@1#x", "b@1"] };
    const message = aMessage(digest, { dedupeKey: "mail:digest:digest-1-mail", channel: "mail" });
    await http.state.writeWatch({ outages: [], states: [], alerts: [], messages: [message] });
    const page = await (await open(token("digest-1-mail"))).text();
    expect(page).toContain("REKAP PERINGATAN - 1 masalah");
    expect(page).toContain("semua masalah yang masih berlangsung dalam rekap ini");
    expect(await (await push(token("digest-1-mail"), "Rudi")).text()).toContain("Sudah diketahui oleh Rudi");
    expect([...(await http.state.acks(["a@1#x", "b@1"])).keys()]).toEqual(["a@1#x"]);
  });

  it("takes no link that ended, was changed, or is of nothing", async () => {
    const { http, token, open, push } = await setUp();
    const good = token("a@1#x");
    const [body, mac] = good.split(".");
    const forged = Buffer.from(JSON.stringify(["a@1#x", "mail", 9_999_999_999])).toString("base64url");
    expect((await push(token("a@1#x", nowMs))).status).toBe(410);
    for (const wrong of [
      "",
      "x",
      body!,
      `${forged}.${mac}`,
      `${body}.`,
      `${good}.x`,
      `${body}.${mac!.slice(2)}AA`,
    ])
      expect(`${wrong}: ${(await push(wrong)).status}`).toBe(`${wrong}: 400`);
    expect((await open(token("none"))).status).toBe(404);
    expect((await push(token("b@1"))).status).toBe(409);
    expect(await http.state.acks(["a@1#x", "b@1"])).toEqual(new Map());
  });
});

describe("/api/v1/alerts", () => {
  it("lists what people were told of, with who knows", async () => {
    const { http } = await setUp();
    const { data } = await http.get("/api/v1/alerts");
    expect(data.map(({ id, closed }) => [id, closed !== null])).toEqual([
      ["a@1#x", false],
      ["b@1", true],
    ]);
    expect(data[0]).toMatchObject({
      type: "site.down",
      severity: "medium",
      root: "64.08.05.2001",
      ack: null,
    });
    expect((await http.get("/api/v1/alerts?open=false")).data.map(({ id }) => id)).toEqual(["b@1"]);
    const { data: one, meta } = await http.get("/api/v1/alerts?limit=1");
    expect([one.length, meta]).toEqual([1, { rows: 1, truncated: true }]);
    expect((await http.request("/api/v1/alerts?open=perhaps")).status).toBe(400);
  });

  it("acknowledges with the scope admin", async () => {
    const { http } = await setUp();
    const post = (id: string, body: object, key = http.adminKey) =>
      http.request(`/api/v1/alerts/${encodeURIComponent(id)}/ack`, {
        method: "POST",
        key,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    expect((await post("a@1#x", {}, http.readKey)).status).toBe(403);
    expect((await post("a@1#x", { by: "" })).status).toBe(422);
    expect((await post("a@1#x", { who: "x" })).status).toBe(422);
    expect((await post("none", {})).status).toBe(404);
    expect((await post("b@1", {})).status).toBe(409);
    const done = await post("a@1#x", { by: "Rudi" });
    expect(done.status).toBe(200);
    const { data } = (await done.json()) as { data: { ack: object } };
    expect(data.ack).toMatchObject({ by: "Rudi", via: "api" });
    expect(((await (await post("a@1#x", {})).json()) as typeof data & { data: object }).data).toMatchObject({
      ack: { by: "Rudi" },
    });
    expect(await http.state.acknowledge("a@1#x", { atMs: 1, by: "x", via: "api" }, unnamedActor)).toBe(
      "again",
    );
  });
});
