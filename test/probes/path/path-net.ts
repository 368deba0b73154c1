import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { AgentEvent } from "#wire/batch-v1.ts";
import type { AgentTarget } from "#wire/targets-v1.ts";
import { waitFor } from "../../support/wait-for.ts";

const program = fileURLToPath(new URL("./run-path-watch.ts", import.meta.url));

/*
 *   agent ──── first ──── second ──── target
 *     10.78.1.0/24  10.78.2.0/24  10.78.3.0/24     left end .1, right end .2
 *     fd78:1::/64   fd78:2::/64   fd78:3::/64      ::1, ::2
 */
type Node = "agent" | "first" | "second" | "target";
const nodes: Node[] = ["agent", "first", "second", "target"];
export const targetAddress = "10.78.3.2";
export const targetAddress6 = "fd78:3::2";

type Event = Pick<AgentEvent, "type" | "detail">;

export interface PathNet extends AsyncDisposable {
  ip(node: Node, ...args: string[]): void;
  /** Starts the watch on the agent. */
  watch(): Promise<Watching>;
}

export interface Watching {
  events: Event[];
  /** These go down together; resolves when the events about them, one local and so many traces, are there. */
  wentDown(targets: AgentTarget[], traces?: number): Promise<Event[]>;
  /** Ends it and waits. */
  end(): Promise<void>;
}

export function createPathNet(): PathNet {
  const tag = `sp${process.pid.toString(36)}${Math.floor(performance.now() % 1296).toString(36)}`;
  const name = (node: Node) => `${tag}-${node}`;
  const run = (...args: string[]) => execFileSync("ip", args, { stdio: ["ignore", "pipe", "pipe"] });
  const ip = (node: Node, ...args: string[]) => void run("-n", name(node), ...args);
  const ends: (() => Promise<void>)[] = [];

  function build(): void {
    for (const node of nodes) {
      run("netns", "add", name(node));
      ip(node, "link", "set", "lo", "up");
      // Without duplicate address detection IPv6 works at once, and not after a second.
      const ipv6 = ["net.ipv6.conf.all.forwarding=1", "net.ipv6.conf.default.accept_dad=0"];
      for (const setting of ["net.ipv4.ip_forward=1", ...ipv6]) {
        run("netns", "exec", name(node), "sysctl", "-qw", setting);
      }
    }
    for (const [index, left] of nodes.slice(0, -1).entries()) {
      const right = nodes[index + 1]!;
      const net = index + 1;
      const peer = ["peer", "name", "left", "netns", name(right)];
      run("link", "add", "right", "netns", name(left), "type", "veth", ...peer);
      for (const [node, device, host] of [
        [left, "right", 1],
        [right, "left", 2],
      ] as const) {
        ip(node, "addr", "add", `10.78.${net}.${host}/24`, "dev", device);
        ip(node, "addr", "add", `fd78:${net}::${host}/64`, "dev", device, "nodad");
        ip(node, "link", "set", device, "up");
      }
    }
    ip("agent", "route", "add", "default", "via", "10.78.1.2");
    ip("agent", "route", "add", "default", "via", "fd78:1::2");
    ip("first", "route", "add", "10.78.3.0/24", "via", "10.78.2.2");
    ip("first", "route", "add", "fd78:3::/64", "via", "fd78:2::2");
    ip("second", "route", "add", "10.78.1.0/24", "via", "10.78.2.1");
    ip("second", "route", "add", "fd78:1::/64", "via", "fd78:2::1");
    ip("target", "route", "add", "default", "via", "10.78.3.1");
    ip("target", "route", "add", "default", "via", "fd78:3::1");
  }

  function remove(): void {
    for (const node of nodes) {
      try {
        run("netns", "del", name(node));
      } catch {
        // It was never made: build() failed before.
      }
    }
  }

  async function watch(): Promise<Watching> {
    const child = spawn("ip", ["netns", "exec", name("agent"), process.execPath, program], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const events: Event[] = [];
    const lines = createInterface(child.stdout);
    let ready = false;
    lines.on("line", (line) => {
      if (line === "ready") ready = true;
      else events.push(JSON.parse(line) as Event);
    });
    const exited = once(child, "exit");
    const end = async () => {
      child.stdin.end();
      await exited;
    };
    ends.push(end);
    await waitFor("the watch to start", () => ready, { everyMs: 20 });
    return {
      events,
      end,
      async wentDown(targets, traces = 1) {
        const from = events.length;
        child.stdin.write(`${JSON.stringify(targets)}\n`);
        await waitFor("the events", () => events.length >= from + 1 + traces, {
          everyMs: 20,
          timeoutMs: 60_000,
        });
        return events.slice(from);
      },
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
    watch,
    async [Symbol.asyncDispose]() {
      for (const end of ends) await end();
      remove();
    },
  };
}
