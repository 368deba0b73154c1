import { describe, expect, it } from "vitest";
import type { Inventory, Site } from "../../src/inventory/inventory.ts";
import type { DispatchPlan } from "../../src/notify/dispatch.ts";
import type { EscalationStep } from "../../src/notify/escalate.ts";
import { weekdays } from "../../src/notify/hours.ts";
import { createKeeper } from "../../src/notify/keeper.ts";
import type { AlertPayload, ConditionPayload, Language } from "../../src/notify/payload.ts";
import { messageKey } from "../../src/notify/planner.ts";
import { formatAlert } from "../../src/notify/texts.ts";
import { unrouted } from "../../src/state/alert-store.ts";
import type { ConditionReading } from "../../src/state/alert-store.ts";
import { unnamedActor } from "../../src/state/audit.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import type { OutboxMessage } from "../../src/state/state-store.ts";
import { tempDir } from "../support/temp-dir.ts";
import { anAlert, anAlertRecord } from "./factories.ts";

const site = (code: string, kind: Site["kind"], name: string, parent: string | null): [string, Site] => [
  code,
  { code, kind, name, parent, latitude: 0, longitude: 0 },
];
const inventory: Inventory = {
  sites: new Map([
    site("64.08", "kabupaten", "Kutai Timur", null),
    site("64.08.05", "kecamatan", "Busang", "64.08"),
    site("64.08.05.2001", "desa", "Mekar Baru", "64.08.05"),
  ]),
  links: new Map(
    ["Telkom", "Icon+"].map((provider) => {
      const link = { id: `mekar-${provider}`, site: "64.08.05.2001", parent: "64.08.05", provider };
      return [
        link.id,
        { ...link, technology: "fibre", circuitId: null, gateway: "10.0.0.1", contract: null },
      ];
    }),
  ),
  contracts: new Map(),
  services: new Map(),
  targets: new Map(),
};
const minuteMs = 60_000;
const people = ["chat", "boss", "head"];
/** 5 March 2026, 23.00 WITA. */
const eveningMs = Date.UTC(2026, 2, 5, 15);

/** A store on disk, a clock, and whatever the watch and the readings say. */
function setUp(given: { plan?: Partial<DispatchPlan>; steps?: EscalationStep[] } = {}) {
  const dir = tempDir();
  const stores = openSqlite(dir.file("sambung.db"));
  const { state } = stores;
  const clock = { nowMs: eveningMs };
  const errors: unknown[] = [];
  let readings: ConditionReading[] = [];
  let isWatched = true;
  const workedOn = new Set<string>();
  const acked: { name: string; atMs: number }[] = [];
  const create = () =>
    createKeeper({
      state,
      inventory: () => inventory,
      plan: {
        routes: [{ to: ["chat"], severity: "low", quiet: true }],
        machines: new Set(),
        quiet: null,
        budget: 6,
        digestMin: 360,
        ...given.plan,
      },
      steps: given.steps ?? [],
      readConditions: async () => readings,
      watched: async () => () => isWatched,
      workedOn: async () => workedOn,
      providersWhoKnow: async () => acked,
      url: (root) => `https://sambung.example/${root}`,
      onMessages: () => {},
      onError: (error) => errors.push(error),
      now: () => clock.nowMs,
    });
  let keeper = create();
  return {
    state,
    clock,
    read: (next: ConditionReading[]) => (readings = next),
    workedOn,
    acked,
    switchOff: () => (isWatched = false),
    restart: () => (keeper = create()),
    /** What a run of the watch writes down. */
    async find(id: string, what: "problem" | "update1" | "recovery", alert: Partial<AlertPayload> = {}) {
      const isOver = what === "recovery";
      const types = { problem: "site.down", update1: "site.update", recovery: "site.up" } as const;
      const type = types[what];
      const startMs = clock.nowMs;
      const payload = anAlert({
        alert: id,
        incident: id,
        type,
        startMs,
        endMs: isOver ? clock.nowMs : null,
        ...alert,
      });
      const record = anAlertRecord({
        id,
        incident: id,
        toldMs: clock.nowMs,
        closedMs: isOver ? clock.nowMs : null,
        facts: payload,
      });
      const message = {
        dedupeKey: messageKey(id, what, unrouted),
        channel: unrouted,
        type,
        alert: id,
        incident: id,
        payload,
        createdMs: clock.nowMs,
        nextTryMs: clock.nowMs,
      };
      await state.writeWatch({ outages: [], states: [], alerts: [record], messages: [message] });
    },
    async look(afterMin = 0): Promise<void> {
      clock.nowMs += afterMin * minuteMs;
      await keeper.look();
      expect(errors).toEqual([]);
    },
    /** Delivers what is due; the text of each, in the order of their making. */
    async deliver(language: Language = "id"): Promise<string[]> {
      const waiting = await state.strandedMessages([unrouted], 100);
      const all = waiting.filter(({ nextTryMs }) => nextTryMs <= clock.nowMs);
      for (const { id } of all) await state.messageSent(id, clock.nowMs, id);
      return all.map(({ payload, createdMs }) => {
        const { subject, lines } = formatAlert(payload as AlertPayload, createdMs, { language });
        return [subject, ...lines].join("\n");
      });
    },
    /** What channels are to deliver, the oldest first. */
    async due(): Promise<OutboxMessage[]> {
      return (await Promise.all(people.map((one) => state.dueMessages(one, clock.nowMs, 100)))).flat();
    },
    [Symbol.dispose]() {
      stores.close();
      dir[Symbol.dispose]();
    },
  };
}

