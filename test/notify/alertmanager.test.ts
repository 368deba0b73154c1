import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pino } from "pino";
import { createAlertmanagerChannel } from "../../src/notify/alertmanager.ts";
import type { AlertmanagerOptions } from "../../src/notify/alertmanager.ts";
import { createOutbox } from "../../src/notify/outbox.ts";
import { messageKey } from "../../src/notify/planner.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import { freeTcpPort } from "../support/free-port.ts";
import { needs } from "../support/needs.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { aMessage, anAlert, anAlertRecord, morningMs } from "./factories.ts";
import { createHttpPeer } from "./http-peer.ts";
import type { HttpPeer } from "./http-peer.ts";

const missing = needs({ commands: ["prometheus-alertmanager"] });
const never = new AbortController().signal;
/** A store in which nothing was queued before. */
const empty = { firstMessage: async () => null, lastingMessages: async () => [] };
const channelTo = (url: string, given: Partial<AlertmanagerOptions> = {}) =>
  createAlertmanagerChannel({ id: "am", url, state: empty, now: () => morningMs, ...given });

interface Hook {
  status: "firing" | "resolved";
  alerts: { labels: Record<string, string>; annotations: Record<string, string>; startsAt: string }[];
}

describe.skipIf(missing !== null)(`a real Alertmanager${missing === null ? "" : ` (${missing})`}`, () => {
  const dir = tempDir();
  let peer: HttpPeer;
  let server: ChildProcess;
  let address: string;
  let url: string;

  async function start(): Promise<void> {
    server = spawn(
      "prometheus-alertmanager",
      [
        `--config.file=${join(dir.path, "alertmanager.yml")}`,
        `--storage.path=${join(dir.path, "data")}`,
        `--web.listen-address=${address}`,
        "--cluster.listen-address=",
      ],
      { stdio: "ignore" },
    );
    await waitFor(
      "alertmanager",
      async () => (await fetch(`${url}/-/ready`).catch(() => null))?.ok === true,
      { timeoutMs: 60_000 },
    );
  }

  async function stop(): Promise<void> {
    const gone = once(server, "exit");
    server.kill("SIGTERM");
    await gone;
  }

  beforeAll(async () => {
    peer = await createHttpPeer((_request, response) => response.end());
    writeFileSync(
      join(dir.path, "alertmanager.yml"),
      `route: {receiver: hook, group_by: [alert], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}
receivers: [{name: hook, webhook_configs: [{url: "${peer.url}/hook", send_resolved: true}]}]
`,
    );
    address = `127.0.0.1:${await freeTcpPort()}`;
    url = `http://${address}`;
    await start();
  }, 90_000);
  afterAll(async () => {
    await stop();
    await peer[Symbol.asyncDispose]();
    dir[Symbol.dispose]();
  });

  const hooks = (alert: string) =>
    peer.received
      .map(({ body }) => JSON.parse(body) as Hook)
      .filter(({ alerts }) => alerts.some(({ labels }) => labels["alert"] === alert));

  it("tells its receivers once that it began and once that it is over, whatever it turned out to be", async () => {
    const startMs = Date.now() - 600_000;
    const alert = anAlert({ alert: "one", startMs, cause: "unknown" });
    const first = aMessage(alert);
    const state = { ...empty, firstMessage: async () => first };
    const channel = channelTo(`${url}/`, { state, now: Date.now });
    expect(await channel.deliver(first, never)).toEqual({ delivered: true });
    await waitFor("the beginning", () => hooks("one").length === 1);
    const [began] = hooks("one");
    expect(began).toMatchObject({ status: "firing" });
    expect(began!.alerts[0]).toMatchObject({
      labels: {
        alertname: "SambungSiteDown",
        severity: "medium",
        site: "64.08.05.2001",
        kecamatan: "Busang",
        provider: "Telkom",
      },
      annotations: { summary: "PUTUS - Mekar Baru (Busang)", incident: "in_1", cause: "unknown" },
    });
    // Alertmanager leaves out zeros at the end of a fraction.
    expect(Date.parse(began!.alerts[0]!.startsAt)).toBe(startMs);
    // It turned out to lie at the parent, and to be worse.
    const over = {
      ...alert,
      type: "site.up" as const,
      cause: "power" as const,
      root: "64.08.05",
      kecamatan: null,
      severity: "critical" as const,
      providers: ["Icon+"],
      endMs: Date.now() - 1_000,
    };
    const told = await channel.deliver(aMessage(over, { createdMs: Date.now() }), never);
    expect(told).toEqual({ delivered: true });
    await waitFor("the end", () => hooks("one").some(({ status }) => status === "resolved"));
    expect(hooks("one").map(({ status }) => status)).toEqual(["firing", "resolved"]);
    expect(hooks("one")[1]!.alerts[0]!.annotations["cause"]).toBe("power");
  }, 90_000);

  it("is told again of all that lasts and of nothing else, also after it was restarted", async () => {
    const stores = openSqlite(join(dir.path, "sambung.db"));
    const { state } = stores;
    let aheadMs = 0;
    const now = () => Date.now() + aheadMs;
    const find = (id: string, what: "problem" | "recovery", startMs: number) => {
      const endMs = what === "recovery" ? now() : null;
      const type = endMs === null ? ("site.down" as const) : ("site.up" as const);
      const payload = anAlert({ alert: id, incident: id, type, startMs, endMs });
      const alert = anAlertRecord({ id, incident: id, closedMs: endMs, facts: payload });
      const message = { type, alert: id, incident: id, payload, createdMs: now(), nextTryMs: now() };
      const messages = [{ ...message, dedupeKey: messageKey(id, what, "am"), channel: "am" }];
      return state.writeWatch({ outages: [], states: [], alerts: [alert], messages });
    };
    const active = async () => {
      const alerts = (await (await fetch(`${url}/api/v2/alerts?active=true`)).json()) as {
        labels: Record<string, string>;
        endsAt: string;
      }[];
      return alerts
        .map(({ labels }) => labels["alert"]!)
        .filter((id) => id !== "one")
        .sort();
    };
    const channels = [channelTo(url, { state, now })];
    const outbox = createOutbox({
      state,
      channels,
      now,
      random: () => 0.5,
      logger: pino({ level: "silent" }),
    });
    await find("short", "problem", now() - 600_000);
    // An agent that was silent for longer than Alertmanager holds anything for going on.
    await find("long", "problem", now() - 100 * 86_400_000);
    await outbox.drain();
    await waitFor("both", async () => (await active()).join() === "long,short");
    await stop();
    await start();
    expect(await active()).toEqual([]);
    await find("short", "recovery", now() - 600_000);
    aheadMs += 60_000;
    await outbox.drain();
    await waitFor("what lasts", async () => (await active()).join() === "long");
    aheadMs += 60_000;
    await outbox.drain();
    expect(await active()).toEqual(["long"]);
    stores.close();
  }, 90_000);

  it("says what Alertmanager does not take, and tries it no more", async () => {
    const outcome = await channelTo(url).deliver(aMessage(anAlert({ alert: "" })), never);
    // A label without a value is none: the others are still a name.
    expect(outcome).toEqual({ delivered: true });
    const elsewhere = await channelTo(`${url}/nowhere`).deliver(aMessage(anAlert()), never);
    expect(elsewhere).toMatchObject({ delivered: false, permanent: false });
  });
});

