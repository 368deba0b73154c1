import { pino } from "pino";
import { expect, it } from "vitest";
import type { EnrolledV1 } from "#wire/ack-v1.ts";
import { createApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { readInventory } from "../../src/inventory/read-inventory.ts";
import { hashKey, makeKey } from "../../src/state/keys.ts";
import { tempDir } from "../support/temp-dir.ts";
import { writeDistrict } from "./collector.ts";

const nowMs = Date.UTC(2026, 8, 21, 14);
const dayMs = 86_400_000;
const minutes = 60;

it("a batch of events alone, three days late, is evidence like any other", async () => {
  using dir = tempDir();
  writeDistrict(dir.path, {
    "targets.yaml": `- {id: anchor, site: "64.08", role: anchor, kind: icmp, address: 127.0.0.2, intervalS: 60}\n`,
  });
  const config = readConfig({ SAMBUNG_CONFIG: dir.file("sambung.yaml") }, dir.path);
  const clock = { ms: nowMs };
  const app = createApp(config, {
    logger: pino({ level: "silent" }),
    now: () => (clock.ms += 1_000),
    random: () => 0.5,
    readInventory: () => readInventory(config.inventory, {}),
    version: "test",
  });
  try {
    const token = makeKey("sbe");
    await app.state.addEnrolToken({
      hash: hashKey(token),
      site: "64.08",
      prefix: "sbe_test",
      kind: "sambung",
      expiresMs: nowMs + dayMs,
      nowMs,
    });
    const agent = (await (
      await post(app, "/agents/enrol", null, { token, hardware: "test", version: "1" })
    ).json()) as EnrolledV1;
    const batch = {
      v: 1,
      agent: agent.agentId,
      boot: "boot1",
      host: { bootId: "host1", uptimeS: 1_000 },
      clock: { wallMs: nowMs, monoMs: 5 * dayMs, synced: true },
      ledger: { produced: minutes, thinned: 0, lost: 0 },
    };
    const steps = Array.from({ length: minutes }, (_, index) => (index === 0 ? 2 * dayMs : 60_000));
    const recv = steps.map((__, index) => (index >= 20 && index < 40 ? 0 : 1));
    const rttUs = recv.filter((replies) => replies === 1).map(() => 900);
    const sent = steps.map(() => 1);
    const rounds = [{ target: "anchor", kind: "icmp", monoMs: steps, sent, recv, rttUs }];
    await post(app, "/batches", agent.key, { ...batch, seq: 1, rounds, events: [] });
    await app.watch.settle();
    const facts = async () =>
      (await app.state.outages({})).map(({ evidence }) => evidence.map(({ fact }) => fact));
    expect(await facts()).toEqual([["anchor.silent"]]);

    const start = { monoMs: 2 * dayMs + 30 * 60_000, type: "agent.start", detail: { hostBootChanged: true } };
    await post(app, "/batches", agent.key, { ...batch, seq: 2, rounds: [], events: [start] });
    await app.watch.settle();
    expect(await facts()).toEqual([["anchor.silent", "host.rebooted"]]);
  } finally {
    await app.stop();
  }
});

async function post(
  app: { fetch(request: Request): Promise<Response> },
  path: string,
  key: string | null,
  body: object,
): Promise<Response> {
  const headers: Record<string, string> = key === null ? {} : { Authorization: `Bearer ${key}` };
  const request = { method: "POST", headers, body: JSON.stringify(body) };
  const response = await app.fetch(new Request(`http://collector/api/v1${path}`, request));
  expect(response.status).toBe(200);
  return response;
}
