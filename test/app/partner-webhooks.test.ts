import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { openSqlite } from "../../src/state/sqlite.ts";
import { createHttpPeer } from "../notify/http-peer.ts";
import { addPartnerKey, outageRow } from "../support/partners.ts";
import { seededRandom, whole } from "../support/random.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { end, newAdminKey, startCollector, writeDistrict } from "./collector.ts";

const links = `- {id: satu, site: "64.08.04.2001", provider: Telkom, technology: fibre}
- {id: dua, site: "64.08.04.2002", provider: Telkom, technology: fibre}
`;

interface Told {
  type: string;
  data: { link: string; comment?: { text: string } };
}

describe("kill -9 of the collector", () => {
  it("loses no delivery to a provider, and no act is done twice", async () => {
    using dir = tempDir();
    writeDistrict(dir.path, { "links.yaml": links }, "partners: {callbackNetworks: [127.0.0.0/8]}\n");
    const daysAgo = Date.now() - 20 * 86_400_000;
    const stores = openSqlite(join(dir.path, "data", "sambung.db"));
    const key = await addPartnerKey(stores.state, "Telkom", daysAgo);
    const past = (site: string) =>
      outageRow(`out_${site}`, {
        site,
        root: site,
        startMs: daysAgo,
        endMs: daysAgo + 60_000,
        knownMs: daysAgo,
      });
    const outages = [past("64.08.04.2001"), past("64.08.04.2002")];
    await stores.state.writeWatch({ outages, states: [], alerts: [], messages: [] });
    stores.close();

    // Every twentieth message is refused the first time, and every fifth request takes a while.
    const seen = new Set<string>();
    const refused = new Set<number>();
    await using peer = await createHttpPeer(({ headers }, response, nth) => {
      const id = String(headers["webhook-id"]);
      if (!seen.has(id) && seen.size % 20 === 10) refused.add(nth);
      seen.add(id);
      const done = () => void response.writeHead(refused.has(nth) ? 503 : 200, { "Retry-After": "1" }).end();
      if (nth % 5 === 0) setTimeout(done, 200);
      else done();
    });
    const env = { SAMBUNG_ADMIN_KEY: newAdminKey(), SAMBUNG_LOG: "error" };
    const random = seededRandom(4);
    let collector = await startCollector(dir.path, env);
    const ask = async (path: string, body?: unknown, name = "") => {
      const response = await fetch(`${collector.address}/api/v1/partner${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: {
          Authorization: `Bearer ${key}`,
          "Content-Type": "application/json",
          ...(name === "" ? {} : { "Idempotency-Key": `"${name}"` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as { data: never } };
    };
    const { data: ids } = (await ask("/outages")).body as { data: { id: string; link: string }[] };
    expect(ids.map(({ link }) => link).toSorted()).toEqual(["dua", "satu"]);
    const made = await ask("/webhooks", { url: `${peer.url}/hook` }, "hook");
    const { secret } = (made.body as { data: { secret: string } }).data;

    const wanted = ids.map(() => [] as string[]);
    const perLife = 12;
    try {
      for (let life = 0; life < 4; life++) {
        let dead = false;
        const writing = ids.map(async ({ id }, at) => {
          for (let nth = 0; nth < perLife; nth++) {
            const text = `life ${life}, comment ${nth}`;
            wanted[at]!.push(text);
            // Until it is answered: what was cut off is sent again under its name.
            for (let done = false; !done;) {
              try {
                const { status } = await ask(`/outages/${id}/comments`, { text }, `${at} ${text}`);
                expect(status).toBe(201);
                done = true;
              } catch (error) {
                if (!(error instanceof TypeError) || !dead) throw error;
                await sleep(20);
              }
            }
          }
        });
        await waitFor("some comments", () => wanted.every((texts) => texts.length > life * perLife + 2), {
          everyMs: 5,
        });
        await sleep(whole(random, 60));
        dead = true;
        expect(await end(collector, "SIGKILL")).toBe("SIGKILL");
        collector = await startCollector(dir.path, env);
        await Promise.all(writing);
      }
      await waitFor(
        "everything to be delivered",
        async () => {
          const { data } = (await ask("/webhooks")).body as { data: { waiting: number }[] };
          return data[0]!.waiting === 0;
        },
        { timeoutMs: 240_000 },
      );
    } finally {
      await end(collector, "SIGKILL");
    }
    const taken = new Map<string, Told>();
    for (const [at, { headers, body }] of peer.received.entries()) {
      const told = new Webhook(secret).verify(body, headers as Record<string, string>) as Told;
      if (!refused.has(at + 1) && !taken.has(String(headers["webhook-id"])))
        taken.set(String(headers["webhook-id"]), told);
    }
    // Each comment once by its id, in the order in which it was written, whatever was sent twice.
    for (const [at, { link }] of ids.entries()) {
      const texts = [...taken.values()]
        .filter(({ type, data }) => type === "outage.commented" && data.link === link)
        .map(({ data }) => data.comment!.text);
      expect(texts).toEqual(wanted[at]);
    }
    expect(refused.size).toBeGreaterThan(2);
    // Sent twice at most is what a kill found under way: one for each life.
    expect(peer.received.length - refused.size - taken.size).toBeLessThanOrEqual(4);
  }, 300_000);
});
