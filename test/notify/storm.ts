import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { waitFor } from "../support/wait-for.ts";
import type { StormOptions } from "./storm-events.ts";

const program = fileURLToPath(new URL("./storm-child.ts", import.meta.url));

/** The sending half as a process; `die` ends it as a power cut does. */
export function startSender(options: StormOptions & { file: string }) {
  const child: ChildProcess = fork(program, [JSON.stringify(options)], {
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  let allFound = false;
  let left: { waiting: number; held: number } | null = null;
  child.on("message", (message) => {
    if (message === "all found") allFound = true;
    else left = message as typeof left;
  });
  const ended = once(child, "exit");
  /** Twice is fine. */
  const die = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  return {
    allFound: () => allFound,
    die,
    [Symbol.asyncDispose]: die,
    /** Resolves when nothing is left to be routed, sent, or told in a digest. */
    async done(timeoutMs: number): Promise<void> {
      await waitFor(
        "everything to be told",
        () => {
          if (child.exitCode !== null) throw new Error(`the sender ended with ${child.exitCode}`);
          child.send("left?");
          return allFound && left !== null && left.waiting === 0 && left.held === 0;
        },
        { timeoutMs, everyMs: 100 },
      );
    },
  };
}
