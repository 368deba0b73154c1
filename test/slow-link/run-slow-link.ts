import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { createApi, end, newAdminKey, run, startCollector, writeDistrict } from "../app/collector.ts";
import type { Program } from "../app/collector.ts";
import type { Path } from "../bench/rounds.ts";
import { freeTcpPort } from "../support/free-port.ts";
import { seededRandom } from "../support/random.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { createDelivery } from "./delivery.ts";
import type { Delivery } from "./delivery.ts";
import { cutOffBoot, fillSpool } from "./fill-spool.ts";
import type { Filled } from "./fill-spool.ts";
import type { Pace } from "./lane.ts";
import { targetIds } from "./rounds.ts";
import { openThinLink } from "./thin-link.ts";
import type { Carried, ThinLink } from "./thin-link.ts";

/*
 * An agent comes back after days without its link: real programs, the collector behind a thin link of the test's own.
 * The spool is filled by its own code with the rounds of the cut; the agent then runs cut off for a while, so that its
 * waits have grown, before the link is back.
 */

export interface SlowLinkOptions extends Pace {
  path: Path;
  /** Mean time between resets of all connections, ms. */
  resetEveryMs: number;
  /** Length of the cut that the spool holds, hours. */
  hours: number;
  /** How long the agent runs cut off before the link is back, s. */
  cutS: number;
  /** Seconds between two rounds of a target, and between two reports. */
  intervalS: number;
  reportIntervalS: number;
  seed: number;
  /** How long the delivery may take, s, before the run fails. */
  limitS: number;
  /** Hears what goes on. */
  onStep: (text: string) => void;
}

export interface SlowLinkResult {
  backlogRounds: number;
  /** Echo requests shown of the time of the cut: five of each round where each is stored once. */
  backlogEchoes: number;
  /**
   * From the link's return, s: until the latest round of every target is shown, which may have begun two intervals before,
   * since its echoes are spread over one; until nothing of the cut waits.
   */
  liveS: number;
  doneS: number;
  /** Batches with rounds that were stored since the link's return, in this order. */
  order: ("live" | "backlog")[];
  openRounds: number;
  lostRounds: number;
  /** Rounds that were measured while the agent ran. */
  liveRounds: number;
  /** What the agent's connections carried after the link's return: live rounds and what resets cost included. */
  up: Carried;
  down: Carried;
  connections: number;
  resets: number;
}

type Delivered = Omit<SlowLinkResult, "order"> & { backMs: number };

const site = "64.08.04";
const agentProgram = fileURLToPath(new URL("../../probes/main.ts", import.meta.url));
/**
 * By how much the times of the cut may be off. Its boot was last in touch before the cut, and the agent's own boot was
 * there before it, which no machine does: so it is taken for one that still runs, and dated by its arrival.
 */
const clockSlackMs = 30_000;
/** Checks of pages beyond the link: they come back with it, as hubs and services do. */
const pages = 6;

export async function runSlowLink(options: SlowLinkOptions): Promise<SlowLinkResult> {
  using dir = tempDir();
  const { backMs, ...delivered } = await runPrograms(options, dir.path);
  // The collector has its file for itself while it runs.
  return { ...delivered, order: orderOfBatches(join(dir.path, "data", "sambung.db"), backMs) };
}

async function runPrograms(options: SlowLinkOptions, folder: string): Promise<Delivered> {
  const { hours, path, onStep } = options;
  const port = await freeTcpPort();
  await using link = await openThinLink({ ...options, port, random: seededRandom(options.seed) });
  const far = link.address;
  const config = `agents: {reportIntervalS: ${options.reportIntervalS}}\n`;
  writeDistrict(folder, { "targets.yaml": targetsYaml(far, options.intervalS) }, config);
  const key = newAdminKey();
  await using collector = programOf(
    await startCollector(folder, { SAMBUNG_ADMIN_KEY: key, SAMBUNG_LISTEN: `127.0.0.1:${port}` }),
  );
  const api = createApi(() => collector.program.address, key);
  const data = join(folder, "agent");
  const startAgent = (...more: string[]) =>
    programOf(run(agentProgram, ["run", "--server", far, "--data", data, ...more], folder));

  // The rounds of the cut end before those of the agent that enrols: no two of a target are of one moment.
  const cutEndMs = Date.now() - 2 * clockSlackMs;
  onStep("it enrols and learns its targets");
  let delivery: Delivery;
  {
    await using _agent = startAgent("--token", await api.mintToken(site));
    delivery = await firstRounds(api, options.limitS);
  }
  link.cut();
  onStep(`its spool takes the rounds of ${hours} h`);
  const filled = await fillSpool(data, path, hours, cutEndMs);
  await using _agent = startAgent();
  onStep(`it runs for ${options.cutS} s cut off`);
  await sleep(options.cutS * 1_000);
  return await deliver({ options, link, delivery, filled });
}

