import { describe, expect, it } from "vitest";
import { createPrivateCheck } from "../../src/inventory/private-address.ts";
import { messagesOf, read } from "./folder.ts";

describe("private parts of the network", () => {
  const isPrivate = createPrivateCheck();

  it.each([
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.9.9.9",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "0.0.0.0",
    "239.255.255.250",
    "255.255.255.255",
    "::",
    "::1",
    "[::1]",
    "0:0:0:0:0:0:0:1",
    "fe80::1",
    "fe80::1%eth0",
    "fd00::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::ffff:7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::a00:1",
    "::127.0.0.1",
    "2002:7f00:1::1",
    "2001:0:a00:1::1",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "localhost",
    "LOCALHOST.",
    "printer.local",
    "router",
    "metadata.google.internal",
    "nas.home.arpa",
  ])("hold %s", (host) => {
    expect(isPrivate(host)).toBe(true);
  });

  it.each([
    "www.lapor.go.id",
    "localhost.go.id",
    "192.0.2.1",
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "169.253.0.1",
    "2001:db8::1",
    "2606:4700::1111",
    "64:ff9b::808:808",
  ])("do not hold %s", (host) => {
    expect(isPrivate(host)).toBe(false);
  });
});

describe("services in private parts of the network", () => {
  const services = (url: string, more = "") =>
    `- id: lapor\n  name: LAPOR\n  url: ${url}\n  control: "64.08"\n${more}`;
  const target = (more: string) =>
    `- id: t\n  site: "64.08"\n  role: service\n  service: lapor\n  ${more.replaceAll("; ", "\n  ")}\n`;
  const allowed =
    "is not allowed; expected an address that is public, or private: true at service lapor in services.yaml";

  it("are refused where the inventory does not allow them, with file, line and field", () => {
    expect(
      messagesOf({ "services.yaml": services("http://10.1.2.3/"), "targets.yaml": target("kind: http") }),
    ).toEqual([
      'services.yaml:3 url: "http://10.1.2.3/" is not allowed; expected an address that is public, or private: true beside it',
    ]);
  });

  it.each([
    [
      "kind: http; url: http://169.254.169.254/latest",
      `targets.yaml:6 url: "http://169.254.169.254/latest" ${allowed}`,
    ],
    [
      "kind: http; url: http://[::ffff:10.0.0.1]/",
      `targets.yaml:6 url: "http://[::ffff:10.0.0.1]/" ${allowed}`,
    ],
    ["kind: tcp; address: 192.168.0.1; port: 22", `targets.yaml:6 address: "192.168.0.1" ${allowed}`],
    ["kind: icmp; address: 0x7f.1", `targets.yaml:6 address: "0x7f.1" ${allowed}`],
    ["kind: dns; name: intranet.local", `targets.yaml:6 name: "intranet.local" ${allowed}`],
  ])("are refused as a target of their own: %s", (text, message) => {
    const files = { "services.yaml": services("https://lapor.example/"), "targets.yaml": target(text) };
    expect(messagesOf(files)).toEqual([message]);
  });

  it("are measured where the inventory allows them", () => {
    const { targets, services: found } = read({
      "services.yaml": services("http://10.1.2.3/", "  private: true\n"),
      "targets.yaml": target("kind: http"),
    });
    expect(found.get("lapor")!.private).toBe(true);
    expect(targets.get("64.08/t")!.probe).toMatchObject({ url: "http://10.1.2.3/" });
  });

  it("say so by true or false", () => {
    const files = { "services.yaml": services("https://lapor.example/", "  private: ya\n") };
    expect(messagesOf({ ...files, "targets.yaml": "" })).toEqual([
      'services.yaml:5 private: "ya" is not allowed; expected true or false',
    ]);
  });

  it("are no matter of devices, gateways, hubs and resolvers", () => {
    const { targets } = read({
      "targets.yaml": `- { id: gw, site: 64.08, role: gateway, kind: icmp, address: 10.0.0.1 }
- { id: hub, site: 64.08.05, role: hub, kind: icmp, address: 192.168.9.1 }
- { id: box, site: 64.08, role: device, kind: http, url: 'http://127.0.0.1/' }
- { id: dns, site: 64.08, role: service, service: lapor, kind: dns, resolver: 192.168.9.1 }
`,
    });
    expect([...targets.keys()]).toEqual(["64.08/gw", "64.08.05/hub", "64.08/box", "64.08/dns"]);
  });
});
