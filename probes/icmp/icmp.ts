import type { IcmpTarget } from "#wire/targets-v1.ts";
import { roundRttUs } from "#wire/units.ts";
import { startDeadline } from "../deadline.ts";
import type { IcmpSample, ProbeContext, ProbeFn } from "../probe.ts";
import type { Address, Resolve } from "../resolve.ts";
import { addressMistake, findAddress } from "./address.ts";
import { readPingOutput } from "./ping-output.ts";
import type { PingOutput } from "./ping-output.ts";
import { runPing } from "./run-ping.ts";
import { notMeasured } from "./sample.ts";
import { lookWhyUnsent } from "./send-look.ts";
import { longestLossRun } from "./stats.ts";

/*
 * One round is one run of the system's ping: it holds the right to raw sockets, so that the agent needs none, and
 * the kernel stamps its replies. The engine for a round by hand, and where there is no fping.
 *
 * Sent, lost, not measured:
 * - ping says how many requests it transmitted, refused ones included; what its error lines tell is taken off. Most
 *   versions keep silent about a request that the kernel refused because the route had just gone. So, when the last
 *   requests of a round were not answered, the kernel is asked whether it has a route at all; if not, those requests
 *   were not sent as far as we know. Some of them may have been sent and lost: for a machine without a route "not
 *   measured" claims less.
 * - `sent` is 0 with its reason in `unsent` when there was no route from the start, the name did not resolve, no
 *   socket could be opened (no right to), or the machine had no resources to start a program.
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
    const mistake = addressMistake(target);
    if (mistake !== null) throw new Error(mistake);
    using deadline = startDeadline(context);
    const address = await findAddress(resolve, target, deadline);
    if (address === null) return notMeasured("name");
    context.note?.("address", { address: address.address, family: address.family });
    if (deadline.signal.aborted) return notMeasured("local");

    const pace = paceRound(target.count, deadline.remainingMs());
    const echo = { ...pace, sizeBytes: target.sizeBytes, dscp: target.dscp };
    context.note?.("ping", echo);
    const output = await runPing(address.address, echo, deadline.signal);
    return output === null ? notMeasured("local") : toSample(output, address, context);
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

async function toSample(output: string, address: Address, context: ProbeContext): Promise<IcmpSample> {
  const read = readPingOutput(output, context.note);
  if (read.transmitted === null) return notMeasured(read.unsent ?? "local");
  const lastAnswered = Math.max(0, ...read.rttMs.keys());
  const tail = Math.max(0, read.transmitted - lastAnswered);
  if (tail > 0 && read.refused === 0) {
    read.unsent = await lookWhyUnsent(address.address, address.family);
    if (read.unsent !== null) {
      context.note?.("no way to the address", { unsent: read.unsent, echoes: tail });
      read.refused = tail;
    }
  }
  return sampleOf(read, read.transmitted);
}

function sampleOf({ rttMs, refused, unsent }: PingOutput, transmitted: number): IcmpSample {
  const sent = Math.max(rttMs.size, transmitted - refused);
  const outcomes: (number | null)[] = [];
  for (let sequence = 1; sequence <= transmitted; sequence++) outcomes.push(rttMs.get(sequence) ?? null);
  return {
    kind: "icmp",
    sent,
    recv: rttMs.size,
    rttUs: [...rttMs.values()].map((ms) => roundRttUs(ms * 1000)).toSorted((a, b) => a - b),
    unsent: refused > 0 ? unsent : null,
    // Which echoes were refused is not said: the run among them is no longer than what was lost at all.
    lossRun: Math.min(longestLossRun(outcomes), sent - rttMs.size),
  };
}
