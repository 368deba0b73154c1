import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pino } from "pino";
import { createApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { readInventory } from "../../src/inventory/read-inventory.ts";
import { contentOf } from "../../src/outage/revise.ts";
import { makeKey } from "../../src/state/keys.ts";
import { createDistrictNet, gatewayOf, hostOf, internetAddress } from "../support/district-net.ts";
import type { DistrictNet, Place } from "../support/district-net.ts";
import { needs } from "../support/needs.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

/*
 * The whole path with real parts: agents, collector, a complaint service and snmpd in network namespaces joined as the
 * district's tree is. Three faults of a minute each; what the collector then says is held against what was done.
 */

const missing = needs({ root: true, commands: ["ip", "ping", "snmpd", "sysctl"] });

/** Nobody measures at the relayed village here. */
type Measured = Exclude<Place, "v3">;
const sites: Record<Measured, string> = {
  noc: "64.08",
  kec: "64.08.04",
  v1: "64.08.04.2001",
  v2: "64.08.04.2002",
};
const roundMs = 5_000;
const faultMs = 60_000;
const settleMs = 25_000;

interface OutageRow {
  id: string;
  site: string;
  service: string | null;
  start: string;
  end: string | null;
  cause: string;
  root: string;
  incident: string;
  evidence: { fact: string }[];
}

describe.skipIf(missing !== null)(
  `a district in namespaces${missing === null ? "" : ` (skipped: ${missing})`}`,
  () => {
    const dir = tempDir();
    const adminKey = makeKey("sbk");
    const collector = `http://${hostOf("noc")}:8080`;
    const service = `http://${hostOf("noc")}:8081/`;
    const faults: Record<"village" | "kecamatan" | "service", { startMs: number; endMs: number }> = {
      village: { startMs: 0, endMs: 0 },
      kecamatan: { startMs: 0, endMs: 0 },
      service: { startMs: 0, endMs: 0 },
    };
    const window = { fromMs: 0, toMs: 0 };
    let net: DistrictNet;
    let outages: OutageRow[] = [];

    const read = async <T>(path: string): Promise<T> => {
      const { status, text } = await net.get("noc", `${collector}/api/v1${path}`, {
        Authorization: `Bearer ${adminKey}`,
      });
      expect(status, `${path}: ${text.slice(0, 300)}`).toBe(200);
      return (JSON.parse(text) as { data: T }).data;
    };
    const node = (on: Place, file: string, args: string[], env: Record<string, string> = {}) =>
      net.start(on, process.execPath, [file, ...args], env, dir.file(`${on}-${file.split("/").at(-2)}.log`));
    const startService = () => node("noc", "test/support/complaint-service.ts", [hostOf("noc"), "8081"]);

    beforeAll(async () => {
      net = createDistrictNet();
      writeDistrict(dir.path, service);
      mkdirSync(dir.file("wire"));
      const complaint = startService();
      node("noc", "src/main.ts", ["start"], {
        SAMBUNG_CONFIG: dir.file("sambung.yaml"),
        SAMBUNG_LISTEN: `${hostOf("noc")}:8090`,
        SAMBUNG_ADMIN_KEY: adminKey,
      });
      node("noc", "test/support/recording-proxy.ts", [
        hostOf("noc"),
        "8080",
        hostOf("noc"),
        "8090",
        dir.file("wire"),
      ]);
      net.start(
        "r-v1",
        "snmpd",
        ["-f", "-C", "-c", dir.file("snmpd.conf"), "-Lo", `udp:${gatewayOf("v1")}:161`],
        {},
        dir.file("snmpd.log"),
      );
      await waitFor(
        "the collector",
        async () => (await net.get("noc", `${collector}/readyz`)).status === 200,
      );
      for (const place of ["noc", "kec", "v1", "v2"] as const) {
        const token = await mintToken(net, collector, adminKey, sites[place]);
        node(place, "probes/main.ts", ["run", "--server", collector, "--data", dir.file(`agent-${place}`)], {
          SAMBUNG_TOKEN: token,
          SAMBUNG_LOG: "info",
        });
      }
      await waitFor(
        "all four sites to be up and to reach the service",
        async () => {
          const rows = await read<{ code: string; state: string; services: { state: string }[] }[]>("/sites");
          return (
            rows.length === 4 &&
            rows.every((row) => row.state === "up" && row.services.every(({ state }) => state === "up"))
          );
        },
        { timeoutMs: 90_000, everyMs: 1_000 },
      );
      await sleep(settleMs);
      window.fromMs = Date.now() - 10_000;

      await fault(
        "village",
        () => net.cut("v1"),
        () => net.restore("v1"),
      );
      await fault(
        "kecamatan",
        () => net.cut("kec"),
        () => net.restore("kec"),
      );
      await fault(
        "service",
        () => void complaint.kill("SIGTERM"),
        () => void startService(),
      );
      await waitFor(
        "every ledger to close and every outage to end",
        async () => {
          const agents = await read<{ id: string; openRounds: number }[]>("/agents");
          const open = await read<OutageRow[]>("/outages?open=true");
          return (
            open.length === 0 && agents.length === 4 && agents.every(({ openRounds }) => openRounds === 0)
          );
        },
        { timeoutMs: 60_000, everyMs: 1_000 },
      );
      window.toMs = Date.now() - 10_000;
      outages = await read<OutageRow[]>(`/outages?from=${window.fromMs}`);
    }, 480_000);

    async function fault(which: keyof typeof faults, begin: () => void, end: () => void): Promise<void> {
      begin();
      faults[which].startMs = Date.now();
      await sleep(faultMs);
      end();
      faults[which].endMs = Date.now();
      await sleep(settleMs);
    }

    afterAll(async () => {
      await net?.[Symbol.asyncDispose]();
      dir[Symbol.dispose]();
    }, 60_000);

    const rowsOf = (which: keyof typeof faults) =>
      outages.filter((row) => Math.abs(Date.parse(row.start) - faults[which].startMs) < faultMs / 2);

    /** Within the round under way and the next: a link that is put back carries nothing until neighbours are found again. */
    function expectTimes(rows: readonly OutageRow[], which: keyof typeof faults): void {
      for (const row of rows) {
        expect(
          Math.abs(Date.parse(row.start) - faults[which].startMs),
          `start of ${JSON.stringify(row)}`,
        ).toBeLessThanOrEqual(2 * roundMs);
        expect(
          Math.abs(Date.parse(row.end!) - faults[which].endMs),
          `end of ${JSON.stringify(row)}`,
        ).toBeLessThanOrEqual(2 * roundMs);
      }
    }

    it("names the village's cut link, and nothing else at that time", () => {
      const rows = rowsOf("village");
      expect(rows.map(({ site, service: s, cause, root }) => [site, s, cause, root])).toEqual([
        [sites.v1, null, "link", sites.v1],
      ]);
      expectTimes(rows, "village");
      expect(rows[0]!.evidence.map(({ fact }) => fact)).toEqual(
        expect.arrayContaining([
          "gateway.answers",
          "hub.silent",
          "noc.silent",
          "witness.silent",
          "siblings.up",
        ]),
      );
    });

    it("names the kecamatan's cut link, and its villages behind it as one incident", () => {
      const rows = rowsOf("kecamatan").sort((a, b) => (a.site < b.site ? -1 : 1));
      expect(rows.map(({ site, service: s, cause, root }) => [site, s, cause, root])).toEqual([
        [sites.kec, null, "link", sites.kec],
        [sites.v1, null, "backhaul", sites.kec],
        [sites.v2, null, "backhaul", sites.kec],
      ]);
      expectTimes(rows, "kecamatan");
      expect(new Set(rows.map(({ incident }) => incident)).size).toBe(1);
    });

    it("names the service when the service stops, from every site, as one incident", () => {
      const rows = rowsOf("service").sort((a, b) => (a.site < b.site ? -1 : 1));
      expect(rows.map(({ site, service: s, cause, root }) => [site, s, cause, root])).toEqual(
        [sites.noc, sites.kec, sites.v1, sites.v2].map((site) => [site, "lapor", "service", "service:lapor"]),
      );
      expectTimes(rows, "service");
      expect(new Set(rows.map(({ incident }) => incident)).size).toBe(1);
    });

    it("finds three faults and no fourth", () => {
      expect(outages.length).toBe(8);
    });

    it("alerts once for each fault and once for each end", () => {
      const types = readWire(dir.file("wire"), "hook").map(({ body }) => {
        const { type, data } = JSON.parse(body.toString()) as { type: string; data: { root: string } };
        return `${type} ${data.root}`;
      });
      expect(types).toEqual([
        `site.down ${sites.v1}`,
        `site.up ${sites.v1}`,
        `site.down ${sites.kec}`,
        `site.up ${sites.kec}`,
        "service.down service:lapor",
        "service.up service:lapor",
      ]);
    });

    it("puts every unavailable second under its cause, and the sums are exact", async () => {
      type Row = {
        group: string;
        windowS: number;
        availableS: number;
        unavailableS: number;
        notMeasuredS: number;
        byCause: Record<string, number>;
      };
      const rows = await read<Row[]>(
        `/services/lapor/availability?by=site&from=${window.fromMs}&to=${window.toMs}`,
      );
      const expected: Record<string, Record<string, number>> = {
        [sites.noc]: { service: 60 },
        [sites.kec]: { link: 60, service: 60 },
        [sites.v1]: { link: 60, backhaul: 60, service: 60 },
        [sites.v2]: { backhaul: 60, service: 60 },
      };
      expect(rows.map(({ group }) => group).sort()).toEqual(Object.keys(expected).sort());
      for (const row of rows) {
        const sum = Object.values(row.byCause).reduce((a, b) => a + b, 0);
        expect(sum).toBe(row.unavailableS);
        expect(row.availableS + row.unavailableS + row.notMeasuredS).toBe(row.windowS);
        expect(Object.keys(row.byCause).sort(), row.group).toEqual(Object.keys(expected[row.group]!).sort());
        for (const [cause, seconds] of Object.entries(row.byCause)) {
          expect(
            Math.abs(seconds - expected[row.group]![cause]!),
            `${row.group} ${cause} ${seconds} s`,
          ).toBeLessThanOrEqual((2 * roundMs) / 1000);
        }
      }
    });

    it("has the rounds that were taken while the village was cut off, and nothing lost", async () => {
      const { startMs, endMs } = faults.village;
      const series = await read<{ time: string; up_ratio: number | null }[]>(
        `/series?target=${sites.v1}/gw,${sites.v1}/noc&metric=up_ratio&step=5s&from=${startMs}&to=${endMs}`,
      );
      const measured = series.filter((row) => row.up_ratio !== null);
      expect(measured.length).toBeGreaterThanOrEqual(20);
      const agents = await read<{ id: string }[]>("/agents");
      expect(agents.length).toBe(4);
      for (const { id } of agents) {
        const ledger = await read<Record<string, unknown>>(`/agents/${id}/ledger`);
        expect(ledger).toMatchObject({ openRounds: 0, lostRounds: 0, thinnedRounds: 0, holes: [] });
        expect(ledger["storedRounds"]).toBe(ledger["producedRounds"]);
      }
    });

    it("polled the village's router by SNMP", async () => {
      const rows = await read<Record<string, unknown>[]>(
        `/series?target=${sites.v1}/router&metric=up_ratio,snmp.sysUpTime&step=1m&from=${window.fromMs}&to=${window.toMs}`,
      );
      expect(rows.some((row) => typeof row["snmp.sysUpTime"] === "number" && row["up_ratio"] === 1)).toBe(
        true,
      );
    });

    it("gives the same table, byte for byte, when the same batches come in another order and each twice", async () => {
      const first = await readTable(net, collector, adminKey, window);
      const batches = readWire(dir.file("wire"), "batch");
      const shuffled = shuffle([...batches, ...batches]);
      using again = tempDir();
      await copyAgents(dir.file("data/sambung.db"), again.file("data/sambung.db"), dir.path);
      const app = openApp(dir.path, again.file("data"));
      try {
        for (const [index, { headers, body }] of shuffled.entries()) {
          const answer = await app.fetch(
            new Request("http://collector/api/v1/batches", {
              method: "POST",
              headers: {
                Authorization: headers["authorization"]!,
                "Content-Encoding": headers["content-encoding"]!,
                "Content-Type": "application/json",
              },
              body: new Uint8Array(body),
            }),
          );
          expect(answer.status).toBe(200);
          // Now and then the table is made from what has come so far, as in life.
          if (index % 97 === 0) await app.watch.settle();
        }
        await app.watch.settle();
        const table = await app.state.outages({ fromMs: window.fromMs });
        expect(table.map(contentOf).join("\n")).toBe(first);
      } finally {
        await app.stop();
      }
    }, 120_000);
  },
);

interface Kept {
  headers: Record<string, string>;
  body: Buffer;
}

function readWire(folder: string, kind: "batch" | "hook"): Kept[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(kind))
    .sort()
    .map((name) => {
      const { headers, body } = JSON.parse(readFileSync(`${folder}/${name}`, "utf8")) as {
        headers: Record<string, string>;
        body: string;
      };
      return { headers, body: Buffer.from(body, "base64") };
    });
}

