import { describe, expect, it } from "vitest";
import { readCommandLine, UsageError } from "../../probes/command-line.ts";

function targetOf(line: string[], env: Record<string, string> = {}) {
  const command = readCommandLine(["probe", ...line], env);
  if (command.name !== "probe" || command.target.from !== "options") throw new Error("no target by options");
  return command.target.target;
}

const longSecret = "rahasia-".repeat(60);
const base = { id: "probe", intervalS: 60, timeoutMs: 5_000 };

describe("sambung-agent probe, its options", () => {
  it("measures as the collector's templates do when nothing is said", () => {
    expect(targetOf(["icmp", "10.8.1.1"])).toEqual({
      ...base,
      kind: "icmp",
      address: "10.8.1.1",
      count: 5,
      sizeBytes: 56,
      dscp: 0,
      family: null,
    });
    expect(targetOf(["http", "https://lapor.go.id/"])).toEqual({
      ...base,
      kind: "http",
      url: "https://lapor.go.id/",
      expectStatus: [],
      expectBody: null,
      maxBodyBytes: 524_288,
      maxRedirects: 5,
      redirects: "any",
      verifyTls: true,
      httpVersion: "auto",
      family: null,
    });
    expect(targetOf(["dns", "lapor.go.id"])).toEqual({
      ...base,
      kind: "dns",
      name: "lapor.go.id",
      recordType: "A",
      resolver: null,
      expectRcode: ["NOERROR"],
      expectAnswer: [],
    });
  });

  it("takes every field of every kind", () => {
    expect(
      targetOf([
        "icmp",
        "fd00::1",
        "--count",
        "20",
        "--size",
        "1400",
        "--dscp",
        "46",
        "--family",
        "6",
        "--timeout",
        "900",
      ]),
    ).toMatchObject({ count: 20, sizeBytes: 1400, dscp: 46, family: 6, timeoutMs: 900 });
    const body = ["--text", "Lapor", "--regex", "a+", "--json-path", "$.a", "--json-equals", "1"];
    expect(
      targetOf(["http", "https://a.example/", ...body, "--http", "2", "--no-verify-tls", "--family", "4"]),
    ).toMatchObject({
      expectBody: { text: "Lapor", regex: "a+", jsonPath: "$.a", jsonEquals: "1" },
      httpVersion: "2",
      verifyTls: false,
      family: 4,
    });
    const answers = ["--expect-answer", "103.28.0.0/16", "--expect-answer", "10.0.0.1"];
    expect(
      targetOf([
        "dns",
        "a.example",
        "--resolver",
        "10.0.0.1:53",
        "--type",
        "AAAA",
        "--expect-rcode",
        "NXDOMAIN",
        ...answers,
      ]),
    ).toMatchObject({
      recordType: "AAAA",
      resolver: "10.0.0.1:53",
      expectRcode: ["NXDOMAIN"],
      expectAnswer: ["103.28.0.0/16", "10.0.0.1"],
    });
  });

  it.each([
    ["10.8.1.1:443", "10.8.1.1", 443],
    ["lapor.go.id:80", "lapor.go.id", 80],
    ["[fd00::1]:22", "fd00::1", 22],
  ])("reads %s as address and port", (text, address, port) => {
    expect(targetOf(["tcp", text])).toEqual({ ...base, kind: "tcp", address, port, family: null });
  });

  it("polls the system group unless objects or a profile are named", () => {
    const community = ["--community", "c"];
    const names = (line: string[]) => {
      const target = targetOf(["snmp", "10.8.1.1", ...community, ...line]);
      return target.kind === "snmp" ? { names: Object.keys(target.oids), profile: target.profile } : null;
    };
    expect(names([])).toEqual({ names: ["sysDescr", "sysObjectID", "sysUpTime", "sysName"], profile: null });
    expect(names(["--profile", "auto"])).toEqual({ names: [], profile: "auto" });
    expect(names(["--oid", "a=.1.3.6.1.2", "--oid", "b=1.3.6.1.4"])).toEqual({
      names: ["a", "b"],
      profile: null,
    });
  });

  it("speaks SNMPv3 to a user, with protocols that follow from the keys", () => {
    const authOf = (line: string[], env = {}) => {
      const target = targetOf(["snmp", "10.8.1.1", ...line], env);
      return target.kind === "snmp" ? target.auth : null;
    };
    expect(authOf(["--community", "c", "--snmp-version", "1"])).toEqual({ version: "1", community: "c" });
    const open = {
      version: "3",
      user: "u",
      authProtocol: "none",
      authKey: "",
      privProtocol: "none",
      privKey: "",
    };
    expect(authOf(["--user", "u"])).toEqual(open);
    const keys = { SAMBUNG_SNMP_AUTH_KEY: "kunci-asli", SAMBUNG_SNMP_PRIV_KEY: "kunci-rahasia" };
    const secret = { authKey: "kunci-asli", privKey: "kunci-rahasia" };
    expect(authOf(["--user", "u"], keys)).toEqual({
      ...open,
      ...secret,
      authProtocol: "sha",
      privProtocol: "aes",
    });
    expect(
      authOf(["--user", "u", "--auth-protocol", "sha512", "--priv-protocol", "aes256b"], keys),
    ).toMatchObject({ authProtocol: "sha512", privProtocol: "aes256b" });
    expect(authOf([], { SAMBUNG_SNMP_COMMUNITY: "dari-env" })).toEqual({
      version: "2c",
      community: "dari-env",
    });
  });

  it("reads an id as a target of the agent in the folder", () => {
    const expected = { from: "configuration", id: "gw", folder: "/d", timeoutMs: null };
    expect(readCommandLine(["probe", "gw", "--data", "/d"], {})).toMatchObject({ target: expected });
    expect(readCommandLine(["probe", "gw"], { SAMBUNG_AGENT_DATA: "/d" })).toMatchObject({
      target: expected,
    });
    expect(readCommandLine(["probe", "gw", "--data", "/d", "--timeout", "70", "--debug"], {})).toEqual({
      name: "probe",
      target: { ...expected, timeoutMs: 70 },
      debug: true,
      json: false,
    });
  });
});