function targetsYaml(far: string, intervalS: number): string {
  const common = `site: "${site}", intervalS: ${intervalS}, timeoutMs: ${Math.min(10_000, intervalS * 900)}`;
  const near = targetIds.map(
    (id, index) => `- {id: ${id}, ${common}, role: device, kind: icmp, address: 127.0.0.${index + 1}}\n`,
  );
  const beyond = Array.from(
    { length: pages },
    (_, index) => `- {id: page-${index + 1}, ${common}, role: noc, kind: http, url: "${far}/livez"}\n`,
  );
  return [...near, ...beyond].join("");
}

/** Ends a program with the scope, by its own process id; one that ended before did so by a fault of its own. */
function programOf<T extends Program>(program: T): AsyncDisposable & { program: T } {
  return {
    program,
    async [Symbol.asyncDispose]() {
      const exit = await end(program, "SIGTERM");
      if (exit !== 0) throw new Error(`a program ended with ${exit}:\n${program.err()}\n${program.out()}`);
    },
  };
}

async function firstRounds(api: ReturnType<typeof createApi>, limitS: number): Promise<Delivery> {
  const startMs = Date.now();
  return waitFor(
    "the first rounds of every target",
    async () => {
      const [agent] = await api.data<{ id: string }[]>("/agents");
      if (agent === undefined) return null;
      const delivery = createDelivery(api, agent.id, site);
      // A page that comes back is how the agent learns of its link: it has to be one that can.
      const isAll = (await delivery.liveSince(startMs)) && (await delivery.passedSince("page-1", startMs));
      return isAll ? delivery : null;
    },
    { timeoutMs: limitS * 1_000 },
  );
}

async function deliver(parts: {
  options: SlowLinkOptions;
  link: ThinLink;
  delivery: Delivery;
  filled: Filled;
}): Promise<Delivered> {
  const { options, link, delivery, filled } = parts;
  const { intervalS, limitS, onStep } = options;
  const isOwn = (firstLine: string) => !firstLine.includes("/livez");
  const before = { ledger: await delivery.ledger(), carried: link.carried(isOwn), resets: link.resets() };
  const stored = async () => (await delivery.ledger()).storedRounds - before.ledger.storedRounds;
  // Their times are right but for what the clocks' exchange leaves open, and no other round is as near.
  const echoesOfCut = () => delivery.echoes(filled.fromMs - clockSlackMs, filled.toMs + clockSlackMs);
  link.restore();
  const backMs = Date.now();
  const sinceS = () => (Date.now() - backMs) / 1_000;
  onStep("the link is back");
  const wait = { timeoutMs: limitS * 1_000, everyMs: 200 };
  await waitFor("the live picture", () => delivery.liveSince(backMs - 2 * intervalS * 1_000), wait);
  const liveS = sinceS();
  onStep(`the live picture is back after ${liveS.toFixed(1)} s`);
  await waitFor(
    "the backlog",
    async () => {
      const rounds = await stored();
      onStep(`${rounds} rounds after ${sinceS().toFixed(0)} s`);
      return rounds >= filled.rounds && (await echoesOfCut()) >= filled.rounds * 5;
    },
    { ...wait, everyMs: 1_000 },
  );
  const doneS = sinceS();
  const { up, down, connections } = link.carried(isOwn);
  const ledger = await delivery.ledger();
  const less = (way: "up" | "down", now: Carried): Carried => ({
    payload: now.payload - before.carried[way].payload,
    wire: now.wire - before.carried[way].wire,
  });
  return {
    liveS,
    backMs,
    backlogRounds: filled.rounds,
    backlogEchoes: await echoesOfCut(),
    doneS,
    openRounds: ledger.openRounds,
    lostRounds: ledger.lostRounds,
    liveRounds: (await stored()) - filled.rounds,
    up: less("up", up),
    down: less("down", down),
    connections: connections - before.carried.connections,
    resets: link.resets() - before.resets,
  };
}

/** Whether a batch is of the cut, which its boot tells, is in no answer of the API: read from the collector's file. */
function orderOfBatches(database: string, sinceMs: number): SlowLinkResult["order"] {
  const db = new DatabaseSync(database, { readOnly: true });
  const rows = db
    .prepare(
      "SELECT names.name AS boot FROM batches JOIN names ON names.id = boot WHERE received_ms >= ? AND rounds > 0 ORDER BY received_ms, seq",
    )
    .all(sinceMs);
  db.close();
  return rows.map(({ boot }) => (boot === cutOffBoot ? "backlog" : "live"));
}
