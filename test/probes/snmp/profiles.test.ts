import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createProfileLibrary } from "../../../probes/snmp/profiles/load.ts";
import { candidatesFor } from "../../../probes/snmp/profiles/match.ts";
import { parseProfile } from "../../../probes/snmp/profiles/parse.ts";
import { ProfileError } from "../../../probes/snmp/profiles/profile-error.ts";
import type { ProfileKey } from "../../../probes/snmp/profiles/profile.ts";
import { tempDir } from "../../support/temp-dir.ts";

const enterprise = "1.3.6.1.4.1.99999";

function metric(overrides: object = {}) {
  return { name: "signalDbm", object: "acmeRx", oid: "4", unit: "dBm", ...overrides };
}

function profile(overrides: object = {}, metricOverrides: object = {}) {
  const group = {
    base: `${enterprise}.1`,
    mib: "ACME-MIB",
    source: "mib",
    metrics: [metric(metricOverrides)],
  };
  return { name: "acme", title: "ACME", sysObjectIds: [enterprise], groups: [group], ...overrides };
}

describe("the profiles that come with the agent", () => {
  const library = createProfileLibrary();

  it("can all be read", async () => {
    const names = await library.names();
    const problems: ProfileError[] = [];
    const keys = await createProfileLibrary(undefined, (problem) => problems.push(problem)).keys();
    expect(problems).toEqual([]);
    expect(keys.map((key) => key.name)).toEqual(names);
    for (const maker of [
      "mikrotik",
      "ubiquiti-airmax",
      "cambium-epmp",
      "mimosa",
      "huawei-vrp",
      "zte-zxa10",
      "teltonika",
      "uhp",
      "ups-mib",
      "apc",
      "morningstar-genstar",
      "eltek-enexus",
    ])
      expect(names).toContain(maker);
  });

  it("name a value in one way within a profile, or as the fallback of a finer object", async () => {
    for (const name of await library.names()) {
      const { groups } = await library.load(name);
      const objects = groups.flatMap((group) =>
        group.metrics.map(
          (entry) => `${entry.name} ${entry.oid} ${JSON.stringify(entry.when)} ${entry.rows?.source}`,
        ),
      );
      expect(new Set(objects).size, name).toBe(objects.length);
    }
  });

  it("never name an index of a table", async () => {
    for (const name of await library.names()) {
      const { groups } = await library.load(name);
      const columns = groups.flatMap((group) => group.metrics).filter((entry) => !entry.scalar);
      // The column of a table is below an entry, which is number 1 of its table or, with some makers, a plain node.
      for (const { oid } of columns) expect(oid).not.toMatch(/\.0$/);
    }
  });

  it("say what to do about a profile that does not exist", async () => {
    await expect(library.load("acme")).rejects.toThrow(
      /acme\.json: there is no profile "acme"; expected one of .*mikrotik/,
    );
  });
});

