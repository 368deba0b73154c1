import { writeFileSync } from "node:fs";
import { request } from "node:https";
import { expect, it } from "vitest";
import { issue, makeAuthority } from "../support/certificate.ts";
import { needs } from "../support/needs.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { end, newAdminKey, sambung, startCollector, writeDistrict } from "./collector.ts";
import type { Collector } from "./collector.ts";

const missing = needs({ commands: ["openssl", "ping"] });

const targets = `- {id: host, site: "64.08", role: device, kind: icmp, address: 127.0.0.1, count: 1, intervalS: 1, timeoutMs: 900}\n`;
const config = `agents: {reportIntervalS: 1}
publicUrl: https://sambung.test
tls: {cert: cert.pem, key: key.pem, clientCa: ca.pem}
`;

it.skipIf(missing !== null)(
  `a collector speaks HTTPS, its own agent beside it, and what is done to it by signals is written down${missing === null ? "" : ` (skipped: ${missing})`}`,
  async () => {
    using dir = tempDir();
    const authority = await makeAuthority("Otoritas Uji");
    const own = await issue(authority, { host: { dns: "sambung.test" }, name: "sambung.test", days: 10 });
    writeDistrict(dir.path, { "targets.yaml": targets }, config);
    writeFileSync(dir.file("ca.pem"), authority.cert);
    writeFileSync(dir.file("cert.pem"), own.cert);

    const check = sambung(["check"], dir.path, { SAMBUNG_LANG: "en" });
    expect(await check.ended).toBe(1);
    expect(check.err()).toMatch(/^Failed: tls\.key: .*key\.pem cannot be used: ENOENT/);
    writeFileSync(dir.file("key.pem"), own.key);
    expect(await sambung(["check"], dir.path).ended).toBe(0);

    const key = newAdminKey();
    const collector: Collector = await startCollector(dir.path, { SAMBUNG_ADMIN_KEY: key }, ["--with-agent"]);
    const get = <T>(path: string): Promise<T> =>
      new Promise((resolve, reject) => {
        const headers = { Authorization: `Bearer ${key}` };
        const how = { ca: authority.cert, servername: "sambung.test", headers, agent: false as const };
        const outgoing = request(`${collector.address}/api/v1${path}`, how, (answer) => {
          let body = "";
          answer.setEncoding("utf8").on("data", (part: string) => (body += part));
          answer.on("error", reject);
          answer.on("end", () => resolve((JSON.parse(body) as { data: T }).data));
        });
        outgoing.on("error", reject).end();
      });
    try {
      expect(collector.address).toMatch(/^https:\/\/127\.0\.0\.1:/);
      await waitFor("rounds of the agent beside it, which shows no certificate", async () =>
        (await get<{ storedRounds?: number }[]>("/agents")).some(({ storedRounds = 0 }) => storedRounds > 0),
      );
      collector.child.kill("SIGHUP");
      type Row = { action: string; actor: string; actorName: string; result: string };
      const acts = async () =>
        (await get<Row[]>("/audit"))
          .map((row) => `${row.actorName}: ${row.action} ${row.result}`)
          .toReversed();
      await waitFor("the reload", async () => (await acts()).length >= 4, { everyMs: 100 });
      writeFileSync(dir.file("inventory/targets.yaml"), targets.replace("icmp", "carrier-pigeon"));
      collector.child.kill("SIGHUP");
      await waitFor("the refused one", async () => (await acts()).length >= 5, { everyMs: 100 });
      expect(await acts()).toEqual([
        "sambung start: key.made done",
        "sambung start --with-agent: token.made done",
        "64.08: agent.enrolled done",
        "SIGHUP: inventory.reloaded done",
        "SIGHUP: inventory.reloaded refused",
      ]);
      const said = await fetch(collector.address.replace("https:", "http:")).then(
        () => "an answer",
        () => "nothing",
      );
      expect(said).toBe("nothing");
    } finally {
      expect(await end(collector, "SIGTERM")).toBe(0);
    }
  },
  120_000,
);
