import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { startDeadline } from "../../probes/deadline.ts";
import { createResolve } from "../../probes/resolve.ts";
import type { ResolveOptions } from "../../probes/resolve.ts";
import { startDnsServer, typeA, typeAaaa } from "../support/dns-server.ts";
import { probeContext } from "../support/probe-context.ts";
import { tempDir } from "../support/temp-dir.ts";

const ipv4 = { address: "10.8.1.1", family: 4 };
const ipv6 = { address: "fd00::1", family: 6 };
const longIpv6 = "fd00:0:0:0:0:0:0:1";

async function resolveHost(
  host: string,
  options: ResolveOptions,
  timeoutMs = 5000,
  family: 4 | 6 | null = null,
) {
  using deadline = startDeadline(probeContext({ timeoutMs }));
  return await createResolve(options)(host, deadline, family);
}

describe("names of targets", () => {
  it.each([
    ["10.8.1.1", ipv4],
    ["fd00::1", ipv6],
    ["fe80::1%eth0", { address: "fe80::1%eth0", family: 6 }],
  ])("takes the address %s as it is", async (host, address) => {
    expect(await resolveHost(host, { nameservers: ["127.0.0.1:1"] })).toEqual([address]);
  });

  it("reads the hosts file first, IPv4 before IPv6, and asks nobody then", async () => {
    await using dns = await startDnsServer(() => ({ rcode: 3 }));
    using folder = tempDir();
    const hostsFile = folder.file("hosts");
    await writeFile(hostsFile, "# ours\nfd00::1 gw.desa.test\n10.8.1.1\tGW.desa.test gw # the gateway\n");
    const options = { hostsFile, nameservers: [dns.address] };
    expect(await resolveHost("gw.desa.test", options)).toEqual([ipv4, ipv6]);
    expect(await resolveHost("gw", options)).toEqual([ipv4]);
    expect(await resolveHost("localhost", options)).toEqual([{ address: "127.0.0.1", family: 4 }]);
    expect(dns.questions).toEqual([]);
    await expect(resolveHost("ours", options)).rejects.toThrow("ours has no address");
  });

  it("asks for one family alone where one is wanted", async () => {
    await using dns = await startDnsServer((_name, type) => ({
      rcode: 0,
      addresses: [type === typeA ? "10.8.1.1" : longIpv6],
    }));
    const options = { nameservers: [dns.address] };
    expect(await resolveHost("gw.desa.test", options, 5_000, 6)).toEqual([ipv6]);
    expect(dns.questions.every(({ type }) => type === typeAaaa)).toBe(true);
    await expect(resolveHost("10.8.1.1", options, 5_000, 6)).rejects.toThrow("10.8.1.1 is no IPv6 address");
  });

  it("gives the addresses of both families, IPv4 first", async () => {
    await using dns = await startDnsServer((_name, type) => ({
      rcode: 0,
      addresses: [type === typeA ? "10.8.1.1" : longIpv6],
    }));
    expect(await resolveHost("gw.desa.test", { nameservers: [dns.address] })).toEqual([ipv4, ipv6]);
  });

  it.each([
    ["IPv4", typeA, "10.8.1.1", 600_000, ipv4],
    ["IPv6", typeAaaa, longIpv6, 1000, ipv6],
  ])(
    "is not held up for ever where only %s is answered",
    async (_name, answered, given, timeoutMs, address) => {
      await using dns = await startDnsServer((_host, type) =>
        type === answered ? { rcode: 0, addresses: [given] } : undefined,
      );
      using deadline = startDeadline(probeContext({ timeoutMs }));
      const found = await createResolve({ nameservers: [dns.address] })("gw.desa.test", deadline);
      expect(found).toEqual([address]);
      expect(deadline.signal.aborted).toBe(false);
    },
  );

  it("rejects a name without addresses, with the reason", async () => {
    await using dns = await startDnsServer(() => ({ rcode: 3 }));
    const resolving = resolveHost("gw.desa.test", { nameservers: [dns.address] });
    await expect(resolving).rejects.toMatchObject({
      message: "gw.desa.test has no address",
      cause: { code: "ENOTFOUND" },
    });
  });

  it("rejects when the time is up", async () => {
    await using dns = await startDnsServer(() => undefined);
    const resolving = resolveHost("gw.desa.test", { nameservers: [dns.address] }, 100);
    await expect(resolving).rejects.toThrow("gw.desa.test has no address");
  });

  it("throws an operator's mistake as what it is", async () => {
    await expect(resolveHost("gw.desa.test", { nameservers: ["bukan alamat"] })).rejects.toThrow(TypeError);
  });
});
