import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { makeCertificate } from "../../support/certificate.ts";
import { needs } from "../../support/needs.ts";
import { waitFor } from "../../support/wait-for.ts";
import { anyway, createWireNet } from "./wire-net.ts";

const missing = needs({ root: true, commands: ["ip", "openssl", "sysctl"] });

/** Bytes of a request and of its answer, as an agent has them: reports, batches of a backlog, a configuration. */
const report: [number, number] = [700, 140];
const conversations = [
  { what: "reports", turns: Array.from({ length: 60 }, () => report), pauseMs: 60 },
  { what: "a backlog", turns: Array.from({ length: 8 }, (): [number, number] => [50_000, 140]), pauseMs: 0 },
  {
    what: "configurations",
    turns: Array.from({ length: 5 }, (): [number, number] => [10, 20_000]),
    pauseMs: 60,
  },
];

describe.skipIf(missing !== null)(`bytes on the wire${missing ? ` (skipped: ${missing})` : ""}`, () => {
  it.each(conversations.flatMap((one) => [true, false].map((tls) => ({ ...one, tls }))))(
    "$what, with TLS $tls: as the card counts them, within 5 %",
    { timeout: 120_000 },
    async ({ turns, tls, pauseMs }) => {
      await using net = createWireNet();
      const certificate = tls ? await makeCertificate({ ip: anyway }) : undefined;
      await net.serve({ port: 8_443, ...(certificate === undefined ? {} : { tls: certificate }) });
      const server = `${tls ? "https" : "http"}://${anyway}:8443`;
      const own = certificate === undefined ? {} : { tls: { ca: [certificate.cert], own: null } };
      const speaker = await net.speak({ server, userAgent: "sambung-agent/1.2.3", ...own });
      for (const [bytes, answerBytes] of turns) {
        expect(await speaker.say(bytes, answerBytes)).toMatchObject({ status: 200 });
        // Between two reports the acknowledgement of an answer has to go alone, which the kernel puts off by 40 ms.
        if (pauseMs > 0) await setTimeout(pauseMs);
      }
      const { wire } = await speaker.close();
      // The last acknowledgements take their time.
      let before = net.counters("first");
      const counted = await waitFor("silence on the wire", () => {
        const now = net.counters("first");
        const isSilent = now.sent === before.sent && now.received === before.received;
        before = now;
        return isSilent ? now : null;
      });
      const ratio = (wire.sent + wire.received) / (counted.sent + counted.received);
      expect(Math.abs(ratio - 1)).toBeLessThan(0.05);
    },
  );
});
