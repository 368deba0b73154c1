import type { AgentConfigV1 } from "#wire/agent-config-v1.ts";
import type { AgentTarget } from "#wire/targets-v1.ts";
import { createBrokenNotes } from "./broken-notes.ts";
import { answered } from "./compose.ts";
import type { Round } from "./compose.ts";
import type { Instruments, OnEvent } from "./instruments.ts";
import type { Log } from "./log.ts";
import type { Clock, Sample } from "./probe.ts";
import { createRoundCheck } from "./round-check.ts";
import { createSchedule } from "./schedule.ts";

export interface MeasurementDeps {
  agentId: string;
  clock: Clock;
  log: Log;
  instruments: Instruments;
  /** Rounds under way at once, of the kinds that are scheduled. Default 16. */
  maxConcurrent?: number | undefined;
  /** Takes a finished round, before anything else is made of it. */
  onRound: (round: Round) => void;
  onEvent: OnEvent;
  /** A target stopped answering, or answers again. */
  onState: (isUp: boolean) => void;
}

export interface Measurement {
  /** Measures what this says, from now on; nothing after a stop. */
  update(config: Pick<AgentConfigV1, "targets" | "traps">): void;
  /** No round is reported from the call on. Resolves when all that was started has ended. */
  stop(): Promise<void>;
}

/** The targets of a configuration, each with the instrument for it; and what follows from a round. */
export function createMeasurement(deps: MeasurementDeps): Measurement {
  const { agentId, clock, log, instruments, maxConcurrent, onEvent } = deps;
  const states = new Map<string, boolean>();
  const check = createRoundCheck();
  const onBroken = createBrokenNotes({ clock, log, onEvent });
  let isStopped = false;

  function onRound(target: AgentTarget, monoMs: number, sample: Sample): void {
    if (isStopped) return;
    const round = { target: target.id, monoMs, sample };
    try {
      check(round);
    } catch (error) {
      // Here and not in the caller, since an engine reports from a socket's callback, where a throw ends the program.
      onBroken(target, error);
      return;
    }
    deps.onRound(round);
    const now = answered(sample);
    if (now === null) return;
    const before = states.get(target.id);
    states.set(target.id, now);
    if (before === undefined || before === now) return;
    deps.onState(now);
    if (!now) instruments.path?.wentDown(target);
  }

  const schedule = createSchedule({
    agentId,
    clock,
    maxConcurrent,
    probe: instruments.probe,
    onRound,
    onBroken,
  });
  const icmp = instruments.createIcmpEngine?.({ onRound, onBroken }) ?? null;

  return {
    update({ targets, traps }) {
      // A configuration may still arrive while the last rounds are sent.
      if (isStopped) return;
      const ids = new Set(targets.map(({ id }) => id));
      for (const id of states.keys()) if (!ids.has(id)) states.delete(id);
      schedule.update(icmp === null ? targets : targets.filter(({ kind }) => kind !== "icmp"));
      icmp?.update(targets.filter((target) => target.kind === "icmp"));
      const devices = targets.filter((target) => target.kind === "snmp");
      instruments.traps?.update(traps, devices).catch((error: unknown) => {
        log.error({ err: error }, "traps cannot be heard");
      });
    },
    async stop() {
      isStopped = true;
      schedule.stop();
      await Promise.all([icmp?.stop(), instruments.traps?.stop(), instruments.path?.stop()]);
    },
  };
}
