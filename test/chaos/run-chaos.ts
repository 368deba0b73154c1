import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { createApi, newAdminKey, writeDistrict } from "../app/collector.ts";
import { seededRandom } from "../support/random.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { checkTimeoutMs, isClosed, takeAccount } from "./account.ts";
import type { Account } from "./account.ts";
import { createAgentUnit, keepSpool } from "./agent-unit.ts";
import type { AgentUnit } from "./agent-unit.ts";
import { createCollectorUnit } from "./collector-unit.ts";
import { drawFaults, faultKinds, runFaults } from "./faults.ts";
import type { Fault, FaultKind } from "./faults.ts";
import { createLink } from "./proxy.ts";
import { takeSnapshot } from "./snapshot.ts";
import { createWitness, monoNowMs } from "./witness.ts";
import type { Witness } from "./witness.ts";

export interface ChaosOptions {
  rounds: number;
  /** The plan of faults and all that is drawn by lot within them; what falls between them is the machine's. */
  seed: number;
  /** Kinds to draw from. Default: all. */
  kinds?: readonly FaultKind[] | undefined;
  /** Where spools go that did not close. Default: they are removed. */
  keep?: string | undefined;
  /** Ends the run after the round that is under way. */
  signal?: AbortSignal;
  onRound?: (round: number, faults: readonly Fault[], accounts: readonly Account[]) => void;
}

export interface ChaosResult {
  rounds: number;
  /** How often each kind was done; null: this machine cannot do it. */
  faults: Map<FaultKind, number | null>;
  /** How many requests the links did something to. */
  requests: Map<FaultKind, number>;
  accounts: Account[];
  lives: number;
  /** Ends that nobody asked for. */
  failures: string[];
  /** The round after which an account did not close, or null. */
  failedRound: number | null;
}

const sites = ["64.08", "64.08.04"];
const targetIds = Array.from({ length: 40 }, (_, index) => `t${index}`);
/** Agents that report each second, and a collector that counts nobody's requests: limits have tests of their own. */
const config = `agents: {reportIntervalS: 1}
limits: {keyPerMinute: 100000, agentPerMinute: 100000, addressPerMinute: 100000, refusedPerMinute: 100000}
`;
/** For an account to close: an agent starts, waits for its turn after a failure, and sends. */
const closeTimeoutMs = 120_000;

