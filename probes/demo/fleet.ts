import type { DemoInventory } from "./inventory.ts";
import { createDoor, DeniedError } from "./door.ts";
import type { Door } from "./door.ts";
import { createModel } from "./measure.ts";
import { createSimulatedAgent } from "./simulated-agent.ts";
import type { SimulatedAgent } from "./simulated-agent.ts";
import type { World } from "./world.ts";

/** All agents of the district in one process, each with its own connection and key. */
export interface Fleet {
  /** Lives until `toMs`, and delivers what can be delivered, agent by agent. */
  advance(toMs: number): Promise<void>;
  /** Like advance for those agents alone whose minute to report has come; for the live time. */
  tick(nowMs: number): Promise<void>;
  rounds(): number;
  batches(): number;
  bytesSent(): number;
  close(): void;
}

export interface FleetOptions {
  address: string;
  /** The administrator's door, which makes the enrolment tokens. */
  admin: Door;
  inventory: DemoInventory;
  world: World;
  seed: string;
  startMs: number;
  signal: AbortSignal;
  /** Called after each site's enrolment. */
  onEnrolled?: (count: number) => void;
}

interface Member {
  agent: SimulatedAgent;
  door: Door;
  /** Until when it has lived. */
  atMs: number;
  /** Its key is no longer taken: somebody revoked it, and its life is over. */
  revoked: boolean;
}

/** Agents that report at the same time: enough to keep two processors at work. */
const atOnce = 8;
const reportMs = 60_000;

/** Enrols one agent at each site, as an administrator and an installer would. */
export async function enrolFleet(options: FleetOptions): Promise<Fleet> {
  const { address, inventory, world, seed, startMs, signal, onEnrolled } = options;
  const model = createModel(inventory, world, seed);
  const members: Member[] = [];
  await eachOf(inventory.sites, async ({ code: site }) => {
    const { data } = (await options.admin.post("/api/v1/agents/tokens", { site })) as {
      data: { token: string };
    };
    let key: string | null = null;
    const door = createDoor(address, () => key, signal);
    const identity = await door.enrol(data.token);
    key = identity.key;
    const { targets } = await door.agentConfig();
    const parts = { identity, targets, measure: model(site), world, seed, version: "demo", startMs };
    members.push({ agent: createSimulatedAgent(parts), door, atMs: startMs, revoked: false });
    onEnrolled?.(members.length);
  });
  let batches = 0;

  async function live(member: Member, toMs: number): Promise<void> {
    try {
      if (!member.revoked) await liveOn(member, toMs);
    } catch (error) {
      if (!(error instanceof DeniedError)) throw error;
      member.revoked = true;
    }
    member.atMs = toMs;
  }

  async function liveOn(member: Member, toMs: number): Promise<void> {
    const { agent, door } = member;
    const { site } = agent.identity;
    for (const piece of world.pieces(site, member.atMs, toMs)) {
      agent.advance(piece.toMs);
      // What it cannot deliver it keeps until it can.
      if (!world.runs(site, piece.fromMs) || !world.reachesTop(site, piece.fromMs)) continue;
      for (const batch of agent.compose()) {
        await door.sendBatch(batch);
        batches += 1;
      }
    }
  }

  return {
    advance: (toMs) => eachOf(members, (member) => live(member, toMs)),
    async tick(nowMs) {
      const due = members.filter(({ atMs }, index) => {
        // Spread over the minute, as agents are that were not started together.
        const phaseMs = Math.floor((index * reportMs) / members.length);
        return Math.floor((nowMs - phaseMs) / reportMs) > Math.floor((atMs - phaseMs) / reportMs);
      });
      await eachOf(due, (member) => live(member, nowMs));
    },
    rounds: () => members.reduce((sum, { agent }) => sum + agent.rounds(), 0),
    batches: () => batches,
    bytesSent: () => members.reduce((sum, { door }) => sum + door.bytesSent(), 0),
    close: () => members.forEach(({ door }) => door.close()),
  };
}

/** Does the work for each item, a few at once, in order. */
async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
