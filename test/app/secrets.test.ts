import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { EnrolledV1 } from "#wire/ack-v1.ts";
import { freeTcpPort } from "../support/free-port.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { end, newAdminKey, startCollector, writeDistrict } from "./collector.ts";

/*
 * A busy run of the real program, with its log at its most talkative: everything is done once, and whatever can be done
 * wrong with a secret as well. Afterwards no secret may be found in what it wrote: log, terminal, answers, database. The
 * answers that show a secret once to whom it is for are left out by name.
 */

const webhookSecret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const telegramToken = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
const community = "rahasia-komunitas-42";
const pass = "rahasia-snmpv3-kunci";

const targets = `- {id: noc, site: "64.08.04", role: noc, kind: icmp, address: 127.0.0.1}
- id: rt
  site: "64.08.04"
  role: device
  kind: snmp
  address: 127.0.0.1
  auth: {version: "3", user: u, authProtocol: sha256, authKey: "\${PASS}", privProtocol: none}
`;

const config = (port: number) => `metrics: read
limits: {refusedPerMinute: 100000}
agents:
  reportIntervalS: 1
  traps: {port: 16200, communities: ["\${COMMUNITY}"]}
alerts:
  holdS: 0
  channels:
    - {id: tg, kind: telegram, token: "\${TELEGRAM}", chatId: "-1", baseUrl: "http://127.0.0.1:${port}"}
    - {id: hook, kind: webhook, url: "http://127.0.0.1:${port}/", secrets: ["\${HOOK}"]}
`;

