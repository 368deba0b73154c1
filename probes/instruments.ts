import type { AgentEvent } from "#wire/batch-v1.ts";
import type { Host } from "./clock.ts";
import type { IcmpEngine, IcmpEngineDeps } from "./icmp/engine.ts";
import { findFping } from "./icmp/find-fping.ts";
import { createFpingEngine } from "./icmp/fping.ts";
import type { Log } from "./log.ts";
import { createPathWatch } from "./path/path-watch.ts";
import type { PathWatch } from "./path/path-watch.ts";
import { createProbe, createProbers } from "./probers.ts";
import type { Clock, ProbeFn } from "./probe.ts";
import { createResolve } from "./resolve.ts";
import { createTrapListener } from "./traps/listener.ts";
import type { TrapListener } from "./traps/listener.ts";

export type OnEvent = (type: string, detail: AgentEvent["detail"]) => void;

/** All that an agent measures and listens with. */
export interface Instruments {
  /** One round against a target of any kind. */
  probe: ProbeFn;
  /** Measures ICMP targets by itself. Null: each of their rounds is one of `probe`. */
  createIcmpEngine: ((on: Pick<IcmpEngineDeps, "onRound" | "onBroken">) => IcmpEngine) | null;
  /** Hears what devices say unasked; null: nobody listens. */
  traps: TrapListener | null;
  /** Looks where the path breaks when a target falls silent; null: nobody looks. */
  path: PathWatch | null;
}

export interface InstrumentDeps {
  clock: Clock;
  log: Log;
  host: Host;
  /** 0 to 1, as Math.random. */
  random: () => number;
  /** What was seen beside the rounds. */
  onEvent: OnEvent;
  /** Whether the collector's time agrees with this machine's. */
  synced: () => boolean;
}

/** The instruments of this machine: fping where it is installed and may run, else ping. */
export async function createInstruments(deps: InstrumentDeps): Promise<Instruments> {
  const { clock, log, onEvent, random } = deps;
  const resolve = createResolve();
  const probe = createProbe(
    createProbers({
      resolve,
      onEvent,
      onProblem({ message }) {
        log.error({ reason: message }, "an SNMP profile cannot be used");
        onEvent("profile.unreadable", { reason: message.slice(0, 400) });
      },
    }),
  );
  const fping = await findFping();
  if ("missing" in fping) log.warn({ reason: fping.missing }, "ICMP by ping, one process a round");
  else log.info({ fping: fping.version }, "ICMP by fping");
  return {
    probe,
    createIcmpEngine:
      "missing" in fping
        ? null
        : (on) => createFpingEngine({ resolve, clock, log, random, command: fping.command, ...on }),
    traps: createTrapListener({ ...deps, resolve }),
    path: createPathWatch({ ...deps, resolve }),
  };
}
