import { execFileSync, spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { IcmpTarget } from "#wire/targets-v1.ts";
import type { IcmpSample } from "../../../probes/probe.ts";
import { targetBase } from "../../support/probe-context.ts";
import { waitFor } from "../../support/wait-for.ts";

/*
 * A network namespace for the engine, removed at the end of the scope, with two ways out:
 *
 *   near 10.8.8.1, fd00:8::1 ── far    responder.py, a host of many addresses: 10.8.8.10 to .39, fd00:8::10 to ::19
 *   mate 10.8.9.1 ── (a second namespace) 10.8.9.2 to .11, answered by the kernel
 *
 * 10.66.0.0/16 is routed to 10.8.8.10; the responder answers for 10.66.1.1 as it is told to.
 */

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const execIp = (...args: string[]) => execFileSync("ip", args, { stdio: ["ignore", "pipe", "pipe"] });
const deviceMac = "02:00:00:00:00:77";

export interface RoundTold {
  round: string;
  monoMs: number;
  nowMs: number;
  sample: IcmpSample;
}
type Told = Partial<RoundTold> & Record<string, unknown>;
type Program = ChildProcessByStdio<Writable, Readable, null>;

export interface EchoNet extends AsyncDisposable {
  /** Runs `ip` in the engine's namespace. */
  ip(...args: string[]): void;
  /** Tells the host at the far end how to answer, and waits until it does. */
  order(line: string): Promise<void>;
  /** What the far end saw: address, traffic class and size of each kind of request. */
  seen(): { to: string; tos: number; sizeBytes: number }[];
  startEngine(hostsFile: string, command?: string): EngineProgram;
  /** Runs a program in the engine's namespace to its end; gives what it printed. */
  run(command: string, ...args: string[]): Promise<string>;
}

export interface EngineProgram {
  update(targets: readonly IcmpTarget[]): void;
  setWallStep(ms: number): void;
  told: Told[];
  /** Rounds of a target, oldest first. */
  rounds(id: string): RoundTold[];
  /** Waits until there are so many rounds of the target that fit. */
  until(id: string, count: number, fits?: (sample: IcmpSample) => boolean): Promise<RoundTold[]>;
  /** The running fpings, by pid. */
  children(): number[];
  stop(): Promise<void>;
}

export function icmpTarget(overrides: Partial<IcmpTarget> = {}): IcmpTarget {
  const plain = {
    kind: "icmp",
    address: "10.8.8.10",
    count: 5,
    sizeBytes: 56,
    dscp: 0,
    family: null,
  } as const;
  return { ...targetBase(), ...plain, intervalS: 1, timeoutMs: 1_500, ...overrides };
}

export async function createEchoNet(): Promise<EchoNet> {
  const name = `sb-echo-${randomBytes(3).toString("hex")}`;
  const peer = `${name}-p`;
  const programs = new Set<Program>();
  const inside = (...args: string[]) => execIp("-n", name, ...args);

  function start(...command: string[]): { program: Program; told: Told[] } {
    const program = spawn("ip", ["netns", "exec", name, ...command], { stdio: ["pipe", "pipe", "inherit"] });
    const told: Told[] = [];
    createInterface({ input: program.stdout }).on("line", (line) => told.push(JSON.parse(line) as Told));
    program.stdin.on("error", () => undefined);
    programs.add(program);
    program.once("exit", () => programs.delete(program));
    return { program, told };
  }

  async function dispose(): Promise<void> {
    await Promise.all([...programs].map(endProgram));
    for (const space of [name, peer]) execIp("netns", "del", space);
  }

  execIp("netns", "add", name);
  execIp("netns", "add", peer);
  try {
    build(peer, inside);
  } catch (error) {
    await dispose();
    throw error;
  }
  const responder = start("/usr/bin/env", "python3", file("responder.py"), "far");
  const hears = (what: string, test: (told: Told) => boolean) =>
    waitFor(what, () => responder.told.some(test), { everyMs: 20 });
  await hears("the responder", ({ ready }) => ready === true);

  return {
    ip: inside,
    async order(line) {
      // The same order may come again: each is heard of once more.
      const before = responder.told.length;
      responder.program.stdin.write(`${line}\n`);
      await waitFor(line, () => responder.told.slice(before).some((told) => told["order"] === line), {
        everyMs: 20,
      });
    },
    seen: () => responder.told.filter((told) => "to" in told) as unknown as ReturnType<EchoNet["seen"]>,
    startEngine(hostsFile, command) {
      const args = [file("engine-program.ts"), hostsFile, ...(command === undefined ? [] : [command])];
      return engineProgram(start(process.execPath, ...args));
    },
    async run(...command) {
      const program = spawn("ip", ["netns", "exec", name, ...command], { stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      for (const stream of [program.stdout, program.stderr]) {
        stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
      }
      await once(program, "close");
      return output;
    },
    [Symbol.asyncDispose]: dispose,
  };
}

function build(peer: string, inside: (...args: string[]) => void): void {
  inside("link", "set", "lo", "up");
  inside("link", "add", "near", "type", "veth", "peer", "name", "far");
  inside("address", "add", "10.8.8.1/24", "dev", "near");
  inside("address", "add", "fd00:8::1/64", "dev", "near", "nodad");
  for (const device of ["near", "far"]) inside("link", "set", device, "up");
  // Neighbours are known, except those that a test wants to be looked for in vain.
  for (let host = 10; host < 40; host++) {
    inside("neighbour", "add", `10.8.8.${host}`, "lladdr", deviceMac, "dev", "near");
    if (host < 20) inside("neighbour", "add", `fd00:8::${host}`, "lladdr", deviceMac, "dev", "near");
  }
  inside("route", "add", "10.66.0.0/16", "via", "10.8.8.10");
  inside("link", "add", "mate", "type", "veth", "peer", "name", "mate", "netns", peer);
  inside("address", "add", "10.8.9.1/24", "dev", "mate");
  inside("link", "set", "mate", "up");
  for (let host = 2; host < 12; host++)
    execIp("-n", peer, "address", "add", `10.8.9.${host}/24`, "dev", "mate");
  execIp("-n", peer, "link", "set", "mate", "up");
}

function engineProgram({ program, told }: { program: Program; told: Told[] }): EngineProgram {
  const rounds = (id: string) => told.filter(({ round }) => round === id) as RoundTold[];
  const order = (line: object) => void program.stdin.write(`${JSON.stringify(line)}\n`);
  return {
    update: (targets) => order({ update: targets }),
    setWallStep: (wallStepMs) => order({ wallStepMs }),
    told,
    rounds,
    async until(id, count, fits = () => true) {
      const some = () => rounds(id).filter(({ sample }) => fits(sample));
      await waitFor(`${count} rounds of ${id}`, () => some().length >= count, {
        timeoutMs: 60_000,
        everyMs: 50,
      });
      return some();
    },
    children: () => fpingsOf(program.pid!),
    stop: () => endProgram(program),
  };
}

/** By name of the program, so that a child that is only just being started is not taken for one. */
function fpingsOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim().split(" "))
    .filter((child) => child !== "" && isFping(child))
    .map(Number);
}

function isFping(pid: string): boolean {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`)).startsWith("fping");
  } catch {
    return false;
  }
}

/** The end of its orders is the end of either program. */
async function endProgram(program: Program): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const exited = once(program, "exit");
  program.stdin.end();
  const timer = setTimeout(() => program.kill("SIGKILL"), 15_000);
  await exited;
  clearTimeout(timer);
}
