import { describe, expect, it } from "vitest";
import type { AckUrl } from "../../src/notify/texts.ts";
import { createWhatsappChannel } from "../../src/notify/whatsapp.ts";
import { aDigest, aMessage, anAlert, morningMs } from "./factories.ts";
import { createHttpPeer } from "./http-peer.ts";

const never = new AbortController().signal;
const message = aMessage(anAlert({ evidence: [{ id: "Gerbang\tlokasi    tidak\nmenjawab", en: "" }] }));
const channelTo = (baseUrl: string, ackUrl?: AckUrl) =>
  createWhatsappChannel({
    id: "wa",
    phoneNumberId: "106540352242922",
    token: "EAAJ-secret",
    to: "6281234567890",
    template: "gangguan_jaringan",
    baseUrl,
    now: () => morningMs,
    ...(ackUrl === undefined ? {} : { ackUrl }),
  });

const taken = JSON.stringify({
  messaging_product: "whatsapp",
  contacts: [{ input: "6281234567890", wa_id: "6281234567890" }],
  messages: [{ id: "wamid.HBgN", message_status: "accepted" }],
});
const refusal = (code: number, text: string) =>
  JSON.stringify({ error: { message: text, type: "OAuthException", code, fbtrace_id: "A1" } });

interface Template {
  template: { components: { parameters: { text: string }[] }[] };
}

describe("whatsapp", () => {
  it("sends the approved template with what, the rest, and where", async () => {
    await using peer = await createHttpPeer((_request, response) => response.end(taken));
    expect(await channelTo(`${peer.url}/v23.0/`).deliver(message, never)).toEqual({ delivered: true });
    const [request] = peer.received;
    expect(request).toMatchObject({
      path: "/v23.0/106540352242922/messages",
      headers: { authorization: "Bearer EAAJ-secret" },
    });
    expect(JSON.parse(request!.body)).toEqual({
      messaging_product: "whatsapp",
      to: "6281234567890",
      type: "template",
      template: {
        name: "gangguan_jaringan",
        language: { code: "id" },
        components: [
          {
            type: "body",
            parameters: [
              { type: "text", text: "PUTUS - Mekar Baru (Busang)" },
              {
                type: "text",
                text: "Sejak 09.10 WITA. Dugaan penyebab: pemadaman listrik (keyakinan tinggi). Bukti: - Gerbang lokasi tidak menjawab",
              },
              { type: "text", text: "-" },
            ],
          },
        ],
      },
    });
  });

  it("keeps to what a template's body holds", async () => {
    await using peer = await createHttpPeer((_request, response) => response.end(taken));
    const long = anAlert({ name: "x".repeat(900), evidence: [{ id: "📡".repeat(900), en: "" }] });
    await channelTo(peer.url).deliver(aMessage(long), never);
    const [component] = (JSON.parse(peer.received[0]!.body) as Template).template.components;
    const lengths = component!.parameters.map(({ text }) => text.length);
    expect(lengths.reduce((a, b) => a + b)).toBeLessThanOrEqual(1_024 - 200);
    expect(component!.parameters.every(({ text }) => text.isWellFormed())).toBe(true);
  });

  it("cuts a digest by whole entries, counts the rest, and has a place to answer", async () => {
    await using peer = await createHttpPeer((_request, response) => response.end(taken));
    const ackUrl = (alert: string) => `https://s.example/peringatan?t=${alert}`;
    await channelTo(peer.url, ackUrl).deliver(aMessage(aDigest(50)), never);
    const [component] = (JSON.parse(peer.received[0]!.body) as Template).template.components;
    const [subject, detail, address] = component!.parameters.map(({ text }) => text);
    expect(subject).toBe("REKAP PERINGATAN - 50 masalah");
    expect(detail).toMatch(/masih berlangsung … dan \d+ lainnya\.$/);
    const shown = detail!.split("masih berlangsung").length - 1;
    expect(shown).toBeGreaterThan(3);
    expect(detail).toContain(`… dan ${50 - shown} lainnya.`);
    expect(address).toBe("https://s.example/peringatan?t=digest-1-chat");
  });

  it.each([
    [400, refusal(131_026, "Message undeliverable"), { permanent: true }],
    [404, refusal(132_001, "Template name does not exist in the translation"), { permanent: true }],
    [
      400,
      refusal(131_056, "(Business Account, Consumer Account) pair rate limit hit"),
      { permanent: false, retryAfterS: 6 },
    ],
    [429, refusal(130_429, "Rate limit hit"), { permanent: false }],
    // A template that is paused comes back, and one that is disabled is replaced: nothing is given up for it.
    [400, refusal(132_015, "Template is paused due to low quality"), { permanent: false }],
    [400, refusal(132_016, "Template is disabled"), { permanent: false }],
    [
      400,
      refusal(133_010, "Phone number not registered on the Whatsapp Business Platform"),
      { permanent: false },
    ],
    [401, refusal(190, "Access token has expired"), { permanent: false }],
    [500, refusal(131_000, "Something went wrong"), { permanent: false }],
    [200, "<html>Please log in</html>", { permanent: false }],
  ])("takes %i %s as a failure", async (status, body, expected) => {
    await using peer = await createHttpPeer((_request, response) => response.writeHead(status).end(body));
    const outcome = await channelTo(peer.url).deliver(message, never);
    expect(outcome).toMatchObject({ delivered: false, ...expected });
    expect(JSON.stringify(outcome)).not.toContain("secret");
  });

  it("waits for as long as it is asked to", async () => {
    await using peer = await createHttpPeer((_request, response) =>
      response.writeHead(429, { "retry-after": "30" }).end(refusal(130_429, "Rate limit hit")),
    );
    expect(await channelTo(peer.url).deliver(message, never)).toMatchObject({ retryAfterS: 30 });
  });
});
