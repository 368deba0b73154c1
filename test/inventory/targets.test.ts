import { describe, expect, it } from "vitest";
import { configFor } from "../../src/inventory/config-for.ts";
import { read } from "./folder.ts";

/** Address of each target by key. */
function addresses(text: string): Record<string, unknown> {
  const targets = [...read({ "targets.yaml": text }).targets.values()];
  return Object.fromEntries(
    targets.map(({ key, probe }) => [
      key,
      probe.kind === "dns" ? probe.resolver : "address" in probe && probe.address,
    ]),
  );
}

describe("targets", () => {
  it("have the defaults of their kind", () => {
    const text = `- { id: i, site: 64.08, role: device, kind: icmp, address: 127.0.0.1 }
- { id: h, site: 64.08, role: service, service: lapor, kind: http }
- { id: d, site: 64.08, role: service, service: lapor, kind: dns }
- { id: s, site: 64.08, role: device, kind: snmp, address: 127.0.0.1, auth: { version: 2c, community: 1234 } }
- { id: t, site: 64.08, role: device, kind: tcp, address: 127.0.0.1, port: 25 }
`;
    expect(configFor(read({ "targets.yaml": text }), "64.08")).toEqual([
      {
        id: "d",
        kind: "dns",
        intervalS: 60,
        timeoutMs: 5_000,
        name: "lapor.example",
        recordType: "A",
        resolver: null,
        expectRcode: ["NOERROR"],
        expectAnswer: [],
      },
      {
        id: "h",
        kind: "http",
        intervalS: 60,
        timeoutMs: 10_000,
        url: "https://lapor.example/a",
        expectStatus: [],
        expectBody: null,
        maxBodyBytes: 524_288,
        maxRedirects: 3,
        redirects: "any",
        verifyTls: true,
        httpVersion: "auto",
        family: null,
      },
      {
        id: "i",
        kind: "icmp",
        intervalS: 30,
        timeoutMs: 3_000,
        address: "127.0.0.1",
        count: 5,
        sizeBytes: 56,
        dscp: 0,
        family: null,
      },
      {
        id: "s",
        kind: "snmp",
        intervalS: 60,
        timeoutMs: 5_000,
        address: "127.0.0.1",
        port: 161,
        auth: { version: "2c", community: "1234" },
        oids: { sysUpTime: "1.3.6.1.2.1.1.3.0", sysName: "1.3.6.1.2.1.1.5.0" },
        profile: "auto",
      },
      { id: "t", kind: "tcp", intervalS: 60, timeoutMs: 5_000, address: "127.0.0.1", port: 25, family: null },
    ]);
  });

  it("take what is written instead of the defaults", () => {
    const text = `- { id: h, site: 64.08, role: service, service: lapor, kind: http, url: 'http://192.0.2.9:1/x', intervalS: 2.5,
    timeoutMs: 2000, expectStatus: [204], expectBody: { text: ok }, maxRedirects: 0, verifyTls: false }
- { id: d, site: 64.08, role: service, service: lapor, kind: dns, name: b.example, recordType: AAAA, resolver: "127.0.0.1:5353" }
`;
    expect(configFor(read({ "targets.yaml": text }), "64.08")).toMatchObject([
      { name: "b.example", recordType: "AAAA", resolver: "127.0.0.1:5353" },
      {
        url: "http://192.0.2.9:1/x",
        intervalS: 2.5,
        timeoutMs: 2_000,
        expectStatus: [204],
        expectBody: { text: "ok", regex: null, jsonPath: null, jsonEquals: null },
        maxRedirects: 0,
        verifyTls: false,
      },
    ]);
  });

  it("need no keys for SNMP version 3 without authentication", () => {
    const auth = "{ version: '3', user: u, authProtocol: none, privProtocol: none }";
    const text = `- { id: s, site: 64.08, role: device, kind: snmp, address: a, auth: ${auth} }\n`;
    expect(configFor(read({ "targets.yaml": text }), "64.08")[0]).toMatchObject({
      auth: { version: "3", authKey: "", privKey: "" },
    });
  });

  it("carry their role, and what they watch, check or test", () => {
    const text = `- { id: a, site: 64.08.05, role: site, of: 64.08.05.2001, link: backup, kind: icmp, address: "{of.gateway}" }
- { id: b, site: 64.08, role: service, service: lapor, kind: dns, link: top }
`;
    const targets = read({ "targets.yaml": text }).targets;
    expect(targets.get("64.08.05/a")).toMatchObject({
      key: "64.08.05/a",
      site: "64.08.05",
      role: "site",
      of: "64.08.05.2001",
      link: "backup",
      service: null,
      probe: { id: "a", address: "10.9.1.1" },
    });
    expect(targets.get("64.08/b")).toMatchObject({
      role: "service",
      of: null,
      link: "top",
      service: "lapor",
    });
  });

  it("are made for each site of a list, and for each site of a kind", () => {
    const text = `- { id: a, sites: [64.08, 64.08.05], role: device, kind: icmp, address: 127.0.0.1 }
- { id: b, kinds: [desa, kelurahan], role: device, kind: icmp, address: 127.0.0.1 }
`;
    expect(Object.keys(addresses(text))).toEqual([
      "64.08/a",
      "64.08.05/a",
      "64.08.05.1002/b",
      "64.08.05.2001/b",
    ]);
  });
});

