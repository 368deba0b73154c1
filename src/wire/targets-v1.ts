import { arrayAt, booleanAt, integerAt, numberAt, objectAt, oneOfAt, rangeAt, stringAt } from "./check.ts";
import type { Fields } from "./check.ts";
import { kinds, objectNameAt } from "./rounds-v1.ts";
import { WireError } from "./wire-error.ts";

/*
 * What an agent measures, one shape per kind. timeoutMs bounds a whole round, never one packet of it, but for icmp: see
 * there.
 */

interface TargetBase {
  /** Unique within the site. */
  id: string;
  intervalS: number;
  timeoutMs: number;
}

/** IP version to use; null: IPv4 where the name has it, else IPv6. */
type Family = 4 | 6 | null;

/**
 * Echo requests are spread over the interval or sent together within timeoutMs, as the engine does it; timeoutMs is
 * also the time after which a reply counts as lost.
 */
export interface IcmpTarget extends TargetBase {
  kind: "icmp";
  address: string;
  /** Echo requests per round. */
  count: number;
  /** Bytes of payload, without the headers of ICMP (8) and IP (20 or 40). */
  sizeBytes: number;
  /** Differentiated services code point, 0 to 63 (RFC 2474). */
  dscp: number;
  family: Family;
}

export interface SnmpTarget extends TargetBase {
  kind: "snmp";
  address: string;
  port: number;
  auth: SnmpAuth;
  /** Object name → OID, scalar or single instance; the names become the columns of the batch. */
  oids: Record<string, string>;
  /** What is read beside `oids`: `auto` for what fits the device's sysObjectID, the name of a profile, or null for nothing. */
  profile: string | null;
}

export type SnmpAuth =
  | { version: "1" | "2c"; community: string }
  | {
      version: "3";
      user: string;
      authProtocol: (typeof snmpAuthProtocols)[number];
      authKey: string;
      privProtocol: (typeof snmpPrivProtocols)[number];
      privKey: string;
    };

const snmpAuthProtocols = ["none", "md5", "sha", "sha224", "sha256", "sha384", "sha512"] as const;
const snmpPrivProtocols = ["none", "aes", "aes256b", "aes256r"] as const;

/** What the body has to hold; all parts that are not null have to hold. */
export interface ExpectBody {
  /** Text, letter by letter. */
  text: string | null;
  /** Regular expression (JavaScript, flags `iu`), tried on the body within its own time limit. */
  regex: string | null;
  /** RFC 9535 path of a value in a JSON body, names and indexes alone, such as `$.status.indicator`. */
  jsonPath: string | null;
  /** What the text, number or boolean at jsonPath has to be, as text; null: anything but null. */
  jsonEquals: string | null;
}

export interface HttpTarget extends TargetBase {
  kind: "http";
  url: string;
  /** Status codes that pass; empty: 200 to 399. */
  expectStatus: number[];
  /** What the body must hold, or null: it is not read. */
  expectBody: ExpectBody | null;
  /** Bytes of the body, decompressed, within which expectBody must hold. */
  maxBodyBytes: number;
  /** Redirects to follow before the check fails in phase `http`. */
  maxRedirects: number;
  /** Where redirects may lead: anywhere but from https to http, or to the same host alone. */
  redirects: "any" | "sameHost";
  /** Whether a certificate that does not verify fails the check in phase `tls`. */
  verifyTls: boolean;
  /** `auto`: HTTP/2 where the server agrees to it (ALPN), else 1.1. */
  httpVersion: "auto" | "1.1" | "2";
  family: Family;
}

export interface DnsTarget extends TargetBase {
  kind: "dns";
  /** The name to ask for. */
  name: string;
  recordType: "A" | "AAAA";
  /** Address, or address:port, of the resolver; null: the machine's own. */
  resolver: string | null;
  /** Response codes that pass. */
  expectRcode: string[];
  /** Addresses or CIDR ranges, one of which each answered address must be in; empty: any address will do. */
  expectAnswer: string[];
}

export interface TcpTarget extends TargetBase {
  kind: "tcp";
  address: string;
  port: number;
  family: Family;
}

export type AgentTarget = IcmpTarget | SnmpTarget | HttpTarget | DnsTarget | TcpTarget;

const text = (min: number, max: number) => new RegExp(`^[\\s\\S]{${min},${max}}$`);
/** Shortest SNMPv3 pass phrase (RFC 3414, section 11.2). */
const minSnmpKeyLength = 8;
const addressPattern = /^(::|[0-9A-Za-z])[0-9A-Za-z.:%-]{0,252}$/;
const addressAllowed = "an address or host name";

const base = ["id", "kind", "intervalS", "timeoutMs"];

/** Reads one target of a configuration. Throws WireError, its field beginning with `field`. */
export function parseTarget(field: string, value: unknown): AgentTarget {
  const kind = oneOfAt(`${field}.kind`, (value as Fields | null)?.kind, kinds);
  switch (kind) {
    case "icmp":
      return parseIcmpTarget(field, value);
    case "snmp":
      return parseSnmpTarget(field, value);
    case "http":
      return parseHttpTarget(field, value);
    case "dns":
      return parseDnsTarget(field, value);
    case "tcp":
      return parseTcpTarget(field, value);
  }
}

