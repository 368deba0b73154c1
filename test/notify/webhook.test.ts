import { createHmac, timingSafeEqual } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createWebhookChannel, signWebhook } from "../../src/notify/webhook.ts";
import { aMessage, anAlert, morningMs } from "./factories.ts";
import type { Received } from "./http-peer.ts";
import { createHttpPeer } from "./http-peer.ts";

// The example secret of the specification and another.
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const newSecret = `whsec_${Buffer.from("another secret of thirty-two byt").toString("base64")}`;
const nowMs = morningMs + 125_500;
const never = new AbortController().signal;
const message = aMessage(anAlert({ url: "https://sambung.example/incidents/in_1" }));

const channelTo = (url: string, given: { secrets?: string[]; timeoutMs?: number } = {}) =>
  createWebhookChannel({ id: "hook", url, secrets: [secret], now: () => nowMs, ...given });

/** What a receiver does by the specification, written from it and not from our code. */
function verify(given: string, { headers, body }: Received): boolean {
  const key = Buffer.from(given.replace("whsec_", ""), "base64");
  const signed = `${headers["webhook-id"] as string}.${headers["webhook-timestamp"] as string}.${body}`;
  const expected = createHmac("sha256", key).update(signed).digest();
  return (headers["webhook-signature"] as string).split(" ").some((signature) => {
    const [version, value] = signature.split(",");
    const bytes = Buffer.from(value!, "base64");
    return version === "v1" && bytes.length === expected.length && timingSafeEqual(bytes, expected);
  });
}

describe("webhook", () => {
  it("sends a signed event that a receiver can verify", async () => {
    await using peer = await createHttpPeer((_request, response) => response.writeHead(204).end());
    expect(await channelTo(`${peer.url}/hook?for=telkom`).deliver(message, never)).toEqual({
      delivered: true,
    });
    const [request] = peer.received;
    expect(request).toMatchObject({ method: "POST", path: "/hook?for=telkom" });
    expect(request!.headers).toMatchObject({
      "content-type": "application/json",
      "webhook-id": message.id,
      "webhook-timestamp": String(Math.floor(nowMs / 1000)),
    });
    expect(verify(secret, request!)).toBe(true);
    expect(verify(newSecret, request!)).toBe(false);
    expect(verify(secret, { ...request!, body: `${request!.body} ` })).toBe(false);
    expect(JSON.parse(request!.body)).toMatchObject({
      type: "site.down",
      timestamp: "2026-03-05T01:12:00.000Z",
      data: {
        incident: "in_1",
        root: "64.08.05.2001",
        start: "2026-03-05T01:10:00.000Z",
        end: null,
        cause: "power",
      },
    });
  });

  it("signs as the example of the specification is signed", () => {
    const key = Buffer.from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64");
    expect(signWebhook(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", '{"test": 2432232314}')).toBe(
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    );
  });

  it("signs with each secret while one is being replaced", async () => {
    await using peer = await createHttpPeer((_request, response) => response.end());
    await channelTo(peer.url, { secrets: [newSecret, secret] }).deliver(message, never);
    expect(verify(secret, peer.received[0]!)).toBe(true);
    expect(verify(newSecret, peer.received[0]!)).toBe(true);
  });

  it.each([
    [410, {}, { permanent: true, reason: "answered 410" }],
    [500, {}, { permanent: false, reason: "answered 500" }],
    [404, {}, { permanent: false, reason: "answered 404" }],
    [429, { "retry-after": "120" }, { permanent: false, retryAfterS: 120 }],
    [503, { "retry-after": new Date(nowMs + 90_500).toUTCString() }, { permanent: false, retryAfterS: 91 }],
  ])("takes %i %o as a failure", async (status, headers, outcome) => {
    await using peer = await createHttpPeer((_request, response) =>
      response.writeHead(status, headers).end("no"),
    );
    expect(await channelTo(peer.url).deliver(message, never)).toMatchObject({ delivered: false, ...outcome });
  });

  it("takes a redirect as a failure and does not follow it", async () => {
    await using peer = await createHttpPeer((_request, response) =>
      response.writeHead(307, { location: "/elsewhere" }).end(),
    );
    expect(await channelTo(peer.url).deliver(message, never)).toMatchObject({ reason: "answered 307" });
    expect(peer.received).toHaveLength(1);
  });

  it("gives up on a receiver that does not answer in time, or stops in the middle of its answer", async () => {
    await using peer = await createHttpPeer((_request, response, nth) => {
      if (nth === 2) response.writeHead(200).write("and then");
    });
    const channel = channelTo(peer.url, { timeoutMs: 100 });
    const outcome = { delivered: false, permanent: false, reason: "no answer within 100 ms" };
    expect(await channel.deliver(message, never)).toEqual(outcome);
    expect(await channel.deliver(message, never)).toEqual(outcome);
  });

  it("says why nothing could be reached", async () => {
    const peer = await createHttpPeer(() => {});
    await peer[Symbol.asyncDispose]();
    const outcome = await channelTo(peer.url).deliver(message, never);
    expect(outcome).toMatchObject({ delivered: false, permanent: false });
    expect(outcome).toHaveProperty("reason", expect.stringContaining("ECONNREFUSED"));
  });

  it("ends at once when the program stops", async () => {
    await using peer = await createHttpPeer(() => stop.abort());
    const stop = new AbortController();
    expect(await channelTo(peer.url).deliver(message, stop.signal)).toMatchObject({ delivered: false });
  });

  it("keeps the body under 20 kB, and the counts true", async () => {
    await using peer = await createHttpPeer((_request, response) => response.end());
    const evidence = Array.from({ length: 400 }, (_, i) => ({
      id: `Bukti nomor ${i}, panjang.`,
      en: `Evidence ${i}`,
    }));
    const large = aMessage(anAlert({ evidence, behind: { count: 84, names: ["Long Lees"] } }));
    await channelTo(peer.url).deliver(large, never);
    const { body } = peer.received[0]!;
    expect(Buffer.byteLength(body)).toBeLessThan(20_000);
    expect(JSON.parse(body)).toMatchObject({ data: { behind: { count: 84, names: [] } } });
  });

  it.each([
    ["ftp://example.net/", [secret], "url: expected an http or https address"],
    ["https://user:word@example.net/", [secret], "url: expected an http or https address"],
    ["example.net", [secret], "url: expected an http or https address"],
    ["https://example.net/", [], "secrets: none given"],
    ["https://example.net/", ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "secrets: expected whsec_"],
    ["https://example.net/", ["whsec_c2hvcnQ="], "secrets: expected whsec_"],
  ])("refuses url %s with secrets %j", (url, secrets, mistake) => {
    expect(() => channelTo(url, { secrets })).toThrow(`webhook hook: ${mistake}`);
  });
});
