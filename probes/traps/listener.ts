import type { RemoteInfo } from "node:dgram";
import type { TrapsV1 } from "#wire/agent-config-v1.ts";
import type { AgentEvent } from "#wire/batch-v1.ts";
import type { SnmpTarget } from "#wire/targets-v1.ts";
import type { Log } from "../log.ts";
import type { Clock } from "../probe.ts";
import type { Resolve } from "../resolve.ts";
import { createDecoder } from "./decoder.ts";
import type { Decoder } from "./decoder.ts";
import { createEngineGuard } from "./engine-guard.ts";
import { createLimits } from "./limits.ts";
import { toEvent } from "./meaning.ts";
import { readNotification } from "./notification.ts";
import { createRepeats } from "./repeats.ts";
import { openInbox } from "./socket.ts";
import type { Inbox } from "./socket.ts";
import { findSources, plainAddress } from "./sources.ts";
import type { Sources } from "./sources.ts";
import { createTally } from "./tally.ts";
import { readV3Header } from "./v3-header.ts";

/*
 * SNMP traps and informs, v1, v2c and v3, as events of the batch (meaning.ts). On its way in a packet passes:
 * source list → limits → engine guard → decoder (community or user) → repetitions → limit of events → event.
 *
 * Events about the listener itself:
 *   trap.limited    { count, addresses, reasons }      packets that were not read, or not told, at most every minute
 *   trap.strangers  { count, addresses, reasons }      packets from who is not heard, at most hourly
 *   trap.refused    { count, addresses, reasons }      packets that were not believed (wrong community, unknown user, …),
 *                                                      at most hourly
 *   trap.deaf       { address, port, code, advice }    the port cannot be opened; trap.hearing when it can again
 */
export interface TrapListener {
  /**
   * Hears what this configuration says, from now on; null: nothing. Ends when the port was tried. A configuration that
   * changes nothing here leaves everything as it is.
   */
  update(traps: TrapsV1 | null, targets: readonly SnmpTarget[]): Promise<void>;
  /** Tells what was counted and closes. Twice is fine; the spool has to be open still. */
  stop(): Promise<void>;
}

export interface TrapDeps {
  log: Log;
  resolve: Resolve;
  onEvent(type: string, detail: AgentEvent["detail"]): void;
  clock: Clock;
  /** 0 to 1, as Math.random. */
  random: () => number;
  times?: Partial<TrapTimes>;
}

export interface TrapTimes {
  /** Shortest time between two `trap.limited`, in ms, which is also the wait for the first. Default 60 s. */
  limitedMs: number;
  /** Wait before the first `trap.strangers` or `trap.refused`, in ms. Default 5 s. */
  firstToldMs: number;
  /** Shortest time between two of them, in ms. Default 1 h. */
  toldMs: number;
  /** Wait before the port is tried again, in ms; doubles to 5 min. Default 1 s. */
  retryMs: number;
  /** Wait before names of targets are resolved again, in ms; a tenth of it while one has no address. Default 15 min. */
  resolveMs: number;
}

const defaultTimes: TrapTimes = {
  limitedMs: 60_000,
  firstToldMs: 5_000,
  toldMs: 3_600_000,
  retryMs: 1_000,
  resolveMs: 900_000,
};