function parseIcmpTarget(field: string, value: unknown): IcmpTarget {
  const target = objectAt(field, value, [...base, "address", "count", "sizeBytes", "dscp", "family"]);
  return {
    ...parseBase(field, target),
    kind: "icmp",
    address: stringAt(`${field}.address`, target.address, addressPattern, addressAllowed),
    count: integerAt(`${field}.count`, target.count, 1, 100),
    // What fping takes, 20 below what an IPv4 packet would hold; below 16 there is no room for the time stamp of a ping.
    sizeBytes: integerAt(`${field}.sizeBytes`, target.sizeBytes, 16, 65_487),
    dscp: integerAt(`${field}.dscp`, target.dscp, 0, 63),
    family: familyAt(`${field}.family`, target.family),
  };
}

function parseSnmpTarget(field: string, value: unknown): SnmpTarget {
  const target = objectAt(field, value, [...base, "address", "port", "auth", "oids", "profile"]);
  return {
    ...parseBase(field, target),
    kind: "snmp",
    address: stringAt(`${field}.address`, target.address, addressPattern, addressAllowed),
    port: integerAt(`${field}.port`, target.port, 1, 65_535),
    auth: parseSnmpAuth(`${field}.auth`, target.auth),
    oids: parseOids(`${field}.oids`, target.oids),
    profile:
      target.profile === null
        ? null
        : stringAt(
            `${field}.profile`,
            target.profile,
            /^[a-z][a-z0-9-]{0,39}$/,
            "auto, the name of a profile, or null",
          ),
  };
}

function parseHttpTarget(field: string, value: unknown): HttpTarget {
  const target = objectAt(field, value, [
    ...base,
    "url",
    "expectStatus",
    "expectBody",
    "maxBodyBytes",
    "maxRedirects",
    "redirects",
    "verifyTls",
    "httpVersion",
    "family",
  ]);
  return {
    ...parseBase(field, target),
    kind: "http",
    url: urlAt(`${field}.url`, target.url),
    expectStatus: arrayAt(`${field}.expectStatus`, target.expectStatus, 100).map((status, index) =>
      integerAt(`${field}.expectStatus[${index}]`, status, 100, 599),
    ),
    expectBody: target.expectBody === null ? null : parseExpectBody(`${field}.expectBody`, target.expectBody),
    maxBodyBytes: integerAt(`${field}.maxBodyBytes`, target.maxBodyBytes, 1, 8_388_608),
    maxRedirects: integerAt(`${field}.maxRedirects`, target.maxRedirects, 0, 10),
    redirects: oneOfAt(`${field}.redirects`, target.redirects, ["any", "sameHost"]),
    verifyTls: booleanAt(`${field}.verifyTls`, target.verifyTls),
    httpVersion: oneOfAt(`${field}.httpVersion`, target.httpVersion, ["auto", "1.1", "2"]),
    family: familyAt(`${field}.family`, target.family),
  };
}

function urlAt(field: string, value: unknown): string {
  const allowed = "an http or https address";
  const url = stringAt(field, value, /^https?:\/\/[^\s]{1,2000}$/, allowed);
  if (!URL.canParse(url)) throw new WireError(field, value, allowed);
  return url;
}

