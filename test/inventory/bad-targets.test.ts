import { describe, expect, it } from "vitest";
import { messagesOf, read } from "./folder.ts";

const icmp = "- { id: t, site: 64.08, role: device, kind: icmp, address: 127.0.0.1 }";
const http = "- { id: t, site: 64.08, role: device, kind: http, url: 'http://127.0.0.1/' }";
const dns = "- { id: t, site: 64.08, role: anchor, kind: dns, name: a.example }";
const child = '- { id: t, site: 64.08, role: site, of: 64.08.05, kind: icmp, address: "{of.gateway}" }';
const service = "- { id: t, site: 64.08, role: service, service: lapor, kind: http }";
const snmp = "- { id: t, site: 64.08, role: device, kind: snmp, address: 127.0.0.1, auth: %s }";
const v3 = "version: 3, user: u";
const keys = "site, sites, kinds, id, role, kind, intervalS, timeoutMs, link, of, service";

/** targets.yaml → the one message, without `targets.yaml:1 `. */
const targets: [mistake: string, text: string, message: string][] = [
  // Where.
  [
    "no site",
    icmp.replace("site: 64.08, ", ""),
    "site: nothing is not allowed; expected exactly one of site, sites, kinds",
  ],
  [
    "a site and kinds",
    icmp.replace("role:", "kinds: [desa], role:"),
    "kinds: a list is not allowed; expected nothing beside site: exactly one of site, sites, kinds",
  ],
  [
    "a site that is not there",
    icmp.replace("64.08", "64.99"),
    "site: 64.99 is not allowed; expected the code of a site in sites.csv",
  ],
  [
    "a list that names an unknown site",
    icmp.replace("site: 64.08", "sites: [64.08, 64.99]"),
    "sites[1]: 64.99 is not allowed; expected one of the codes of sites in sites.csv, each once",
  ],
  [
    "a list that names a site twice",
    icmp.replace("site: 64.08", "sites: [64.08, 64.08]"),
    "sites[1]: 64.08 is not allowed; expected one of the codes of sites in sites.csv, each once",
  ],
  [
    "an empty list",
    icmp.replace("site: 64.08", "sites: []"),
    "sites: a list is not allowed; expected a list of the codes of sites in sites.csv",
  ],
  [
    "a kind of site that is none",
    icmp.replace("site: 64.08", "kinds: [dusun]"),
    'kinds[0]: "dusun" is not allowed; expected one of kabupaten, kecamatan, desa, kelurahan, each once',
  ],
  [
    "kinds that are no list",
    icmp.replace("site: 64.08", "kinds: desa"),
    'kinds: "desa" is not allowed; expected a list of kabupaten, kecamatan, desa, kelurahan',
  ],
  // What.
  [
    "no id",
    icmp.replace("id: t, ", ""),
    "id: nothing is not allowed; expected 1 to 64 letters, digits, '.', '_' or '-'",
  ],
  [
    "a role that is none",
    icmp.replace("device", "router"),
    'role: "router" is not allowed; expected one of gateway, device, hub, noc, anchor, site, service',
  ],
  [
    "a kind that is none",
    icmp.replace("icmp", "ping"),
    'kind: "ping" is not allowed; expected one of icmp, snmp, http, dns, tcp',
  ],
  [
    "an unknown key",
    icmp.replace("address", "interval: 30, address"),
    `interval: "interval" is not allowed; expected one of the keys ${keys}, address, count, sizeBytes, dscp, family, url, profile, expectStatus, expectBody, maxBodyBytes, maxRedirects, redirects, verifyTls, httpVersion, name, recordType, resolver, expectRcode, expectAnswer, port, auth, oids`,
  ],
  [
    "a key of another kind",
    icmp.replace("address", "port: 1, address"),
    `port: "port" is not allowed; expected one of the keys ${keys}, address, count, sizeBytes, dscp, family for icmp`,
  ],
  [
    "a link that is not there",
    icmp.replace("role", "link: l9, role"),
    'link: "l9" is not allowed; expected the id of a link in links.yaml',
  ],
  [
    "a link of another site",
    icmp.replace("role", "link: village, role"),
    'link: "village" is not allowed; expected a link of 64.08',
  ],
  [
    "a link of neither site",
    child.replace("role", "link: village, role"),
    'link: "village" is not allowed; expected a link of 64.08 or 64.08.05',
  ],
  // Service.
  [
    "role service without one",
    service.replace("service: lapor, ", ""),
    "service: nothing is not allowed; expected the id of a service in services.yaml",
  ],
  [
    "a service that is not there",
    service.replace("lapor", "ppid"),
    'service: "ppid" is not allowed; expected the id of a service in services.yaml',
  ],
  [
    "a service in another role",
    icmp.replace("role", "service: lapor, role"),
    'service: "lapor" is not allowed; expected no such key for role device: only role service checks one',
  ],
  // Of.
  [
    "role site without of",
    child.replace("of: 64.08.05, ", ""),
    "of: nothing is not allowed; expected the code of a site in sites.csv, or children",
  ],
  [
    "a watched site that is not there",
    child.replace("of: 64.08.05", "of: 64.99"),
    "of: 64.99 is not allowed; expected the code of a site in sites.csv, or children",
  ],
  [
    "a site that watches itself",
    child.replace("of: 64.08.05", "of: 64.08"),
    "of: 64.08 is not allowed; expected another site than 64.08, which measures",
  ],
  [
    "of in another role",
    icmp.replace("role", "of: 64.08.05, role"),
    'of: "64.08.05" is not allowed; expected no such key for role device: only role site watches another site',
  ],
  [
    "children that share one address",
    child.replace("of: 64.08.05", "of: children").replace('"{of.gateway}"', "10.0.0.1"),
    'address: "10.0.0.1" is not allowed; expected an address with {of.gateway}, in which the targets of children differ',
  ],
  // Macros.
  [
    "a macro that is none",
    icmp.replace("127.0.0.1", '"{router}"'),
    'address: "{router}" is not allowed; expected an address, or one of {gateway}, {hub} for role device',
  ],
  [
    "a macro that is not closed",
    icmp.replace("127.0.0.1", '"{gateway"'),
    'address: "{gateway" is not allowed; expected an address, or one of {gateway}, {hub} for role device',
  ],
  [
    "{of.gateway} where nothing is watched",
    icmp.replace("127.0.0.1", '"{of.gateway}"'),
    'address: "{of.gateway}" is not allowed; expected an address, or one of {gateway}, {hub} for role device',
  ],
  [
    "{hub} at the top",
    icmp.replace("127.0.0.1", '"{hub}"'),
    'address: "{hub}" is not allowed; expected an address: 64.08 is the top, where {hub} stands for nothing',
  ],
  [
    "{gateway} at a site without one",
    icmp.replace("64.08", "64.08.05.1002").replace("127.0.0.1", '"{gateway}"'),
    'address: "{gateway}" is not allowed; expected a gateway for 64.08.05.1002 in links.yaml, for which {gateway} stands',
  ],
  [
    "{gateway} of a resolver at a site without one",
    dns.replace("64.08", "64.08.05.1002").replace("name", 'resolver: "{gateway}", name'),
    'resolver: "{gateway}" is not allowed; expected a gateway for 64.08.05.1002 in links.yaml, for which {gateway} stands',
  ],
  [
    "{of.gateway} of a site without one",
    child.replace("of: 64.08.05", "of: 64.08.05.1002"),
    'address: "{of.gateway}" is not allowed; expected a gateway for 64.08.05.1002 in links.yaml, for which {of.gateway} stands',
  ],
  [
    "a macro in a url",
    http.replace("127.0.0.1", "{gateway}"),
    'url: "http://{gateway}/" is not allowed; expected no macro: address and resolver have them',
  ],
  // The wire's own rules, through the defaults.
  [
    "an interval of nothing",
    icmp.replace("role", "intervalS: 0, role"),
    "intervalS: 0 is not allowed; expected a number from 1 to 86400",
  ],
  [
    "an interval in quotes",
    icmp.replace("role", "intervalS: '30', role"),
    'intervalS: "30" is not allowed; expected a number from 1 to 86400',
  ],
  [
    "a default time limit as long as the interval",
    icmp.replace("role", "intervalS: 3, role"),
    "timeoutMs: 3000 is not allowed; expected less than intervalS (3000 ms)",
  ],
  [
    "a time limit above the interval",
    http.replace("role", "timeoutMs: 61000, role"),
    "timeoutMs: 61000 is not allowed; expected less than intervalS (60000 ms)",
  ],
  [
    "no address",
    icmp.replace(", address: 127.0.0.1", ""),
    "address: nothing is not allowed; expected an address or host name",
  ],
  [
    "an address with a blank",
    icmp.replace("127.0.0.1", '"a b"'),
    'address: "a b" is not allowed; expected an address or host name',
  ],
  [
    "no echo requests",
    icmp.replace("role", "count: 0, role"),
    "count: 0 is not allowed; expected a whole number from 1 to 100",
  ],
  [
    "an empty count",
    icmp.replace("role", "count:, role"),
    "count: null is not allowed; expected a whole number from 1 to 100",
  ],
  [
    "no url",
    http.replace(", url: 'http://127.0.0.1/'", ""),
    "url: nothing is not allowed; expected an http or https address",
  ],
  [
    "a url of another kind",
    http.replace("http://", "ftp://"),
    'url: "ftp://127.0.0.1/" is not allowed; expected an http or https address',
  ],
  [
    "a url that cannot be parsed",
    http.replace("127.0.0.1", "a:port"),
    'url: "http://a:port/" is not allowed; expected an http or https address',
  ],
  [
    "a profile that is none",
    http.replace("role", "profile: sp4n, role"),
    'profile: "sp4n" is not allowed; expected one of sp4n-lapor, sp4n-lapor-typed',
  ],
  [
    "an expectation that is none",
    http.replace("role", "expectBody: {}, role"),
    "expectBody: a mapping is not allowed; expected at least one of text, regex and jsonPath, or null for the whole",
  ],
  [
    "a regular expression that cannot be read",
    http.replace("role", "expectBody: { regex: '(' }, role"),
    'expectBody.regex: "(" is not allowed; expected a regular expression of JavaScript (flags iu)',
  ],
  [
    "a status that is none",
    http.replace("role", "expectStatus: [200, 99], role"),
    "expectStatus[1]: 99 is not allowed; expected a whole number from 100 to 599",
  ],
  [
    "too many redirects",
    http.replace("role", "maxRedirects: 11, role"),
    "maxRedirects: 11 is not allowed; expected a whole number from 0 to 10",
  ],
  [
    "verifyTls in words",
    http.replace("role", "verifyTls: no, role"),
    'verifyTls: "no" is not allowed; expected true or false',
  ],
  [
    "no name to ask for",
    dns.replace(", name: a.example", ""),
    "name: nothing is not allowed; expected a host name",
  ],
  [
    "a record type that is none",
    dns.replace("role", "recordType: MX, role"),
    'recordType: "MX" is not allowed; expected one of A, AAAA',
  ],
  [
    "a resolver by name",
    dns.replace("role", "resolver: ns.example, role"),
    'resolver: "ns.example" is not allowed; expected an address, with or without :port, or null',
  ],
  [
    "no auth",
    snmp.replace(", auth: %s", ""),
    "auth.version: nothing is not allowed; expected one of 1, 2c, 3",
  ],
  [
    "SNMP version 4",
    snmp.replace("%s", "{ version: 4, community: c }"),
    'auth.version: "4" is not allowed; expected one of 1, 2c, 3',
  ],
  [
    "an unknown key in auth, whose value is not shown",
    snmp.replace("%s", "{ version: 2c, comunity: very-secret }"),
    'auth.comunity: "comunity" is not allowed; expected one of the keys version, community',
  ],
  [
    "an empty community",
    snmp.replace("%s", "{ version: 2c, community: '' }"),
    "auth.community: (hidden) is not allowed; expected 1 to 255 characters",
  ],
  [
    "an unknown authentication",
    snmp.replace("%s", `{ ${v3}, authProtocol: sha1, authKey: very-secret, privProtocol: none }`),
    'auth.authProtocol: "sha1" is not allowed; expected one of none, md5, sha, sha224, sha256, sha384, sha512',
  ],
  [
    "a key shorter than SNMPv3 allows",
    snmp.replace("%s", `{ ${v3}, authProtocol: sha, authKey: secret7, privProtocol: none }`),
    "auth.authKey: (hidden) is not allowed; expected at least 8 characters",
  ],
  [
    "a privacy key shorter than SNMPv3 allows",
    snmp.replace("%s", `{ ${v3}, authProtocol: sha, authKey: very-secret, privProtocol: aes, privKey: x }`),
    "auth.privKey: (hidden) is not allowed; expected at least 8 characters",
  ],
  [
    "privacy without authentication",
    snmp.replace("%s", `{ ${v3}, authProtocol: none, privProtocol: aes, privKey: very-secret }`),
    'auth.privProtocol: "aes" is not allowed; expected none, since privacy needs authentication (authProtocol)',
  ],
  [
    "an object that is named by words",
    snmp.replace("%s", "{ version: 2c, community: c }, oids: { a: 1.3.6.1, ifInOctets.2: ifInOctets.2 }"),
    'oids.ifInOctets.2: "ifInOctets.2" is not allowed; expected a numeric OID such as 1.3.6.1.2.1.1.3.0',
  ],
  [
    "an SNMP object whose rounds no batch may bear",
    snmp.replace("%s", "{ version: 2c, community: c }, oids: { signal_dbm: 1.3.6.1.4.1.2 }"),
    'oids.signal_dbm: "signal_dbm" is not allowed; expected an object name such as ifHCInOctets.2',
  ],
];