it("tells no secret: in no log, no answer, no file", async () => {
  using dir = tempDir();
  const adminKey = newAdminKey();
  const secrets = new Set([adminKey, webhookSecret, telegramToken, community, pass]);
  writeDistrict(dir.path, { "targets.yaml": targets }, config(await freeTcpPort()));
  const env = {
    SAMBUNG_LOG: "debug",
    SAMBUNG_ADMIN_KEY: adminKey,
    COMMUNITY: community,
    PASS: pass,
    TELEGRAM: telegramToken,
    HOOK: webhookSecret,
  };
  const collector = await startCollector(dir.path, env);
  const answers: string[] = [];

  async function ask(path: string, key: string | null, init: RequestInit & { shows?: boolean } = {}) {
    const { shows = false, ...rest } = init;
    const answer = await fetch(`${collector.address}${path}`, {
      redirect: "manual",
      ...rest,
      headers: {
        "Content-Type": "application/json",
        ...(key === null ? {} : { Authorization: `Bearer ${key}` }),
        ...(rest.headers as Record<string, string> | undefined),
      },
    });
    const text = await answer.text();
    const told = JSON.stringify([...answer.headers]);
    answers.push(shows ? told : told + text);
    return { status: answer.status, text };
  }
  const post = (path: string, key: string | null, body: unknown, shows = false) =>
    ask(path, key, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body), shows });
  const made = (text: string): Record<string, string> => {
    const parsed = JSON.parse(text) as { data?: Record<string, string> };
    const fields = parsed.data ?? (parsed as Record<string, string>);
    for (const name of ["key", "token"]) if (fields[name] !== undefined) secrets.add(fields[name]);
    return fields;
  };

  try {
    // Everything once as it should be.
    const token = made((await post("/api/v1/agents/tokens", adminKey, { site: "64.08.04" }, true)).text);
    const spare = made((await post("/api/v1/agents/tokens", adminKey, { site: "64.08" }, true)).text);
    const enrolment = { token: token.token, hardware: "test", version: "1" };
    const agent = made(
      (await post("/api/v1/agents/enrol", null, enrolment, true)).text,
    ) as unknown as EnrolledV1;
    const guest = made(
      (await post("/api/v1/keys", adminKey, { name: "guest", scopes: ["read"] }, true)).text,
    );
    const next = made((await post(`/api/v1/keys/${guest.id}/rotate`, adminKey, {}, true)).text);
    await post(`/api/v1/agents/${agent.agentId}/rotate`, adminKey, {});
    const fresh = made((await post("/api/v1/agent/key", agent.key, {}, true)).text);
    // An agent's own configuration has the keys to its own devices.
    expect((await ask("/api/v1/agent/config", fresh.key!, { shows: true })).text).toContain(pass);
    const nowMs = Date.now();
    const batch = {
      v: 1,
      agent: agent.agentId,
      boot: "boot1",
      host: { bootId: "host1", uptimeS: 1000 },
      seq: 1,
      clock: { wallMs: nowMs, monoMs: 1_000_000, synced: true },
      ledger: { produced: 5, thinned: 0, lost: 0 },
      rounds: [
        {
          target: "noc",
          kind: "icmp",
          monoMs: [850_000, 30_000, 30_000, 30_000, 30_000],
          sent: [1, 1, 1, 1, 1],
          recv: [1, 1, 0, 0, 0],
          rttUs: [1200, 1200],
        },
      ],
      events: [],
    };
    expect((await post("/api/v1/batches", fresh.key!, batch)).status).toBe(200);

    // And whatever people do wrong.
    const keys = [...secrets].filter((secret) => /^sb[aek]_/.test(secret));
    expect(keys.length).toBe(7);
    for (const text of keys) {
      await ask(`/api/v1/sites/${text}`, adminKey);
      await ask(`/api/v1/sites?lang=${text}&${text}=1`, adminKey);
      await ask(`/api/v1/${text}`, null);
      await ask(`/lokasi/${text}`, null);
      await ask(`/api/v1/keys/${text}`, adminKey, { method: "DELETE" });
      await ask(`/api/v1/agents/${text}`, guest.key!, { method: "DELETE" });
      await ask(`/api/v1/audit?cursor=${text}`, adminKey);
      await ask("/api/v1/sites", `${text}x`);
      await ask("/api/v1/sites", null, { headers: { Authorization: text, "X-Request-Id": text } });
    }
    for (const key of keys) {
      await ask("/api/v1/audit", key);
      await post("/api/v1/agents/enrol", null, { ...enrolment, token: key });
      await post("/api/v1/agents/enrol", null, { ...enrolment, token: `${key}x` });
      await post("/api/v1/agents/enrol", null, `{"token": "${key}`);
      await post("/api/v1/batches", key, { ...batch, seq: 2, agent: key });
      await post("/api/v1/batches", fresh.key!, { ...batch, seq: 2, boot: key, [key]: 1 });
      await post("/api/v1/keys", adminKey, { name: "x", scopes: [key], [key]: 1 });
      await post("/api/v1/agents/tokens", adminKey, { site: key });
      await post("/api/v2/write", key, `ping,target=${key} x=1i`);
    }
    await ask(`/api/v1/agents/tokens/${spare.id}`, adminKey, { method: "DELETE" });
    await ask(`/api/v1/keys/${next.id}`, adminKey, { method: "DELETE" });

    // A reload, a bad one with a secret where none belongs, and what there is to read.
    const read = () => ask("/api/v1/audit?limit=1000", adminKey);
    const reloads = async () => (await read()).text.match(/inventory\.reloaded/g)?.length ?? 0;
    collector.child.kill("SIGHUP");
    await waitFor("the reload", async () => (await reloads()) === 1, { everyMs: 50 });
    const file = join(dir.path, "inventory/targets.yaml");
    writeFileSync(file, targets.replace("noc, kind", "nok, kind").replace("sha256", "sha999"));
    collector.child.kill("SIGHUP");
    await waitFor("the refused reload", async () => (await reloads()) === 2, { everyMs: 50 });
    await waitFor(
      "messages that could not be sent",
      async () => {
        const { data } = JSON.parse((await ask("/api/v1/alerts/messages", adminKey)).text) as {
          data: { channel: string; lastError: string | null }[];
        };
        return (
          new Set(data.filter(({ lastError }) => lastError !== null).map(({ channel }) => channel)).size === 2
        );
      },
      { everyMs: 100 },
    );
    type Paths = Record<string, Record<string, unknown>>;
    const { paths } = JSON.parse((await ask("/openapi.json", null)).text) as { paths: Paths };
    for (const [path, operations] of Object.entries(paths)) {
      if (operations["get"] === undefined || path === "/api/v1/agent/config") continue;
      await ask(path.replaceAll(/\{\w+\}/g, agent.agentId), adminKey);
    }
    await ask("/api/v1/targets", adminKey);
    await ask("/", null);
  } finally {
    expect(await end(collector, "SIGTERM")).toBe(0);
  }

  const log = collector.out() + collector.err();
  expect(log.length).toBeGreaterThan(10_000);
  const data = join(dir.path, "data");
  const files = readdirSync(data).filter((name) => name.startsWith("sambung.db"));
  const stored = files.map((name) => readFileSync(join(data, name), "latin1")).join("");
  for (const secret of secrets) {
    const found = { log: log.includes(secret), stored: stored.includes(secret) };
    expect([secret, found]).toEqual([secret, { log: false, stored: false }]);
    expect(answers.filter((answer) => answer.includes(secret))).toEqual([]);
  }
}, 120_000);
