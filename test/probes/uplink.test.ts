import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AgentConfigV1 } from "#wire/agent-config-v1.ts";
import { countRounds, parseBatch } from "#wire/batch-v1.ts";
import type { BatchV1 } from "#wire/batch-v1.ts";
import { dictionary1Encoding } from "#wire/dictionary-1.ts";
import { queueHeader } from "#wire/units.ts";
import { createClockWatch, machineClock } from "../../probes/clock.ts";
import { createCollectorTime } from "../../probes/collector-time.ts";
import { cacheConfig, readCachedConfig } from "../../probes/config.ts";
import type { Spool } from "../../probes/spool/spool.ts";
import type { Transport, TransportRequest, TransportResponse } from "../../probes/transport.ts";
import { createUplink } from "../../probes/uplink.ts";
import { icmp, icmpTarget, openTestSpool, quietLog, roundNames, tempFolder } from "../support/agent-parts.ts";
import { seededRandom } from "../support/random.ts";
import { stubIdentity } from "../support/collector-stub.ts";
import { unpackBatch } from "../support/wire.ts";

/*
 * Time is faked, so the collector is a function and not a server; the one over HTTP is in agent.test.ts. Every batch
 * still goes through the real compression and the real parser.
 */

type Reply = Partial<TransportResponse> | "no answer";

interface Sent {
  atMs: number;
  path: string;
  batch: BatchV1 | null;
  /** Of the body, if there is one. */
  encoding: string | undefined;
}

const startMs = 1_790_000_000_000;
const elapsedMs = () => Date.now() - startMs;
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

const configDocument: AgentConfigV1 = {
  v: 1,
  agent: stubIdentity.agentId,
  site: stubIdentity.site,
  serverMs: startMs,
  reportIntervalS: 60,
  dayBytes: null,
  monthBytes: null,
  traps: null,
  targets: [],
};

const problem = (status: number, detail: string, headers = {}): Reply => ({
  status,
  headers: { "content-type": "application/problem+json", ...headers },
  body: JSON.stringify({ title: "no", detail }),
});

type Before = (spool: Spool, state: { serverAheadMs: number }) => void;

function setup(change: Partial<AgentConfigV1>, before: Before) {
  const folder = tempFolder();
  const clock = machineClock();
  const watch = createClockWatch(clock);
  const spool = openTestSpool(folder.path, clock, { watch });
  const sent: Sent[] = [];
  const configs: AgentConfigV1[] = [];
  const state = {
    etag: '"a"',
    config: { ...configDocument, ...change } as unknown,
    backlog: "go",
    serverAheadMs: 0,
    replyToBatch: null as ((batch: BatchV1, queue: string | undefined) => Reply | null) | null,
    /** The key that the collector takes; null: none. */
    key: stubIdentity.key as string | null,
    replyToKey: null as (() => Reply) | null,
    reachable: true,
    /** What the link carries, and its round trip; null: all at once. */
    link: null as { bytesPerS: number; tripMs: number } | null,
  };
  before(spool, state);

  function answer(request: TransportRequest, batch: BatchV1 | null): Reply {
    const serverMs = Date.now() + state.serverAheadMs;
    if (request.headers?.["authorization"] !== `Bearer ${state.key}`) return problem(401, "no such key");
    if (request.path === "/api/v1/agent/key") return state.replyToKey!();
    if (batch !== null) {
      const special = state.replyToBatch?.(batch, request.headers?.[queueHeader]) ?? null;
      if (special !== null) return special;
      const ack = { acked: batch.seq, serverMs, configEtag: state.etag, backlog: state.backlog };
      return { status: 200, body: JSON.stringify(ack) };
    }
    if (request.headers?.["if-none-match"] === state.etag) return { status: 304 };
    const body = JSON.stringify({ ...(state.config as object), serverMs });
    return { status: 200, headers: { etag: state.etag }, body };
  }

  let bytes = 0;
  const transport: Transport = {
    async send(request) {
      const body = request.body;
      if (state.reachable) bytes += 300 + (body?.byteLength ?? 0);
      const batch =
        body === undefined ? null : parseBatch(unpackBatch(body, request.headers?.["content-encoding"]));
      sent.push({
        atMs: elapsedMs(),
        path: request.path,
        batch,
        encoding: request.headers?.["content-encoding"],
      });
      const { link } = state;
      const tookMs = link === null ? 100 : link.tripMs + ((body?.byteLength ?? 0) / link.bytesPerS) * 1000;
      if (link !== null) await new Promise((resolve) => setTimeout(resolve, tookMs));
      const reply = state.reachable ? answer(request, batch) : "no answer";
      if (reply === "no answer") throw new Error("ECONNREFUSED");
      return { status: 200, headers: {}, body: "", tookMs, ...reply };
    },
    rest() {},
    wireBytes: () => ({ sent: bytes, received: 0 }),
    way: () => "https://collector.example",
    time: createCollectorTime(clock),
    close() {},
  };

  const uplink = createUplink({
    spool,
    transport,
    identity: stubIdentity,
    clock,
    watch,
    log: quietLog,
    random: () => 1,
    onConfig: (config) => configs.push(config),
  });
  const batches = () => sent.flatMap(({ batch }) => (batch === null ? [] : [batch]));
  return { folder, spool, sent, configs, state, uplink, watch, batches };
}