function parseExpectBody(field: string, value: unknown): ExpectBody {
  const expect = objectAt(field, value, ["text", "regex", "jsonPath", "jsonEquals"]);
  const regex = textOrNull(`${field}.regex`, expect.regex);
  if (regex !== null && !isRegex(regex)) {
    throw new WireError(`${field}.regex`, regex, "a regular expression of JavaScript (flags iu)");
  }
  const jsonPath =
    expect.jsonPath === null
      ? null
      : stringAt(
          `${field}.jsonPath`,
          expect.jsonPath,
          /^\$(\.[A-Za-z_][A-Za-z0-9_-]{0,63}|\[\d{1,6}\]|\['[^']{1,64}'\]){1,20}$/,
          "a path such as $.status.indicator or $['a b'][0]",
        );
  const jsonEquals = textOrNull(`${field}.jsonEquals`, expect.jsonEquals);
  if (jsonEquals !== null && jsonPath === null) {
    throw new WireError(`${field}.jsonEquals`, jsonEquals, "null where jsonPath is null");
  }
  const parsed = { text: textOrNull(`${field}.text`, expect.text), regex, jsonPath, jsonEquals };
  if (Object.values(parsed).every((part) => part === null)) {
    throw new WireError(field, value, "at least one of text, regex and jsonPath, or null for the whole");
  }
  return parsed;
}

function isRegex(source: string): boolean {
  try {
    return new RegExp(source, "iu") instanceof RegExp;
  } catch {
    return false;
  }
}

function textOrNull(field: string, value: unknown): string | null {
  return value === null ? null : stringAt(field, value, text(1, 1000), "1 to 1000 characters or null");
}

function parseDnsTarget(field: string, value: unknown): DnsTarget {
  const target = objectAt(field, value, [
    ...base,
    "name",
    "recordType",
    "resolver",
    "expectRcode",
    "expectAnswer",
  ]);
  const expectRcode = arrayAt(`${field}.expectRcode`, target.expectRcode, 20);
  if (expectRcode.length === 0) throw new WireError(`${field}.expectRcode`, expectRcode, "at least one");
  return {
    ...parseBase(field, target),
    kind: "dns",
    name: stringAt(`${field}.name`, target.name, /^[0-9A-Za-z_][0-9A-Za-z._-]{0,252}$/, "a host name"),
    recordType: oneOfAt(`${field}.recordType`, target.recordType, ["A", "AAAA"]),
    resolver:
      target.resolver === null
        ? null
        : stringAt(
            `${field}.resolver`,
            target.resolver,
            /^[0-9a-fA-F.:[\]]{3,64}$/,
            "an address, with or without :port, or null",
          ),
    expectRcode: expectRcode.map((rcode, index) =>
      stringAt(
        `${field}.expectRcode[${index}]`,
        rcode,
        /^[A-Z0-9]{2,16}$/,
        "a response code such as NOERROR",
      ),
    ),
    expectAnswer: arrayAt(`${field}.expectAnswer`, target.expectAnswer, 100).map((range, index) =>
      rangeAt(`${field}.expectAnswer[${index}]`, range),
    ),
  };
}

function parseTcpTarget(field: string, value: unknown): TcpTarget {
  const target = objectAt(field, value, [...base, "address", "port", "family"]);
  return {
    ...parseBase(field, target),
    kind: "tcp",
    address: stringAt(`${field}.address`, target.address, addressPattern, addressAllowed),
    port: integerAt(`${field}.port`, target.port, 1, 65_535),
    family: familyAt(`${field}.family`, target.family),
  };
}

function parseBase(field: string, target: Fields): TargetBase {
  return {
    id: stringAt(
      `${field}.id`,
      target.id,
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
      "1 to 64 letters, digits, '.', '_' or '-'",
    ),
    intervalS: numberAt(`${field}.intervalS`, target.intervalS, 1, 86_400),
    timeoutMs: integerAt(`${field}.timeoutMs`, target.timeoutMs, 10, 600_000),
  };
}

function familyAt(field: string, value: unknown): Family {
  if (value !== null && value !== 4 && value !== 6) throw new WireError(field, value, "4, 6 or null");
  return value;
}

/** Reads how a device is spoken to. Throws WireError. */
export function parseSnmpAuth(field: string, value: unknown): SnmpAuth {
  const version = oneOfAt(`${field}.version`, (value as Fields | null)?.version, ["1", "2c", "3"]);
  if (version !== "3") {
    const auth = objectAt(field, value, ["version", "community"]);
    return {
      version,
      community: secretAt(`${field}.community`, auth.community, 1),
    };
  }
  const auth = objectAt(field, value, [
    "version",
    "user",
    "authProtocol",
    "authKey",
    "privProtocol",
    "privKey",
  ]);
  const user = stringAt(`${field}.user`, auth.user, text(1, 32), "1 to 32 characters");
  const authProtocol = oneOfAt(`${field}.authProtocol`, auth.authProtocol, snmpAuthProtocols);
  const privProtocol = oneOfAt(`${field}.privProtocol`, auth.privProtocol, snmpPrivProtocols);
  if (privProtocol !== "none" && authProtocol === "none") {
    const allowed = "none, since privacy needs authentication (authProtocol)";
    throw new WireError(`${field}.privProtocol`, privProtocol, allowed);
  }
  const lengthFor = (protocol: string) => (protocol === "none" ? 0 : minSnmpKeyLength);
  const authKey = secretAt(`${field}.authKey`, auth.authKey, lengthFor(authProtocol));
  const privKey = secretAt(`${field}.privKey`, auth.privKey, lengthFor(privProtocol));
  return { version, user, authProtocol, authKey, privProtocol, privKey };
}

/** A text whose value no message shows. */
export function secretAt(field: string, value: unknown, minLength: number): string {
  if (typeof value === "string" && value.length >= minLength && value.length <= 255) return value;
  const shown = value === undefined || value === "" ? value : "(hidden)";
  const atMost = minLength <= 1 ? `${minLength} to 255 characters` : `at least ${minLength} characters`;
  throw new WireError(field, shown, atMost);
}

function parseOids(field: string, value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new WireError(field, value, "an object");
  for (const [name, oid] of Object.entries(value)) {
    // A round with a name that no batch may bear would have its whole batch refused.
    objectNameAt(`${field}.${name}`, name);
    stringAt(`${field}.${name}`, oid, /^1(\.\d{1,10}){2,60}$/, "a numeric OID such as 1.3.6.1.2.1.1.3.0");
  }
  return value as Record<string, string>;
}