describe("reading a profile", () => {
  it("takes one that is right, with its defaults", () => {
    const read = parseProfile("acme.json", JSON.stringify(profile()));
    expect(read).toMatchObject({ name: "acme", bulk: true, generic: false, probes: [], sysDescr: null });
    expect(read.groups[0]).toMatchObject({
      index: "plain",
      metrics: [
        { name: "signalDbm", oid: `${enterprise}.1.4`, scalar: false, scale: { multiplier: 1, divisor: 1 } },
      ],
    });
  });

  it.each([
    ["no JSON", "{", /^acme\.json: .*JSON/],
    ["no object", [], /acme\.json: \(document\): \[\] is not allowed; expected an object/],
    [
      "an unknown key",
      profile({ vendor: "ACME" }),
      /vendor: "vendor" is not allowed; expected one of the keys name, title/,
    ],
    ["a name with capitals", profile({ name: "ACME" }), /name: "ACME" is not allowed/],
    [
      "no sysObjectID",
      profile({ sysObjectIds: [] }),
      /sysObjectIds: \[\] is not allowed; expected at least one prefix/,
    ],
    [
      "a prefix that is none",
      profile({ sysObjectIds: ["ACME-MIB::acme"] }),
      /sysObjectIds\[0\]: "ACME-MIB::acme" is not allowed; expected a numeric OID/,
    ],
    [
      "a standard without a probe",
      profile({ sysObjectIds: [], generic: true }),
      /probes: nothing is not allowed; expected at least one subtree/,
    ],
    [
      "an expression that is none",
      profile({ sysDescr: "(" }),
      /sysDescr: "\(" is not allowed; expected a regular expression/,
    ],
    [
      "an unknown unit",
      profile({}, { unit: "F" }),
      /groups\[0\]\.metrics\[0\]\.unit: "F" is not allowed; expected one of dBm, dB/,
    ],
    [
      "a name without its unit",
      profile({}, { name: "signal" }),
      /metrics\[0\]\.name: "signal" is not allowed; expected a name whose first part ends in Dbm/,
    ],
    ["an OID with letters", profile({}, { oid: "4.x" }), /metrics\[0\]\.oid: "4\.x" is not allowed/],
    [
      "a divisor of 0",
      profile({}, { divisor: 0 }),
      /metrics\[0\]\.divisor: 0 is not allowed; expected a number other than 0/,
    ],
    [
      "a text as divisor",
      profile({}, { divisor: "10" }),
      /metrics\[0\]\.divisor: "10" is not allowed; expected a number/,
    ],
    [
      "a flag without codes",
      profile({}, { name: "onBattery", unit: "flag" }),
      /metrics\[0\]\.isOneOf: nothing is not allowed/,
    ],
    [
      "a condition without a test",
      profile({}, { when: [{ column: "3" }] }),
      /metrics\[0\]\.when\[0\]: .* is not allowed; expected at least one of equals/,
    ],
    [
      "a state with a letter as code",
      profile({}, { name: "linkState", unit: "state", states: { up: "1" } }),
      /states\.up: "up" is not allowed; expected a whole number/,
    ],
    [
      "a range of one",
      profile({}, { valid: [1] }),
      /metrics\[0\]\.valid: \[1\] is not allowed; expected least and greatest/,
    ],
    ["rows without a text index", profile({}, { rows: "^x" }), /metrics\[0\]\.rows: "\^x" is not allowed/],
  ])("refuses %s, naming file, field, value and what is allowed", (_what, input, message) => {
    const text = typeof input === "string" ? input : JSON.stringify(input);
    expect(() => parseProfile("acme.json", text)).toThrow(ProfileError);
    expect(() => parseProfile("acme.json", text)).toThrow(message);
  });

  it("leaves out a file that cannot be read, says so, and takes the others", async () => {
    using folder = tempDir();
    writeFileSync(folder.file("acme.json"), JSON.stringify(profile()));
    writeFileSync(folder.file("broken.json"), "{}");
    writeFileSync(folder.file("other.json"), JSON.stringify(profile()));
    const problems: string[] = [];
    const library = createProfileLibrary(folder.path, (problem) => problems.push(problem.message));
    const keys = await library.keys();
    expect(await library.keys()).toEqual(keys);
    expect(keys.map((key) => key.name)).toEqual(["acme"]);
    expect(problems).toEqual([
      expect.stringMatching(/broken\.json: name: nothing is not allowed/),
      expect.stringMatching(/other\.json: name: "acme" is not allowed; expected "other"/),
    ]);
    await expect(library.load("broken")).rejects.toThrow(/broken\.json/);
  });
});

describe("finding the profile of a device", () => {
  const key = (name: string, sysObjectIds: string[], overrides: Partial<ProfileKey> = {}): ProfileKey => ({
    name,
    sysObjectIds,
    sysDescr: null,
    probes: [],
    generic: false,
    ...overrides,
  });
  const keys = [
    key("maker", [enterprise]),
    key("radio", [`${enterprise}.7`, `${enterprise}.8`]),
    key("radio-old", [`${enterprise}.7`], { sysDescr: /release 1/iu }),
    key("linux", ["1.3.6.1.4.1.8072.3.2"], { probes: [`${enterprise}.9`] }),
    key("ups", [], { generic: true, probes: ["1.3.6.1.2.1.33.1"] }),
  ];
  const names = (sysObjectId: string | null, sysDescr: string | null = null) =>
    candidatesFor(keys, { sysObjectId, sysDescr }).makers.map((level) => level.map(({ name }) => name));

  it("takes the longest prefix first", () => {
    expect(names(`${enterprise}.7.1`)).toEqual([["radio"], ["maker"], ["linux"]]);
    expect(names(`${enterprise}.70`)).toEqual([["maker"], ["linux"]]);
  });

  it("asks sysDescr where a profile does", () => {
    expect(names(`${enterprise}.7`, "ACME Release 1.2")[0]).toEqual(["radio", "radio-old"]);
  });

  it("tries a device of an unknown maker, or without sysObjectID, as a Linux", () => {
    expect(names("1.3.6.1.4.1.55555.1")).toEqual([["linux"]]);
    expect(names(null)).toEqual([["linux"]]);
  });

  it("offers the standards to every device", () => {
    const { generics } = candidatesFor(keys, { sysObjectId: null, sysDescr: null });
    expect(generics.map(({ name }) => name)).toEqual(["ups"]);
  });
});
