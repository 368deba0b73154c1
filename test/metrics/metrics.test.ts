import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createMeter } from "../../src/metrics/meter.ts";
import { createDeliveries } from "../../src/metrics/notifier.ts";
import { surfaceOf } from "../../src/metrics/requests.ts";
import { unnamedActor } from "../../src/state/audit.ts";
import type { PartnerHook } from "../../src/state/partner-store.ts";
import type { OutboxMessage } from "../../src/state/state-store.ts";
import { nowMs, openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { makeDistrict } from "../support/inventory.ts";
import { testMetrics } from "../support/metrics.ts";
import { needs } from "../support/needs.ts";
import { promtool } from "../support/promtool.ts";
import { createWriter, icmpRounds } from "../support/rounds.ts";
import { segments, writeWatch } from "../support/watch.ts";

let http: TestHttp;
beforeEach(async () => {
  http = await openTestHttp();
});
afterEach(() => http[Symbol.dispose]());

const zero = {
  batches: 0,
  rounds: 0,
  duplicates: 0,
  refused: 0,
  putOffLive: 0,
  putOffBacklog: 0,
  lines: 0,
  linesRefused: 0,
};

/** Metrics made anew over the test's stores, with some of what they are made of replaced. */
async function render(over: Partial<Parameters<typeof testMetrics>[0]> = {}): Promise<string[]> {
  const metrics = testMetrics({
    reader: http.reader,
    state: http.state,
    series: http.series,
    ingestCounts: () => zero,
    storeFile: `${http.folder}/sambung.db`,
    nowMs: () => http.clock.ms,
    ...over,
  });
  return (await metrics.render()).body.split("\n");
}

const own = (lines: readonly string[]) => lines.filter((line) => /^(sambung|probe)_/.test(line));

async function enrol(id: string, site: string): Promise<void> {
  const [hash, keyHash] = [`token of ${id}`, `key of ${id}`];
  const token = { hash, site, prefix: "sbe_t", kind: "sambung" as const, expiresMs: nowMs + 1, nowMs };
  await http.state.addEnrolToken(token);
  const agent = { id, keyHash, keyPrefix: "sba_k", hardware: "x", version: "1.2.3" };
  await http.state.redeemEnrolToken(hash, nowMs, agent);
}

describe("metrics of places", () => {
  it("tell of sites and links what the inventory says, and how they stand", async () => {
    await writeWatch(http.state, {
      states: [segments("64.08.01", "", [[nowMs - 60_000, "down", "link"]])],
    });
    const lines = await render();
    const site = http.held.inventory.sites.get("64.08.01")!;
    expect(lines).toEqual(
      expect.arrayContaining([
        `sambung_site_info{site="64.08.01",name="${site.name}",kind="${site.kind}",parent="64.08"} 1`,
        'sambung_site_state{site="64.08.01",state="down"} 1',
        `sambung_site_state_since_timestamp_seconds{site="64.08.01"} ${(nowMs - 60_000) / 1000}`,
        `sambung_inventory_sites ${http.held.inventory.sites.size}`,
        'sambung_build_info{version="0.0.0-test"} 1',
      ]),
    );
    const links = [...http.held.inventory.links.values()];
    expect(links.length).toBeGreaterThan(0);
    for (const { id, site: at, provider, technology } of links) {
      const row = `sambung_link_info{link="${id}",site="${at}",provider="${provider}",technology="${technology}"} 1`;
      expect(lines).toContain(row);
    }
  });

  it("give each site and service exactly one state", async () => {
    const lines = await render();
    const inState = (of: string) => lines.filter((line) => line.startsWith(of) && line.endsWith(" 1")).length;
    expect(inState("sambung_site_state{")).toBe(http.held.inventory.sites.size);
    expect(inState("sambung_service_state{")).toBe(http.held.inventory.services.size);
  });
});

describe("what is gone", () => {
  it("leaves no row behind: a site that was taken out of the inventory, with its targets and agents", async () => {
    const gone = "64.08.01";
    await enrol("ag_hulu01", gone);
    const write = createWriter(http.batchLog, { id: "ag_hulu01", site: gone });
    await write([icmpRounds(`${gone}/hub`, nowMs - 30_000, 30_000, [[20]])], {
      sentBytes: 10,
      waitingRounds: 1,
    });
    const metrics = testMetrics({
      reader: http.reader,
      state: http.state,
      series: http.series,
      ingestCounts: () => zero,
      storeFile: `${http.folder}/sambung.db`,
      nowMs: () => http.clock.ms,
    });
    const ofGone = async () =>
      (await metrics.render()).body.split("\n").filter((line) => line.includes(`site="${gone}"`));
    const before = await ofGone();
    expect(before.length).toBeGreaterThan(20);
    expect(before.some((line) => line.startsWith("probe_success{"))).toBe(true);
    const { sites, links, targets, services, ...rest } = makeDistrict();
    const without = <T extends { site: string }>(all: ReadonlyMap<string, T>) =>
      new Map([...all].filter(([, { site }]) => site !== gone));
    const below = (code: string): boolean => {
      const site = sites.get(code);
      return site !== undefined && (code === gone || (site.parent !== null && below(site.parent)));
    };
    http.held.inventory = {
      ...rest,
      services,
      sites: new Map([...sites].filter(([code]) => !below(code))),
      links: without(links),
      targets: without(targets),
    };
    http.clock.ms += 6_000;
    expect(await ofGone()).toEqual([]);
  });

  it("and so do agents that were revoked", async () => {
    await enrol("ag_hulu01", "64.08.01");
    const rows = async () => (await render()).filter((line) => line.includes('agent="ag_hulu01"'));
    expect((await rows()).length).toBeGreaterThan(0);
    await http.state.revokeAgent("ag_hulu01", nowMs);
    expect(await rows()).toEqual([]);
  });
});

describe("cardinality", () => {
  it("grows with the inventory alone: no path, status or message of strangers becomes a row", async () => {
    const rows = async () => {
      http.clock.ms += 5_000;
      return own((await (await http.request("/metrics")).text()).split("\n")).length;
    };
    const storm = async (of: string) => {
      for (let at = 0; at < 20; at++) {
        await http.request(`/api/v1/${of}-${at}`, { method: at % 2 === 0 ? "GET" : "PUT" });
      }
    };
    await storm("first");
    await rows();
    const before = await rows();
    await storm("second");
    expect(await rows()).toBe(before);
  });
});

describe("requests", () => {
  it("are counted by who asks and by class of status", async () => {
    await http.request("/api/v1/sites");
    await http.request("/api/v1/sites", { key: null });
    const lines = (await (await http.request("/metrics")).text()).split("\n");
    expect(lines).toEqual(
      expect.arrayContaining([
        'sambung_http_requests_total{surface="api",code="2xx"} 1',
        'sambung_http_requests_total{surface="api",code="4xx"} 1',
        'sambung_http_request_duration_seconds_count{surface="api"} 2',
      ]),
    );
  });

  it.each([
    ["/api/v1/batches", "batches"],
    ["/api/v2/write", "write"],
    ["/api/v1/agent/config", "agent"],
    ["/api/v1/agents/enrol", "agent"],
    ["/api/v1/agents", "api"],
    ["/readyz", "operation"],
    ["/lokasi/64.08", "pages"],
  ])("%s is of %s", (path, surface) => expect(surfaceOf(path)).toBe(surface));
});

describe("a source that fails", () => {
  it("leaves its own part out, says so, and the others in", async () => {
    const told: string[] = [];
    const reader = { ...http.reader, sites: () => Promise.reject(new Error("table states is gone")) };
    const lines = await render({ reader, onError: (part, error) => told.push(`${part}: ${String(error)}`) });
    expect(lines).toContain('sambung_metrics_part_up{part="sites"} 0');
    expect(lines).toContain('sambung_metrics_part_up{part="services"} 1');
    expect(lines.filter((line) => line.startsWith("sambung_site_state{"))).toEqual([]);
    expect(lines).toContain('sambung_store_up{store="state"} 1');
    expect(told).toContain("sites: Error: table states is gone");
  });

  it("hangs: the answer does not wait for it, and has its rows once they are there", async () => {
    const told: string[] = [];
    const meter = createMeter((part, error) => told.push(`${part}: ${String(error)}`), 50);
    const source = Promise.withResolvers<number>();
    let asked = 0;
    meter.part("slow", (gauge) => {
      const made = gauge("sambung_slow", "What is waited for.", ["row"]);
      return async () => {
        asked += 1;
        made.set({ row: "before" }, 1);
        made.set({ row: "after" }, await source.promise);
      };
    });
    meter.part("quick", (gauge) => {
      const made = gauge("sambung_quick", "What is there at once.");
      return async () => made.set({}, 7);
    });
    const rows = async () => own((await meter.render()).body.split("\n"));
    for (let times = 0; times < 2; times++) {
      expect((await rows()).toSorted()).toEqual([
        'sambung_metrics_part_up{part="quick"} 1',
        'sambung_metrics_part_up{part="slow"} 0',
        "sambung_quick 7",
      ]);
    }
    expect([asked, told]).toEqual([1, Array(2).fill("slow: Error: not read within 0.05 s")]);
    source.resolve(3);
    await expect
      .poll(rows)
      .toEqual(
        expect.arrayContaining([
          'sambung_metrics_part_up{part="slow"} 1',
          'sambung_slow{row="before"} 1',
          'sambung_slow{row="after"} 3',
        ]),
      );
  });

  it("is a store itself: which one is told, and nothing is thrown", async () => {
    const ping = () => Promise.reject(new Error("disk is full"));
    const told = async (over: Parameters<typeof render>[0]) =>
      (await render(over)).filter((line) => line.startsWith("sambung_store_up"));
    expect(await told({ state: { ...http.state, ping } })).toEqual([
      'sambung_store_up{store="state"} 0',
      'sambung_store_up{store="series"} 1',
    ]);
    expect(await told({ series: { ...http.series, ping } })).toEqual([
      'sambung_store_up{store="state"} 1',
      'sambung_store_up{store="series"} 0',
    ]);
  });
});

describe("the notifier", () => {
  const message: OutboxMessage = {
    id: "m1",
    dedupeKey: "d",
    channel: "piket",
    type: "site.down",
    incident: "inc_1",
    alert: "al_1",
    digestMs: null,
    remoteId: null,
    payload: {},
    createdMs: 0,
    attempts: 0,
    nextTryMs: 0,
    sentMs: null,
    failedMs: null,
    lastError: null,
  };

  it("counts by channel what was delivered and what was not, a throw included", async () => {
    const deliveries = createDeliveries();
    const answers = [
      async () => ({ delivered: true as const }),
      async () => ({ delivered: false as const, permanent: false, reason: "no answer" }),
      async () => Promise.reject(new Error("bug")),
    ];
    const channel = deliveries.watch({ id: "piket", deliver: () => answers.shift()!() });
    const { signal } = new AbortController();
    expect(await channel.deliver(message, signal)).toEqual({ delivered: true });
    expect(await channel.deliver(message, signal)).toMatchObject({ delivered: false });
    await expect(channel.deliver(message, signal)).rejects.toThrow("bug");
    const lines = await render({ deliveries });
    expect(lines).toEqual(
      expect.arrayContaining([
        'sambung_notify_delivered_total{channel="piket"} 1',
        'sambung_notify_failed_total{channel="piket"} 2',
        'sambung_outbox_pending{channel="piket"} 0',
      ]),
    );
  });

  it("counts the webhooks of providers, and those that were disabled", async () => {
    const hook = (id: string, disabledMs: number | null): PartnerHook => ({
      id,
      provider: "Telkom",
      kind: "webhook",
      url: "https://noc.example/hook",
      types: [],
      query: null,
      secrets: [],
      madeMs: nowMs,
      disabledMs,
      disabledReason: null,
      key: "key_1",
      dropped: 0,
    });
    for (const one of [hook("a", null), hook("b", nowMs), hook("c", null)])
      await http.state.addHook(one, unnamedActor);
    expect(await render()).toEqual(
      expect.arrayContaining([
        'sambung_partner_webhooks{state="enabled"} 2',
        'sambung_partner_webhooks{state="disabled"} 1',
      ]),
    );
  });

  it("counts the addresses of a mail as one channel, and names none", async () => {
    const deliveries = createDeliveries();
    const { signal } = new AbortController();
    for (const id of ["mail/a@b.example", "mail/c@b.example"])
      await deliveries.watch({ id, deliver: async () => ({ delivered: true }) }).deliver(message, signal);
    const lines = await render({ deliveries });
    expect(lines).toContain('sambung_notify_delivered_total{channel="mail"} 2');
    expect(lines.join()).not.toContain("b.example");
  });

  it("says how long the oldest message of a channel waits", async () => {
    const { dedupeKey, channel, type, incident, payload } = message;
    const queued = {
      dedupeKey,
      channel,
      type,
      incident,
      payload,
      createdMs: nowMs - 90_000,
      nextTryMs: nowMs,
    };
    await writeWatch(http.state, { messages: [queued] });
    expect(await render()).toContain('sambung_outbox_oldest_age_seconds{channel="piket"} 90');
  });
});

const lacking = needs({ commands: ["promtool"] });
describe.skipIf(lacking !== null)(`promtool${lacking === null ? "" : ` (${lacking})`}`, () => {
  it("has nothing to say against names, types, units and texts", async () => {
    await enrol("ag_hulu01", "64.08.01");
    const write = createWriter(http.batchLog, { id: "ag_hulu01", site: "64.08.01" });
    await write([icmpRounds("64.08.01/hub", nowMs - 30_000, 30_000, [[20, 21]])], {
      sentBytes: 10,
      waitingRounds: 1,
    });
    await http.request("/api/v1/sites");
    const input = await (await http.request("/metrics")).text();
    expect(input).toContain("sambung_agent_ledger_rounds{");
    expect(input).toContain("sambung_http_requests_total{");
    expect(await promtool(["check", "metrics"], { input })).toEqual({ code: 0, said: "" });
  });
});
