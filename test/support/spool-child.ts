import { appendFileSync, writeSync } from "node:fs";
import { createClockWatch, machineClock, readHost } from "../../probes/clock.ts";
import { openSpool } from "../../probes/spool/spool.ts";
import { icmp } from "./agent-parts.ts";
import { agentId } from "./spool-parts.ts";

/*
 * An agent's spool in a process of its own, to be killed: node spool-child.ts <folder> <boot> <seed> [small]. It measures without
 * pause, writes each round down in `witness` before it goes into the spool, and prints each batch that it sends, a line
 * each, before it acknowledges most of them. What stands in a line is what a collector has. A small spool is full all the
 * time, since it sends one batch in fifty.
 */
const [folder, boot, seed, size] = process.argv.slice(2) as [string, string, string, string?];
const isSmall = size === "small";
const share = (chances: number) => (isSmall ? chances / 50 : chances);
const clock = machineClock();
const spool = openSpool({
  folder,
  boot,
  host: readHost(),
  watch: createClockWatch(clock),
  maxBytes: isSmall ? 60_000 : 2_000_000,
  maxBatchRounds: 200,
  flushS: 0.02,
  crashNotes: `${folder}/crash-notes`,
});

let state = Number(seed);
const chance = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;

function send(seq: number): void {
  const line = Buffer.from(`${JSON.stringify(spool.batch(seq, agentId))}\n`);
  for (let done = 0; done < line.length;) done += writeSync(1, line, done);
  if (chance() < 0.8) spool.acknowledge(seq);
}

let lastMs = 0;
function turn(): void {
  // A round is known by its target and its time.
  while (clock.monoMs() <= lastMs);
  lastMs = clock.monoMs();
  for (let i = 0; i < 20; i++) {
    appendFileSync(`${folder}/witness`, `${boot}/t${i}@${lastMs}\n`);
    spool.addRound({ target: `t${i}`, monoMs: lastMs, sample: icmp(1_000 + Math.floor(chance() * 900)) });
  }
  if (chance() < share(0.5)) {
    const seq = spool.compose("live");
    if (seq !== null) send(seq);
  }
  const [newest] = spool.pending();
  if (newest !== undefined && chance() < share(0.3)) send(newest);
  const old = chance() < share(0.3) ? spool.compose("backlog") : null;
  if (old !== null) send(old);
  setTimeout(turn, 1);
}
turn();
