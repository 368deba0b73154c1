import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openChildOutput } from "./child-output.ts";
import type { ChildOutput } from "./child-output.ts";
import { readLines } from "./fping-lines.ts";
import type { TakeOutcome } from "./fping-lines.ts";

export interface FpingChildOptions {
  command: string;
  family: 4 | 6;
  periodMs: number;
  timeoutMs: number;
  sizeBytes: number;
  dscp: number;
  /** Literal addresses, each once. */
  addresses: readonly string[];
  /** Asked before each batch of lines; false: they are thrown away. */
  mayRead(): boolean;
  onOutcome: TakeOutcome;
  /** It could not be started, or ended although nobody stopped it. Called at most once. */
  onEnd(error: Error): void;
}

export interface FpingChild {
  /** Undefined before it is started. */
  pid(): number | undefined;
  /** Nothing is called any more; resolves when the process has ended. */
  stop(): Promise<void>;
}

/**
 * How long lines gather, in ms. Of a row: about half of what the kernel holds for the child, which else would wait, and
 * not read its replies. Of spread echoes: 20 lines at 100 a second. Where there are fewer than 20 a second, not at all.
 */
function batchMs(periodMs: number, addresses: number): number {
  if (spacingMs(periodMs, addresses) === 0) return 10;
  return (addresses * 1000) / periodMs > 20 ? 200 : 0;
}
const killAfterMs = 2_000;

/**
 * Up to this rate a child sends its echoes one by one over half of the period, so that a thin link never carries two at
 * once; the other half is room to catch up. It wakes up for each then, which costs 50 µs of CPU time and more. Above,
 * all go out in a row, for 15 µs each.
 */
const spreadPerS = 100;
/**
 * How many addresses one child serves. Few, and a change concerns few; but each raw socket of a machine is given every
 * ICMP packet that comes in, so that many children cost more than they spread.
 */
export const mostAddresses = 500;

/** Milliseconds between two starts (-i) of a child with so many addresses. */
export function spacingMs(periodMs: number, addresses: number): number {
  const isSpread = (addresses * 1000) / periodMs <= spreadPerS;
  return isSpread ? Number((periodMs / 2 / addresses).toFixed(3)) : 0;
}

/** Starts an fping that sends to these addresses for ever. Does not throw. */
export function startFpingChild(options: FpingChildOptions): FpingChild {
  let isStopped = false;
  let child: ChildProcess | undefined;
  let output: ChildOutput | undefined;
  let complaint = "";
  let rest = "";

  function read(text: string): void {
    if (isStopped || !options.mayRead()) return;
    rest = readLines(rest + text, options.onOutcome, (line) => (complaint = line));
  }

  function end(reason: string): void {
    output?.destroy();
    if (isStopped) return;
    isStopped = true;
    options.onEnd(new Error(`${options.command} ${reason}${complaint === "" ? "" : `: ${complaint}`}`));
  }

  async function start(): Promise<void> {
    output = await openChildOutput(batchMs(options.periodMs, options.addresses.length), read);
    if (isStopped) return output.destroy();
    const { childEnd } = output;
    // Its complaints come the same way: it tells of each unreachable host there, and must not be held up by that.
    child = spawn(options.command, argumentsOf(options), { stdio: ["pipe", childEnd, childEnd] });
    // The child has its own copy; as long as this one is open, there is no end to read.
    childEnd.destroy();
    child.once("error", (error) => end(`does not start: ${error.message}`));
    child.once("exit", (code, signal) => void drain(signal ?? `exit code ${code}`));
    // It may end before it has read its list; why, is told at its exit.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(`${options.addresses.join("\n")}\n`);
  }

  async function drain(how: string): Promise<void> {
    if (!isStopped) await output?.drained();
    end(`ended with ${how}`);
  }

  const started = start().catch((error: unknown) => end(`does not start: ${(error as Error).message}`));
  return {
    pid: () => child?.pid,
    async stop() {
      isStopped = true;
      await started;
      output?.destroy();
      if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      const timer = setTimeout(() => child?.kill("SIGKILL"), killAfterMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

function argumentsOf(options: FpingChildOptions): string[] {
  const { family, periodMs, timeoutMs, sizeBytes, dscp, addresses } = options;
  const args = [`-${family}`, "-l", "-f", "-", "-t", String(timeoutMs), "-b", String(sizeBytes)];
  args.push("-p", String(periodMs), "-i", String(spacingMs(periodMs, addresses.length)));
  // -O takes the whole octet, of which the code point is the upper six bits (RFC 2474 §3).
  if (dscp !== 0) args.push("-O", String(dscp << 2));
  return args;
}