describe("sambung-agent, called wrongly", () => {
  it.each([
    [
      ["probe"],
      "probe: target is missing; expected one of icmp, snmp, http, dns, tcp and an address, or an id",
    ],
    [["probe", "icmp"], "probe icmp: address is missing"],
    [["probe", "gw"], /^probe gw: --data is missing; with it the id of a target, else expected icmp/],
    [["probe", "ftp", "a"], "probe: ftp is not allowed; expected icmp, snmp, http, dns, tcp"],
    [["probe", "icmp", "a", "b"], "probe icmp: b is not expected"],
    [["probe", "icmp", "-V"], "-V: no such option; and a target must not begin with '-'"],
    [["probe", "icmp", "--", "-V"], 'probe: address: "-V" is not allowed; expected an address or host name'],
    [["probe", "tcp", "--", "-V:1"], 'probe: address: "-V" is not allowed; expected an address or host name'],
    [["probe", "http", "--", "-o"], 'probe: url: "-o" is not allowed; expected an http or https address'],
    [["probe", "tcp", "10.8.1.1"], /^probe tcp: 10\.8\.1\.1 is not allowed; expected host:port/],
    [["probe", "tcp", "fd00::1:22"], /expected host:port/],
    [["probe", "tcp", "a:99999"], "--port: 99999 is not allowed; expected a whole number from 1 to 65535"],
    [
      ["probe", "icmp", "a", "--size", "5"],
      "--size: 5 is not allowed; expected a whole number from 16 to 65487",
    ],
    [
      ["probe", "icmp", "a", "--count", "many"],
      '--count: "many" is not allowed; expected a whole number from 1 to 100',
    ],
    [["probe", "icmp", "a", "--family", "5"], "--family: 5 is not allowed; expected 4, 6 or null"],
    [
      ["probe", "icmp", "a", "--timeout", "soon"],
      "--timeout: soon is not allowed; expected milliseconds, a whole number",
    ],
    [
      ["probe", "icmp", "a", "--timeout", "1"],
      "--timeout: 1 is not allowed; expected a whole number from 10 to 600000",
    ],
    [["probe", "dns", "a.b", "--size", "56"], "--size: not an option of probe dns"],
    [["probe", "gw", "--data", "/d", "--size", "56"], "--size: not an option of probe gw"],
    [["probe", "icmp", "a", "--token", "x"], "--token: not an option of probe icmp"],
    [
      ["probe", "icmp", "a", "--debug", "--json"],
      "--debug: not beside --json, which prints the sample alone",
    ],
    [
      ["probe", "http", "https://a.example/", "--regex", "("],
      /^--regex: "\(" is not allowed; expected a regular expr/,
    ],
    [["probe", "http", "https://a.example/", "--json-equals", "1"], /^--json-equals: "1" is not allowed/],
    [["probe", "http", "https://a.example/", "--http", "3"], /^--http: "3" is not allowed; expected/],
    [["probe", "dns", "a.b", "--expect-rcode", "ja bitte"], /^--expect-rcode: "ja bitte" is not allowed/],
    [["probe", "snmp", "a"], "--community is missing"],
    [
      ["probe", "snmp", "a", "--community", "c", "--oid", "1.3.6"],
      /^--oid: 1\.3\.6 is not allowed; expected a name/,
    ],
    [
      ["probe", "snmp", "a", "--community", "c", "--oid", "x=y"],
      /^--oid x: "y" is not allowed; expected a numeric/,
    ],
    [
      ["probe", "snmp", "a", "--community", "c", "--user", "u"],
      "--community: only with --snmp-version 1 or 2c",
    ],
    [
      ["probe", "snmp", "a", "--snmp-version", "2c", "--auth-key", "k"],
      "--auth-key: only with --snmp-version 3",
    ],
    [["probe", "snmp", "a", "--snmp-version", "3"], "--user is missing"],
    [["probe", "snmp", "a", "--user", "u", "--auth-protocol", "sha"], "--auth-key is missing"],
    [
      ["probe", "snmp", "a", "--user", "u", "--priv-key", "k"],
      "--priv-protocol: needs --auth-protocol, and --auth-key",
    ],
    [
      ["probe", "snmp", "a", "--snmp-version", "4", "--community", "c"],
      /^--snmp-version: "4" is not allowed/,
    ],
    [["run", "--server", "https://a.example", "--data", "/d", "--debug"], "--debug: not an option of run"],
    [["measure"], "measure: expected run or probe"],
  ] as [string[], string | RegExp][])("%j says what is wrong", (argv, message) => {
    expect(() => readCommandLine(argv, {})).toThrow(UsageError);
    expect(() => readCommandLine(argv, {})).toThrow(message);
  });

  it.each([
    [["--community", longSecret], "--community: this value is not allowed; expected 1 to 255 characters"],
    [["--user", "u", "--auth-key", longSecret], "--auth-key: this value is not allowed; expected"],
    [
      ["--user", "u", "--auth-key", "kunci-asli", "--priv-key", longSecret],
      "--priv-key: this value is not allowed; expected",
    ],
  ])("does not repeat a secret: %#", (line, message) => {
    expect(() => readCommandLine(["probe", "snmp", "10.8.1.1", ...line], {})).toThrow(message);
  });
});