describe("macros", () => {
  it("{gateway} and {hub} follow the primary links; sites without a gateway are left out of a template for kinds", () => {
    const text = `- { id: gw, kinds: [kabupaten, kecamatan, desa, kelurahan], role: gateway, kind: icmp, address: "{gateway}" }
- { id: hub, kinds: [kabupaten, kecamatan, desa, kelurahan], role: hub, kind: icmp, address: "{hub}" }
`;
    expect(addresses(text)).toEqual({
      "64.08/gw": "10.0.0.1",
      "64.08.05/gw": "10.5.0.1",
      "64.08.05.2001/gw": "10.5.1.1",
      "64.08.05/hub": "10.0.0.1",
      "64.08.05.1002/hub": "10.5.0.1",
      "64.08.05.2001/hub": "10.5.0.1",
    });
  });

  it("follow the link that the target names", () => {
    const text = `- { id: gw, site: 64.08.05.2001, link: backup, role: gateway, kind: icmp, address: "{gateway}" }
- { id: hub, site: 64.08.05.2001, link: backup, role: hub, kind: icmp, address: "{hub}" }
`;
    expect(addresses(text)).toEqual({
      "64.08.05.2001/gw": "10.9.1.1",
      "64.08.05.2001/hub": "10.0.0.1",
    });
  });

  it("work in a resolver, with a port behind it", () => {
    const text = `- { id: d, site: 64.08.05, role: gateway, kind: dns, name: a.example, resolver: "{gateway}:53" }\n`;
    expect(addresses(text)).toEqual({ "64.08.05/d": "10.5.0.1:53" });
  });

  it("{of.gateway} with children makes one target per child that has a gateway", () => {
    const text =
      '- { id: below, kinds: [kabupaten, kecamatan], role: site, of: children, kind: icmp, address: "{of.gateway}" }\n';
    expect(addresses(text)).toEqual({
      "64.08/below-64.08.05": "10.5.0.1",
      "64.08.05/below-64.08.05.2001": "10.5.1.1",
    });
    expect(read({ "targets.yaml": text }).targets.get("64.08/below-64.08.05")!.of).toBe("64.08.05");
  });

  it("children are those of the paths, not of the administration", () => {
    const links =
      "- { id: v, site: 64.08.05.2001, provider: A, technology: leo, parent: 64.08, gateway: 10.9.1.1 }\n";
    const targets =
      '- { id: below, site: 64.08, role: site, of: children, kind: icmp, address: "{of.gateway}" }\n';
    const keys = [...read({ "links.yaml": links, "targets.yaml": targets }).targets.keys()];
    expect(keys).toEqual(["64.08/below-64.08.05.2001"]);
  });
});

describe("the configuration of a site", () => {
  it("does not change when entries of targets.yaml change places", () => {
    const a = "- { id: a, site: 64.08, role: device, kind: icmp, address: 127.0.0.1 }\n";
    const b = "- { id: b, site: 64.08, role: device, kind: icmp, address: 127.0.0.2 }\n";
    const one = configFor(read({ "targets.yaml": a + b }), "64.08");
    const other = configFor(read({ "targets.yaml": b + a }), "64.08");
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
    expect(one).toHaveLength(2);
  });

  it("is empty for a site without targets and for one that is not there", () => {
    const inventory = read({});
    expect(configFor(inventory, "64.08")).toEqual([]);
    expect(configFor(inventory, "64.99")).toEqual([]);
  });
});
