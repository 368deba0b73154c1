import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { publicUrlOf, readCommandConfig, readConfig } from "../src/config.ts";
import { splitListen } from "../src/config/addresses.ts";
import { ConfigError } from "../src/config/read-yaml.ts";
import { shippedInventory } from "../src/inventory/starter.ts";
import { tempDir } from "./support/temp-dir.ts";

function read(text: string | null, env: Record<string, string> = {}) {
  using dir = tempDir();
  if (text !== null) writeFileSync(dir.file("sambung.yaml"), text);
  return { config: readConfig(env, dir.path), dir: dir.path };
}

function mistakesOf(text: string, env: Record<string, string> = {}): string[] {
  try {
    read(text, env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message.split("\n").map((line) => line.replace(/^\S*\/(?=sambung\.yaml)/, ""));
  }
  return [];
}

const secret = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
const channel = (more: string) => `alerts:\n  channels:\n    - ${more}\n`;

const quietAlerts = {
  holdS: 60,
  maxHoldS: 300,
  serviceHoldS: 600,
  settleS: 120,
  channels: [],
  quiet: null,
  budget: 6,
  escalation: [],
  fallbacks: {},
  conditions: {
    battery: true,
    chargePercent: 30,
    certificateDays: 14,
    silentMin: 30,
    backlogH: 6,
    budgetPercent: 20,
    partnerWebhook: true,
    corrections: true,
  },
  ack: { links: true, linkHours: 72 },
};

describe("the configuration", () => {
  it("is complete without a file", () => {
    const { config, dir } = read(null);
    expect(config).toEqual({
      listen: "127.0.0.1:8080",
      complaints: {
        maxFileMiB: 8,
        maxRows: 50_000,
        folder: null,
        mode: "all-or-nothing",
        fileDays: 30,
        retention: { caseDays: 730, countDays: 3_650, contactDays: 1_095 },
        columns: {},
        topics: [],
        channels: {},
        statuses: {},
      },
      data: `${dir}/data`,
      inventory: shippedInventory,
      series: { engine: "sqlite", retention: { rawDays: 14, fiveMinuteDays: 365, hourDays: 3653 } },
      timeZone: "Asia/Makassar",
      metrics: "open",
      tls: null,
      trustProxy: [],
      limits: {
        keyPerMinute: 3000,
        agentPerMinute: 1200,
        addressPerMinute: 3000,
        refusedPerMinute: 60,
        agentRoundsPerDay: 5_000_000,
        agentEventsPerDay: 50_000,
        connections: 4096,
      },
      agents: { reportIntervalS: 60, dayBytes: null, monthBytes: null, traps: null },
      partners: { callbackNetworks: [] },
      outages: { badRounds: 2 },
      openData: {
        steward: "Dinas Komunikasi dan Informatika",
        producer: "Dinas Komunikasi dan Informatika",
        licence: "belum ditetapkan",
        smallestCount: 5,
      },
      alerts: quietAlerts,
    });
  });

  it("is the same with an empty file, or one of comments", () => {
    expect(read("").config.listen).toBe("127.0.0.1:8080");
    expect(read("# nothing\n").config.alerts).toEqual(quietAlerts);
  });

  it("takes folders from where the file is, and the environment over it", () => {
    const { config, dir } = read("data: ./d\ninventory: ../inv\nlisten: 127.0.0.1:1\n");
    expect([config.data, config.inventory]).toEqual([`${dir}/d`, `${dir.replace(/\/[^/]+$/, "")}/inv`]);
    const env = { SAMBUNG_LISTEN: "[::1]:0", SAMBUNG_DATA: "elsewhere" };
    const over = read("data: ./d\nlisten: 127.0.0.1:1\n", env);
    expect([over.config.listen, over.config.data]).toEqual(["[::1]:0", `${over.dir}/elsewhere`]);
  });

  it("takes the folder of complaints from where the file is", () => {
    const { config, dir } = read("complaints: {folder: ./aduan}\n");
    expect(config.complaints.folder).toBe(`${dir}/aduan`);
  });

  it("takes certificate files from where it is, and asks agents for theirs where there is an authority", () => {
    const { config, dir } = read("tls: {cert: a.pem, key: /etc/k.pem, clientCa: ../c.pem}\n");
    expect(config.tls).toEqual({
      cert: `${dir}/a.pem`,
      key: "/etc/k.pem",
      clientCa: `${dir.replace(/\/[^/]+$/, "")}/c.pem`,
      requireClientCert: "agents",
    });
    expect(publicUrlOf(config)).toBe("https://127.0.0.1:8080");
    expect(read("tls: {cert: a.pem, key: b.pem}\n").config.tls!.requireClientCert).toBe("none");
  });

  it("takes secrets from the environment", () => {
    const text = channel('{id: hook, kind: webhook, url: "https://x.test/", secrets: ["${HOOK}"]}');
    const { config } = read(text, { HOOK: secret });
    expect(config.alerts.channels).toEqual([
      { id: "hook", kind: "webhook", url: "https://x.test/", secrets: [secret] },
    ]);
    // One mistake, and not a second one of what stands in for the secret.
    expect(mistakesOf(text)).toEqual([
      expect.stringMatching(
        /^sambung\.yaml:3 alerts\.channels\[0\]\.secrets\[0\]: .*variable HOOK to be set$/,
      ),
    ]);
  });

  it("asks a command for no secret that the collector alone uses", () => {
    using dir = tempDir();
    const hook = channel('{id: hook, kind: webhook, url: "https://x.test/", secrets: ["${HOOK}"]}');
    const series = "series: {engine: influx, url: http://i.test, database: d, token: '${TOKEN}'}\n";
    writeFileSync(dir.file("sambung.yaml"), `listen: 127.0.0.1:81\n${series}${hook}`);
    const { listen, data } = readCommandConfig({}, dir.path);
    expect([listen, data]).toEqual(["127.0.0.1:81", dir.file("data")]);
    expect(() => readConfig({}, dir.path)).toThrow(/TOKEN[^]*HOOK/);
    writeFileSync(dir.file("sambung.yaml"), "listen: '${NOWHERE}'\n");
    expect(() => readCommandConfig({}, dir.path)).toThrow(/^\S+:1 listen: .*variable NOWHERE to be set$/);
  });

  it("takes an empty variable for one that is not set", () => {
    const env = { SAMBUNG_CONFIG: "", SAMBUNG_LISTEN: "", SAMBUNG_DATA: "", SAMBUNG_PUBLIC_URL: "" };
    const { config, dir } = read("listen: 127.0.0.1:81\n", env);
    expect([config.listen, config.data]).toEqual(["127.0.0.1:81", `${dir}/data`]);
  });

  it.each([
    [
      "lisen: x\n",
      'sambung.yaml:1 lisen: "lisen" is not allowed; expected one of the keys listen, data, series',
    ],
    [
      "agents:\n  dayByte: 1\n",
      'sambung.yaml:2 agents.dayByte: "dayByte" is not allowed; expected one of the keys reportIntervalS, dayBytes',
    ],
    [
      "complaints:\n  columns: {Nama Pelapor: trackingId}\n",
      'sambung.yaml:2 complaints.columns.Nama Pelapor: "trackingId" is not allowed; expected the name of a column that does not speak of people',
    ],
    [
      "complaints: {statuses: {Baru: new}}\n",
      'sambung.yaml:1 complaints.statuses.Baru: "new" is not allowed; expected one of received, verified',
    ],
    [
      "complaints: {retention: {caseDays: 0}}\n",
      "sambung.yaml:1 complaints.retention.caseDays: 0 is not allowed; expected days from 1 to 3650",
    ],
    [
      "tls: {cert: a, key: b, kee: c}\n",
      'sambung.yaml:1 tls.kee: "kee" is not allowed; expected one of the keys cert, key',
    ],
    [
      'alerts: {channels: [{id: x, kind: webhook, url: "https://x.test/"}]}\n',
      "sambung.yaml:1 alerts.channels[0].secrets: nothing is not allowed; expected a list",
    ],
    [
      'alerts: {channels: [{id: x, kind: telegram, token: "1:a", chatId: "1", chat: 2}]}\n',
      'sambung.yaml:1 alerts.channels[0].chat: "chat" is not allowed; expected one of the keys id, kind, token, chatId',
    ],
    [
      "alerts: {channels: [{id: x, kind: sms}]}\n",
      'sambung.yaml:1 alerts.channels[0].kind: "sms" is not allowed; expected one of webhook, email, telegram',
    ],
    ["metrics: shut\n", 'sambung.yaml:1 metrics: "shut" is not allowed; expected one of open, read'],
    ["agents: 3\n", "sambung.yaml:1 agents: 3 is not allowed; expected keys with values"],
    ["data: d\nlisten: [1\n", 'sambung.yaml:3 (document): "" is not allowed; expected valid YAML ('],
    ["\nlisten: 8080\n", "sambung.yaml:2 listen: 8080 is not allowed; expected host:port"],
    ["listen: localhost\n", 'sambung.yaml:1 listen: "localhost" is not allowed; expected host:port'],
    [
      "listen: 127.0.0.1:65536\n",
      'sambung.yaml:1 listen: "127.0.0.1:65536" is not allowed; expected host:port',
    ],
    ["timeZone: WITA\n", 'sambung.yaml:1 timeZone: "WITA" is not allowed; expected an IANA time zone'],
    ["metrics: closed\n", 'sambung.yaml:1 metrics: "closed" is not allowed'],
    ["tls: {cert: a.pem}\n", "sambung.yaml:1 tls.key: nothing is not allowed"],
    [
      "tls:\n  cert: a\n  key: b\n  requireClientCert: all\n",
      'sambung.yaml:4 tls.requireClientCert: "all" is not allowed; expected none, or a clientCa beside it',
    ],
    [
      "trustProxy: [10.0.0.1, 10.8.0.0/33]\n",
      'sambung.yaml:1 trustProxy[1]: "10.8.0.0/33" is not allowed; expected an address, or a range such as 10.8.0.0/16',
    ],
    [
      "limits:\n  keyPerMinute: 0\n",
      "sambung.yaml:2 limits.keyPerMinute: 0 is not allowed; expected a whole number from 1 to 10000000",
    ],
    [
      "limits:\n  connections: 5\n",
      "sambung.yaml:2 limits.connections: 5 is not allowed; expected a whole number from 10 to 100000",
    ],
    [
      "agents:\n  reportIntervalS: 0\n",
      "sambung.yaml:2 agents.reportIntervalS: 0 is not allowed; expected seconds from 1 to 86400",
    ],
    [
      "agents:\n  dayBytes: 9999\n",
      "sambung.yaml:2 agents.dayBytes: 9999 is not allowed; expected at least 10000 bytes",
    ],
    [
      "agents:\n  traps: {port: 70000}\n",
      "sambung.yaml:2 agents.traps.port: 70000 is not allowed; expected a whole number from 1 to 65535",
    ],
    [
      "agents:\n  traps:\n    users:\n      - {version: '2c', community: very-secret}\n",
      'sambung.yaml:4 agents.traps.users[0].version: "2c" is not allowed; expected 3',
    ],
    [
      "agents:\n  traps: {sources: [10.8.0.0/77]}\n",
      'sambung.yaml:2 agents.traps.sources[0]: "10.8.0.0/77" is not allowed; expected an address, or a range such as 10.8.0.0/16',
    ],
    [
      "agents:\n  traps: {communities: [very-secret, '']}\n",
      "sambung.yaml:2 agents.traps.communities[1]: (hidden) is not allowed; expected 1 to 255 characters",
    ],
    [
      "outages:\n  badRounds: 2.5\n",
      "sambung.yaml:2 outages.badRounds: 2.5 is not allowed; expected a whole number from 1 to 10",
    ],
    [
      "outages: {silenceS: soon}\n",
      'sambung.yaml:1 outages.silenceS: "soon" is not allowed; expected seconds from 1 to 604800',
    ],
    [channel("{id: a, kind: pigeon}"), 'sambung.yaml:3 alerts.channels[0].kind: "pigeon" is not allowed'],
    [
      channel("{id: A B, kind: telegram, token: t, chatId: c}"),
      'sambung.yaml:3 alerts.channels[0].id: "A B" is not allowed; expected 1 to 32',
    ],
    [
      channel("{id: a, kind: email, host: h, port: 70000, from: f, to: [t]}"),
      "sambung.yaml:3 alerts.channels[0].port: 70000 is not allowed; expected a port",
    ],
    [
      channel("{id: a, kind: telegram, token: '12:ab', chatId: c}") +
        "    - {id: a, kind: email, host: h, port: 25, from: f@h, to: [t@h]}\n",
      'sambung.yaml:4 alerts.channels[1].id: "a" is not allowed; expected another id',
    ],
    [
      channel("{id: a, kind: telegram, token: 12ab, chatId: c}"),
      "sambung.yaml:3 alerts.channels[0].token: (hidden) is not allowed; expected a bot token",
    ],
    [
      channel("{id: a, kind: ntfy, url: 'https://x.test', topic: 'dua kata'}"),
      'sambung.yaml:3 alerts.channels[0].topic: "dua kata" is not allowed; expected 1 to 64 letters',
    ],
    [
      channel("{id: a, kind: ntfy, url: 'https://x.test', topic: t, token: rahasia}"),
      "sambung.yaml:3 alerts.channels[0].token: (hidden) is not allowed; expected tk_ and letters",
    ],
    [
      channel(
        "{id: a, kind: whatsapp, phoneNumberId: '106540352242922', token: t, to: '0812345', template: g}",
      ),
      'sambung.yaml:3 alerts.channels[0].to: "0812345" is not allowed; expected in quotes, 6 to 20 digits',
    ],
    [
      channel("{id: a, kind: alertmanager, url: 'http://am:9093', user: u}"),
      "sambung.yaml:3 alerts.channels[0].password: nothing is not allowed; expected both user and password",
    ],
    [
      channel("{id: a, kind: webhook, url: 'https://x.test/', secrets: [whsec_c2hvcnQ=]}"),
      "sambung.yaml:3 alerts.channels[0].secrets[0]: (hidden) is not allowed; expected whsec_ and the base64",
    ],
    [
      channel(`{id: a, kind: webhook, url: "https://me:word@x.test/", secrets: [${secret}]}`),
      "sambung.yaml:3 alerts.channels[0].url: (hidden) is not allowed; expected an http or https address without",
    ],
    [
      channel("{id: a, kind: email, host: h, port: 25, from: Sambung, to: [t@h]}"),
      'sambung.yaml:3 alerts.channels[0].from: "Sambung" is not allowed; expected name@domain',
    ],
    [
      channel("{id: a, kind: email, host: h, port: 25, from: Sambung <s@h>, to: ['x@h, y@h']}"),
      'sambung.yaml:3 alerts.channels[0].to[0]: "x@h, y@h" is not allowed; expected name@domain',
    ],
    [
      channel("{id: a, kind: email, host: h, port: 25, user: u, from: f@h, to: [t@h]}"),
      "sambung.yaml:3 alerts.channels[0].password: nothing is not allowed; expected both user and password",
    ],
    [
      channel("{id: a, kind: email, host: h, port: 25, password: topsecret, from: f@h, to: [t@h]}"),
      "sambung.yaml:3 alerts.channels[0].user: nothing is not allowed; expected both user and password",
    ],
    [
      "publicUrl: 'http://:80'\n",
      'sambung.yaml:1 publicUrl: "http://:80" is not allowed; expected an http or',
    ],
    ["- a\n", "sambung.yaml:1 (document):"],
    ["a: [\n", "sambung.yaml:"],
    ["listen: 127.0.0.1:1\nlisten: 127.0.0.1:2\n", "sambung.yaml:2 (document): "],
  ])("refuses %j with file, line, field, value and what is allowed", (text, message) => {
    const mistakes = mistakesOf(text);
    expect(mistakes.length).toBeGreaterThan(0);
    expect(mistakes[0]!.slice(0, message.length)).toBe(message);
  });

  it("tells all mistakes at once", () => {
    expect(mistakesOf("lisen: x\nmetrics: no\nagents: {reportIntervalS: -1}\n").length).toBe(3);
  });

  it("never shows a secret that stands in the wrong place", () => {
    const text = channel("{id: a, kind: webhook, url: 'https://x.test/', secrets: whsec_topsecret}");
    expect(mistakesOf(text).join()).toContain("secrets: (hidden)");
    expect(mistakesOf(text).join()).not.toContain("topsecret");
  });

  it.each([
    ["listen: 127.0.0.1:80\n", {}, "http://127.0.0.1:80"],
    ["listen: '[::1]:80'\n", {}, "http://[::1]:80"],
    ["listen: 0.0.0.0:80\n", {}, null],
    ["listen: '[::]:80'\n", {}, null],
    ["listen: 127.0.0.1:0\n", {}, null],
    ["listen: 0.0.0.0:80\npublicUrl: https://x.test/sambung//\n", {}, "https://x.test/sambung"],
    ["publicUrl: https://x.test\n", { SAMBUNG_PUBLIC_URL: "https://y.test/" }, "https://y.test"],
    ["publicUrl: https://x.test\n", { SAMBUNG_PUBLIC_URL: "" }, "https://x.test"],
  ])("leads people from %j with %j to %s", (text, env, address) => {
    expect(publicUrlOf(read(text, env).config)).toBe(address);
  });

  it("refuses what is wrong in the environment by its name", () => {
    expect(mistakesOf("", { SAMBUNG_PUBLIC_URL: "y.test" })).toEqual([
      'environment SAMBUNG_PUBLIC_URL: "y.test" is not allowed; expected an http or https address',
    ]);
    expect(mistakesOf("", { SAMBUNG_LISTEN: "[::1]:99999" }).length).toBe(1);
    expect(mistakesOf("", { SAMBUNG_LISTEN: "8080" })[0]).toContain('SAMBUNG_LISTEN: "8080" is not allowed');
    expect(() => readConfig({ SAMBUNG_CONFIG: "/nowhere/x.yaml" }, "/")).toThrow(
      /SAMBUNG_CONFIG: "\/nowhere\/x\.yaml"/,
    );
  });

  it.each([
    ["127.0.0.1:8080", { host: "127.0.0.1", port: 8080 }],
    ["[::1]:0", { host: "::1", port: 0 }],
    ["localhost:443", { host: "localhost", port: 443 }],
  ])("splits %s", (address, parts) => {
    expect(splitListen(address)).toEqual(parts);
  });
});

describe("the store of the rounds", () => {
  const seriesOf = (text: string, env = {}) => read(`series:\n  ${text}\n`, env).config.series;

  it("is SQLite, with days of one's own", () => {
    expect(seriesOf("retention: { rawDays: 40 }\n  engine: sqlite")).toEqual({
      engine: "sqlite",
      retention: { rawDays: 40, fiveMinuteDays: 365, hourDays: 3653 },
    });
  });

  it("is InfluxDB by bucket or by database, with a token from the environment", () => {
    const url = "http://influx.example:8086";
    expect(
      seriesOf(`{ engine: influx, url: "${url}", bucket: b, org: o, token: "\${TOKEN}" }`, { TOKEN: "t" }),
    ).toEqual({ engine: "influx", url, bucket: "b", org: "o", token: "t", rawDays: 14 });
    expect(seriesOf(`{ engine: influx, url: "${url}", database: d, rawDays: 40 }`)).toMatchObject({
      database: "d",
      rawDays: 40,
    });
  });

  it("takes a token from a file beside the configuration", () => {
    using dir = tempDir();
    writeFileSync(dir.file("token"), " secret\n");
    const text = "series: { engine: victoria, url: 'http://vm.example', tokenFile: token }";
    writeFileSync(dir.file("sambung.yaml"), text);
    expect(readConfig({}, dir.path).series).toMatchObject({ token: "secret" });
    writeFileSync(dir.file("token"), "");
    expect(() => readConfig({}, dir.path)).toThrow("is empty; expected a file with a token");
    writeFileSync(dir.file("sambung.yaml"), text.replace("tokenFile: token", "tokenFile: none"));
    expect(() => readConfig({}, dir.path)).toThrow("series.tokenFile: ");
  });

  it.each([
    [
      "engine: mongo",
      'sambung.yaml:2 series.engine: "mongo" is not allowed; expected one of sqlite, influx, victoria',
    ],
    [
      "{ engine: influx, database: d }",
      "series.url: nothing is not allowed; expected an http or https address",
    ],
    [
      "{ engine: influx, url: 'http://u:p@h', database: d }",
      "series.url: (hidden) is not allowed; expected an http or https address without user and password",
    ],
    [
      "{ engine: influx, url: 'http://h' }",
      "expected bucket and org of InfluxDB 2.x, or database of 1.x and 3.x",
    ],
    [
      "{ engine: influx, url: 'http://h', bucket: b }",
      "series.org: nothing is not allowed; expected the organisation of the bucket",
    ],
    [
      "{ engine: influx, url: 'http://h', database: d, token: a, tokenFile: b }",
      "series.tokenFile: (hidden) is not allowed; expected token or tokenFile, not both",
    ],
    [
      "{ engine: victoria, url: 'http://h', tenant: 7 }",
      "series.tenant: 7 is not allowed; expected a tenant such as 0 or 7:2",
    ],
    [
      "{ engine: victoria, url: 'http://h', tenant: '7' }",
      "series.readUrl: nothing is not allowed; expected both tenant and readUrl",
    ],
    [
      "{ engine: sqlite, retention: { rawDays: 3 } }",
      "series.retention.rawDays: 3 is not allowed; expected days from 4 to 36500",
    ],
    ["{ engine: sqlite, retention: { fiveMinuteDays: 7 } }", "expected at least the 14 of what is finer"],
    ["{ engine: sqlite, url: 'http://h' }", "expected one of the keys engine, retention"],
  ])("refuses %s", (text, message) => {
    expect(mistakesOf(`series:\n  ${text}\n`).join("\n")).toContain(message);
  });
});
