import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { AgentTarget, DnsTarget, IcmpTarget, SnmpAuth, SnmpTarget } from "#wire/targets-v1.ts";
import { telegrafConf } from "../../src/command/telegraf-conf.ts";
import { percentilesFor, pingInput } from "../../src/command/telegraf-ping.ts";
import type { PingMethod } from "../../src/command/telegraf-ping.ts";
import { telegrafTexts } from "../../src/command/telegraf-texts.ts";
import { needs } from "../support/needs.ts";

/* What is generated is read by a TOML parser that is not ours: Python's. Telegraf itself is not in Debian. */

const missing = needs({ commands: ["python3"] });
const noPing = needs({ commands: ["ping"] });

interface Conf {
  agent: Record<string, unknown>;
  outputs: { influxdb_v2: Record<string, unknown>[] };
  inputs: Record<"ping" | "snmp" | "dns_query", Record<string, unknown>[]>;
}

function readToml(text: string): Conf {
  const program =
    "import json, sys, tomllib; print(json.dumps(tomllib.loads(sys.stdin.buffer.read().decode())))";
  return JSON.parse(execFileSync("python3", ["-c", program], { input: text, encoding: "utf8" })) as Conf;
}

const gw: IcmpTarget = {
  id: "gw",
  kind: "icmp",
  intervalS: 30,
  timeoutMs: 3000,
  address: "10.8.1.1",
  count: 5,
  sizeBytes: 56,
  dscp: 0,
  family: null,
};
const rt: SnmpTarget = {
  id: "rt",
  kind: "snmp",
  intervalS: 60,
  timeoutMs: 5000,
  address: "10.8.1.9",
  port: 1161,
  auth: { version: "2c", community: "lontar" },
  oids: { sysUpTime: "1.3.6.1.2.1.1.3.0", "ifOperStatus.7": "1.3.6.1.2.1.2.2.1.8.7" },
  profile: null,
};
const name: DnsTarget = {
  id: "nama",
  kind: "dns",
  intervalS: 60,
  timeoutMs: 5000,
  name: "lapor.go.id",
  recordType: "AAAA",
  resolver: "[2001:db8::53]:5353",
  expectRcode: ["NOERROR"],
  expectAnswer: [],
};

function generate(targets: AgentTarget[], method: PingMethod = "native") {
  const config = { agent: "ag_0123456789abcdef", site: "64.08.05.2001", reportIntervalS: 60, targets };
  const server = "https://sambung.example.go.id/kolektor";
  return telegrafConf({ config, server, key: "sba_kunci", method, texts: telegrafTexts.id });
}
const confOf = (targets: AgentTarget[], method?: PingMethod) => readToml(generate(targets, method).text);