export function createTrapListener(deps: TrapDeps): TrapListener {
  const times = { ...defaultTimes, ...deps.times };
  let hearing: { end(): Promise<void>; inbox: Inbox } | null = null;
  let heard: string | null = null;
  let last: Promise<void> = Promise.resolve();
  let stopped = false;

  async function change(traps: TrapsV1 | null, targets: readonly SnmpTarget[]): Promise<void> {
    const wanted = JSON.stringify([traps, targets.map(({ id, address }) => [id, address])]);
    if (wanted === heard) return;
    await hearing?.end();
    hearing = null;
    heard = null;
    if (traps === null || stopped) return;
    hearing = await startHearing(traps, targets, deps, times);
    heard = wanted;
    await hearing.inbox.tried;
  }

  /** One change at a time; one that failed is the caller's to hear of, and does not stop the next. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  }

  return {
    update: (traps, targets) => inTurn(() => change(traps, targets)),
    stop() {
      stopped = true;
      return inTurn(() => change(null, []));
    },
  };
}

async function startHearing(
  traps: TrapsV1,
  targets: readonly SnmpTarget[],
  deps: TrapDeps,
  times: TrapTimes,
) {
  const { log, clock, onEvent } = deps;
  const { address, port } = traps;
  const stopping = new AbortController();
  const hourly = { clock, firstMs: times.firstToldMs, everyMs: times.toldMs };
  const strangers = createTally({ ...hourly, tell: (detail) => onEvent("trap.strangers", detail) });
  const refused = createTally({ ...hourly, tell: (detail) => onEvent("trap.refused", detail) });
  const limited = createTally({
    clock,
    firstMs: times.limitedMs,
    everyMs: times.limitedMs,
    tell: (detail) => onEvent("trap.limited", detail),
  });
  const tallies = { strangers, refused, limited };
  const decoder = await createDecoder(traps, { log, send: (packet, to) => inbox.send(packet, to) });
  const sources = await keepSources(
    traps.sources,
    targets,
    { ...deps, signal: stopping.signal },
    times.resolveMs,
  );
  const inbox = openInbox({
    address,
    port,
    log,
    random: deps.random,
    retryMs: times.retryMs,
    onPacket: createIntake({ traps, decoder, sources: sources.now, tallies, clock, onEvent }),
    onDeaf: (code, advice) => onEvent("trap.deaf", { address, port, code, advice }),
    onHearing: () => onEvent("trap.hearing", { address, port }),
  });
  return {
    inbox,
    async end() {
      stopping.abort();
      sources.stop();
      await inbox.close();
      for (const tally of Object.values(tallies)) tally.stop();
    },
  };
}

/** Looks the names of the targets up again and again: who has a name has it because the address may change. */
async function keepSources(
  ranges: TrapsV1["sources"],
  targets: readonly SnmpTarget[],
  deps: { resolve: Resolve; log: Log; signal: AbortSignal },
  everyMs: number,
) {
  let sources: Sources = await findSources(ranges, targets, deps);
  let timer = again();
  function again(): NodeJS.Timeout {
    const waitMs = sources.unresolved.length > 0 ? everyMs / 10 : everyMs;
    return setTimeout(() => void refresh(), waitMs).unref();
  }
  async function refresh(): Promise<void> {
    const found = await findSources(ranges, targets, deps);
    if (deps.signal.aborted) return;
    // A name that does not resolve just now keeps the address that it had: names fail when links do.
    if (found.unresolved.length <= sources.unresolved.length) sources = found;
    timer = again();
  }
  return { now: () => sources, stop: () => clearTimeout(timer) };
}

interface Intake {
  traps: TrapsV1;
  decoder: Decoder;
  sources: () => Sources;
  tallies: Record<"strangers" | "refused" | "limited", ReturnType<typeof createTally>>;
  clock: Clock;
  onEvent: TrapDeps["onEvent"];
}

function createIntake({ traps, decoder, sources, tallies, clock, onEvent }: Intake) {
  const limits = createLimits({ perMinute: traps.perMinute, clock });
  const engines = createEngineGuard(decoder.engineId, clock);
  const repeats = createRepeats(clock);
  return (packet: Buffer, from: RemoteInfo): void => {
    const address = plainAddress(from.address);
    const source = sources().find(address);
    if (source === null) return tallies.strangers.add(address, "unlisted");
    if (!limits.mayRead(address)) return tallies.limited.add(address, "not read");
    const engineId = readV3Header(packet)?.engineId ?? null;
    if (engineId !== null && !engines.mayTry(address, engineId))
      return tallies.refused.add(address, "engine");

    const decoded = decoder.decode(packet, from);
    if (decoded.kind === "discovery") return;
    if (decoded.kind === "refused") return tallies.refused.add(address, decoded.reason);
    if (decoded.engineId !== null) engines.believed(decoded.engineId);
    const notification = readNotification(decoded.pdu);
    if (notification === null) return tallies.refused.add(address, "garbage");

    const { type, detail } = toEvent(notification);
    if (repeats.isRepeated(address, notification, type)) return;
    if (!limits.takeEvent(address)) return tallies.limited.add(address, "not told");
    const { agentAddress, requestId } = notification;
    onEvent(type, {
      source: address,
      target: source.target,
      version: decoded.version,
      inform: requestId !== null,
      ...(agentAddress === null || agentAddress === address ? {} : { agentAddress }),
      ...detail,
    });
  };
}
