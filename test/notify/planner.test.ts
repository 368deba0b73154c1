import { describe, expect, it } from "vitest";
import type { Inventory, Site } from "../../src/inventory/inventory.ts";
import { createDescribe, createNames } from "../../src/notify/describe.ts";
import type { AlertMessage } from "../../src/notify/payload.ts";
import { createPlanner } from "../../src/notify/planner.ts";
import { formatAlert } from "../../src/notify/texts.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import type { OutageRecord, StateStore } from "../../src/state/state-store.ts";
import { tempDir } from "../support/temp-dir.ts";
import { createAlertBook } from "./alert-book.ts";
import { anOutage, morningMs } from "./factories.ts";

const site = (code: string, kind: Site["kind"], name: string, parent: string | null): [string, Site] => [
  code,
  { code, kind, name, parent, latitude: 0.5, longitude: 117.5 },
];

const inventory: Inventory = {
  sites: new Map([
    site("64.08", "kabupaten", "Kutai Timur", null),
    site("64.08.05", "kecamatan", "Busang", "64.08"),
    site("64.08.05.2001", "desa", "Mekar Baru", "64.08.05"),
    site("64.08.05.2002", "desa", "Long Lees", "64.08.05"),
    site("64.08.05.2003", "desa", "Long Pejeng", "64.08.05"),
  ]),
  links: new Map([
    [
      "busang-fo",
      {
        id: "busang-fo",
        site: "64.08.05",
        provider: "Telkom",
        technology: "fibre",
        circuitId: "1234-567",
        parent: null,
        gateway: null,
        contract: null,
      },
    ],
  ]),
  contracts: new Map(),
  services: new Map([
    [
      "lapor",
      { id: "lapor", name: "SP4N-LAPOR!", url: "https://l.example", control: "64.08", private: false },
    ],
  ]),
  targets: new Map(),
};

const describeAlert = createDescribe({
  inventory: () => inventory,
  sentence: ({ item: { fact }, stance }) => ({
    id: `bukti ${fact} ${stance}`,
    en: `evidence ${fact} ${stance}`,
  }),
  url: (root) => `https://sambung.example/lokasi/${root}`,
  namedSites: 1,
});

const busang = (given: Partial<OutageRecord> = {}) =>
  anOutage({
    id: "o_p",
    incident: "in_p",
    site: "64.08.05",
    root: "64.08.05",
    link: "busang-fo",
    cause: "link",
    evidence: [
      { fact: "gateway.answers", target: null, detail: {} },
      { fact: "gateway.answers", target: "64.08.05/other", detail: {} },
      { fact: "hub.answers", target: null, detail: {} },
      { fact: "hub.silent", target: null, detail: {} },
    ],
    ...given,
  });
const village = (n: number, given: Partial<OutageRecord> = {}) =>
  anOutage({
    id: `o_${n}`,
    incident: "in_p",
    site: `64.08.05.200${n}`,
    root: "64.08.05",
    cause: "backhaul",
    ...given,
  });

