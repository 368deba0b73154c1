import { execFileSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needs } from "../support/needs.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { createApi, end, newAdminKey, sambung, startCollector, writeDistrict } from "./collector.ts";
import type { Collector } from "./collector.ts";

/*
 * A box that reports by Telegraf, from the command that makes its configuration to the outage that its rounds tell of.
 * Telegraf is not in Debian: what it would send is written here by its serializer's rules from the configuration.
 */

const missing = needs({ commands: ["python3"] });
const site = "64.08.04.2001";
const targets = `- {id: gw, site: "${site}", role: gateway, kind: icmp, address: 127.0.0.1}
- {id: hub, site: "${site}", role: hub, kind: icmp, address: 127.0.0.2}
- {id: rt, site: "${site}", role: device, kind: snmp, address: 127.0.0.1, auth: {version: "2c", community: lontar}}
- {id: gw, site: "64.08.04.2002", role: gateway, kind: icmp, address: 127.0.0.1}
`;

const dir = tempDir();
const adminKey = newAdminKey();
let collector: Collector;
let env: Record<string, string>;
const api = createApi(() => collector.address, adminKey);

beforeAll(async () => {
  writeDistrict(dir.path, { "targets.yaml": targets });
  collector = await startCollector(dir.path, { SAMBUNG_ADMIN_KEY: adminKey });
  env = { SAMBUNG_LISTEN: new URL(collector.address).host, SAMBUNG_ADMIN_KEY: adminKey, SAMBUNG_LANG: "en" };
}, 60_000);
afterAll(async () => {
  await end(collector, "SIGTERM");
  dir[Symbol.dispose]();
});

async function command(words: string, more: Record<string, string> = {}) {
  const started = sambung(words.split(" "), dir.path, { ...env, ...more });
  const code = await started.ended;
  return { code, out: started.out(), err: started.err() };
}

interface Conf {
  outputs: { influxdb_v2: { urls: string[]; token: string; organization: string; bucket: string }[] };
  inputs: {
    ping: { urls: string[]; interval: string; count: number; tags: { target: string } }[];
    snmp: { field: { name: string }[]; tags: { target: string } }[];
  };
}

function readToml(text: string): Conf {
  const program =
    "import json, sys, tomllib; print(json.dumps(tomllib.loads(sys.stdin.buffer.read().decode())))";
  return JSON.parse(execFileSync("python3", ["-c", program], { input: text, encoding: "utf8" })) as Conf;
}

/** As plugins/outputs/influxdb_v2 sends it. */
async function writeAs({ outputs }: Conf, lines: readonly string[]): Promise<Response> {
  const { urls, token, organization, bucket } = outputs.influxdb_v2[0]!;
  return fetch(`${urls[0]}/api/v2/write?bucket=${bucket}&org=${organization}`, {
    method: "POST",
    body: new Uint8Array(gzipSync(lines.join(""))),
    headers: {
      "Content-Encoding": "gzip",
      "Content-Type": "text/plain; charset=utf-8",
      "User-Agent": "Telegraf/1.38.0 Go/1.26",
      Authorization: `Token ${token}`,
    },
  });
}