describe("a bad targets.yaml", () => {
  it.each(targets)("with %s", (_mistake, text, message) => {
    expect(messagesOf({ "targets.yaml": `${text}\n` })).toEqual([`targets.yaml:1 ${message}`]);
  });

  it("asks no agent for more than it should do in a second", () => {
    const many = (count: number, target: string) =>
      Array.from({ length: count }, (_, i) => target.replace("id: t", `id: t${i}`)).join("\n");
    const echoes = icmp.replace("role", "count: 100, intervalS: 1, timeoutMs: 500, role");
    const pages = http.replace("role", "intervalS: 1, timeoutMs: 500, role");
    expect(messagesOf({ "targets.yaml": many(21, echoes) })).toEqual([
      "targets.yaml:21 intervalS: 1 is not allowed; expected at most 2000 echo requests (count / intervalS) a second for all targets of 64.08",
    ]);
    expect(messagesOf({ "targets.yaml": many(201, pages) })).toEqual([
      "targets.yaml:201 intervalS: 1 is not allowed; expected at most 200 rounds of kinds other than icmp a second for all targets of 64.08",
    ]);
  });

  it("names the line of the field, also inside a list or a mapping", () => {
    const text = `# a comment

- id: a
  site: "64.08"
  role: device
  kind: snmp
  address: 127.0.0.1
  auth:
    version: 2c
    community: c
    user: u
- id: b
  site: "64.08"
  role: device
  kind: http
  url: http://127.0.0.1/
  expectStatus:
    - 200
    - 2000
`;
    expect(messagesOf({ "targets.yaml": text }).map((message) => message.split(": ")[0])).toEqual([
      "targets.yaml:11 auth.user",
      "targets.yaml:19 expectStatus[1]",
    ]);
  });

  it("with an id twice at one site is refused once, by the line that came second", () => {
    const many = icmp.replace("site: 64.08", "kinds: [desa, kelurahan, kabupaten]");
    expect(messagesOf({ "targets.yaml": `${icmp}\n${many}\n` })).toEqual([
      'targets.yaml:2 id: "t" is not allowed; expected another id: line 1 makes 64.08/t already',
    ]);
  });

  it("shows a mistake of a template for many sites once", () => {
    const text = icmp
      .replace("site: 64.08", "kinds: [kabupaten, kecamatan, desa]")
      .replace("role", "count: 0, role");
    expect(messagesOf({ "targets.yaml": `${text}\n` })).toHaveLength(1);
  });

  it("with more targets for a site than an agent accepts is refused", () => {
    const text = Array.from({ length: 2_001 }, (_none, index) => icmp.replace("id: t", `id: t${index}`)).join(
      "\n",
    );
    expect(messagesOf({ "targets.yaml": `${text}\n` })).toEqual([
      'targets.yaml:2001 id: "t2000" is not allowed; expected at most 2000 targets for 64.08',
    ]);
  });

  it("does not report an address as missing because its gateway is mistaken", () => {
    const links = "- { id: top, site: 64.08, provider: A, technology: fibre, gateway: 10.8 }\n";
    const messages = messagesOf({
      "links.yaml": links,
      "targets.yaml": `${icmp.replace("127.0.0.1", '"{gateway}"')}\n`,
    });
    expect(messages).toEqual([
      "links.yaml:1 gateway: 10.8 is not allowed; expected an IP address such as 10.8.1.1, or null",
    ]);
  });
});

