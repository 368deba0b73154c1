import type { IcmpTarget } from "#wire/agent-config-v1.ts";
import { roundRttUs } from "#wire/units.ts";
import { startDeadline } from "../deadline.ts";
import type { IcmpSample, ProbeFn } from "../probe.ts";
import { resolveFirst } from "../resolve.ts";
import type { Resolve } from "../resolve.ts";
import { readPingOutput } from "./ping-output.ts";
import { runPing } from "./run-ping.ts";

/*
 * One round is one run of the system's ping: it holds the right to raw sockets, so that the agent needs none, and
 * the kernel stamps its replies.
 *
 * Sent, lost, not measured:
 * - ping says how many requests it transmitted, and that is `sent`, whatever became of them. A request that the
 *   kernel refused because the route had just gone ("sendmsg: Network is unreachable") is among them.
 * - With no route from the start ping prints "connect: Network is unreachable" and no count. The machine tried and
 *   could not, which is what a cut of its own uplink looks like: all requests of the round are lost.
 * - `sent` is 0, not measured, when the name did not resolve, no socket could be opened (no right to), or the machine
 *   had no resources to start a program. Nothing is said about the target then.
 *
 * A limit of ping: once anything was answered, it waits after its last request for one interval or two of the longest
 * RTTs seen, whichever is longer, and not for -W. A reply that is late by a whole interval and comes at the very end
 * of the round counts as lost. This is why the requests are spread over half of the round instead of sent as fast as
 * allowed, and why they do not fill it: a geostationary satellite needs 0.6 s for the last one.
 */

/** Shortest interval that every ping grants to those who are not root. */
const minIntervalMs = 200;
const maxIntervalMs = 1000;
/** Kept back from the wait for the last reply, so that ping ends by itself before the round does. */
const startMs = 50;

export function createIcmpProbe(resolve: Resolve): ProbeFn<IcmpTarget> {
  return async (target, context) => {
    if (target.address.startsWith("-")) {
      // The address is an argument of a program; this one would be read as an option.
      throw new Error(`target ${target.id}: address ${target.address} must not begin with '-'`);
    }
    using deadline = startDeadline(context);
    const address = await resolveFirst(resolve, target.address, deadline);
    if (address === null || deadline.signal.aborted) return notMeasured();

    const pace = paceRound(target.count, deadline.remainingMs());
    const output = await runPing(address.address, pace, deadline.signal);
    return output === null ? notMeasured() : toSample(output, pace.echoes);
  };
}

/**
 * How many echo requests go out, and when. Fewer than asked where they would not fit at the shortest interval, a
 * round of 500 ms has two; never faster.
 */
export function paceRound(
  count: number,
  roundMs: number,
): { echoes: number; intervalMs: number; lingerMs: number } {
  const echoes = Math.min(count, Math.max(1, Math.floor(roundMs / minIntervalMs)));
  const halfMs = Math.floor(roundMs / 2 / Math.max(1, echoes - 1));
  const intervalMs = Math.min(maxIntervalMs, Math.max(minIntervalMs, halfMs));
  const lingerMs = Math.max(startMs, Math.floor(roundMs - (echoes - 1) * intervalMs - startMs));
  return { echoes, intervalMs, lingerMs };
}

function toSample(output: string, echoes: number): IcmpSample {
  const { transmitted, rttMs, noRoute } = readPingOutput(output);
  if (transmitted === null) {
    return noRoute ? { kind: "icmp", sent: echoes, recv: 0, rttUs: [] } : notMeasured();
  }
  const rttUs = rttMs.map((ms) => roundRttUs(ms * 1000)).toSorted((a, b) => a - b);
  return { kind: "icmp", sent: transmitted, recv: rttUs.length, rttUs };
}

function notMeasured(): IcmpSample {
  return { kind: "icmp", sent: 0, recv: 0, rttUs: [] };
}