/** A fixed shuffle: the run can be repeated. */
function shuffle<T>(items: T[]): T[] {
  let seed = 20_251_122;
  const next = () => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648);
  for (let i = items.length - 1; i > 0; i--) {
    const j = next() % (i + 1);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items;
}

async function mintToken(net: DistrictNet, collector: string, key: string, site: string): Promise<string> {
  const url = `${collector}/api/v1/agents/tokens`;
  const { status, text } = await net.post(
    "noc",
    url,
    { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
    JSON.stringify({ site }),
  );
  expect(status, text).toBe(201);
  return (JSON.parse(text) as { data: { token: string } }).data.token;
}

/** The table as the first collector has it, row by row, without ids and moments of knowing. */
async function readTable(
  net: DistrictNet,
  collector: string,
  key: string,
  window: { fromMs: number },
): Promise<string> {
  const { text } = await net.get("noc", `${collector}/api/v1/outages?from=${window.fromMs}`, {
    Authorization: `Bearer ${key}`,
  });
  type Row = {
    site: string;
    link: string | null;
    service: string | null;
    start: string;
    end: string | null;
    cause: string;
    confidence: string;
    root: string;
    evidence: { fact: string; target: string | null; detail: object }[];
  };
  const rows = (JSON.parse(text) as { data: Row[] }).data;
  return rows
    .map((row) =>
      JSON.stringify([
        row.site,
        row.link,
        row.service,
        Date.parse(row.start),
        row.end === null ? null : Date.parse(row.end),
        row.cause,
        row.confidence,
        row.evidence.map(({ fact, target, detail }) => ({ fact, target, detail })),
        row.root,
      ]),
    )
    .join("\n");
}

function openApp(folder: string, data: string) {
  const config = readConfig(
    { SAMBUNG_CONFIG: `${folder}/sambung.yaml`, SAMBUNG_DATA: data, WEBHOOK_SECRET: webhookSecret },
    folder,
  );
  return createApp(config, {
    logger: pino({ level: "silent" }),
    now: Date.now,
    random: Math.random,
    readInventory: () => readInventory(config.inventory, {}),
    version: "test",
  });
}

/** A fresh database that knows the same agents by the same keys, and nothing else. */
async function copyAgents(from: string, to: string, folder: string): Promise<void> {
  const data = to.replace(/\/sambung\.db$/, "");
  mkdirSync(data, { recursive: true });
  await openApp(folder, data).stop();
  // The collector holds its file alone; a copy of file and log is a moment of it.
  const copy = `${data}/first.db`;
  for (const suffix of ["", "-wal"]) writeFileSync(copy + suffix, readFileSync(from + suffix));
  const first = new DatabaseSync(copy);
  const fresh = new DatabaseSync(to);
  for (const table of ["agents", "agent_keys"]) {
    for (const row of first.prepare(`SELECT * FROM ${table}`).all()) {
      const names = Object.keys(row);
      fresh
        .prepare(`INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`)
        .run(...Object.values(row));
    }
  }
  first.close();
  fresh.close();
}

const webhookSecret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

function writeDistrict(folder: string, service: string): void {
  const inventory = `${folder}/inventory`;
  mkdirSync(inventory);
  const write = (name: string, text: string) => writeFileSync(`${inventory}/${name}`, text);
  write(
    "sites.csv",
    `code,kind,name,parent_code,lat,lon,coord_precision
64.08,kabupaten,Kabupaten Kutai Timur,,0.98987,117.12915,kabupaten_polygon_centroid
64.08.04,kecamatan,Sangatta Utara,64.08,0.5,117.5,kecamatan_polygon_centroid
64.08.04.2001,desa,Desa Satu,64.08.04,0.51,117.51,desa_polygon_centroid
64.08.04.2002,desa,Desa Dua,64.08.04,0.52,117.52,desa_polygon_centroid
`,
  );
  const link = (place: Measured) =>
    `- id: link-${place}\n  site: "${sites[place]}"\n  provider: Penyedia Uji\n  technology: fibre\n  gateway: ${gatewayOf(place)}\n`;
  write("links.yaml", (["noc", "kec", "v1", "v2"] as const).map(link).join(""));
  write(
    "services.yaml",
    `- id: lapor\n  name: SP4N-LAPOR!\n  url: ${service}\n  control: "64.08"\n  private: true\n`,
  );
  const common = "intervalS: 5\n  timeoutMs: 2500";
  write(
    "targets.yaml",
    `- id: gw
  kinds: [kabupaten, kecamatan, desa]
  role: gateway
  kind: icmp
  address: "{gateway}"
  ${common}
- id: hub
  kinds: [kecamatan, desa]
  role: hub
  kind: icmp
  address: "{hub}"
  ${common}
- id: noc
  kinds: [kecamatan, desa]
  role: noc
  kind: icmp
  address: ${hostOf("noc")}
  ${common}
- id: anchor
  site: "64.08"
  role: anchor
  kind: icmp
  address: ${internetAddress}
  ${common}
- id: below
  kinds: [kabupaten, kecamatan]
  role: site
  of: children
  kind: icmp
  address: "{of.gateway}"
  ${common}
- id: lapor
  kinds: [kabupaten, kecamatan, desa]
  role: service
  service: lapor
  kind: http
  ${common}
- id: router
  site: "${sites.v1}"
  role: device
  kind: snmp
  address: "{gateway}"
  auth: {version: "2c", community: public}
  ${common}
`,
  );
  writeFileSync(`${folder}/snmpd.conf`, "rocommunity public default\n");
  writeFileSync(
    `${folder}/sambung.yaml`,
    `inventory: ./inventory
data: ./data
agents: {reportIntervalS: 5}
alerts:
  holdS: 15
  maxHoldS: 30
  settleS: 5
  channels:
    - {id: hook, kind: webhook, url: "http://${hostOf("noc")}:8080/hook", secrets: ["${webhookSecret}"]}
`,
  );
}
