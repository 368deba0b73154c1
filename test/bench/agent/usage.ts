import { readdirSync, readFileSync } from "node:fs";

/* What the kernel says a process has cost. All of proc(5), so Linux alone. */

/**
 * CPU time of these processes and of what they started and is still there, ms, from the scheduler's own nanoseconds.
 * Children that came and went are added as the kernel books them, in ticks of 10 ms.
 */
export function cpuMs(pids: readonly number[]): number {
  let ms = 0;
  for (const pid of pids.flatMap(familyOf)) ms += threadsMs(pid) + reapedMs(pid);
  return ms;
}

function threadsMs(pid: number): number {
  let ns = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    ns += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  }
  return ns / 1e6;
}

/** utime and stime of children that were waited for: fields 16 and 17 of proc_pid_stat(5). */
function reapedMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

/** A process and everything below it. */
export function familyOf(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8")
      .split(" ")
      .filter((child) => child.trim() !== "")
      .map(Number),
  );
  return [pid, ...children.flatMap(familyOf)];
}

/** Resident memory, MiB: the process alone, as `VmRSS` or, at its highest, `VmHWM`. */
export function residentMib(pid: number, name: "VmRSS" | "VmHWM" = "VmRSS"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)![1]) / 1024;
}

/**
 * Bytes that a process gave to write(2), and bytes of pages that it made dirty on a disk: a page counts whole, however
 * little of it changed, which is what a flash card sees.
 */
export function writtenBytes(pid: number): { given: number; dirtied: number } {
  const io = readFileSync(`/proc/${pid}/io`, "utf8");
  const value = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, "m").exec(io)![1]);
  return { given: value("wchar"), dirtied: value("write_bytes") };
}