describe("a secret of the environment", () => {
  const text = `${snmp.replace("%s", "{ version: 2c, community: '${COMMUNITY}' }")}\n`;

  it("fills the value", () => {
    const probe = read({ "targets.yaml": text }, { COMMUNITY: "very-secret" }).targets.get("64.08/t")!.probe;
    expect(probe).toMatchObject({ auth: { version: "2c", community: "very-secret" } });
  });

  it("may fill any text of any file", () => {
    const services = "- { id: lapor, name: LAPOR, url: '${URL}', control: 64.08 }\n";
    const found = read({ "services.yaml": services }, { URL: "https://lapor.example/token" });
    expect(found.services.get("lapor")!.url).toBe("https://lapor.example/token");
  });

  it.each([
    ["not set", {}],
    ["empty", { COMMUNITY: "" }],
  ])("that is %s is named", (_what, env) => {
    expect(messagesOf({ "targets.yaml": text }, env)).toEqual([
      'targets.yaml:1 auth.community: "${COMMUNITY}" is not allowed; expected the environment variable COMMUNITY to be set',
    ]);
  });

  it("is never shown, whatever is wrong with it", () => {
    const secret = "very secret ".repeat(30);
    const files = {
      "services.yaml": "- { id: lapor, name: LAPOR, url: '${S}', control: '${S}' }\n",
      "targets.yaml": `${text.replace("COMMUNITY", "S")}${icmp.replace("id: t", "id: u").replace("127.0.0.1", "'${S}'")}
- { id: '${"${S}"}', site: '${"${S}"}', role: '${"${S}"}', kind: icmp, address: { a: '${"${S}"}' } }
`,
    };
    const messages = messagesOf(files, { S: secret });
    expect(messages.map((message) => message.split(" is not allowed")[0])).toEqual([
      'services.yaml:1 url: "${S}"',
      'services.yaml:1 control: "${S}"',
      'targets.yaml:1 auth.community: "${S}"',
      'targets.yaml:2 address: "${S}"',
      'targets.yaml:3 id: "${S}"',
      'targets.yaml:3 role: "${S}"',
      'targets.yaml:3 site: "${S}"',
    ]);
    expect(messages.join("\n")).not.toContain("very secret");
  });

  it("has to be the whole value", () => {
    const services = "- { id: lapor, name: LAPOR, url: 'https://${HOST}/', control: 64.08 }\n";
    expect(messagesOf({ "services.yaml": services }, { HOST: "a" })[0]).toBe(
      'services.yaml:1 url: "https://${HOST}/" is not allowed; expected ${NAME} as the whole value',
    );
  });
});