describe("createDescribe", () => {
  const describeAll = (...records: OutageRecord[]) => {
    const options = { holdMs: 0, lonelyServiceMs: 0 };
    return describeAlert(createAlertBook(inventory, options).run(morningMs, records)[0]!, new Map());
  };

  it("takes cause, evidence and link from the root's own outage, and counts who is behind it", () => {
    const before = { startMs: morningMs - 30_000 };
    expect(describeAll(village(2), village(1, before), busang())).toEqual({
      alert: `64.08.05@${before.startMs}@${morningMs}`,
      incident: "in_p",
      kind: "outage",
      root: "64.08.05",
      name: "Busang",
      kecamatan: null,
      startMs: before.startMs,
      endMs: null,
      cause: "link",
      confidence: "high",
      evidence: [
        { id: "bukti gateway.answers for", en: "evidence gateway.answers for" },
        { id: "bukti hub.silent for", en: "evidence hub.silent for" },
        { id: "bukti hub.answers against", en: "evidence hub.answers against" },
      ],
      behind: { count: 2, names: ["Mekar Baru"] },
      service: null,
      link: { id: "busang-fo", provider: "Telkom", technology: "fibre", circuitId: "1234-567" },
      url: "https://sambung.example/lokasi/64.08.05",
      partOf: null,
      severity: "high",
      sites: ["64.08.05", "64.08.05.2001", "64.08.05.2002"],
      providers: ["Telkom"],
      people: { known: 0, unknownSites: 2 },
      unmeasured: { count: 0, names: [] },
    });
  });

  it("says which sites below nobody has measured since, and how many people it knows of", () => {
    const known = {
      ...inventory,
      population: new Map([["64.08.05.2001", { people: 661, asOf: "2025", source: "s" }]]),
    };
    const describeKnown = createDescribe({
      inventory: () => known,
      sentence: () => ({ id: "", en: "" }),
      url: () => null,
    });
    const [notice] = createAlertBook(known, { holdMs: 0 }).run(morningMs, [busang(), village(1)]);
    const standing = (goodMs: number) => ({ goodMs, goodSinceMs: goodMs, goodBeforeMs: null, badMs: null });
    const standings = new Map([
      ["64.08.05.2002", standing(morningMs - 1)],
      ["64.08.05.2003", standing(morningMs)],
    ]);
    expect(describeKnown(notice!, standings)).toMatchObject({
      unmeasured: { count: 1, names: ["Long Lees"] },
      people: { known: 661, unknownSites: 0 },
    });
  });

  it("calls several that fell together by their area, by the cause that they agree on", () => {
    const own = (n: number, cause: OutageRecord["cause"]) =>
      village(n, { incident: `in_${n}`, root: `64.08.05.200${n}`, cause, confidence: "medium" });
    expect(describeAll(own(1, "unknown"), own(2, "power"), own(3, "link"))).toMatchObject({
      kind: "area",
      root: "64.08.05",
      name: "Busang",
      cause: "power",
      behind: { count: 3, names: ["Mekar Baru"] },
    });
    expect(describeAll(own(1, "unknown"), own(2, "rain"), own(3, "link"))).toMatchObject({
      cause: "unknown",
      confidence: "low",
    });
  });

  it("names the kecamatan of a village, and the service that alone is out of reach", () => {
    const lone = village(1, { root: "64.08.05.2001", service: "lapor", cause: "dns" });
    expect(describeAll(lone)).toMatchObject({
      name: "Mekar Baru",
      kecamatan: "Busang",
      service: { id: "lapor", name: "SP4N-LAPOR!" },
      behind: { count: 0 },
    });
    expect(describeAll(village(1, { id: "o_x", root: "64.08.05.2001" })).service).toBeNull();
  });

  it("names a service that is the root itself, and a site that the inventory no longer has", () => {
    const seen = { root: "service:lapor", service: "lapor", cause: "service" } as const;
    expect(describeAll(village(1, seen), village(2, seen))).toMatchObject({
      name: "SP4N-LAPOR!",
      kecamatan: null,
      behind: { count: 2 },
    });
    expect(describeAll(village(9, { root: "64.08.05.2009" }))).toMatchObject({ name: "64.08.05.2009" });
  });
});

