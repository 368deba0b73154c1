import { setTimeout as sleep } from "node:timers/promises";
import { whole } from "../support/random.ts";
import type { AgentUnit, Harm } from "./agent-unit.ts";
import type { CollectorUnit } from "./collector-unit.ts";
import { linkFaults } from "./proxy.ts";
import type { LinkFault } from "./proxy.ts";

export const faultKinds = [
  "agent.killed",
  "agent.stopped",
  "agent.power",
  "collector.killed",
  "collector.stopped",
  "both.killed",
  "agent.disk",
  "collector.disk",
  "log.flipped",
  "log.torn",
  "documents.flipped",
  "card.restored",
  "clock.stepped",
  ...linkFaults,
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** A fault with all that is drawn by lot, so that the seed alone makes the plan. */
export interface Fault {
  kind: FaultKind;
  /** Which of the agents. */
  agent: number;
  /** After the beginning of the round's faults. */
  atMs: number;
  forMs: number;
  /** Of a link's requests, how many it hits. */
  chance: number;
  /** Bytes flipped, or pages left free. */
  amount: number;
  offsetS: number;
}

const longestMs = 2_500;
/** Steps of the wall clock, s: below and above what the agent takes for a step, an hour, a decade, and none. */
const clockSteps = [0, 1.4, -1.4, 30, -30, 3_600, -3_600, 315_000_000, -315_000_000];
const isLinkFault = (kind: FaultKind): kind is LinkFault => (linkFaults as readonly string[]).includes(kind);

/** One to three faults of the kinds given, of different ones. */
export function drawFaults(random: () => number, kinds: readonly FaultKind[], agents: number): Fault[] {
  const left = [...kinds];
  const faults: Fault[] = [];
  for (let count = 1 + whole(random, 3); count > 0 && left.length > 0; count--) {
    const [kind] = left.splice(whole(random, left.length), 1);
    faults.push({
      kind: kind!,
      agent: whole(random, agents),
      atMs: whole(random, longestMs),
      // Now and then it lasts: for a backlog that is more than one batch.
      forMs: 100 + whole(random, random() < 0.1 ? longestMs * 8 : longestMs),
      chance: 0.3 + random() * 0.7,
      amount: whole(random, 16),
      offsetS: clockSteps[whole(random, clockSteps.length)]!,
    });
  }
  return faults;
}

export interface Parts {
  agents: readonly AgentUnit[];
  collector: CollectorUnit;
  /** For what is done to files. */
  random: () => number;
}

/** Does the faults, each at its time, and puts right what they left. Everything runs again when it resolves. */
export async function runFaults(faults: readonly Fault[], parts: Parts): Promise<void> {
  await Promise.all(faults.map((fault) => runFault(fault, parts)));
  const { agents, collector } = parts;
  collector.disk?.relieve();
  for (const { link, disk } of agents) {
    link.disturb(null);
    disk?.relieve();
  }
  await collector.start();
  for (const agent of agents) agent.start();
  await Promise.all(agents.map(({ link }) => link.settled()));
}

async function runFault(fault: Fault, parts: Parts): Promise<void> {
  const { kind, atMs, forMs } = fault;
  const agent = parts.agents[fault.agent]!;
  const { collector } = parts;
  if (kind === "log.flipped" || kind === "log.torn" || kind === "documents.flipped")
    return harmSpool(kind, fault, agent, parts.random);
  await sleep(atMs);
  if (isLinkFault(kind)) {
    agent.link.disturb(kind, fault.chance);
    await sleep(forMs);
    return agent.link.disturb(null);
  }
  switch (kind) {
    case "agent.killed":
    case "agent.stopped":
    case "agent.power":
      await agent.end(endings[kind]);
      await sleep(forMs / 2);
      return agent.start();
    case "collector.killed":
    case "collector.stopped":
      await collector.end(kind === "collector.killed" ? "SIGKILL" : "SIGTERM");
      await sleep(forMs / 2);
      return collector.start();
    case "both.killed":
      await Promise.all([agent.end("SIGKILL"), collector.end("SIGKILL")]);
      agent.start();
      return collector.start();
    case "agent.disk":
      agent.disk?.fill(fault.amount % 4);
      await sleep(forMs * 2);
      return agent.disk?.relieve();
    case "collector.disk":
      collector.disk?.fill(fault.amount % 4);
      await sleep(forMs);
      return collector.disk?.relieve();
    case "card.restored":
      await agent.end("SIGKILL");
      agent.copyCard();
      agent.start();
      await sleep(longestMs + forMs);
      await agent.end("SIGKILL");
      agent.restoreCard();
      return agent.start();
    case "clock.stepped":
      return agent.clock?.set(fault.offsetS);
  }
}

const endings = { "agent.killed": "SIGKILL", "agent.stopped": "SIGTERM", "agent.power": "power" } as const;

/** A spool has little in it while the collector takes everything, so the link is cut for a while before. */
async function harmSpool(what: Harm, fault: Fault, agent: AgentUnit, random: () => number): Promise<void> {
  agent.link.disturb("link.cut");
  await sleep(fault.atMs + fault.forMs);
  await agent.end(random() < 0.7 ? "SIGKILL" : "SIGTERM");
  agent.harm(what, 1 + fault.amount, random);
  agent.start();
  agent.link.disturb(null);
}
