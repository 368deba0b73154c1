import type { Unsent } from "#wire/rounds-v1.ts";
import type { Note } from "../probe.ts";

/*
 * What iputils' ping prints (20221126, Debian 12), and what is read of it:
 *
 *   64 bytes from 10.8.1.1: icmp_seq=1 ttl=64 time=20.1 ms          one per reply, three significant digits
 *   64 bytes from 10.8.1.1: icmp_seq=1 ttl=64 time=20.3 ms (DUP!)   the same echo answered again: not counted
 *   From 10.8.1.9 icmp_seq=2 Destination Host Unreachable           a router's refusal: no reply
 *   5 packets transmitted, 4 received, 20% packet loss, time 804ms  the sum; also printed after SIGINT
 *   ping: connect: Network is unreachable                           no route: nothing else is printed, exit code 2
 *   ping: socket: Operation not permitted                           no right to send: the same
 *   ping: sendmsg: Network is unreachable                           one echo refused by the kernel, which the sum counts
 *                                                                   as transmitted. Many versions do not say it at all
 */
export interface PingOutput {
  /** Echo requests that ping sent or tried to send, or null when it did not get as far as its sum. */
  transmitted: number | null;
  /** RTT in ms of each echo that was answered, by its number from 1 in order of arrival. */
  rttMs: Map<number, number>;
  /** Echo requests that the kernel refused, as far as ping says; they are among `transmitted`. */
  refused: number;
  /** Why it refused them, or why nothing was sent; null when nothing is said. */
  unsent: Exclude<Unsent, "name"> | null;
}

export function readPingOutput(output: string, note?: Note): PingOutput {
  const read: PingOutput = { transmitted: null, rttMs: new Map(), refused: 0, unsent: null };
  for (const line of output.split("\n")) {
    if (!readReply(line, read, note)) readOther(line, read, note);
  }
  return read;
}

function readReply(line: string, read: PingOutput, note?: Note): boolean {
  const [, sequence, rttMs] = /\bfrom .*?seq=(\d+) .*\btime[=<]([\d.]+) ?ms/.exec(line) ?? [];
  if (sequence === undefined || line.includes("(BAD CHECKSUM)")) return false;
  if (line.includes("(DUP!)") || read.rttMs.has(Number(sequence))) {
    note?.("duplicate", { sequence: Number(sequence) });
    return true;
  }
  read.rttMs.set(Number(sequence), Number(rttMs));
  note?.("reply", { sequence: Number(sequence), rttUs: Math.round(Number(rttMs) * 1000) });
  return true;
}

function readOther(line: string, read: PingOutput, note?: Note): void {
  const sum = /^(\d+) packets transmitted/.exec(line);
  if (sum !== null) read.transmitted = Number(sum[1]);
  const [, from, sequence, said] = /^From (\S+?):? icmp_seq=(\d+) (.*)$/.exec(line) ?? [];
  if (from !== undefined) note?.("unreachable", { sequence: Number(sequence), from, said: said ?? "" });
  const [, call, error] = /^ping6?: (?:(connect|sendmsg|sendto|socket): )?(.+)$/.exec(line) ?? [];
  if (error === undefined) return;
  note?.("refused", { call: call ?? null, error });
  if (call === "sendmsg" || call === "sendto") read.refused++;
  // The last word is had: a route that went away during the round is gone at its end.
  read.unsent = /unreachable|No route|Network is down|Invalid argument|Cannot assign/i.test(error)
    ? "route"
    : "local";
}
