import { readFileSync } from "node:fs";
import { format, rowOf } from "../table.ts";
import type { Row } from "../table.ts";
import { batchBodies, collectedBodies, lineBodies } from "./bodies.ts";
import type { Body, BodyOptions } from "./bodies.ts";
import { districtSites, districtTargets, intervalMs, sitesFile } from "./district-rounds.ts";
import { cpuSecondsOver, sendAll } from "./load.ts";
import { peers, startSambung, versionOf } from "./servers.ts";
import type { Peer, Server } from "./servers.ts";

const hourSteps = 3_600_000 / intervalMs;
const steps = 4 * hourSteps;
/** The first hour is not counted, for any of them: code is compiled, series and caches are made. */
const warmShare = 1 / 4;
/** What InfluxData recommends for a write (5,000 to 10,000 lines); VictoriaMetrics gives no figure of its own. */
const linesPerWrite = 5_000;

/**
 * What a request holds. `live`: what an agent has after a minute, as agents report by default; the peers get it as they would
 * from a Telegraf at each site. `minutes`: after five minutes, which is how a site with a dear uplink is set. `backlog`: an
 * hour of a site; the peers get writes of their recommended size, collected from all sites. `lanes`: requests under way at
 * once. A district's agents do not wait for each other; of large writes influxd takes few at a time before it gives up.
 */
const shapes = {
  live: { stepsPerBody: 2, collected: false, lanes: 64 },
  minutes: { stepsPerBody: 10, collected: false, lanes: 64 },
  backlog: { stepsPerBody: hourSteps, collected: true, lanes: 4 },
} as const;
type Shape = keyof typeof shapes;

interface Measured {
  perCpuSecond: number;
  diskBytesPerRound: number;
}

/** Rounds per second of processor time and bytes on disk per round, ours beside the peers', on the same rounds. */
export const benchThroughput = (only: readonly Shape[] = ["live", "minutes", "backlog"]) =>
  async function bench(): Promise<Row[]> {
    const rows: Row[] = [];
    for (const shape of only) rows.push(...(await compare(shape)));
    return [...rows, ...versions()];
  };

async function compare(shape: Shape): Promise<Row[]> {
  const sites = districtSites();
  const { stepsPerBody, collected, lanes } = shapes[shape];
  // The last round is of now, as it is in life.
  const startMs = Date.now() - steps * intervalMs - 60_000;
  const options: BodyOptions = { sites, steps, stepsPerBody, startMs };
  const ours = await measureOurs(options, lanes);
  const lines = collected ? collectedBodies(options, linesPerWrite) : lineBodies(options);
  const size = (bodies: readonly Body[]) => format(bodies[0]!.rounds);
  const name = `${shape}, ${stepsPerBody * districtTargets.length} rounds a batch`;
  const theirName = `${shape}, ${size(lines)} lines a write`;
  const rows = [rowOf(`rounds/CPU s, ${name}: sambung, everything on`, ours.perCpuSecond, "")];
  const disk = [
    rowOf(`bytes on disk/round, ${name}: sambung, stopped`, ours.diskBytesPerRound, "B", { atMost: 20 }),
  ];
  for (const peer of Object.keys(peers) as Peer[]) {
    if (versionOf(peer) === null) continue;
    const { command, start } = peers[peer];
    await using server = await start();
    const theirs = await measure(server, lines, lanes);
    rows.push(rowOf(`rounds/CPU s, ${theirName}: ${command}`, theirs.perCpuSecond, ""));
    disk.push(rowOf(`bytes on disk/round, ${theirName}: ${command}, merged`, theirs.diskBytesPerRound, "B"));
    const mark = peer === "victoria" ? ([{ atLeast: 1.5 }] as const) : [];
    rows.push(
      rowOf(
        `rounds/CPU s, ${shape}: sambung ÷ ${command}`,
        ours.perCpuSecond / theirs.perCpuSecond,
        "×",
        ...mark,
      ),
    );
  }
  return [...rows, ...disk];
}

async function measureOurs(options: BodyOptions, lanes: number): Promise<Measured> {
  await using server = await startSambung(readFileSync(sitesFile, "utf8"), districtTargets, options.sites);
  const bodies = batchBodies(options, (site) => server.agents[site]!);
  return await measure(server, bodies, lanes, async () => {
    if ((await server.outages()) === 0)
      throw new Error("nothing was detected, so the figure is of something else");
  });
}

async function measure(
  server: Server,
  bodies: readonly Body[],
  lanes: number,
  check = async () => {},
): Promise<Measured> {
  const warm = Math.floor(bodies.length * warmShare);
  const roundsOf = (some: readonly Body[]) => some.reduce((sum, { rounds }) => sum + rounds, 0);
  await cpuSecondsOver(server, () => sendAll(server, bodies.slice(0, warm), lanes));
  const counted = bodies.slice(warm);
  const cpuS = await cpuSecondsOver(server, () => sendAll(server, counted, lanes));
  const stored = await server.storedRounds();
  if (stored !== roundsOf(bodies))
    throw new Error(`${stored} rounds are stored, ${roundsOf(bodies)} were sent`);
  await check();
  return {
    perCpuSecond: roundsOf(counted) / cpuS,
    diskBytesPerRound: (await server.diskBytes()) / stored,
  };
}

/** Where a peer is not installed its rows are missing, and this says so. */
function versions(): Row[] {
  return (Object.keys(peers) as Peer[]).map((peer) => ({
    measure: `version of ${peers[peer].command}`,
    value: versionOf(peer) ?? `skipped: not installed (Debian package ${peers[peer].debian})`,
    mark: "",
    met: null,
  }));
}
