import { describe, expect, it } from "vitest";
import { createNtfyChannel, ntfyText } from "../../src/notify/ntfy.ts";
import { aDigest, aMessage, anAlert, morningMs } from "./factories.ts";
import { createHttpPeer } from "./http-peer.ts";
import type { Received } from "./http-peer.ts";

const never = new AbortController().signal;
const message = aMessage(anAlert({ url: "https://sambung.example/lokasi/64.08.05.2001" }));
const channelTo = (url: string, token?: string) =>
  createNtfyChannel({
    id: "ntfy",
    url,
    topic: "kutim-jaringan",
    now: () => morningMs,
    ...(token === undefined ? {} : { token }),
  });

/** The server's own answers: the stored message, or its error with a code of five digits. */
const stored = JSON.stringify({
  id: "hwQ2YpKdmg",
  time: 1_772_673_120,
  event: "message",
  topic: "kutim-jaringan",
});
const refusal = (code: number, error: string) =>
  JSON.stringify({ code, http: Math.floor(code / 100), error, link: "https://ntfy.sh/docs/publish/" });

describe("ntfy", () => {
  it("publishes as JSON to the root of the server", async () => {
    await using peer = await createHttpPeer((_request, response) => response.end(stored));
    expect(await channelTo(peer.url, "tk_abc123").deliver(message, never)).toEqual({ delivered: true });
    const [request] = peer.received;
    expect(request).toMatchObject({
      method: "POST",
      path: "/",
      headers: { authorization: "Bearer tk_abc123" },
    });
    expect(JSON.parse(request!.body)).toEqual({
      topic: "kutim-jaringan",
      title: "PUTUS - Mekar Baru (Busang)",
      message:
        "Sejak 09.10 WITA.\nDugaan penyebab: pemadaman listrik (keyakinan tinggi).\nRincian: https://sambung.example/lokasi/64.08.05.2001",
      priority: 3,
      tags: ["rotating_light"],
      click: "https://sambung.example/lokasi/64.08.05.2001",
    });
  });

  it("cuts a digest by whole lines and says how many are left", () => {
    const lines = ntfyText(aMessage(aDigest(60))).message.split("\n");
    const shown = lines.filter((line) => line.startsWith("- "));
    expect(shown.length).toBeGreaterThan(30);
    expect(shown.at(-1)).toMatch(/masih berlangsung$/);
    expect(lines.slice(1 + shown.length)).toEqual([
      `… dan ${60 - shown.length} lainnya.`,
      "Rincian: https://s.example/",
    ]);
  });

  it("sends no key where there is none", async () => {
    await using peer = await createHttpPeer((_request, response) => response.end(stored));
    await channelTo(peer.url).deliver(message, never);
    expect(peer.received[0]!.headers).not.toHaveProperty("authorization");
  });

  it.each([
    [429, refusal(42901, "limit reached: too many requests"), "7", { permanent: false, retryAfterS: 7 }],
    [429, refusal(42901, "limit reached: too many requests"), null, { permanent: false }],
    [400, refusal(40024, "invalid topic: topic invalid"), null, { permanent: true }],
    [403, refusal(40301, "forbidden"), null, { permanent: false }],
    [413, refusal(41301, "attachment too large"), null, { permanent: true }],
    [500, "", null, { permanent: false }],
    [200, "<html>Please log in</html>", null, { permanent: false }],
    [200, '{"ok":true}', null, { permanent: false, reason: "answered 200, but not as ntfy does (no id)" }],
  ])("takes %i %s as a failure", async (status, body, waits, expected) => {
    await using peer = await createHttpPeer((_request: Received, response) =>
      response.writeHead(status, waits === null ? {} : { "retry-after": waits }).end(body),
    );
    const outcome = await channelTo(peer.url).deliver(message, never);
    expect(outcome).toMatchObject({ delivered: false, ...expected });
    expect(JSON.stringify(outcome).includes("retryAfterS")).toBe(waits !== null);
  });

  it("is as loud as it is severe, and wakes nobody for what is over", () => {
    const priority = (alert: Parameters<typeof anAlert>[0]) => ntfyText(aMessage(anAlert(alert))).priority;
    const loud = (["low", "medium", "high", "critical"] as const).map((severity) => priority({ severity }));
    expect(loud).toEqual([2, 3, 4, 5]);
    expect(priority({ type: "site.update", severity: "critical" })).toBe(3);
    expect(priority({ type: "site.up", endMs: morningMs, severity: "critical" })).toBe(3);
    expect(priority({ type: "site.up", endMs: morningMs, severity: "low" })).toBe(2);
  });

  it("cuts to 4,096 bytes between characters, so that a phone need not fetch the rest", () => {
    const evidence = Array.from({ length: 300 }, (_, i) => ({ id: `📡 ${i} gerbang menjawab`, en: "" }));
    for (let pad = 0; pad < 8; pad++) {
      const { message: text } = ntfyText(aMessage(anAlert({ name: "x".repeat(pad), evidence })));
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_096);
      expect(Buffer.byteLength(text)).toBeGreaterThan(4_080);
      expect(text).not.toContain("\uFFFD");
      expect(text.endsWith("…")).toBe(true);
    }
  });
});
