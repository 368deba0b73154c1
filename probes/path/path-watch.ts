import type { AgentEvent } from "#wire/batch-v1.ts";
import type { AgentTarget } from "#wire/targets-v1.ts";
import type { Host } from "../clock.ts";
import { startDeadline } from "../deadline.ts";
import type { Log } from "../log.ts";
import type { Clock } from "../probe.ts";
import { resolveFirst } from "../resolve.ts";
import type { Resolve } from "../resolve.ts";
import { createLocalLooker } from "./local-look.ts";
import { readOwnAddresses } from "./own-addresses.ts";
import { pingOnce } from "./ping-once.ts";
import type { Ping } from "./ping-once.ts";
import { hostOf } from "./target-host.ts";
import { describeHops, tracePath } from "./trace.ts";
import type { Trace } from "./trace.ts";

/*
 * Where it breaks. Targets that go down within two seconds are looked at together, since they mostly have one cause:
 * one look at the agent's own place, and a trace to each of at most three addresses. Evidence, not a verdict: the
 * collector's to weigh.
 *
 *   path.local  { target, targets, targetCount, gateway, gatewayAnswers, gatewayRttUs, interface, carrier,
 *                 hasDefaultRoute, uptimeS, clockSynced }
 *   path.trace  { target, targets, targetCount, address, hops, deepest, deepestHop, reached, why }
 *
 * `target` is the first that went down, `targets` all of them that this is about, in one line of at most 500 characters.
 */
export interface PathWatch {
  /** This target answered before and does not any more. */
  wentDown(target: AgentTarget): void;
  /** Ends a trace under way. Twice is fine. */
  stop(): Promise<void>;
}

export interface PathDeps {
  clock: Clock;
  log: Log;
  resolve: Resolve;
  host: Pick<Host, "uptimeS">;
  onEvent(type: string, detail: AgentEvent["detail"]): void;
  /** Whether the collector's time agrees with this machine's: `synced` of the clock watch. */
  synced: () => boolean;
  /** Default: the system's ping. */
  ping?: Ping;
  /** Where the kernel's files are. Default `/`. */
  root?: string;
  times?: Partial<PathTimes>;
}

export interface PathTimes {
  /** Targets that go down within this time, in ms, are looked at together. Default 2,000. */
  togetherMs: number;
  /** Shortest time between two looks on account of the same target, in ms. Default 5 min. */
  everyMs: number;
  /** A trace that is younger, in ms, serves another target at the same address. Default 1 min. */
  sharedMs: number;
  /** Longest time for one trace, in ms. Default 20,000. */
  traceMs: number;
}

const defaultTimes: PathTimes = { togetherMs: 2_000, everyMs: 300_000, sharedMs: 60_000, traceMs: 20_000 };

const maxAddresses = 3;
/** Groups that wait for their turn. More than that is a network that flaps, and the groups before show it. */
const maxWaiting = 4;
const resolveMs = 3_000;

export function createPathWatch(deps: PathDeps): PathWatch {
  const { clock, log, ping = pingOnce } = deps;
  const times = { ...defaultTimes, ...deps.times };
  const stopping = new AbortController();
  const looker = createLocalLooker({ ...deps, ping });
  const lookedMs = new Map<string, number>();
  const recent = new Map<string, { trace: Trace; atMs: number }>();
  let group: AgentTarget[] = [];
  let timer: NodeJS.Timeout | null = null;
  let waiting = 0;
  let work: Promise<void> = looker.remember();

  function closeGroup(): void {
    const targets = group;
    group = [];
    timer = null;
    if (waiting >= maxWaiting) {
      log.warn(
        { targets: targets.length },
        "too many targets go down one after the other: no look at the path",
      );
      return;
    }
    waiting++;
    work = work
      .then(() => lookAt(targets))
      .catch((error: unknown) => log.error({ err: error }, "the look at the path failed"))
      .finally(() => waiting--);
  }

  async function lookAt(targets: AgentTarget[]): Promise<void> {
    if (stopping.signal.aborted) return;
    const local = await looker.look(stopping.signal);
    if (stopping.signal.aborted) return;
    deps.onEvent("path.local", { ...about(targets), ...local });
    const byAddress = await groupByAddress(targets);
    for (const [address, sharing] of [...byAddress].slice(0, maxAddresses)) {
      // One trace at a time.
      const trace = await traceOnce(address);
      if (stopping.signal.aborted) return;
      const { hops, deepest, deepestHop, reached, why } = trace;
      const found = { hops: describeHops(hops), deepest, deepestHop, reached, why };
      deps.onEvent("path.trace", { ...about(sharing), address, ...found });
      log.info({ address, ...found }, "looked at the path");
    }
  }

  /** In the order in which they went down; targets without an address, or whose name has none now, are left out. */
  async function groupByAddress(targets: AgentTarget[]): Promise<Map<string, AgentTarget[]>> {
    const addresses = await Promise.all(targets.map(addressOf));
    const byAddress = new Map<string, AgentTarget[]>();
    for (const [index, target] of targets.entries()) {
      const address = addresses[index];
      if (address !== null && address !== undefined) {
        byAddress.set(address, [...(byAddress.get(address) ?? []), target]);
      }
    }
    return byAddress;
  }

  async function addressOf(target: AgentTarget): Promise<string | null> {
    const host = hostOf(target);
    if (host === null) return null;
    using deadline = startDeadline({ signal: stopping.signal, timeoutMs: resolveMs });
    return (await resolveFirst(deps.resolve, host, deadline))?.address ?? null;
  }

  async function traceOnce(address: string): Promise<Trace> {
    for (const [known, { atMs }] of recent) if (clock.monoMs() - atMs > times.sharedMs) recent.delete(known);
    const shared = recent.get(address);
    if (shared !== undefined) return shared.trace;
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(times.traceMs)]);
    const trace = await tracePath(address, { ping, ownAddresses: await readOwnAddresses(deps.root), signal });
    recent.set(address, { trace, atMs: clock.monoMs() });
    return trace;
  }

  return {
    wentDown(target) {
      if (stopping.signal.aborted) return;
      const nowMs = clock.monoMs();
      for (const [id, atMs] of lookedMs) if (nowMs - atMs > times.everyMs) lookedMs.delete(id);
      if (lookedMs.has(target.id)) return;
      lookedMs.set(target.id, nowMs);
      group.push(target);
      timer ??= setTimeout(closeGroup, times.togetherMs);
    },
    async stop() {
      stopping.abort();
      if (timer !== null) clearTimeout(timer);
      await work;
    },
  };
}

function about(targets: readonly AgentTarget[]) {
  const ids = targets.map(({ id }) => id);
  return { target: ids[0]!, targets: ids.join(" ").slice(0, 500), targetCount: ids.length };
}
