import type { EnrolledV1 } from "#wire/ack-v1.ts";
import type { AgentTarget } from "#wire/targets-v1.ts";
import type { AgentEvent, BatchV1 } from "#wire/batch-v1.ts";
import { toColumns } from "../compose.ts";
import type { Round } from "../compose.ts";
import { nextSlotMs } from "../schedule.ts";
import type { Measure } from "./measure.ts";
import { createRandom } from "./random.ts";
import type { World } from "./world.ts";

/*
 * One agent without a network. Its measurements come from the model; what it makes of them is the agent's own work:
 * the grid of its schedule, boots and host boots, seqs that survive restarts, the ledger, columns by the same code.
 */

export interface SimulatedAgentOptions {
  identity: EnrolledV1;
  targets: readonly AgentTarget[];
  measure: Measure;
  world: World;
  seed: string;
  version: string;
  startMs: number;
  /** Rounds of one batch. Default 5,000, as the agent's. */
  maxBatchRounds?: number;
}

export interface SimulatedAgent {
  readonly identity: EnrolledV1;
  /** Lives until `toMs`, in which it runs all the time or not at all. */
  advance(toMs: number): void;
  /** Everything measured and not yet composed, newest first; each batch has its seq from here on. */
  compose(): BatchV1[];
  rounds(): number;
}

/** One start of the program and what it measured that waits for a batch. */
interface Boot {
  id: string;
  hostBoot: string;
  hostStartMs: number;
  /** Until when it is known to have lived: its last reading of both clocks. */
  lastMs: number;
  rounds: Round[];
  events: AgentEvent[];
}

export function createSimulatedAgent(options: SimulatedAgentOptions): SimulatedAgent {
  const { identity, targets, measure, world, seed, version, maxBatchRounds = 5_000 } = options;
  const { site, agentId } = identity;
  const random = createRandom(`${seed}/agent/${site}`);
  const boots: Boot[] = [];
  let current: Boot | null = null;
  let nowMs = options.startMs;
  let seq = 0;
  let produced = 0;
  let measured = 0;
  // The machine was on for some days when the history begins.
  let hostStartMs = nowMs - Math.round(random.between(1, 20) * 86_400_000);
  let hostBoot = name();

  function name(): string {
    return Array.from({ length: 24 }, () => Math.floor(random.next() * 16).toString(16)).join("");
  }

  function begin(hostBootChanged: boolean): Boot {
    const first = boots.length === 0 && measured === 0;
    const boot: Boot = { id: name(), hostBoot, hostStartMs, lastMs: nowMs, rounds: [], events: [] };
    boot.events.push({
      monoMs: nowMs - hostStartMs,
      type: "agent.start",
      detail: { hostBootChanged, cleanStop: first, version },
    });
    boots.push(boot);
    return boot;
  }

  function measureUntil(boot: Boot, toMs: number): void {
    for (const target of targets) {
      const intervalMs = target.intervalS * 1000;
      // The grid is named after the site: the agent's id is another in every run.
      let monoMs = nextSlotMs(target, site, nowMs - boot.hostStartMs);
      for (; monoMs + boot.hostStartMs < toMs; monoMs += intervalMs) {
        boot.rounds.push({ target: target.id, monoMs, sample: measure(target, monoMs + boot.hostStartMs) });
        measured += 1;
      }
    }
    boot.lastMs = toMs;
  }

  function toBatch(boot: Boot, rounds: readonly Round[], events: AgentEvent[]): BatchV1 {
    seq += 1;
    produced += rounds.length;
    const monoMs = boot.lastMs - boot.hostStartMs;
    return {
      v: 1,
      agent: agentId,
      boot: boot.id,
      host: { bootId: boot.hostBoot, uptimeS: Math.floor(monoMs / 1000) },
      seq,
      clock: { wallMs: boot.lastMs, monoMs, synced: true },
      ledger: { produced, thinned: 0, lost: 0 },
      rounds: toColumns(rounds),
      events,
    };
  }

  return {
    identity,
    rounds: () => measured,
    advance(toMs) {
      if (!world.runs(site, nowMs)) {
        if (!world.isPowered(site, nowMs)) hostStartMs = toMs;
        current = null;
      } else {
        if (current === null) {
          const hostBootChanged = hostStartMs === nowMs;
          if (hostBootChanged) hostBoot = name();
          current = begin(hostBootChanged);
        }
        measureUntil(current, toMs);
      }
      nowMs = toMs;
    },
    compose() {
      const batches: BatchV1[] = [];
      for (const boot of boots.toReversed()) {
        const newestFirst = boot.rounds.toSorted((a, b) => b.monoMs - a.monoMs);
        for (let at = 0; at === 0 || at < newestFirst.length; at += maxBatchRounds) {
          const some = newestFirst.slice(at, at + maxBatchRounds);
          const events = at === 0 ? boot.events : [];
          if (some.length + events.length > 0) batches.push(toBatch(boot, some, events));
        }
        boot.rounds = [];
        boot.events = [];
      }
      // A boot that is over has said everything.
      boots.splice(0, boots.length, ...(current === null ? [] : [current]));
      return batches;
    },
  };
}
