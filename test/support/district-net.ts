import { execFile, execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";
import { promisify } from "node:util";
import { waitFor } from "./wait-for.ts";

const run = promisify(execFile);

/*
 * A district in network namespaces: a host and a router for each site, joined as in the tree, and one address beyond
 * the NOC. All of it is removed when the scope ends.
 *
 *   internet 10.77.200.2 ── r-noc ── noc  10.77.0.2
 *                            │
 *                          r-kec ── kec  10.77.1.2
 *                          │    │
 *                       r-v1    r-v2 ── v2 10.77.12.2
 *                        │        │
 *            v1 10.77.11.2      r-v3 ── v3 10.77.13.2   (v2 relays for v3)
 */

export type Place = "noc" | "kec" | "v1" | "v2" | "v3";
type Below = Exclude<Place, "noc">;

/** Third octet of each site's LAN: its router is .1, its host .2. */
const lan: Record<Place, number> = { noc: 0, kec: 1, v1: 11, v2: 12, v3: 13 };
const routers: Place[] = ["noc", "kec", "v1", "v2", "v3"];
/** Uplinks: child, parent, third octet of the transfer network (.1 parent, .2 child), LANs behind the child. */
const uplinks = [
  { child: "kec", parent: "noc", net: 100, behind: [1, 11, 12, 13, 101, 102, 103] },
  { child: "v1", parent: "kec", net: 101, behind: [11] },
  { child: "v2", parent: "kec", net: 102, behind: [12, 13, 103] },
  { child: "v3", parent: "v2", net: 103, behind: [13] },
] as const satisfies { child: Place; parent: Place; net: number; behind: number[] }[];

export const hostOf = (place: Place) => `10.77.${lan[place]}.2`;
export const gatewayOf = (place: Place) => `10.77.${lan[place]}.1`;
export const internetAddress = "10.77.200.2";

export interface DistrictNet extends AsyncDisposable {
  /** Starts a program on a site's host, or on its router. Its output goes to the file. */
  start(
    on: Place | `r-${Place}`,
    command: string,
    args: readonly string[],
    env: Record<string, string>,
    logFile: string,
  ): ChildProcess;
  /** GET from a site's host; answers status and text. */
  get(from: Place, url: string, headers?: Record<string, string>): Promise<{ status: number; text: string }>;
  post(
    from: Place,
    url: string,
    headers: Record<string, string>,
    body: string,
  ): Promise<{ status: number; text: string }>;
  /** Takes the uplink of a site down, at the parent's end, and gives it back with its routes. */
  cut(site: Below): void;
  restore(site: Below): void;
  /** Ends all that runs on a site's host, or on its router, at once and without a word, as a cut supply would. */
  kill(on: Place | `r-${Place}`): Promise<void>;
  /** The router of a site passes nothing and answers nobody; what ran on it has ended. */
  stopRouter(site: Below): Promise<void>;
  startRouter(site: Below): void;
}

export function createDistrictNet(): DistrictNet {
  // Names are global on the machine: two runs at once must not meet.
  const tag = `sb${process.pid.toString(36)}${Math.floor(performance.now() % 1296).toString(36)}`;
  const name = (node: string) => `${tag}-${node}`;
  const nodes = [...routers, ...routers.map((place) => `r-${place}` as const), "internet"];
  const children = new Set<ChildProcess>();
  const ip = (...args: string[]) => execFileSync("ip", args, { stdio: ["ignore", "pipe", "pipe"] });
  const inside = (node: string, ...args: string[]) => ip("-n", name(node), ...args);

  function join(
    a: string,
    addressA: string,
    deviceA: string,
    b: string,
    addressB: string,
    deviceB: string,
  ): void {
    ip("link", "add", deviceA, "netns", name(a), "type", "veth", "peer", "name", deviceB, "netns", name(b));
    for (const [node, device, address] of [
      [a, deviceA, addressA],
      [b, deviceB, addressB],
    ] as const) {
      inside(node, "addr", "add", `${address}/24`, "dev", device);
      inside(node, "link", "set", "dev", device, "up");
    }
  }

  function build(): void {
    for (const node of nodes) {
      ip("netns", "add", name(node));
      inside(node, "link", "set", "lo", "up");
    }
    for (const place of routers) {
      ip("netns", "exec", name(`r-${place}`), "sysctl", "-qw", "net.ipv4.ip_forward=1");
      join(`r-${place}`, gatewayOf(place), "lan", place, hostOf(place), "eth0");
      inside(place, "route", "add", "default", "via", gatewayOf(place));
    }
    join("r-noc", "10.77.200.1", "wan", "internet", internetAddress, "eth0");
    inside("internet", "route", "add", "default", "via", "10.77.200.1");
    for (const { child, parent, net, behind } of uplinks) {
      join(`r-${parent}`, `10.77.${net}.1`, `to-${child}`, `r-${child}`, `10.77.${net}.2`, "up");
      inside(`r-${child}`, "route", "add", "default", "via", `10.77.${net}.1`);
      // Without a way down there must be an answer, not a packet that goes round and round.
      for (const octet of behind)
        inside(`r-${parent}`, "route", "add", "unreachable", `10.77.${octet}.0/24`, "metric", "1000");
      addRoutes(child);
    }
  }

  function addRoutes(site: Below): void {
    const { parent, net, behind } = uplinks.find(({ child }) => child === site)!;
    for (const octet of behind)
      inside(`r-${parent}`, "route", "add", `10.77.${octet}.0/24`, "via", `10.77.${net}.2`);
  }

  const setUplink = (site: Below, state: "up" | "down") => {
    const { parent } = uplinks.find(({ child }) => child === site)!;
    inside(`r-${parent}`, "link", "set", "dev", `to-${site}`, state);
  };

  /** Of those in a namespace; nobody but this test has any there. */
  function pidsIn(node: string): number[] {
    const pids = execFileSync("ip", ["netns", "pids", name(node)], { encoding: "utf8" });
    return pids.split("\n").filter(Boolean).map(Number);
  }

  async function kill(node: string): Promise<void> {
    await waitFor(
      `all on ${node} to end`,
      () => {
        const pids = pidsIn(node);
        for (const pid of pids) endNow(pid);
        return pids.length === 0;
      },
      { everyMs: 50 },
    );
  }

  const setRouter = (site: Below, state: "up" | "down") => {
    for (const device of ["lan", "up"]) inside(`r-${site}`, "link", "set", "dev", device, state);
  };

  async function dispose(): Promise<void> {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 8_000);
      await ended;
      clearTimeout(timer);
    }
    for (const node of nodes) {
      try {
        ip("netns", "del", name(node));
      } catch {
        // It was never made: build() failed before.
      }
    }
  }

  /** From inside the namespace, so that nothing of the machine's own network is touched. */
  async function ask(from: Place, url: string, init: object): Promise<{ status: number; text: string }> {
    const script =
      "const [u,i]=process.argv.slice(1);const r=await fetch(u,JSON.parse(i));console.log(r.status);console.log(await r.text())";
    const args = [
      "netns",
      "exec",
      name(from),
      process.execPath,
      "--input-type=module",
      "-e",
      script,
      url,
      JSON.stringify(init),
    ];
    const { stdout } = await run("ip", args, { maxBuffer: 64 << 20 });
    const end = stdout.indexOf("\n");
    return { status: Number(stdout.slice(0, end)), text: stdout.slice(end + 1).trimEnd() };
  }

  try {
    build();
  } catch (error) {
    for (const node of nodes) execFile("ip", ["netns", "del", name(node)]);
    throw error;
  }

  return {
    start(on, command, args, env, logFile) {
      const child = spawn("ip", ["netns", "exec", name(on), command, ...args], {
        env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "/", ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const log = createWriteStream(logFile, { flags: "a" });
      child.stdout.pipe(log, { end: false });
      child.stderr.pipe(log, { end: false });
      children.add(child);
      child.once("exit", () => children.delete(child));
      return child;
    },
    get: (from, url, headers = {}) => ask(from, url, { headers }),
    post: (from, url, headers, body) => ask(from, url, { method: "POST", headers, body }),
    cut: (site) => setUplink(site, "down"),
    restore(site) {
      setUplink(site, "up");
      addRoutes(site);
    },
    kill,
    async stopRouter(site) {
      setRouter(site, "down");
      await kill(`r-${site}`);
    },
    startRouter(site) {
      setRouter(site, "up");
      // Those over a device went with it.
      const { net } = uplinks.find(({ child }) => child === site)!;
      inside(`r-${site}`, "route", "add", "default", "via", `10.77.${net}.1`);
    },
    [Symbol.asyncDispose]: dispose,
  };
}

function endNow(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
