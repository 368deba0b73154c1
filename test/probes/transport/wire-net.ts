import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { WireBytes } from "../../../probes/wire-meter.ts";

/*
 * Two network namespaces, removed at the end of the scope, with two links between them:
 *
 *   agent  first  10.79.1.1 ──── 10.79.1.2  first  collector
 *          second 10.79.2.1 ──── 10.79.2.2  second           and 10.79.9.1 by either of them
 *
 * As a board with two uplinks has it: which link is taken to 10.79.9.1 follows from the address that packets leave from.
 */
export type Side = "agent" | "collector";
export type LinkName = "first" | "second";
const links: LinkName[] = ["first", "second"];
export const anyway = "10.79.9.1";
export const nearAddress = (link: LinkName) => (link === "first" ? "10.79.1.1" : "10.79.2.1");
export const farAddress = (link: LinkName) => (link === "first" ? "10.79.1.2" : "10.79.2.2");

export interface Said {
  status?: number;
  error?: string;
  way: string;
  wire: WireBytes;
}

export interface Speaker {
  /** One request with a body of so many bytes, answered with so many. */
  say(bytes: number, answerBytes: number, path?: string): Promise<Said>;
  /** Lets it rest for so long, as far as it knows. */
  rest(idleMs: number): Promise<Said>;
  close(): Promise<Said>;
}

export interface WireNet extends AsyncDisposable {
  ip(side: Side, ...args: string[]): void;
  run(side: Side, command: string, ...args: string[]): void;
  /** Bytes of IP packets that left the agent by this link, and that came in. */
  counters(link: LinkName): WireBytes;
  /** A server at every address of the collector. Resolves when it listens. */
  serve(options: { port: number; tls?: { key: string; cert: string }; keepAliveMs?: number }): Promise<void>;
  speak(options: Record<string, unknown>): Promise<Speaker>;
}

const program = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export function createWireNet(): WireNet {
  const tag = `sw${process.pid.toString(36)}${Math.floor(performance.now() % 1296).toString(36)}`;
  const name = (side: Side) => `${tag}-${side}`;
  const execIp = (...args: string[]) =>
    execFileSync("ip", args, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  const ip = (side: Side, ...args: string[]) => void execIp("-n", name(side), ...args);
  const run = (side: Side, ...command: string[]) => void execIp("netns", "exec", name(side), ...command);
  const ends: (() => Promise<void>)[] = [];

  function build(): void {
    for (const side of ["agent", "collector"] as const) {
      execIp("netns", "add", name(side));
      // No packets but those that are asked for.
      for (const which of ["all", "default"]) {
        run(side, "sysctl", "-qw", `net.ipv6.conf.${which}.disable_ipv6=1`);
      }
      ip(side, "link", "set", "lo", "up");
    }
    for (const link of links) {
      const peer = ["peer", "name", link, "netns", name("collector")];
      execIp("link", "add", link, "netns", name("agent"), "type", "veth", ...peer);
      ip("agent", "addr", "add", `${nearAddress(link)}/24`, "dev", link);
      ip("collector", "addr", "add", `${farAddress(link)}/24`, "dev", link);
      for (const side of ["agent", "collector"] as const) {
        // Packets as on a wire, and not the large ones that a virtual card takes.
        ip(side, "link", "set", link, "gso_max_segs", "1");
        ip(side, "link", "set", link, "up");
      }
    }
    ip("collector", "addr", "add", `${anyway}/32`, "dev", "lo");
    for (const [index, link] of links.entries()) {
      const table = String(101 + index);
      ip("agent", "route", "add", "default", "via", farAddress(link), "dev", link, "table", table);
      ip("agent", "rule", "add", "from", nearAddress(link), "table", table);
    }
    ip("agent", "route", "add", "default", "via", farAddress("first"));
  }

  function remove(): void {
    for (const side of ["agent", "collector"] as const) {
      try {
        execIp("netns", "del", name(side));
      } catch {
        // It was never made: build() failed before.
      }
    }
  }

  /** A program in a namespace that answers each line with a line. */
  async function start(side: Side, file: string, options: object) {
    const args = ["netns", "exec", name(side), process.execPath, program(file), JSON.stringify(options)];
    const child = spawn("ip", args, { stdio: ["pipe", "pipe", "inherit"] });
    const exited = once(child, "exit");
    ends.push(async () => {
      child.stdin.end();
      await exited;
    });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const next = async () => {
      const line = await lines.next();
      if (line.done === true) throw new Error(`${file} ended`);
      return JSON.parse(line.value) as Said;
    };
    await next();
    return (order: unknown) => {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      return next();
    };
  }

  try {
    build();
  } catch (error) {
    remove();
    throw error;
  }
  return {
    ip,
    run,
    counters(link) {
      const [found] = JSON.parse(execIp("-n", name("agent"), "-s", "-j", "link", "show", link)) as [
        { stats64: Record<"tx" | "rx", { bytes: number; packets: number }> },
      ];
      // Each with an Ethernet header, which is the virtual cable's and not the provider's.
      const bytesOf = ({ bytes, packets }: { bytes: number; packets: number }) => bytes - 14 * packets;
      return { sent: bytesOf(found.stats64.tx), received: bytesOf(found.stats64.rx) };
    },
    async serve(options) {
      await start("collector", "run-server.ts", options);
    },
    async speak(options) {
      const order = await start("agent", "run-transport.ts", options);
      return {
        say: (bytes, answerBytes, path = "/x") => order({ say: { bytes, answerBytes, path } }),
        rest: (idleMs) => order({ rest: idleMs }),
        close: () => order({ close: true }),
      };
    },
    async [Symbol.asyncDispose]() {
      for (const end of ends.toReversed()) await end();
      remove();
    },
  };
}