describe("sambung-agent run, its ways to the collector", () => {
  const run = (line: string[], env: Record<string, string> = {}) =>
    readCommandLine(["run", "--data", "x", ...line], env);
  const noTls = { ca: null, cert: null, key: null };

  it("takes one address or several, and ways out, from options or the environment", () => {
    expect(run(["--server", "https://a.example"])).toMatchObject({
      servers: ["https://a.example/"],
      vias: [],
      tls: noTls,
    });
    const several = ["--server", "https://a.example", "--server", "http://10.8.0.1:8080/sambung"];
    expect(run([...several, "--via", "eth0", "--via", "10.8.0.2", "--via", "fd00::2"])).toMatchObject({
      servers: ["https://a.example/", "http://10.8.0.1:8080/sambung"],
      vias: ["eth0", "10.8.0.2", "fd00::2"],
    });
    const env = {
      SAMBUNG_SERVER: "https://a.example  https://b.example",
      SAMBUNG_VIA: "eth0 wwan0",
      SAMBUNG_CA: "ca.pem",
      SAMBUNG_CERT: "cert.pem",
      SAMBUNG_KEY: "",
    };
    expect(run(["--key", "key.pem"], env)).toMatchObject({
      servers: ["https://a.example/", "https://b.example/"],
      vias: ["eth0", "wwan0"],
      tls: { ca: "ca.pem", cert: "cert.pem", key: "key.pem" },
    });
  });

  it("reads the bound of the spool, by option before variable", () => {
    const base = ["--server", "https://a"];
    const env = { SAMBUNG_SPOOL_BYTES: "2000000" };
    expect(run(base)).toMatchObject({ spoolBytes: undefined });
    expect(run(base, env)).toMatchObject({ spoolBytes: 2_000_000 });
    expect(run([...base, "--spool-bytes", "16000000"], env)).toMatchObject({ spoolBytes: 16_000_000 });
    for (const value of ["999999", "1000000001", "64MB", "-1", "1e7", "2.5"])
      expect(() => run([...base, `--spool-bytes=${value}`])).toThrow(
        `--spool-bytes: ${value} is not allowed; expected a whole number from 1000000 to 1000000000`,
      );
  });

  it.each([
    { line: [], message: "--server is missing" },
    { line: ["--server", "https://a", "--server", "b"], message: "--server: b is not allowed" },
    { line: ["--server", "https://a", "--via", "eth0/1"], message: "--via: eth0/1 is not allowed" },
    {
      line: ["--server", "https://a", "--server", "http://b", "--ca", "ca.pem"],
      message: "--ca: not beside http://b/; expected https addresses alone",
    },
  ])("refuses $line", ({ line, message }) => {
    expect(() => run(line)).toThrow(UsageError);
    expect(() => run(line)).toThrow(message);
  });
});
