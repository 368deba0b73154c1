import { spawnSync } from "node:child_process";
import { join } from "node:path";

/*
 * A village's board has little memory, and stripping types costs the process some 30 MB that it never gives back: the
 * stripper itself, and what it leaves in the heap. Node's compile cache keeps the stripped sources, so a program that
 * finds all of them there never loads the stripper: 65 MB instead of 98 with everything imported, measured on 24.21.
 *
 * The cache has to be on before the first file is read, so `run` starts twice: a short process fills the cache (only
 * files that changed are stripped again), then this process is replaced, same pid, by one that reads from it. Both have
 * the same flags, since V8 takes code of other flags for foreign. Small semi-spaces keep the young heap from growing to
 * 48 MB, which an agent's few objects never need, and one malloc arena keeps each thread from a heap of its own.
 *
 * No Maglev: it makes code on a worker thread, which in a small heap may have to wait there for a collection by the main
 * thread. While the main thread waits for that worker to end, the process never does (nodejs/node#54918): 21 of 1,500
 * ends of a busy program with these flags, none of 700 without Maglev.
 */
const flags = [
  "--max-semi-space-size=2",
  "--optimize-for-size",
  "--no-maglev",
  "--v8-pool-size=1",
  "--disable-warning=ExperimentalWarning",
];

/** A slow board needs some 20 s for a cold cache. One that needs longer measures with the cache that there is. */
const fillTimeoutMs = 120_000;

/** Replaces this process by a leaner one with the same arguments, or returns when it is that one already. */
export function restartLean(mainFile: string, args: readonly string[], folder: string): void {
  // Set: this is the second start, or the operator has a cache of their own.
  if (process.env["NODE_COMPILE_CACHE"] !== undefined || process.execve === undefined) return;
  const env = {
    MALLOC_ARENA_MAX: "1",
    ...process.env,
    NODE_COMPILE_CACHE: join(folder, "compile-cache"),
  };
  const nodeArgs = [...process.execArgv, ...flags, mainFile];
  const filled = spawnSync(process.execPath, [...nodeArgs, "--version"], {
    env,
    stdio: "ignore",
    timeout: fillTimeoutMs,
    killSignal: "SIGKILL",
  });
  if (filled.status === 0) process.execve(process.execPath, [process.execPath, ...nodeArgs, ...args], env);
}