describe("createPlanner on the SQLite store", () => {
  const second = 1_000;

  /** One run of the watch with these revisions: read, plan, write whole. */
  function watchOn(state: StateStore) {
    const planner = createPlanner({
      inventory: () => inventory,
      channels: [{ id: "mail" }],
      describe: describeAlert,
      nameOf: createNames(() => inventory),
    });
    return async (atS: number, revisions: OutageRecord[] = []): Promise<AlertMessage[]> => {
      const nowMs = morningMs + atS * second;
      const fromMs = nowMs - 3_600 * second;
      const outages = revisions.map((record) => ({ ...record, knownMs: nowMs }));
      // As the watch does: what is open or ended lately, with this run's revisions laid over it.
      const current = new Map((await state.outages({ fromMs })).map((one) => [one.id, one]));
      for (const outage of outages) current.set(outage.id, outage);
      const { alerts, messages } = planner({
        outages: [...current.values()],
        fromMs,
        standings: new Map(),
        open: await state.openAlerts(),
        nowMs,
      });
      await state.writeWatch({ outages, states: [], alerts, messages });
      return messages;
    };
  }

  async function story(tell: (run: ReturnType<typeof watchOn>, state: StateStore) => Promise<void>) {
    using dir = tempDir();
    const stores = openSqlite(dir.file("sambung.db"));
    try {
      await tell(watchOn(stores.state), stores.state);
    } finally {
      stores.close();
    }
  }

  const inShort = (messages: readonly AlertMessage[]) =>
    messages.map(({ type, payload }) => [type, payload.name, payload.correction]);

  it("tells of a cut with all that is behind it, and of its end", async () => {
    await story(async (run, state) => {
      expect(await run(0, [village(1, { incident: "in_1", root: "64.08.05.2001" })])).toEqual([]);
      expect(await run(20, [busang(), village(1, { revision: 2 }), village(2)])).toEqual([]);
      const [down] = await run(60);
      expect(formatAlert(down!.payload, down!.createdMs).subject).toBe(
        "GANGGUAN MASSAL - Busang dan 2 lokasi lain",
      );
      expect(await run(90)).toEqual([]);

      const end = { endMs: morningMs + 100 * second };
      expect(await run(110, [busang({ ...end, revision: 2 }), village(1, { ...end, revision: 3 })])).toEqual(
        [],
      );
      expect(await run(120, [village(2, { ...end, revision: 2 })])).toEqual([]);
      const [up] = await run(240);
      // Two of the three outages ended in earlier runs: the message still counts them.
      expect(up!.payload).toMatchObject({ type: "site.up", correction: null, behind: { count: 2 }, ...end });
      expect(up!.payload.alert).toBe(down!.payload.alert);
      expect(await run(300)).toEqual([]);
      expect(await state.openAlerts()).toEqual([]);
      expect(await state.messages({ limit: 10 })).toHaveLength(2);
    });
  });

  it("says of a village that was told that it is its kecamatan, under keys of their own", async () => {
    await story(async (run, state) => {
      await run(0, [village(1, { incident: "in_1", root: "64.08.05.2001" })]);
      expect(inShort(await run(60))).toEqual([["site.down", "Mekar Baru", null]]);
      await run(70, [busang(), village(1, { revision: 2 })]);
      const [update] = await run(130);
      expect(inShort([update!])).toEqual([["site.update", "Busang", null]]);
      const { subject, lines } = formatAlert(update!.payload, update!.createdMs);
      expect([subject, lines[0]]).toEqual([
        "PEMBARUAN: GANGGUAN MASSAL - Busang dan 1 lokasi lain",
        "Sebelumnya diberitakan sebagai gangguan Mekar Baru.",
      ]);
      expect(await state.messages({ limit: 10 })).toHaveLength(2);
    });
  });

  it("says what a correction is about when the store shows nothing of it any more", async () => {
    await story(async (run) => {
      await run(0, [busang()]);
      expect(inShort(await run(60))).toEqual([["site.down", "Busang", null]]);
      await run(70, [busang({ revision: 2, withdrawn: true })]);
      const [withdrawn] = await run(190);
      expect(withdrawn!.payload).toMatchObject({ name: "Busang", correction: "withdrawn" });
      expect(formatAlert(withdrawn!.payload, withdrawn!.createdMs)).toMatchObject({
        subject: "DIKOREKSI - Busang",
        lines: ["Pengukuran susulan menunjukkan tidak ada gangguan.", expect.any(String), expect.any(String)],
      });
    });
  });

  it("corrects the later of two that turn out to be one", async () => {
    await story(async (run) => {
      const alone = (n: number) => village(n, { incident: `in_${n}`, root: `64.08.05.200${n}` });
      await run(0, [alone(1)]);
      await run(60);
      const later = { startMs: morningMs + 600 * second };
      await run(600, [{ ...alone(2), ...later }]);
      await run(660);
      const merged = await run(670, [
        busang(),
        village(1, { revision: 2 }),
        village(2, { revision: 2, ...later }),
      ]);
      expect(inShort(merged)).toEqual([["site.up", "Long Lees", "merged"]]);
      expect(formatAlert(merged[0]!.payload, merged[0]!.createdMs).lines[0]).toBe(
        "Termasuk dalam gangguan Busang.",
      );
    });
  });

  it("tells again of a root that fails again after people heard that it was over", async () => {
    await story(async (run, state) => {
      await run(0, [busang()]);
      expect(inShort(await run(60))).toEqual([["site.down", "Busang", null]]);
      const end = { endMs: morningMs + 90 * second };
      await run(100, [busang({ ...end, revision: 2 })]);
      expect(inShort(await run(220))).toEqual([["site.up", "Busang", null]]);
      await run(300, [busang({ revision: 3 })]);
      expect(inShort(await run(360))).toEqual([["site.down", "Busang", null]]);
      await run(400, [busang({ ...end, revision: 4 })]);
      expect(inShort(await run(520))).toEqual([["site.up", "Busang", null]]);
      // Each under a key of its own, or the outbox would have dropped the second pair.
      expect(await state.messages({ limit: 10 })).toHaveLength(4);
    });
  });
});