/** From 21.00 to 06.00, but for what is critical. */
const quiet = {
  hours: [{ fromMin: 21 * 60, toMin: 360, days: [...weekdays], holidays: "as-usual" as const }],
  passes: "critical" as const,
};
const six = [1, 2, 3, 4, 5, 6].map((n) => `64.08.05.200${n}`);

const subjects = (messages: readonly OutboxMessage[]) =>
  messages.map(({ payload, createdMs }) => formatAlert(payload as AlertPayload, createdMs).subject);

describe("createKeeper", () => {
  it("routes what the watch wrote down, once, also after a crash", async () => {
    using at = setUp();
    await at.find("a", "problem");
    await at.look();
    at.restart();
    await at.look();
    expect((await at.due()).map(({ channel, alert }) => [channel, alert])).toEqual([["chat", "a"]]);
    // News are no messages of anybody's.
    expect(await at.state.messages({ limit: 10 })).toHaveLength(1);
  });

  it("tells in the morning what the night held back, each alert by what became of it", async () => {
    using at = setUp({ plan: { quiet } });
    await at.find("a", "problem", { name: "Mekar Baru" });
    await at.find("b", "problem", { name: "Long Lees", startMs: eveningMs });
    await at.find("c", "problem", { name: "Sangatta", severity: "critical" });
    await at.look();
    expect((await at.due()).map(({ alert }) => alert)).toEqual(["c"]);
    at.clock.nowMs += 90 * minuteMs;
    await at.find("b", "recovery", { name: "Long Lees", startMs: eveningMs });
    await at.look();
    expect(await at.due()).toHaveLength(1);
    await at.look(5.5 * 60);
    const digest = (await at.due()).find(({ type }) => type === "digest")!;
    expect(formatAlert(digest.payload as AlertPayload, digest.createdMs)).toEqual({
      subject: "REKAP PERINGATAN - 2 masalah",
      lines: [
        "Peringatan yang ditahan sejak 5 Maret 2026 23.00 WITA, keadaan pada 06.00 WITA:",
        "- PUTUS - Mekar Baru (Busang): sejak 5 Maret 2026 23.00 WITA, masih berlangsung",
        "- PUTUS - Long Lees (Busang): 5 Maret 2026 23.00 WITA sampai 00.30 WITA (1 jam 30 menit)",
        "Rincian: https://sambung.example/digest",
      ],
    });
    // Told once.
    await at.look(24 * 60);
    expect((await at.due()).filter(({ type }) => type === "digest")).toHaveLength(1);
  });

  it("says nothing in the digest of what was told as over meanwhile", async () => {
    using at = setUp({ plan: { quiet } });
    await at.find("a", "problem");
    await at.find("b", "problem");
    await at.look();
    await at.look(10);
    const worse = { severity: "critical" as const, sites: six, startMs: eveningMs };
    await at.find("a", "update1", { ...worse, changes: ["worsened"], sitesBefore: 1 });
    await at.look();
    expect(await at.deliver()).toHaveLength(1);
    await at.look(110);
    await at.find("a", "recovery", worse);
    await at.look();
    expect((await at.deliver())[0]).toContain("NORMAL KEMBALI - Mekar Baru (Busang), 01.00 WITA");
    await at.look(300);
    const [digest] = await at.deliver();
    expect(digest).toContain("REKAP PERINGATAN - 1 masalah");
    // Nothing of it waits any more.
    await at.look(24 * 60);
    expect(await at.deliver()).toEqual([]);
  });

  it("tells no digest where the only thing kept is over, and that was told", async () => {
    using at = setUp({ plan: { quiet, digestMin: 450 } });
    await at.find("a", "problem");
    await at.look();
    await at.look(450);
    await at.find("a", "recovery", { startMs: eveningMs });
    await at.look();
    expect(await at.deliver()).toHaveLength(1);
    await at.look(60);
    expect(await at.deliver()).toEqual([]);
    expect(await at.state.heldMessages(Number.MAX_SAFE_INTEGER)).toEqual([]);
  });

  it("does not say of an update beyond the budget that it lasts, when it does not", async () => {
    using at = setUp({ plan: { budget: 2 } });
    await at.find("a", "problem");
    await at.find("b", "problem");
    await at.look();
    await at.look(10);
    await at.find("a", "update1", { changes: ["cause"], startMs: eveningMs });
    await at.find("b", "update1", { changes: ["cause"], startMs: eveningMs });
    await at.look();
    await at.look(30);
    await at.find("a", "recovery", { startMs: eveningMs });
    await at.look();
    expect((await at.deliver()).map((text) => text.split("\n")[0])).toHaveLength(3);
    await at.look(7 * 60);
    const [digest, ...more] = await at.deliver();
    expect(more).toEqual([]);
    expect(digest!.match(/masih berlangsung/g)).toHaveLength(1);
  });

  it("says why it was corrected what the digest tells of", async () => {
    using at = setUp({ plan: { quiet } });
    await at.find("a", "problem");
    await at.look(60);
    await at.find("a", "recovery", { startMs: eveningMs, endMs: null, correction: "withdrawn" });
    await at.look();
    await at.look(6 * 60);
    expect((await at.deliver())[0]).toContain(
      "\n- DIKOREKSI - Mekar Baru (Busang): Pengukuran susulan menunjukkan tidak ada gangguan.",
    );
  });

  it("takes one answer to a digest for all that lasts in it", async () => {
    const steps: EscalationStep[] = [{ afterMin: 30, to: ["boss"], severity: "medium" }];
    using at = setUp({ plan: { quiet }, steps });
    for (const id of ["a", "b", "c"]) await at.find(id, "problem");
    await at.look();
    await at.look(7 * 60);
    const [digest] = await at.due();
    const { payload, createdMs, alert: name } = digest!;
    const text = formatAlert(payload as AlertPayload, createdMs, { ackUrl: (alert) => `https://x/${alert}` });
    expect(text.lines.at(-1)).toBe(
      `Tandai semua yang masih berlangsung sebagai diketahui: https://x/${name}`,
    );
    await at.state.messageSent(digest!.id, at.clock.nowMs, "77");
    // Over before anybody answered.
    await at.find("c", "recovery", { startMs: eveningMs });
    const ack = { atMs: at.clock.nowMs, by: "Budi", via: "telegram" as const };
    expect(await at.state.alertOfRemote("chat", "77")).toBe(name);
    expect(await at.state.alertEntry(name)).toMatchObject({ closedMs: null, ack: null });
    expect(await at.state.acknowledge(name, ack, unnamedActor)).toBe("done");
    expect(await at.state.acknowledge(name, { ...ack, by: "Siti" }, unnamedActor)).toBe("again");
    expect(new Set((await at.state.acks(["a", "b", "c", name])).keys())).toEqual(new Set(["a", "b", name]));
    expect((await at.state.audit({ limit: 5 })).map(({ subject }) => subject).sort()).toEqual(["a", "b"]);
    await at.look(40);
    expect((await at.due()).filter(({ channel }) => channel === "boss")).toEqual([]);
    for (const id of ["a", "b"]) await at.find(id, "recovery", { startMs: eveningMs });
    expect(await at.state.acknowledge(name, ack, unnamedActor)).toBe("over");
    expect(await at.state.alertEntry(name)).toMatchObject({ closedMs: at.clock.nowMs, ack });
  });

  it("asks nobody to answer for places that are worked on", async () => {
    const steps: EscalationStep[] = [{ afterMin: 15, to: ["boss"], severity: "medium" }];
    using at = setUp({ steps });
    await at.find("a", "problem");
    await at.find("b", "problem", { sites: ["64.08.05.2001", "64.08.05.2002"] });
    await at.look();
    at.workedOn.add("64.08.05.2001");
    await at.look(16);
    const asked = async () => (await at.due()).filter(({ channel }) => channel === "boss");
    expect((await asked()).map(({ alert }) => alert)).toEqual(["b"]);
    at.workedOn.clear();
    await at.look(10);
    expect((await asked()).map(({ alert }) => alert).sort()).toEqual(["a", "b"]);
  });

  it("says in an escalation which provider knows, which does not end it", async () => {
    const steps: EscalationStep[] = [{ afterMin: 15, to: ["boss"], severity: "medium" }];
    using at = setUp({ steps });
    await at.find("a", "problem");
    await at.look();
    at.acked.push({ name: "Telkom", atMs: eveningMs + 5 * minuteMs });
    await at.deliver();
    await at.look(16);
    expect((await at.deliver())[0]!.split("\n").slice(0, 3)).toEqual([
      "BELUM DITANGGAPI: PUTUS - Mekar Baru (Busang)",
      "Sudah 16 menit belum ada petugas yang menandai peringatan ini diketahui.",
      "Penyedia Telkom sudah menandainya diketahui, 23.05 WITA.",
    ]);
  });

  it("closes what is looked for no more, and says so to those who were told", async () => {
    using at = setUp();
    const low = { kind: "lowBattery" as const, site: "64.08.05.2001", what: ["ups"], count: 1 };
    at.read([{ ...low, subject: "64.08.05.2001/ups", level: "bad", sinceMs: eveningMs, value: 12 }]);
    await at.look();
    await at.look(2);
    expect(await at.deliver()).toHaveLength(1);
    at.read([]);
    at.switchOff();
    await at.look(1);
    expect((await at.deliver())[0]).toContain(
      "TIDAK DIPANTAU LAGI: BATERAI UPS HAMPIR HABIS - Mekar Baru (Busang)\nKeadaannya tidak diketahui lagi",
    );
    expect(await at.state.openConditions()).toEqual([]);
    expect(await at.state.alertEntries({ limit: 5, open: true })).toEqual([]);
  });

  it("tells of mains that come and go no more than the budget of a day", async () => {
    using at = setUp();
    let told = 0;
    for (let minute = 0; minute < 60; minute += 1) {
      const of = { subject: "64.08.05.2001/ups", site: "64.08.05.2001", what: ["ups"], count: 1, value: 80 };
      const level = minute % 6 < 3 ? ("bad" as const) : ("good" as const);
      at.read([{ kind: "battery", ...of, level, sinceMs: at.clock.nowMs }]);
      await at.look(1);
      told += (await at.deliver()).length;
    }
    expect(told).toBe(6);
    const kept = await at.state.heldMessages(Number.MAX_SAFE_INTEGER);
    expect(kept.length).toBe(14);
    expect(new Set(kept.map(({ incident }) => incident)).size).toBe(1);
    await at.look(7 * 60);
    const [digest] = await at.deliver();
    expect(digest!.split("\n").filter((line) => line.startsWith("- "))).toEqual([
      "- UPS MEMAKAI BATERAI - Mekar Baru (Busang): 7 kali dari 5 Maret 2026 23.18 WITA sampai 5 Maret 2026 23.58 WITA",
    ]);
  });

  it("escalates what nobody answered, until somebody does", async () => {
    const steps: EscalationStep[] = [
      { afterMin: 15, to: ["boss"], severity: "low" },
      { afterMin: 60, to: ["head"], severity: "low" },
    ];
    using at = setUp({ steps });
    await at.find("a", "problem");
    await at.find("b", "problem");
    await at.look();
    await at.look(10);
    expect(await at.due()).toHaveLength(2);
    const ack = { atMs: at.clock.nowMs, by: "Rudi", via: "api" as const };
    expect(await at.state.acknowledge("a", ack, unnamedActor)).toBe("done");
    expect(await at.state.acknowledge("a", { ...ack, by: "Siti" }, unnamedActor)).toBe("again");
    expect(await at.state.acknowledge("x", ack, unnamedActor)).toBe("unknown");
    expect((await at.state.acks(["a", "b"])).get("a")).toEqual(ack);
    await at.look(6);
    const told = (await at.due()).filter(({ channel }) => channel === "boss");
    expect(subjects(told)).toEqual(["BELUM DITANGGAPI: PUTUS - Mekar Baru (Busang)"]);
    expect(told[0]!.alert).toBe("b");
    await at.find("b", "recovery");
    await at.look(60);
    expect((await at.due()).some(({ channel }) => channel === "head")).toBe(false);
    // Whoever was told by a step hears that it is over.
    expect((await at.due()).map(({ channel, type }) => `${channel} ${type}`)).toContain("boss site.up");
    expect(await at.state.acknowledge("b", ack, unnamedActor)).toBe("over");
    expect((await at.state.audit({ limit: 5 })).map(({ action, subject }) => [action, subject])).toEqual([
      ["alert.acknowledged", "a"],
    ]);
  });

  it("tells of an SLA budget when a second account says the same, to those who answer for that link", async () => {
    using at = setUp();
    const link = { subject: "mekar-Icon+", site: "64.08.05.2001", what: ["mekar-Icon+ (Icon+)"] };
    const account = async (level: ConditionReading["level"], value: number) => {
      at.read([{ kind: "slaBudget", ...link, count: 1, level, sinceMs: eveningMs, value }]);
      await at.look();
      // Until the next account nothing is known of it.
      at.read([]);
      await at.look(60);
    };
    await account("bad", 90);
    await account("good", 500);
    await account("bad", 80);
    expect(await at.due()).toEqual([]);
    await account("bad", 70);
    await account("between", 120);
    const told = (await at.due()).map(({ payload }) => payload as ConditionPayload);
    expect(told).toMatchObject([{ type: "condition.down", value: 70, severity: "medium" }]);
    expect(told[0]!.providers).toEqual(["Icon+"]);
    await account("good", 2_000);
    await account("good", 2_000);
    expect(new Set((await at.due()).map(({ payload }) => (payload as ConditionPayload).type))).toEqual(
      new Set(["condition.down", "condition.up"]),
    );
  });

  it("tells of an issued month that needs a correction, and that it was issued", async () => {
    using at = setUp();
    const issue = { kind: "slaIssue", subject: "SLA-2026-08", site: "64.08", value: null } as const;
    const account = async (level: ConditionReading["level"], what: string[]) => {
      at.read([{ ...issue, what, count: what.length - 1, level, sinceMs: eveningMs }]);
      await at.look();
      at.read([]);
      await at.look(60);
    };
    await account("bad", ["SLA-2026-08", "mekar-Icon+"]);
    await account("bad", ["SLA-2026-08", "mekar-Icon+"]);
    const told = (await at.due()).map(({ payload }) => payload as ConditionPayload);
    expect(told).toMatchObject([{ type: "condition.down", condition: "slaIssue", severity: "medium" }]);
    expect(told[0]!.providers).toEqual(["Icon+"]);
    await account("good", ["SLA-2026-08"]);
    expect(new Set((await at.due()).map(({ payload }) => (payload as ConditionPayload).type))).toEqual(
      new Set(["condition.down", "condition.up"]),
    );
  });

  it("tells of a condition when it has lasted, and once that it is over", async () => {
    using at = setUp();
    const reading = (level: ConditionReading["level"], value: number): ConditionReading[] => [
      {
        kind: "battery",
        subject: "64.08.05.2001/ups",
        level,
        sinceMs: eveningMs,
        site: "64.08.05.2001",
        what: ["ups"],
        count: 1,
        value,
      },
    ];
    at.read(reading("bad", 80));
    await at.look();
    // A self-test of the UPS.
    at.read(reading("good", 80));
    await at.look(1);
    at.read(reading("bad", 78));
    await at.look(10);
    await at.look(1);
    expect(await at.due()).toEqual([]);
    at.restart();
    await at.look(1);
    await at.look(1);
    const [down] = await at.due();
    expect(formatAlert(down!.payload as AlertPayload, down!.createdMs)).toEqual({
      subject: "UPS MEMAKAI BATERAI - Mekar Baru (Busang)",
      lines: [
        "Sejak 23.00 WITA.",
        "Listrik padam di lokasi ini; isi baterai 78 %.",
        "Bila baterai habis, lokasi ini akan terputus.",
        "Rincian: https://sambung.example/64.08.05.2001",
      ],
    });
    // Nobody measures it any more: nobody knows that it is over.
    at.read([]);
    await at.look(60);
    at.read(reading("good", 40));
    await at.look(1);
    at.read(reading("bad", 40));
    await at.look(1);
    at.read(reading("good", 60));
    await at.look(1);
    await at.look(2);
    await at.look(30);
    const all = await at.due();
    expect(all.map(({ type }) => type)).toEqual(["condition.down", "condition.up"]);
    expect(all[1]!.alert).toBe(down!.alert);
    expect(await at.state.openConditions()).toEqual([]);
    expect(await at.state.isAlertOpen(down!.alert)).toBe(false);
  });

  it("lists what people were told of, the open ones first", async () => {
    using at = setUp();
    await at.find("a", "problem");
    await at.find("b", "problem");
    at.clock.nowMs += minuteMs;
    await at.find("b", "recovery");
    await at.find("c", "problem");
    await at.look();
    const ids = async (open?: boolean) =>
      (await at.state.alertEntries({ limit: 10, open })).map(({ id }) => id);
    expect(await ids()).toEqual(["a", "c", "b"]);
    expect(await ids(true)).toEqual(["a", "c"]);
    expect(await ids(false)).toEqual(["b"]);
    expect(await at.state.alertEntry("b")).toMatchObject({ id: "b", ack: null, facts: { type: "site.up" } });
    expect(await at.state.alertEntry("x")).toBeNull();
  });
});