describe.skipIf(missing !== null)("a box with Telegraf", () => {
  let conf: Conf;

  it("gets a whole configuration from one command", async () => {
    const { code, out, err } = await command(`agents telegraf ${site} --server ${collector.address}`);
    expect(err).toContain("3 targets");
    expect(code).toBe(0);
    conf = readToml(out);
    expect(conf.inputs.ping.map(({ tags }) => tags.target)).toEqual(["gw", "hub"]);
    expect(conf.inputs.snmp.map(({ tags }) => tags.target)).toEqual(["rt"]);
    const agents = await api.data<{ kind: string; site: string; lastSeen: string | null }[]>("/agents");
    expect(agents).toMatchObject([{ kind: "telegraf", site, lastSeen: null }]);
  });

  it("reports rounds from which the table of outages is made", async () => {
    const intervalMs = 30_000;
    const lastMs = Math.floor(Date.now() / intervalMs) * intervalMs;
    const at = (index: number) => `${lastMs - (19 - index) * intervalMs}000000`;
    const lines: string[] = [];
    for (let index = 0; index < 20; index++) {
      for (const { urls, count, tags } of conf.inputs.ping) {
        const cut = tags.target === "hub" && index >= 8 && index < 14;
        const fields = cut
          ? `packets_received=0i,packets_transmitted=${count}i,percent_packet_loss=100,result_code=1i`
          : `average_response_ms=12.5,maximum_response_ms=20,minimum_response_ms=10,packets_received=${count}i,packets_transmitted=${count}i,percent_packet_loss=0,percentile25_ms=10,percentile50_ms=11,percentile75_ms=11.5,result_code=0i,standard_deviation_ms=3.7,ttl=64i`;
        lines.push(`ping,target=${tags.target},url=${urls[0]} ${fields} ${at(index)}\n`);
      }
      lines.push(
        `snmp,agent_host=127.0.0.1,target=rt sysName="kantor",sysUpTime=${1000 + index * 3000}i ${at(index)}\n`,
      );
    }
    // The answer to the first write was lost, so all of it comes again.
    for (const part of [lines.slice(0, 25), lines, lines]) {
      const response = await writeAs(conf, part);
      expect([response.status, await response.text()]).toEqual([204, ""]);
    }
    const outages = await waitFor("the outage", async () => {
      const found = await api.data<{ site: string; start: string; end: string | null }[]>(
        `/outages?site=${site}`,
      );
      return found.length > 0 && found.every((outage) => outage.end !== null) ? found : null;
    });
    // The edges lie midway between the rounds that disagree.
    expect(outages).toHaveLength(1);
    expect([Date.parse(outages[0]!.start), Date.parse(outages[0]!.end!)]).toEqual([
      lastMs - 11.5 * intervalMs,
      lastMs - 5.5 * intervalMs,
    ]);
    const range = `from=${lastMs - 20 * intervalMs}&to=${lastMs + intervalMs}&step=1h`;
    const smoke = await api.data<{ sent: number; received: number }[]>(`/smoke?target=${site}/hub&${range}`);
    const sum = (name: "sent" | "received") => smoke.reduce((total, row) => total + row[name], 0);
    expect([sum("sent"), sum("received")]).toEqual([100, 70]);
  });

  it("is refused once its agent is revoked", async () => {
    const [agent] = await api.data<{ id: string; kind: string }[]>("/agents");
    const response = await fetch(`${collector.address}/api/v1/agents/${agent!.id}`, {
      method: "DELETE",
      headers: { Authorization: `Bearer ${adminKey}` },
    });
    expect(response.status).toBe(204);
    expect((await writeAs(conf, [])).status).toBe(401);
  });
});

describe("sambung agents telegraf", () => {
  const agentCount = async () =>
    (await api.data<{ revoked: string | null }[]>("/agents")).filter(({ revoked }) => revoked === null)
      .length;

  it.each<[string, string, Record<string, string>, number, string]>([
    ["an unknown site", "agents telegraf 64.08.99 --server http://x", {}, 1, "site"],
    [
      "a site without targets",
      "agents telegraf 64.08 --server http://x",
      {},
      1,
      "no icmp, snmp or dns target",
    ],
    ["no way from the box", "agents telegraf 64.08.04.2002", {}, 2, "--server"],
    [
      "no admin key",
      "agents telegraf 64.08.04.2002 --server http://x",
      { SAMBUNG_ADMIN_KEY: "" },
      1,
      "SAMBUNG_ADMIN_KEY",
    ],
    [
      "a wrong admin key",
      "agents telegraf 64.08.04.2002 --server http://x",
      { SAMBUNG_ADMIN_KEY: newAdminKey() },
      1,
      "401",
    ],
    [
      "no collector",
      "agents telegraf 64.08.04.2002 --server http://x",
      { SAMBUNG_LISTEN: "127.0.0.1:1" },
      1,
      "sambung start",
    ],
    ["no site", "agents telegraf", {}, 2, "one site"],
    ["a method that is none", "agents telegraf 64.08 --method fping", {}, 2, "native or exec"],
    ["another action", "agents dance", {}, 2, "agents telegraf"],
  ])("refuses %s, prints no configuration and leaves no agent", async (_, words, more, code, why) => {
    const before = await agentCount();
    const ended = await command(words, more);
    expect([ended.code, ended.out]).toEqual([code, ""]);
    expect(ended.err).toContain(why);
    expect(await agentCount()).toBe(before);
  });
});
