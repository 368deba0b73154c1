import { describe, expect, it } from "vitest";
import type { Inventory, Site } from "../../src/inventory/inventory.ts";
import { createDescribe } from "../../src/notify/describe.ts";
import { groupIncidents } from "../../src/notify/incidents.ts";
import type { AlertMessage } from "../../src/notify/payload.ts";
import { createPlanner } from "../../src/notify/planner.ts";
import { formatAlert } from "../../src/notify/texts.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import type { OutageRecord, StateStore } from "../../src/state/state-store.ts";
import { tempDir } from "../support/temp-dir.ts";
import { inShort } from "./alert-book.ts";
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

const describeIncident = createDescribe({
  inventory: () => inventory,
  sentence: ({ fact }) => (fact === "internal" ? null : { id: `bukti ${fact}`, en: `evidence ${fact}` }),
  url: ({ id }) => `https://sambung.example/incidents/${id}`,
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
      { fact: "internal", target: null, detail: {} },
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
  const describeAll = (...records: OutageRecord[]) => describeIncident(groupIncidents(records)[0]!);

  it("takes cause, evidence and link from the root's own outage, and counts who is behind it", () => {
    const before = { startMs: morningMs - 30_000 };
    expect(describeAll(village(2), village(1, before), busang())).toEqual({
      incident: "in_p",
      root: "64.08.05",
      name: "Busang",
      kecamatan: null,
      startMs: before.startMs,
      endMs: null,
      cause: "link",
      confidence: "high",
      evidence: [{ id: "bukti gateway.answers", en: "evidence gateway.answers" }],
      behind: { count: 2, names: ["Mekar Baru"] },
      service: null,
      link: { id: "busang-fo", provider: "Telkom", technology: "fibre", circuitId: "1234-567" },
      url: "https://sambung.example/incidents/in_p",
      partOf: null,
    });
  });

  it("ends when the last of its outages has ended", () => {
    expect(describeAll(busang({ endMs: morningMs + 1_000 }), village(1)).endMs).toBeNull();
    expect(
      describeAll(busang({ endMs: morningMs + 9_000 }), village(1, { endMs: morningMs + 1_000 })).endMs,
    ).toBe(morningMs + 9_000);
  });

  it("names the kecamatan of a village, and the service that alone is out of reach", () => {
    const lone = village(1, { root: "64.08.05.2001", service: "lapor", cause: "dns" });
    expect(describeAll(lone)).toMatchObject({
      name: "Mekar Baru",
      kecamatan: "Busang",
      service: { id: "lapor", name: "SP4N-LAPOR!" },
      behind: { count: 0 },
    });
    expect(describeAll(lone, village(1, { id: "o_x", root: "64.08.05.2001" })).service).toBeNull();
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
      state,
      holdMs: 60 * second,
      channels: [{ id: "mail" }],
      describe: describeIncident,
    });
    return async (atS: number, revisions: OutageRecord[] = []): Promise<AlertMessage[]> => {
      const nowMs = morningMs + atS * second;
      const outages = revisions.map((record) => ({ ...record, knownMs: nowMs }));
      // As the watch does: what is open or ended lately, with this run's revisions laid over it.
      const current = new Map(
        (await state.outages({ fromMs: nowMs - 15 * second })).map((one) => [one.id, one]),
      );
      for (const outage of outages) current.set(outage.id, outage);
      const { alerts, messages } = await planner([...current.values()], await state.openAlerts(), nowMs);
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

  it("tells of a cut with all that is behind it, and of its end", async () => {
    await story(async (run, state) => {
      expect(await run(0, [village(1, { incident: "in_1", root: "64.08.05.2001" })])).toEqual([]);
      expect(await run(20, [busang(), village(1, { revision: 2 }), village(2)])).toEqual([]);
      expect(await run(79)).toEqual([]);
      const [down] = await run(80);
      expect(formatAlert(down!.payload, down!.createdMs).subject).toBe(
        "GANGGUAN MASSAL - Busang dan 2 lokasi lain",
      );
      expect(await run(90)).toEqual([]);

      const end = { endMs: morningMs + 100 * second };
      expect(await run(110, [busang({ ...end, revision: 2 }), village(1, { ...end, revision: 3 })])).toEqual(
        [],
      );
      const [up] = await run(120, [village(2, { ...end, revision: 2 })]);
      // Two of the three outages ended in earlier runs: the message still counts them.
      expect(up!.payload).toMatchObject({ type: "site.up", correction: null, behind: { count: 2 }, ...end });
      expect(await run(130)).toEqual([]);
      expect(await state.openAlerts()).toEqual([]);
      expect(await state.messages({ limit: 10 })).toHaveLength(2);
    });
  });

  it("says what a correction is about when the store shows nothing of the incident any more", async () => {
    await story(async (run) => {
      const alone = village(1, { incident: "in_1", root: "64.08.05.2001" });
      await run(0, [alone]);
      expect(inShort(await run(60))).toEqual(["in_1 site.down"]);
      const [merged] = await run(70, [busang(), village(1, { revision: 2 })]);
      expect(merged).toMatchObject({ incident: "in_1", payload: { correction: "merged", partOf: "Busang" } });
      expect(formatAlert(merged!.payload, merged!.createdMs)).toMatchObject({
        subject: "DIKOREKSI - Mekar Baru (Busang)",
        lines: ["Termasuk dalam gangguan Busang.", expect.any(String)],
      });
      await run(130);
      const [withdrawn] = await run(140, [
        busang({ revision: 2, withdrawn: true }),
        village(1, { revision: 3, withdrawn: true }),
      ]);
      expect(withdrawn).toMatchObject({
        incident: "in_p",
        payload: { name: "Busang", correction: "withdrawn" },
      });
    });
  });

  it("calls the end of a service's problem by its first name although the site was cut off meanwhile", async () => {
    await story(async (run) => {
      const own = { incident: "in_1", root: "64.08.05.2001" };
      const lone = (given: Partial<OutageRecord> = {}) => village(1, { ...own, service: "lapor", ...given });
      const cut = (given: Partial<OutageRecord> = {}) => village(1, { ...own, id: "o_x", ...given });
      await run(0, [lone()]);
      expect(inShort(await run(60))).toEqual(["in_1 service.down"]);
      expect(await run(70, [cut()])).toEqual([]);
      const end = { endMs: morningMs + 80 * second, revision: 2 };
      expect(inShort(await run(90, [lone(end), cut(end)]))).toEqual(["in_1 service.up"]);
    });
  });

  it("tells again of an incident that reopens after people heard that it was over", async () => {
    await story(async (run, state) => {
      await run(0, [busang()]);
      expect(inShort(await run(60))).toEqual(["in_p site.down"]);
      const end = { endMs: morningMs + 90 * second };
      expect(inShort(await run(100, [busang({ ...end, revision: 2 })]))).toEqual(["in_p site.up"]);
      const again = [
        ...(await run(110, [busang({ revision: 3 })])),
        ...(await run(170)),
        ...(await run(180)),
      ];
      expect(inShort(again)).toEqual(["in_p site.down"]);
      expect(inShort(await run(200, [busang({ ...end, revision: 4 })]))).toEqual(["in_p site.up"]);
      // Each under a key of its own, or the outbox would have dropped the second pair.
      expect(await state.messages({ limit: 10 })).toHaveLength(4);
    });
  });
});
