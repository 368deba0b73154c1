import { expect, it } from "vitest";
import { parseAgentConfig } from "../../src/wire/agent-config-v1.ts";
import { WireError } from "../../src/wire/wire-error.ts";

/* What a collector in the wrong hands, or somebody on the way, could send to an agent: it takes targets and nothing else. */

const base = { intervalS: 60, timeoutMs: 1000 };
const icmp = {
  ...base,
  id: "a",
  kind: "icmp",
  address: "10.0.0.1",
  count: 1,
  sizeBytes: 56,
  dscp: 0,
  family: null,
};
const tcp = { ...base, id: "a", kind: "tcp", address: "10.0.0.1", port: 80, family: null };
const http = {
  ...base,
  id: "a",
  kind: "http",
  url: "http://10.0.0.1/",
  expectStatus: [],
  expectBody: null,
  maxBodyBytes: 1000,
  maxRedirects: 0,
  redirects: "any",
  verifyTls: true,
  httpVersion: "auto",
  family: null,
};

const config = (target: object, more: object = {}) => ({
  v: 1,
  agent: "ag_000000",
  site: "64.08",
  serverMs: 0,
  reportIntervalS: 60,
  dayBytes: null,
  monthBytes: null,
  traps: null,
  targets: [target],
  ...more,
});

it.each([icmp, tcp, http])("takes $kind", (target) => {
  expect(parseAgentConfig(config(target)).targets).toHaveLength(1);
});

it.each([
  ["a kind that there is not", { ...tcp, kind: "exec" }],
  ["a command beside a target", { ...icmp, command: "id" }],
  ["an option of fping as an address", { ...icmp, address: "-f/etc/passwd" }],
  ["an address with a blank", { ...icmp, address: "10.0.0.1 -f /etc/passwd" }],
  ["an address with a line break", { ...icmp, address: "10.0.0.1\n10.0.0.2" }],
  ["an address for a shell", { ...icmp, address: "$(id)" }],
  ["an address that is a pipe", { ...icmp, address: "a|b" }],
  ["a path as an address", { ...tcp, address: "/run/docker.sock" }],
  ["a file as a page", { ...http, url: "file:///etc/passwd" }],
  ["another protocol", { ...http, url: "gopher://10.0.0.1/" }],
  ["a page with a line break", { ...http, url: "http://10.0.0.1/\r\nX: y" }],
  ["a method", { ...http, method: "POST" }],
  ["a body", { ...http, body: "x" }],
  ["headers", { ...http, headers: { Host: "x" } }],
  ["a target without end", { ...icmp, count: 1e9 }],
  ["a path as an id", { ...icmp, id: "../../etc/cron.d/x" }],
])("refuses %s", (_, target) => {
  expect(() => parseAgentConfig(config(target))).toThrow(WireError);
});

it.each([
  ["a program to fetch", { update: "https://example.test/agent.tar.gz" }],
  ["an environment", { env: { NODE_OPTIONS: "--require /tmp/x" } }],
  ["another collector", { server: "https://example.test" }],
  ["a script", { script: "id" }],
  ["a rotation that is not true or false", { rotateKey: "yes" }],
])("refuses %s beside the targets", (_, more) => {
  expect(() => parseAgentConfig(config(icmp, more))).toThrow(WireError);
});

it("takes the wish for a new key", () => {
  expect(parseAgentConfig(config(icmp, { rotateKey: true })).rotateKey).toBe(true);
  expect(parseAgentConfig(config(icmp)).rotateKey).toBeUndefined();
});