function measure(spool: Spool, rounds: number, up = true): void {
  const monoMs = machineClock().monoMs();
  for (let i = 0; i < rounds; i++) spool.addRound({ target: `t${i}`, monoMs, sample: icmp(900, up) });
}

describe("the uplink", () => {
  let current: ReturnType<typeof setup> | null = null;

  function start(change: Partial<AgentConfigV1> = {}, before: Before = () => {}) {
    current = setup(change, before);
    void current.uplink.run();
    return current;
  }

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "hrtime"], now: startMs });
    // The monotonic clock starts at 0; let it have run for some time, as a machine's has.
    vi.advanceTimersByTime(1_000);
    vi.setSystemTime(startMs);
  });

  afterEach(async () => {
    if (current !== null) {
      await current.uplink.stop(10);
      current.spool.close(true);
      current.folder[Symbol.dispose]();
    }
    current = null;
    vi.useRealTimers();
  });

  it("asks for the configuration, reports at once, and then every report interval", async () => {
    const { sent, spool, configs } = start({ reportIntervalS: 30 }, (s) => measure(s, 1));
    await pass(1);
    expect(configs).toHaveLength(1);
    expect(sent.map(({ path }) => path)).toEqual(["/api/v1/agent/config", "/api/v1/batches"]);
    for (let i = 0; i < 12; i++) {
      measure(spool, 1);
      await pass(10_000);
    }
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 0, 30_000, 60_000, 90_000, 120_000]);
    expect(sent.at(-1)!.batch!.rounds[0]!.monoMs).toHaveLength(3);
  });

  it("reports a state change 200 ms later, together with what changed beside it", async () => {
    const { sent, spool, uplink } = start();
    await pass(10_000);
    sent.length = 0;
    measure(spool, 1, false);
    uplink.stateChanged(false);
    await pass(150);
    measure(spool, 2, false);
    uplink.stateChanged(false);
    await pass(1_000);
    expect(sent.map(({ atMs, batch }) => [atMs, countRounds(batch!)])).toEqual([[10_200, 3]]);
  });

  it("sends the newest rounds first after a cut, and then the backlog, newest first", async () => {
    const { state, spool, batches, sent } = start();
    await pass(1);
    state.reachable = false;
    for (let i = 0; i < 130; i++) {
      measure(spool, 50);
      await pass(60_000);
    }
    const during = sent.splice(0).filter(({ batch }) => batch !== null);
    // One batch met the dead link; from then on it was tried with the smallest request there is.
    expect(during.map(({ batch }) => batch!.seq)).toEqual([1]);
    state.reachable = true;
    await pass(60_000);
    const all = batches();
    // What is new, then what was under way when the link went, then the backlog.
    expect(all.slice(0, 2).map(({ seq }) => seq)).toEqual([2, 1]);
    expect(all.slice(2).map(({ seq }) => seq)).toEqual(all.slice(2).map((_, i) => i + 3));
    const backlog = all.slice(2).map(({ rounds }) => Math.max(...rounds.map(({ monoMs }) => monoMs[0]!)));
    expect(backlog).toEqual(backlog.toSorted((a, b) => b - a));
    // Every one was answered in 100 ms, so each may be larger than the one before.
    const sizes = all.slice(1, -1).map(countRounds);
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    expect(Math.max(...sizes)).toBeGreaterThan(1_000);
    const names = roundNames(all);
    expect(names).toHaveLength(6_500);
    expect(new Set(names).size).toBe(6_500);
    expect(all.at(-1)!.ledger).toMatchObject({ produced: 6_500, thinned: 0, lost: 0 });
    expect(spool.hasBacklog()).toBe(false);
  });

  it("lets time pass while the disk takes no batch of the backlog, and asks it again", async () => {
    let asked = 0;
    let isFull = true;
    const { sent } = start({}, (spool) => {
      const { compose } = spool;
      Object.assign(spool, {
        hasBacklog: () => isFull,
        compose(scope: "live" | "backlog", maxRounds?: number) {
          if (scope === "live") return compose(scope, maxRounds);
          // A loop without a pause would never come to its end.
          if (++asked > 100) throw new Error("asked without a pause");
          return null;
        },
      });
    });
    await pass(600_000);
    expect(asked).toBeGreaterThanOrEqual(9);
    expect(asked).toBeLessThanOrEqual(11);
    expect(sent.length).toBeGreaterThan(5);
    isFull = false;
  });

  it("follows a configuration that a full disk does not keep", async () => {
    const { configs, spool } = start({}, ({ store }) => {
      store.set = () => {
        throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      };
    });
    await pass(1);
    expect(configs).toHaveLength(1);
    expect(readCachedConfig(spool.store).config).toBeNull();
    measure(spool, 1);
    await pass(60_000);
    expect(spool.pending()).toEqual([]);
  });

  it("waits longer from try to try, and never longer than a report interval", async () => {
    const { state, sent } = start({ reportIntervalS: 10 });
    await pass(1);
    state.reachable = false;
    sent.length = 0;
    current!.spool.addEvent("clock.jump", { deltaMs: 1 });
    current!.uplink.stateChanged(false);
    await pass(60_000);
    const gaps = sent.slice(1).map(({ atMs }, i) => atMs - sent[i]!.atMs);
    expect(gaps).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000, 10_000]);
  });

  it("tries at once when something answers again that did not", async () => {
    const { state, sent, uplink, spool } = start({ reportIntervalS: 600 });
    await pass(1);
    state.reachable = false;
    measure(spool, 1);
    uplink.stateChanged(false);
    await pass(300_000);
    state.reachable = true;
    sent.length = 0;
    uplink.stateChanged(true);
    await pass(250);
    expect(sent.map(({ path }) => path)).toEqual(["/api/v1/agent/config", "/api/v1/batches"]);
  });

  it("sends a batch whose answer was lost again, with the same rounds", async () => {
    const { state, batches } = start({}, (s) => measure(s, 3));
    let lost = 0;
    state.replyToBatch = () => (lost++ === 0 ? "no answer" : null);
    await pass(5_000);
    const [first, second] = batches();
    expect(batches()).toHaveLength(2);
    expect(second!.seq).toBe(first!.seq);
    expect(second!.rounds).toEqual(first!.rounds);
  });

  it("obeys Retry-After", async () => {
    const { state, sent } = start({}, (s) => measure(s, 1));
    let refusals = 0;
    state.replyToBatch = () => (refusals++ === 0 ? problem(503, "busy", { "retry-after": "45" }) : null);
    await pass(100_000);
    const times = sent.filter(({ batch }) => batch !== null).map(({ atMs }) => atMs);
    // And half of it more, since the lot of this agent is the last of all.
    expect(times).toEqual([0, 67_500]);
  });

  it("lets only the backlog wait when that is put off, and reports what is new meanwhile", async () => {
    const { state, spool } = start({}, (s) => measure(s, 5_000));
    const putOff: number[] = [];
    let taken = 0;
    state.replyToBatch = (_batch, queue) => {
      if (queue !== "backlog") {
        taken += 1;
        return null;
      }
      putOff.push(elapsedMs());
      return problem(503, "busy", { "retry-after": "100" });
    };
    for (let minute = 0; minute < 5; minute++) {
      await pass(60_000);
      measure(spool, 1);
    }
    expect(taken).toBeGreaterThanOrEqual(4);
    expect(putOff.length).toBeGreaterThanOrEqual(2);
    for (const [index, atMs] of putOff.slice(1).entries())
      expect(atMs - putOff[index]!).toBeGreaterThanOrEqual(100_000);
    state.replyToBatch = null;
    await pass(300_000);
    expect(spool.hasBacklog()).toBe(false);
  });

  it("goes back to one try in ten minutes while its key is not accepted, and loses nothing", async () => {
    const { state, sent, spool, batches } = start();
    await pass(1);
    state.key = null;
    measure(spool, 2);
    await pass(7_200_000);
    expect(sent.at(-1)!.atMs - sent.at(-2)!.atMs).toBe(600_000);
    state.key = stubIdentity.key;
    await pass(700_000);
    expect(new Set(roundNames(batches())).size).toBe(2);
    expect(spool.pending()).toEqual([]);
  });

  it("gives rounds another seq where the collector has others under theirs", async () => {
    const { state, spool, batches } = start({}, (s) => measure(s, 1));
    const stored = { boot: "of-another-time", rounds: 7 };
    const used: Reply = {
      status: 422,
      headers: { "content-type": "application/problem+json" },
      body: JSON.stringify({ title: "no", detail: "seq", code: "seq.used", stored }),
    };
    state.replyToBatch = (batch) => (batch.seq === 1 ? used : null);
    await pass(61_000);
    const [first, second] = batches();
    expect([first!.seq, second!.seq]).toEqual([1, 2]);
    expect(second!.rounds).toEqual(first!.rounds);
    expect(second!.ledger).toMatchObject({ produced: 8, thinned: 0, lost: 0 });
    const events = batches().flatMap((batch) => batch.events);
    expect(events).toMatchObject([{ type: "batch.renumbered", detail: { seq: 1, rounds: 7 } }]);
    expect(spool.pending()).toEqual([]);
  });

  it("moves a refused batch aside, tells of it, and goes on with the next", async () => {
    const { state, spool, batches } = start({}, (s) => measure(s, 1));
    state.replyToBatch = (batch) => (batch.seq === 1 ? problem(422, "rounds[0].monoMs: no") : null);
    await pass(61_000);
    expect(batches().map(({ seq }) => seq)).toEqual([1, 2]);
    expect(batches()[1]!.events).toMatchObject([
      { type: "batch.refused", detail: { seq: 1, detail: "422 rounds[0].monoMs: no" } },
    ]);
    expect(spool.pending()).toEqual([]);
    expect(spool.store.count("movedAside")).toBe(1);
    expect(spool.retryAside()).toBe(1);
    expect(countRounds(spool.batch(1, stubIdentity.agentId))).toBe(1);
  });

  it("goes on without the dictionary where the collector does not know it, and loses nothing", async () => {
    const { state, spool, sent, batches } = start({}, (s) => measure(s, 1));
    const encodings = () => sent.flatMap(({ batch, encoding }) => (batch === null ? [] : [encoding]));
    state.replyToBatch = () => (encodings().at(-1) === "zstd" ? null : problem(415, "not supported"));
    await pass(10_000);
    expect(encodings()).toEqual([dictionary1Encoding, "zstd"]);
    expect(batches().map(({ seq }) => seq)).toEqual([1, 1]);
    expect(spool.pending()).toEqual([]);
    expect(spool.store.count("movedAside")).toBe(0);
    measure(spool, 1);
    await pass(60_000);
    expect(encodings().at(-1)).toBe("zstd");
  });

  it.each([
    { what: "a portal's page", reply: { status: 200, body: "<html>Login</html>" } },
    { what: "a portal's redirect", reply: { status: 302, headers: { location: "http://login" } } },
    { what: "somebody's 404", reply: { status: 404, body: "<html>not here</html>" } },
    {
      what: "an ack of another batch",
      reply: { body: '{"acked":99,"serverMs":1,"configEtag":"x","backlog":"go"}' },
    },
  ])("takes $what for no answer, and keeps the batch", async ({ reply }) => {
    const { state, spool, batches } = start({}, (s) => measure(s, 1));
    state.replyToBatch = () => reply;
    await pass(10_000);
    expect(spool.pending()).toEqual([1]);
    state.replyToBatch = null;
    await pass(60_000);
    expect(spool.pending()).toEqual([]);
    expect(new Set(batches().map(({ seq }) => seq))).toEqual(new Set([1]));
  });

  it("is not held up by a batch over which the collector stumbles", { timeout: 60_000 }, async () => {
    const { state, spool } = start({}, (s) => measure(s, 1));
    state.replyToBatch = (batch) => (batch.seq === 1 ? problem(500, "oops") : null);
    for (let i = 0; i < 10; i++) {
      measure(spool, 1_500);
      await pass(60_000);
    }
    expect(spool.pending()).toEqual([1]);
    state.replyToBatch = null;
    await pass(60_000);
    expect(spool.hasBacklog()).toBe(false);
  });

  it("pauses 5 s between the batches of the backlog when it is asked to", async () => {
    const { state, sent } = start({}, (s) => measure(s, 1_500));
    state.backlog = "slow";
    await pass(1);
    expect(sent.filter(({ batch }) => batch !== null)).toHaveLength(1);
    await pass(60_000);
    const times = sent.filter(({ batch }) => batch !== null).map(({ atMs }) => atMs);
    expect(times).toEqual([0, 5_000]);
  });

  it.each([
    { budget: "day", change: { dayBytes: 6_000 }, periodMs: 86_400_000 - (startMs % 86_400_000) },
    { budget: "month", change: { monthBytes: 6_000 }, periodMs: Date.UTC(2026, 9) - startMs },
  ])("gives a sign of life an hour once the $budget's bytes are spent, until it turns", async (given) => {
    const { sent, spool } = start({ ...given.change, reportIntervalS: 60 });
    while (elapsedMs() < 5 * 3_600_000) {
      measure(spool, 5);
      await pass(60_000);
    }
    const reports = sent.map(({ atMs }) => atMs);
    expect(reports.length).toBeLessThan(25);
    expect(reports.slice(-3).map((ms, i, all) => (i === 0 ? 0 : ms - all[i - 1]!))).toEqual([
      0, 3_600_000, 3_600_000,
    ]);
    expect(sent.at(-1)!.batch!.ledger.sentBytes).toBeGreaterThan(6_000);
    // The backlog of the hours between waits.
    expect(countRounds(sent.at(-1)!.batch!)).toBeLessThanOrEqual(100);
    expect(spool.hasBacklog()).toBe(true);
    await pass(given.periodMs - elapsedMs() - 1);
    sent.length = 0;
    measure(spool, 1);
    await pass(3_660_000);
    expect(sent.length).toBeGreaterThan(5);
    expect(spool.hasBacklog()).toBe(false);
  });

  it("reports changes though the bytes are spent, a minute apart", async () => {
    const { sent, spool, uplink } = start({ dayBytes: 10 });
    await pass(600_000);
    measure(spool, 900);
    sent.length = 0;
    const atMs = elapsedMs();
    uplink.stateChanged(false);
    await pass(10_000);
    expect(sent.map((one) => one.atMs - atMs)).toEqual([200]);
    // The newest, and no more of them than a sign of life has.
    expect(countRounds(sent[0]!.batch!)).toBeGreaterThan(0);
    expect(countRounds(sent[0]!.batch!)).toBeLessThanOrEqual(100);
    measure(spool, 1);
    uplink.stateChanged(true);
    await pass(120_000);
    expect(sent.map((one) => one.atMs - atMs)).toEqual([200, 60_200]);
  });

  it("keeps half of a budget from the backlog for what happens later", async () => {
    const monthBytes = 40_000;
    const targets = Array.from({ length: 40 }, (_, t) => icmpTarget(`t${t}`, 60));
    const { sent, spool, state } = start({ monthBytes, targets });
    const random = seededRandom(1);
    async function minute() {
      const monoMs = machineClock().monoMs();
      const sample = () => icmp(20_000 + Math.floor(random() * 5_000));
      for (const { id } of targets) spool.addRound({ target: id, monoMs, sample: sample() });
      await pass(60_000);
    }
    await pass(1);
    state.reachable = false;
    for (let i = 0; i < 480; i++) await minute();
    state.reachable = true;
    sent.length = 0;
    for (let i = 0; i < 3; i++) await minute();
    const gone = (Date.now() - Date.UTC(2026, 8)) / (Date.UTC(2026, 9) - Date.UTC(2026, 8));
    const share = monthBytes * (0.5 + gone / 2);
    const spent = spool.store.count("spentMonthBytes");
    expect(spent).toBeGreaterThanOrEqual(share);
    // The reports of three minutes.
    expect(spent).toBeLessThan(share + 3_000);
    expect(spent).toBeLessThan(monthBytes);
    expect(spool.hasBacklog()).toBe(true);
    sent.length = 0;
    await minute();
    await minute();
    // What is new goes on, the backlog waits.
    expect(sent.map(({ batch }) => batch && countRounds(batch))).toEqual([40, 40]);
  });

  it("fetches a changed configuration after the ack that announces it", async () => {
    const { state, configs, spool } = start();
    await pass(1);
    state.etag = '"b"';
    state.config = { ...configDocument, reportIntervalS: 10 };
    measure(spool, 1);
    await pass(61_000);
    expect(configs.map((config) => config.reportIntervalS)).toEqual([60, 10]);
    expect(readCachedConfig(spool.store).etag).toBe('"b"');
  });

  it("asks for the configuration while it has nothing to report", async () => {
    const { state, configs, sent } = start();
    await pass(30_000);
    state.etag = '"b"';
    await pass(120_000);
    expect(sent.every(({ batch }) => batch === null)).toBe(true);
    expect(configs).toHaveLength(2);
  });

  it("keeps the configuration in force when a new one cannot be followed, and tells of it once", async () => {
    const { state, configs, spool, batches } = start();
    await pass(1);
    state.etag = '"bad"';
    state.config = { ...configDocument, targets: [{ id: "gw", kind: "telepathy" }] };
    for (let i = 0; i < 5; i++) {
      measure(spool, 1);
      await pass(60_000);
    }
    expect(configs).toHaveLength(1);
    expect(readCachedConfig(spool.store).etag).toBe('"a"');
    const told = batches().flatMap(({ events }) => events);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ type: "config.refused" });
    expect(told[0]!.detail["reason"]).toMatch(/targets\[0\]\.kind/);
  });

  it("asks for the whole configuration first, since only that tells the time, and by its tag from then on", async () => {
    const { configs, spool, batches } = start({}, (s) =>
      cacheConfig(s.store, JSON.stringify(configDocument), '"a"'),
    );
    await pass(1);
    expect(configs).toHaveLength(1);
    measure(spool, 1);
    await pass(60_000);
    expect(batches().map(({ clock }) => clock.synced)).toEqual([true]);
    await pass(600_000);
    expect(configs).toHaveLength(1);
  });

  it("says that its clock is right only after the collector's agreed", async () => {
    const { state, spool, batches } = start({}, (_spool, server) => {
      server.serverAheadMs = 7_200_000;
    });
    await pass(1);
    measure(spool, 1);
    await pass(60_000);
    state.serverAheadMs = 0;
    measure(spool, 1);
    await pass(60_000);
    measure(spool, 1);
    await pass(60_000);
    expect(batches().map(({ clock }) => clock.synced)).toEqual([false, false, true]);
  });

  it("counts the bytes it sends, over restarts", async () => {
    const { spool } = start({}, (s) => measure(s, 1));
    await pass(1);
    expect(spool.store.count("sentBytes")).toBeGreaterThan(600);
    expect(spool.store.count("spentDayBytes")).toBe(spool.store.count("sentBytes"));
    expect(spool.store.count("spentMonthBytes")).toBe(spool.store.count("sentBytes"));
  });

  it(
    "shows the present in seconds over a thin link, whatever the backlog, and drains it between",
    { timeout: 90_000 },
    async () => {
      const targets = Array.from({ length: 20 }, (_, t) => icmpTarget(`t${t}`, 30));
      const { sent, spool, state, uplink } = start({ targets });
      const random = seededRandom(7);
      function measureAll(): number {
        const monoMs = machineClock().monoMs();
        for (const { id } of targets) {
          const rttUs = Array.from({ length: 5 }, () => 20_000 + Math.floor(random() * 400) * 10);
          const sample = { kind: "icmp", sent: 5, recv: 5, rttUs, unsent: null, lossRun: 0 } as const;
          spool.addRound({ target: id, monoMs, sample });
        }
        return monoMs;
      }
      await pass(1);
      state.reachable = false;
      for (let i = 0; i < 72 * 120; i++) {
        measureAll();
        await pass(30_000);
      }
      // 64 kbit/s by satellite. An agent notices within a report interval at most that the link is back.
      state.link = { bytesPerS: 8_000, tripMs: 700 };
      state.reachable = true;
      sent.length = 0;
      uplink.stateChanged(true);
      const backMs = elapsedMs();
      const newest = measureAll();
      const newestOf = (batch: BatchV1) =>
        Math.max(...batch.rounds.map(({ monoMs }) => monoMs.reduce((a, b) => a + b)));
      const heardOf = (monoMs: number) =>
        sent.find(({ batch }) => batch !== null && newestOf(batch) >= monoMs)?.atMs;
      await pass(15_000);
      expect(heardOf(newest)! - backMs).toBeLessThan(5_000);
      // While the backlog goes, a change comes through behind one request at most.
      const waits: number[] = [];
      for (let i = 0; spool.hasBacklog(); i++) {
        if (i > 200) throw new Error("the backlog does not end");
        const changedMs = elapsedMs();
        const changed = measureAll();
        uplink.stateChanged(false);
        await pass(10_000);
        waits.push(heardOf(changed)! - changedMs);
      }
      expect(Math.max(...waits)).toBeLessThan(6_000);
      expect(elapsedMs() - backMs).toBeLessThan(20 * 60_000);
      const sizes = sent.flatMap(({ batch }) => (batch === null ? [] : [countRounds(batch)]));
      expect(Math.max(...sizes)).toBeGreaterThan(1_500);
    },
  );

  describe("a new key", () => {
    const newKey = `sba_${"n".repeat(36)}`;
    const kept = () => JSON.parse(current!.spool.store.get("identity")!) as Record<string, string>;
    const given = (key: string): Reply => ({ status: 201, body: JSON.stringify({ key }) });

    function startRotating(replyToKey: () => Reply) {
      const started = start({ rotateKey: true }, ({ store }) =>
        store.set("identity", JSON.stringify(stubIdentity)),
      );
      started.state.replyToKey = replyToKey;
      return started;
    }

    it("is asked for, kept on the disk before it is used, and used from then on", async () => {
      let whenGiven: unknown;
      const { state, spool, sent, batches } = startRotating(() => {
        // The collector sees to it that the old one ends with the first use of the new one.
        state.key = newKey;
        state.etag = '"b"';
        state.config = configDocument;
        whenGiven = kept();
        return given(newKey);
      });
      await pass(1);
      expect(whenGiven).toEqual({ ...stubIdentity });
      expect(kept()).toEqual({ ...stubIdentity, key: newKey, previousKey: stubIdentity.key });
      measure(spool, 1);
      await pass(60_000);
      expect(kept()).toEqual({ ...stubIdentity, key: newKey });
      expect(batches()).toHaveLength(1);
      expect(spool.pending()).toEqual([]);
      await pass(600_000);
      expect(sent.filter(({ path }) => path === "/api/v1/agent/key")).toHaveLength(1);
    });

    it("gives way to the old one when the collector does not know it", async () => {
      const { spool } = startRotating(() => given(newKey));
      await pass(1);
      expect(kept()["previousKey"]).toBe(stubIdentity.key);
      measure(spool, 1);
      await pass(60_000);
      // A collector that was set back to a copy of itself: the old key is good, the new one never was.
      expect(spool.pending()).toEqual([]);
      expect(kept()).toEqual({ ...stubIdentity });
    });

    it("is asked for again when its answer was lost, and not at once when it was refused", async () => {
      const replies: Reply[] = ["no answer", problem(409, "not now"), given(newKey)];
      const { state, sent } = startRotating(() => {
        const reply = replies.shift()!;
        if (replies.length === 0) state.key = newKey;
        return reply;
      });
      await pass(1_800_000);
      const asked = () => sent.filter(({ path }) => path === "/api/v1/agent/key");
      expect(asked()).toHaveLength(2);
      await pass(2_400_000);
      expect(asked()).toHaveLength(3);
      expect(kept()["key"]).toBe(newKey);
    });

    it("is not used when the disk does not take it", async () => {
      const { state, spool, batches } = startRotating(() => given(newKey));
      spool.store.set = () => {
        throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      };
      await pass(1);
      measure(spool, 1);
      await pass(60_000);
      expect(batches()).toHaveLength(1);
      expect(spool.pending()).toEqual([]);
      expect(state.key).toBe(stubIdentity.key);
    });
  });

  it("sends what is new when it is stopped", async () => {
    const { spool, uplink, batches } = start();
    await pass(1);
    measure(spool, 4);
    await uplink.stop(2_000);
    expect(batches().map(countRounds)).toEqual([4]);
  });
});