/** Runs the rounds one after the other, and ends with the first whose accounts do not close. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  using dir = tempDir();
  await using parts = await createParts(dir.path, options.seed);
  const { agents, collector } = parts;
  const kinds = (options.kinds ?? faultKinds).filter((kind) => isPossible(kind, parts));
  const counts = new Map<FaultKind, number | null>(
    faultKinds.map((kind) => [kind, isPossible(kind, parts) ? 0 : null]),
  );
  const random = seededRandom(options.seed);
  const result = (rounds: number, accounts: Account[], failedRound: number | null): ChaosResult => ({
    rounds,
    faults: counts,
    requests: sumCounts(agents),
    accounts,
    lives: agents.reduce((sum, { lives }) => sum + lives.length, 0),
    failures: failuresOf(parts),
    failedRound,
  });

  let done = 0;
  for (let round = 1; round <= options.rounds && options.signal?.aborted !== true; round++) {
    const faults = drawFaults(random, kinds, agents.length);
    for (const { kind } of faults) counts.set(kind, counts.get(kind)! + 1);
    await runFaults(faults, { ...parts, random: seededRandom(options.seed * 1_000_003 + round) });
    const accounts = await closeAccounts(parts, { throughMonoMs: monoNowMs(), throughWallMs: Date.now() });
    options.onRound?.(round, faults, accounts);
    const isWell = accounts.every((one) => isClosed(one) && one.isLive) && failuresOf(parts).length === 0;
    if (!isWell) {
      if (options.keep !== undefined) await keepAll(options.keep, agents, collector, dir.path);
      return result(round, accounts, round);
    }
    done = round;
  }
  await Promise.all(agents.map((agent) => agent.end("SIGTERM")));
  const never = Number.POSITIVE_INFINITY;
  const accounts = await closeAccounts(parts, { throughMonoMs: never, throughWallMs: never });
  return result(done, accounts, accounts.every(isClosed) ? null : done);
}

async function createParts(folder: string, seed: number) {
  await using stack = new AsyncDisposableStack();
  const witness = stack.use(await createWitness());
  writeDistrict(folder, { "targets.yaml": targetsOf(witness) }, config);
  const adminKey = newAdminKey();
  const collector = stack.use(await createCollectorUnit(folder, adminKey));
  await collector.start();
  const api = createApi(() => collector.address, adminKey);
  const agents: AgentUnit[] = [];
  for (const [index, site] of sites.entries()) {
    const link = await createLink(collector, seededRandom(seed * 31 + index));
    const unit = createAgentUnit({
      site,
      token: await api.mintToken(site),
      folder: join(folder, `agent-${index}`),
      memoryFolder: mkdtempSync("/dev/shm/sambung-chaos-"),
      compileCache: join(folder, "compile-cache"),
      link,
      witness,
    });
    agents.push(stack.use(unit));
    unit.start();
  }
  await waitFor(
    "the first checks of each agent",
    () => witness.checks.size === sites.length * targetIds.length,
    { timeoutMs: closeTimeoutMs },
  );
  const held = stack.move();
  return { agents, collector, witness, folder, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

type ChaosParts = Awaited<ReturnType<typeof createParts>>;

function targetsOf(witness: Witness): string {
  const entries = sites.flatMap((site) =>
    targetIds.map(
      (id) =>
        `- {id: ${id}, site: "${site}", role: device, kind: http, url: "${witness.urlOf(site, id)}", intervalS: 5, timeoutMs: ${checkTimeoutMs}}\n`,
    ),
  );
  return entries.join("");
}

/** Asks until every account closes for all that was measured until then and goes on, or a program ends, or time is up. */
async function closeAccounts(
  parts: ChaosParts,
  through: { throughMonoMs: number; throughWallMs: number },
): Promise<Account[]> {
  const { agents, collector, witness } = parts;
  let accounts: Account[] = [];
  const ask = async () => {
    const snapshot = await takeSnapshot(collector, [...witness.checks.keys()]);
    accounts = agents.map(({ site, lives }) =>
      takeAccount({ site, snapshot, checks: witness.checks, lives, ...through }),
    );
    const isOver = through.throughMonoMs === Number.POSITIVE_INFINITY;
    return failuresOf(parts).length > 0 || accounts.every((one) => isClosed(one) && (isOver || one.isLive));
  };
  await waitFor("accounts that close", ask, { timeoutMs: closeTimeoutMs, everyMs: 300 }).catch(
    (error: Error) => {
      if (error.cause instanceof Error) throw error;
    },
  );
  return accounts;
}

function isPossible(
  kind: FaultKind,
  { agents, collector }: Pick<ChaosParts, "agents" | "collector">,
): boolean {
  if (kind === "collector.disk") return collector.disk !== null;
  if (kind === "agent.disk") return agents.every(({ disk }) => disk !== null);
  if (kind === "clock.stepped") return agents.every(({ clock }) => clock !== null);
  return true;
}

const failuresOf = ({ agents, collector }: Pick<ChaosParts, "agents" | "collector">) => [
  ...collector.failures,
  ...agents.flatMap(({ failures }) => failures),
];

function sumCounts(agents: readonly AgentUnit[]): Map<FaultKind, number> {
  const sums = new Map<FaultKind, number>();
  for (const { link } of agents)
    for (const [kind, count] of link.counts) sums.set(kind, (sums.get(kind) ?? 0) + count);
  return sums;
}

async function keepAll(
  to: string,
  agents: readonly AgentUnit[],
  collector: ChaosParts["collector"],
  folder: string,
): Promise<void> {
  mkdirSync(to, { recursive: true });
  collector.copyDatabase(to);
  for (const [index, agent] of agents.entries()) {
    await agent.end("SIGKILL");
    keepSpool(join(folder, `agent-${index}`), join(to, `agent-${index}`));
  }
}
