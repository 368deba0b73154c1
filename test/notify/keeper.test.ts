import { describe, expect, it } from "vitest";
import type { Inventory, Site } from "../../src/inventory/inventory.ts";
import type { DispatchPlan } from "../../src/notify/dispatch.ts";
import type { EscalationStep } from "../../src/notify/escalate.ts";
import { weekdays } from "../../src/notify/hours.ts";
import { createKeeper } from "../../src/notify/keeper.ts";
import type { AlertPayload, ConditionPayload } from "../../src/notify/payload.ts";
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
    restart: () => (keeper = create()),
    /** What a run of the watch writes down. */
    async find(id: string, what: "problem" | "recovery", alert: Partial<AlertPayload> = {}) {
      const isOver = what === "recovery";
      const type = isOver ? ("site.up" as const) : ("site.down" as const);
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
    /** What channels are to deliver, the oldest first. */
    async due(): Promise<OutboxMessage[]> {
      return state.dueMessages(clock.nowMs, 100, { except: [unrouted] });
    },
    [Symbol.dispose]() {
      stores.close();
      dir[Symbol.dispose]();
    },
  };
}

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
    const quiet = {
      hours: [{ fromMin: 21 * 60, toMin: 360, days: [...weekdays], holidays: "as-usual" as const }],
      passes: "critical" as const,
    };
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
        "Peringatan yang ditahan dari 5 Maret 2026 23.00 WITA sampai 06.00 WITA:",
        "- PUTUS - Mekar Baru (Busang): sejak 5 Maret 2026 23.00 WITA, masih berlangsung",
        "- PUTUS - Long Lees (Busang): 5 Maret 2026 23.00 WITA sampai 00.30 WITA (1 jam 30 menit)",
        "Rincian: https://sambung.example/digest",
      ],
    });
    // Told once.
    await at.look(24 * 60);
    expect((await at.due()).filter(({ type }) => type === "digest")).toHaveLength(1);
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