describe("what stands in front of Alertmanager", () => {
  it.each([
    [400, "bad timestamp", null, { permanent: true }],
    [503, "", "9", { permanent: false, retryAfterS: 9 }],
    [200, "<html>Please log in</html>", null, { permanent: false }],
  ])("answers %i %s", async (status, body, waits, expected) => {
    await using peer = await createHttpPeer((_request, response) =>
      response.writeHead(status, waits === null ? {} : { "retry-after": waits }).end(body),
    );
    const auth = { user: "kominfo", password: "kata" };
    const outcome = await channelTo(peer.url, { auth }).deliver(aMessage(anAlert()), never);
    expect(outcome).toMatchObject({ delivered: false, ...expected });
    expect(peer.received[0]!.headers.authorization).toBe("Basic a29taW5mbzprYXRh");
  });

  it("is told of an end that is never before the beginning, nor after the message", async () => {
    await using peer = await createHttpPeer((_request, response) => response.end());
    const alert = anAlert({ type: "site.up", endMs: null, correction: "withdrawn" });
    await channelTo(peer.url).deliver(aMessage(alert), never);
    const [sent] = JSON.parse(peer.received[0]!.body) as { startsAt: string; endsAt: string }[];
    expect(Date.parse(sent!.endsAt)).toBe(morningMs + 120_000);
    expect(Date.parse(sent!.endsAt)).toBeGreaterThan(Date.parse(sent!.startsAt));
  });
});
