import { describe, expect, it } from "vitest";
import type { EnrolledV1 } from "#wire/ack-v1.ts";
import type { BatchV1 } from "#wire/batch-v1.ts";
import type { ServerResponse } from "node:http";
import { Webhook } from "standardwebhooks";
import { createHttpPeer } from "../notify/http-peer.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { packBatch } from "../support/wire.ts";
import { createApi, end, newAdminKey, startCollector, writeDistrict } from "./collector.ts";

/*
 * The program as it is started: a cut in a batch becomes messages by the routes, over a kill, until somebody says that they
 * know, and an end for those who heard.
 */

const site = "64.08.04.2001";
const targets = `- {id: gw, site: "${site}", role: gateway, kind: icmp, address: 127.0.0.1, count: 1, intervalS: 30, timeoutMs: 500}
- {id: kec, site: "${site}", role: hub, kind: icmp, address: 127.0.0.1, count: 1, intervalS: 30, timeoutMs: 500}
`;
const secret = `whsec_${Buffer.alloc(32, 5).toString("base64")}`;
/** A round is measured each half minute, the nth at `baseMs` and n times that. The gateway answers all along, the hub in these. */
function batchOf(
  { agentId }: EnrolledV1,
  batch: { seq: number; from: number; to: number; baseMs: number; answers: (round: number) => boolean },
): BatchV1 {
  const { seq, from, to, baseMs, answers } = batch;
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  const monoMs = numbers.map((round, index) => (index === 0 ? round * 30_000 : 30_000));
  return {
    v: 1,
    agent: agentId,
    boot: "boot1",
    host: { bootId: "host1", uptimeS: 1 },
    seq,
    clock: { wallMs: baseMs + to * 30_000, monoMs: to * 30_000, synced: true },
    ledger: { produced: to * 2, thinned: 0, lost: 0 },
    rounds: ["gw", "kec"].map((target) => {
      const recv = numbers.map((round) => (target === "gw" || answers(round) ? 1 : 0));
      const rttUs = recv.flatMap((count) => (count === 0 ? [] : [20_000]));
      return { target, kind: "icmp", monoMs, sent: monoMs.map(() => 1), recv, rttUs };
    }),
    events: [],
  };
}

const ntfyAnswer = (response: ServerResponse) =>
  response.writeHead(200, { "content-type": "application/json" }).end('{"id":"n1"}');

describe("alerts of the program", () => {
  it("go by the routes, over a kill, are acknowledged by their link, and end for those who heard", async () => {
    using dir = tempDir();
    await using hook = await createHttpPeer((_request, response) => response.writeHead(204).end());
    await using phone = await createHttpPeer((_request, response) => ntfyAnswer(response));
    await using boss = await createHttpPeer((_request, response) => ntfyAnswer(response));
    let isUp = false;
    await using flaky = await createHttpPeer((_request, response) => {
      if (isUp) response.writeHead(204).end();
      else response.writeHead(503).end();
    });
    const webhook = (id: string, url: string) =>
      `{id: ${id}, kind: webhook, url: "${url}", secrets: ["${secret}"]}`;
    const ntfy = (id: string, url: string) => `{id: ${id}, kind: ntfy, url: "${url}", topic: ${id}}`;
    writeDistrict(
      dir.path,
      { "targets.yaml": targets },
      `publicUrl: https://sambung.example
agents: {reportIntervalS: 1}
alerts:
  holdS: 0
  settleS: 0
  channels:
    - ${webhook("hook", hook.url)}
    - ${webhook("flaky", flaky.url)}
    - ${ntfy("phone", phone.url)}
    - ${ntfy("boss", boss.url)}
  routes:
    - {to: [hook, flaky, phone], areas: ["64.08.04"]}
    - {to: [boss], severity: critical}
`,
    );
    const key = newAdminKey();
    const env = { SAMBUNG_ADMIN_KEY: key };
    let collector = await startCollector(dir.path, env);
    const api = createApi(() => collector.address, key);
    const types = (peer: typeof hook) =>
      peer.received.map(({ body, headers }) => {
        const verified = new Webhook(secret).verify(body, headers as Record<string, string>);
        return (verified as { type: string }).type;
      });
    try {
      const agent = await api.enrol(site);
      const baseMs = Date.now() - 43 * 30_000;
      const post = async (seq: number, from: number, to: number) => {
        const response = await fetch(`${collector.address}/api/v1/batches`, {
          method: "POST",
          headers: { Authorization: `Bearer ${agent.key}`, "Content-Encoding": "zstd" },
          body: packBatch(
            batchOf(agent, { seq, from, to, baseMs, answers: (round) => round < 30 || round >= 40 }),
          ),
        });
        expect(response.status).toBe(200);
      };
      await post(1, 0, 40);
      const message = await waitFor("the phone", () => phone.received[0]?.body, { everyMs: 50 });
      await waitFor("the webhook", () => types(hook).includes("site.down"), { everyMs: 50 });
      await waitFor("a try of the one that is down", () => flaky.received.length > 0, { everyMs: 50 });
      await end(collector, "SIGKILL");
      isUp = true;
      collector = await startCollector(dir.path, env);
      await waitFor("what could not be delivered before", () => flaky.received.length > 1, { everyMs: 50 });
      const [first, second] = flaky.received;
      expect(second!.headers["webhook-id"]).toBe(first!.headers["webhook-id"]);

      const said = JSON.parse(message) as { title: string; message: string };
      expect(said.title).toBe("PUTUS - Desa Satu (Kecamatan Uji)");
      const [link] = /https:\/\/sambung\.example\/peringatan\?t=\S+/.exec(said.message)!;
      const address = link.replace("https://sambung.example", collector.address);
      expect(await (await fetch(address)).text()).toContain("Tandai diketahui");
      const pushed = await fetch(address, { method: "POST", body: new URLSearchParams({ name: "Rudi" }) });
      expect(await pushed.text()).toContain("Sudah diketahui oleh Rudi");
      const [alert] = await api.data<{ id: string; ack: object; closed: string | null }[]>("/alerts");
      expect(alert).toMatchObject({ ack: { by: "Rudi", via: "link" }, closed: null });

      await post(2, 40, 43);
      const ends = [hook, flaky].map((peer) =>
        waitFor("the end", () => types(peer).includes("site.up"), { timeoutMs: 60_000, everyMs: 100 }),
      );
      await Promise.all(ends);
      await waitFor("the end on the phone", () => phone.received.length > 1, { everyMs: 50 });
      expect([...new Set(types(hook))]).toEqual(["site.down", "site.up"]);
      expect((JSON.parse(phone.received.at(-1)!.body) as typeof said).title).toMatch(/^NORMAL KEMBALI/);
      expect(boss.received).toEqual([]);
      const [over] = await api.data<{ closed: string | null }[]>("/alerts");
      expect(over!.closed).not.toBeNull();
    } finally {
      expect(await end(collector, "SIGTERM"), collector.err()).toBe(0);
    }
  }, 180_000);
});