describe.skipIf(missing !== null)("telegraf.conf", () => {
  it("writes to the collector with the agent's key, and keeps what it cannot deliver", () => {
    const { agent, outputs } = confOf([gw]);
    expect(outputs.influxdb_v2).toEqual([
      {
        urls: ["https://sambung.example.go.id/kolektor"],
        token: "sba_kunci",
        organization: "sambung",
        bucket: "64.08.05.2001",
        content_encoding: "gzip",
        timeout: "30s",
        namepass: ["ping", "snmp", "interface", "dns_query"],
      },
    ]);
    // Three days of two lines a minute.
    expect(agent).toMatchObject({ metric_buffer_limit: 10_000, flush_interval: "60s", omit_hostname: true });
    expect(confOf([{ ...gw, intervalS: 1, timeoutMs: 500 }]).agent).toMatchObject({
      metric_buffer_limit: 100_000,
    });
    expect(confOf([{ ...rt, profile: "auto" }]).agent).toMatchObject({ metric_buffer_limit: 74_000 });
  });

  it("pings by itself, with the percentiles that tell every reply", () => {
    expect(confOf([gw]).inputs.ping).toEqual([
      {
        urls: ["10.8.1.1"],
        interval: "30s",
        precision: "30s",
        count: 5,
        method: "native",
        ping_interval: 1,
        deadline: 7,
        size: 56,
        percentiles: [25, 50, 75],
        tags: { target: "gw" },
      },
    ]);
  });

  it("pings by the system's ping, with what only that can do", () => {
    const [input] = confOf([{ ...gw, dscp: 46, family: 6, sizeBytes: 1200 }], "exec").inputs.ping;
    expect(input).toMatchObject({
      method: "exec",
      arguments: ["-6", "-n", "-c", "5", "-s", "1200", "-i", "1", "-W", "3", "-Q", "184"],
      tags: { target: "gw" },
    });
    expect(generate([{ ...gw, dscp: 46 }]).text).toContain("# DSCP 46 tidak dapat diatur");
  });

  it.each<[Partial<IcmpTarget>, object]>([
    [{ intervalS: 10 }, { ping_interval: 0.2, deadline: 4, precision: "10s" }],
    [{ intervalS: 5 }, { ping_interval: 0.2, deadline: 4, precision: "1s" }],
    [
      { intervalS: 60, count: 20 },
      { ping_interval: 1, deadline: 22, precision: "60s" },
    ],
    [{ count: 1 }, { deadline: 3, precision: "30s", percentiles: [] }],
    [
      { intervalS: 2.5, timeoutMs: 500 },
      { interval: "2.5s", precision: "1s" },
    ],
  ])(
    "fits a round of %j within its interval, and rounds its time only where that finds its start",
    (of, values) => {
      expect(confOf([{ ...gw, ...of }]).inputs.ping[0]).toMatchObject(values);
    },
  );

  it("never rounds a time to the moment after its round", () => {
    const late: object[] = [];
    for (const intervalS of [1, 2, 5, 10, 15, 20, 30, 60, 300]) {
      for (const timeoutMs of [100, 500, 1000, 3000, 9000]) {
        for (const count of [1, 2, 5, 20]) {
          if (timeoutMs >= intervalS * 1000) continue;
          const { values } = pingInput({ ...gw, intervalS, timeoutMs, count }, "native", telegrafTexts.id);
          // Half an interval late, it would be rounded up.
          const isRounded = values["precision"] === `${intervalS}s` && intervalS > 1;
          if (isRounded && (values["deadline"] as number) >= intervalS / 2)
            late.push({ intervalS, timeoutMs, count });
        }
      }
    }
    expect(late).toEqual([]);
  });

  it.skipIf(noPing !== null)("gives the system's ping arguments that it takes", () => {
    const { values } = pingInput(
      { ...gw, count: 2, intervalS: 10, dscp: 10, family: 4 },
      "exec",
      telegrafTexts.id,
    );
    const told = execFileSync("ping", [...(values["arguments"] as string[]), "127.0.0.1"], {
      encoding: "utf8",
    });
    expect(told).toContain("2 packets transmitted, 2 received");
    expect(told).toMatch(/56\(84\) bytes of data/);
  });

  it("asks for whole percentiles alone, and few", () => {
    for (let count = 1; count <= 100; count++) {
      const asked = percentilesFor(count);
      expect(asked.length).toBeLessThanOrEqual(10);
      expect(asked).toEqual(
        [...new Set(asked)].filter((each) => Number.isInteger(each) && each > 0 && each < 100),
      );
    }
  });

  it("polls by numbers and our names, without MIB files", () => {
    expect(confOf([rt]).inputs.snmp).toEqual([
      {
        agents: ["udp://10.8.1.9:1161"],
        interval: "60s",
        precision: "60s",
        timeout: "2s",
        retries: 1,
        version: 2,
        community: "lontar",
        tags: { target: "rt" },
        field: [
          { name: "sysUpTime", oid: "1.3.6.1.2.1.1.3.0" },
          { name: "ifOperStatus.7", oid: "1.3.6.1.2.1.2.2.1.8.7" },
        ],
      },
    ]);
  });

  it("reads the interfaces of a device with a profile, by counters that its version has", () => {
    const columns = (auth: SnmpAuth) => {
      const [input] = confOf([{ ...rt, profile: "auto", auth }]).inputs.snmp;
      const [table] = input!["table"] as { name: string; index_as_tag: boolean; field: { name: string }[] }[];
      expect(table).toMatchObject({ name: "interface", index_as_tag: true });
      return table!.field.map((field) => field.name);
    };
    expect(columns(rt.auth)).toEqual(expect.arrayContaining(["ifHCInOctets", "ifOperStatus", "ifName"]));
    expect(columns({ version: "1", community: "c" })).toEqual(expect.arrayContaining(["ifInOctets"]));
    expect(columns({ version: "1", community: "c" })).not.toContain("ifHCInOctets");
  });

  it.each<[Partial<Extract<SnmpAuth, { version: "3" }>>, object]>([
    [
      {},
      { sec_level: "authPriv", auth_protocol: "SHA256", priv_protocol: "AES", priv_password: "rahasia-2" },
    ],
    [{ privProtocol: "aes256b" }, { priv_protocol: "AES256" }],
    [
      { privProtocol: "aes256r", authProtocol: "sha512" },
      { auth_protocol: "SHA512", priv_protocol: "AES256C" },
    ],
    [{ privProtocol: "none" }, { sec_level: "authNoPriv", auth_password: "rahasia-1" }],
    [
      { privProtocol: "none", authProtocol: "none" },
      { sec_level: "noAuthNoPriv", sec_name: "pemantau" },
    ],
  ])("speaks SNMPv3 with %j", (of, values) => {
    const auth: SnmpAuth = {
      version: "3",
      user: "pemantau",
      authProtocol: "sha256",
      authKey: "rahasia-1",
      privProtocol: "aes",
      privKey: "rahasia-2",
      ...of,
    };
    expect(confOf([{ ...rt, auth, address: "2001:db8::9" }]).inputs.snmp[0]).toMatchObject({
      agents: ["udp://[2001:db8::9]:1161"],
      version: 3,
      ...values,
    });
  });

  it("asks resolvers that are named, and leaves out what it could not tell truly", () => {
    expect(confOf([name, { ...name, id: "dua", resolver: "10.1.0.53" }]).inputs.dns_query).toMatchObject([
      {
        servers: ["2001:db8::53"],
        port: 5353,
        domains: ["lapor.go.id"],
        record_type: "AAAA",
        tags: { target: "nama" },
      },
      { servers: ["10.1.0.53"], port: 53 },
    ]);
    const tcp: AgentTarget = {
      id: "web",
      kind: "tcp",
      intervalS: 60,
      timeoutMs: 5000,
      address: "a",
      port: 80,
      family: null,
    };
    const { text, measured, left } = generate([
      gw,
      { ...name, id: "own", resolver: null },
      { ...name, id: "ranges", expectAnswer: ["103.0.0.0/8"] },
      tcp,
    ]);
    expect([measured, left.map(({ id }) => id)]).toEqual([1, ["own", "ranges", "web"]]);
    expect(text).toContain("# Tidak diukur: web (tcp)");
    expect(Object.keys(readToml(text).inputs)).toEqual(["ping"]);
  });

  it("carries secrets of any letters, which the environment cannot replace", () => {
    const community = 'a"b\\c\n$HOME ${HOME} \u007f # é';
    const { text } = generate([{ ...rt, auth: { version: "2c", community } }]);
    expect(text).not.toMatch(/\$\{?HOME/);
    expect(readToml(text).inputs.snmp[0]!["community"]).toBe(community);
  });
});
