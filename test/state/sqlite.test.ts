import { chmodSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import type { Rounds } from "../../src/series/series-store.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import type { BatchEntry, OutageRecord } from "../../src/state/state-store.ts";
import { tempDir } from "../support/temp-dir.ts";

const rounds = (timeMs: number[], key = "64.08/gw"): Rounds => ({
  key,
  kind: "icmp",
  timeMs,
  sent: timeMs.map(() => 1),
  recv: timeMs.map(() => 1),
  rttUs: timeMs.map((ms) => (ms % 1000) + 1),
});

const entry = (seq: number, count: number, produced: number): BatchEntry => ({
  agent: "ag_aaaaaa",
  site: "64.08",
  seq,
  boot: "b1",
  hostBoot: "h1",
  rounds: count,
  producedRounds: produced,
  thinnedRounds: 0,
  lostRounds: 0,
  wallMs: 1_763_785_200_000,
  monoMs: 1000,
  synced: true,
  receivedMs: 1_763_785_200_100,
  offsetMs: 1_763_785_199_000,
  uncertaintyMs: 0,
  clockSource: "synced",
  lateFromMs: null,
  events: [],
});

const outage = (over: Partial<OutageRecord> = {}): OutageRecord => ({
  id: "out_1",
  site: "64.08.05",
  link: null,
  service: null,
  startMs: 1000,
  endMs: null,
  cause: "unknown",
  confidence: "low",
  evidence: [{ fact: "witness.silent", target: "64.08/kec", detail: { rounds: 3 } }],
  root: "64.08.05",
  incident: "inc_1",
  revision: 1,
  knownMs: 5000,
  withdrawn: false,
  ...over,
});

describe("sqlite stores", () => {
  it("commits rounds and ledger together, once, and finds them again after reopening", async () => {
    using dir = tempDir();
    const first = openSqlite(dir.file("s.db"));
    expect(await first.batchLog.commit(entry(1, 2, 2), [rounds([1000, 2000])])).toBe("stored");
    expect(await first.batchLog.commit(entry(1, 2, 2), [rounds([1000, 2000])])).toBe("duplicate");
    first.close();
    const again = openSqlite(dir.file("s.db"));
    expect(await again.series.read(["64.08/gw", "64.08/none"], 0, 9000)).toEqual([rounds([1000, 2000])]);
    expect(await again.state.ledger("ag_aaaaaa")).toMatchObject({
      storedRounds: 2,
      openRounds: 0,
      holes: [],
    });
    expect(await again.series.keys()).toEqual(new Map([["64.08/gw", ["icmp"]]]));
    again.close();
  });

  it("leaves nothing of a batch whose rounds cannot be written", async () => {
    using dir = tempDir();
    const { batchLog, state, series, close } = openSqlite(dir.file("s.db"));
    await batchLog.commit(entry(1, 1, 1), [rounds([1000])]);
    // A time that is no number is a bug of ours; the table refuses it.
    await expect(
      batchLog.commit(entry(2, 2, 3), [rounds([3000], "64.08/new"), rounds([Number.NaN])]),
    ).rejects.toThrow("NOT NULL constraint failed");
    expect(await state.batch("ag_aaaaaa", 2)).toBeNull();
    expect(await state.batch("ag_aaaaaa", 1)).toEqual({ boot: "b1", rounds: 1 });
    expect(await series.read(["64.08/new"], 0, 9000)).toEqual([]);
    expect(await batchLog.commit(entry(2, 1, 2), [rounds([3000], "64.08/new")])).toBe("stored");
    close();
  });

  it("writes batches that arrive together as one, and lets a bad one fail alone", async () => {
    using dir = tempDir();
    const { batchLog, state, series, close } = openSqlite(dir.file("s.db"));
    const outcomes = await Promise.allSettled([
      batchLog.commit(entry(1, 1, 1), [rounds([1000])]),
      batchLog.commit(entry(2, 1, 2), [rounds([Number.NaN])]),
      batchLog.commit(entry(3, 1, 3), [rounds([3000])]),
      batchLog.commit(entry(3, 1, 3), [rounds([3000])]),
    ]);
    expect(outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : "failed"))).toEqual([
      "stored",
      "failed",
      "stored",
      "duplicate",
    ]);
    expect(await state.ledger("ag_aaaaaa")).toMatchObject({
      storedRounds: 2,
      holes: [{ fromSeq: 2, toSeq: 2 }],
    });
    expect((await series.read(["64.08/gw"], 0, 9000))[0]!.timeMs).toEqual([1000, 3000]);
    close();
  });

  it("are their user's alone, whatever the mask of new files, and keep rights that somebody gave", async () => {
    using dir = tempDir();
    const rights = (path: string) => (statSync(path).mode & 0o777).toString(8);
    const file = `${dir.path}/data/s.db`;
    const first = openSqlite(file);
    await first.batchLog.commit(entry(1, 1, 1), [rounds([1000])]);
    expect([`${dir.path}/data`, file, `${file}-wal`].map(rights)).toEqual(["700", "600", "600"]);
    first.close();
    chmodSync(file, 0o640);
    openSqlite(file).close();
    expect(rights(file)).toBe("640");
  });

  it("shows the newest 1,000 ranges of an agent that leaves seqs out, and counts all of them", async () => {
    using dir = tempDir();
    const { batchLog, state, close } = openSqlite(dir.file("s.db"));
    const odd = Array.from({ length: 1_010 }, (_, index) => entry(2 * index + 1, 1, 2 * index + 2));
    await Promise.all(odd.map((one) => batchLog.commit(one, [rounds([one.seq * 1_000])])));
    const ledger = (await state.ledger("ag_aaaaaa"))!;
    expect([ledger.stored.length, ledger.storedRounds, ledger.lastSeq]).toEqual([1_000, 1_010, 2_019]);
    expect([ledger.stored[0], ledger.holes[0]]).toEqual([
      { fromSeq: 21, toSeq: 21 },
      { fromSeq: 22, toSeq: 22 },
    ]);
    expect([ledger.holes.length, ledger.holes.at(-1)]).toEqual([999, { fromSeq: 2_018, toSeq: 2_018 }]);
    close();
  });

  it("remembers the latest 600 boots of a machine, and the one that speaks", async () => {
    using dir = tempDir();
    const { batchLog, state, close } = openSqlite(dir.file("s.db"));
    const boots = Array.from({ length: 620 }, (_, index) => ({
      ...entry(index + 1, 0, 0),
      hostBoot: `h${index}`,
      bootMs: 1_763_000_000_000 + index,
      bootUncertaintyMs: 0,
    }));
    await Promise.all(boots.map((boot) => batchLog.commit(boot, [])));
    const known = await state.clockAnchors("ag_aaaaaa");
    expect([known.length, known[0]?.hostBoot, known.at(-1)?.hostBoot]).toEqual([600, "h20", "h619"]);
    // Rounds of long ago come last: their own boot is not forgotten while they come.
    await batchLog.commit({ ...boots[0]!, seq: 621 }, []);
    const late = (await state.clockAnchors("ag_aaaaaa")).map(({ hostBoot }) => hostBoot);
    expect([late.length, late[0]]).toEqual([601, "h0"]);
    close();
  });

  it("keeps a hole in the ledger visible until it is filled", async () => {
    using dir = tempDir();
    const { batchLog, state, close } = openSqlite(dir.file("s.db"));
    await batchLog.commit(entry(1, 1, 1), [rounds([1000])]);
    await batchLog.commit(entry(4, 1, 4), [rounds([4000])]);
    expect(await state.ledger("ag_aaaaaa")).toMatchObject({
      stored: [
        { fromSeq: 1, toSeq: 1 },
        { fromSeq: 4, toSeq: 4 },
      ],
      holes: [{ fromSeq: 2, toSeq: 3 }],
      openRounds: 2,
    });
    await batchLog.commit(entry(3, 1, 3), [rounds([3000])]);
    await batchLog.commit(entry(2, 1, 2), [rounds([2000])]);
    expect(await state.ledger("ag_aaaaaa")).toMatchObject({
      stored: [{ fromSeq: 1, toSeq: 4 }],
      holes: [],
      openRounds: 0,
      producedRounds: 4,
    });
    close();
  });

  it("keeps the rounds of a target that is measured by other means from now on beside the old ones", async () => {
    using dir = tempDir();
    const { series, close } = openSqlite(dir.file("s.db"));
    const dns: Rounds = {
      key: "64.08/gw",
      kind: "dns",
      timeMs: [5000],
      ok: [1],
      rcode: ["NOERROR"],
      totalMs: [1],
    };
    await series.append({ agent: "a", seq: 1 }, [rounds([1000])]);
    await series.append({ agent: "a", seq: 2 }, [dns]);
    expect(await series.read(["64.08/gw"], 0, 9000)).toEqual([rounds([1000]), dns]);
    expect(await series.keys()).toEqual(new Map([["64.08/gw", ["icmp", "dns"]]]));
    expect(await series.firstMs("64.08/gw")).toBe(1000);
    close();
  });

  it("reads rounds delivered newest first, and a backlog of many hours, in order", async () => {
    using dir = tempDir();
    const { series, close } = openSqlite(dir.file("s.db"));
    const long = Array.from({ length: 1000 }, (_, i) => i * 60_000);
    await series.append({ agent: "a", seq: 2 }, [rounds(long.slice(600))]);
    await series.append({ agent: "a", seq: 1 }, [rounds(long.slice(0, 600))]);
    await series.append({ agent: "a", seq: 1 }, [rounds(long.slice(0, 600))]);
    expect((await series.read(["64.08/gw"], 0, 1e12))[0]!.timeMs).toEqual(long);
    expect((await series.read(["64.08/gw"], 599 * 60_000, 602 * 60_000))[0]!.timeMs).toEqual(
      [599, 600, 601].map((m) => m * 60_000),
    );
    close();
  });

  it("burns an enrolment token once and honours its expiry and a revoked agent", async () => {
    using dir = tempDir();
    const { state, close } = openSqlite(dir.file("s.db"));
    const agent = { id: "ag_1", keyHash: "k1", keyPrefix: "sba_1234", hardware: "box", version: "1" };
    await state.addEnrolToken({
      hash: "t1",
      site: "64.08",
      prefix: "sbe_test",
      kind: "sambung",
      expiresMs: 100,
      nowMs: 40,
    });
    expect(await state.redeemEnrolToken("t0", 50, agent)).toBe("unknown");
    expect(await state.redeemEnrolToken("t1", 100, agent)).toBe("expired");
    expect(await state.redeemEnrolToken("t1", 99, agent)).toMatchObject({ id: "ag_1", site: "64.08" });
    expect(await state.redeemEnrolToken("t1", 99, { ...agent, id: "ag_2" })).toBe("used");
    expect(await state.agentByKeyHash("k1")).toMatchObject({ id: "ag_1" });
    expect(await state.revokeAgent("ag_1", 200)).toBe(true);
    expect(await state.agentByKeyHash("k1")).toBeNull();
    close();
  });

  it("answers as of any earlier moment, and forgets a withdrawn outage only from then on", async () => {
    using dir = tempDir();
    const { state, close } = openSqlite(dir.file("s.db"));
    const write = (record: OutageRecord) =>
      state.writeWatch({ outages: [record], states: [], alerts: [], messages: [] });
    await write(outage());
    await write(outage({ revision: 2, knownMs: 7000, endMs: 6000, cause: "link" }));
    await write(outage({ revision: 3, knownMs: 9000, withdrawn: true }));
    expect(await state.outages({ asOfMs: 4999 })).toEqual([]);
    expect(await state.outages({ asOfMs: 5000 })).toEqual([outage()]);
    expect(await state.outages({ asOfMs: 8999 })).toMatchObject([
      { revision: 2, endMs: 6000, cause: "link" },
    ]);
    expect(await state.outages({})).toEqual([]);
    expect((await state.outageRevisions("out_1")).map((row) => row.revision)).toEqual([1, 2, 3]);
    close();
  });

  it("replaces state segments from a moment on and joins like to like", async () => {
    using dir = tempDir();
    const { state, close } = openSqlite(dir.file("s.db"));
    const segment = (startMs: number, endMs: number | null, name: "up" | "down") => ({
      site: "64.08",
      service: "",
      startMs,
      endMs,
      state: name,
      cause: null,
    });
    const write = (replaceFromMs: number, segments: ReturnType<typeof segment>[]) =>
      state.writeWatch({
        outages: [],
        alerts: [],
        messages: [],
        states: [{ site: "64.08", service: "", replaceFromMs, knownMs: 0, segments }],
      });
    await write(0, [segment(0, 100, "up"), segment(100, null, "down")]);
    await write(50, [segment(50, 200, "up"), segment(200, null, "down")]);
    expect(await state.states({ fromMs: 0, toMs: 1000, service: "" })).toEqual([
      segment(0, 200, "up"),
      segment(200, null, "down"),
    ]);
    expect(await state.currentStates()).toEqual([segment(200, null, "down")]);
    close();
  });

  it("keeps the states of a link apart from those of its site", async () => {
    using dir = tempDir();
    const { state, close } = openSqlite(dir.file("s.db"));
    const whole = { site: "64.08", service: "", startMs: 0, endMs: null, state: "up" as const, cause: null };
    const link = { ...whole, link: "fo-1", state: "down" as const };
    await state.writeWatch({
      outages: [outage(), outage({ id: "out_2", link: "fo-1", ofLink: true })],
      alerts: [],
      messages: [],
      states: [
        { site: "64.08", service: "", replaceFromMs: 0, knownMs: 1, segments: [whole] },
        { site: "64.08", link: "fo-1", service: "", replaceFromMs: 0, knownMs: 1, segments: [link] },
      ],
    });
    const range = { fromMs: 0, toMs: 1000 };
    expect(await state.states({ ...range, service: "" })).toEqual([whole]);
    expect(await state.currentStates()).toEqual([whole]);
    expect(await state.linkStates(range)).toEqual([link]);
    expect(await state.linkStates({ ...range, sites: ["64.08.05"] })).toEqual([]);
    expect(await state.currentLinkStates()).toEqual([link]);
    expect((await state.outages({})).map(({ id, ofLink }) => [id, ofLink])).toEqual([
      ["out_1", undefined],
      ["out_2", true],
    ]);
    close();
  });

  it("remembers when a target first answered, whatever the order of the batches", async () => {
    using dir = tempDir();
    const first = openSqlite(dir.file("s.db"));
    const silent = (timeMs: number[]): Rounds => ({
      ...(rounds(timeMs) as Extract<Rounds, { kind: "icmp" }>),
      recv: timeMs.map(() => 0),
      rttUs: [],
    });
    const asked = (store: typeof first) => store.series.answeredMs("64.08/gw", "icmp");
    expect(await asked(first)).toBeNull();
    await first.batchLog.commit(entry(1, 1, 1), [silent([1000])]);
    expect(await asked(first)).toBeNull();
    await first.batchLog.commit(entry(4, 1, 4), [rounds([4000])]);
    expect(await asked(first)).toBe(4000);
    await first.batchLog.commit(entry(2, 1, 2), [silent([2000])]);
    expect(await asked(first)).toBe(4000);
    await first.batchLog.commit(entry(3, 1, 3), [rounds([3000])]);
    expect(await asked(first)).toBe(3000);
    expect(await first.series.firstMs("64.08/gw")).toBe(1000);
    first.close();
    const again = openSqlite(dir.file("s.db"));
    expect(await asked(again)).toBe(3000);
    again.close();
  });

  it("refuses a second collector on the same file, and a file of a newer program", () => {
    using dir = tempDir();
    const first = openSqlite(dir.file("s.db"));
    expect(() => openSqlite(dir.file("s.db"))).toThrow("in use");
    first.close();
    const raw = new DatabaseSync(dir.file("s.db"));
    raw.exec("PRAGMA user_version = 99");
    raw.close();
    expect(() => openSqlite(dir.file("s.db"))).toThrow("its schema is 99");
  });
});
