import { copyFileSync, cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { whole } from "../support/random.ts";
import { end, run } from "../app/collector.ts";
import type { Program } from "../app/collector.ts";
import { fakeClock } from "./faked-clock.ts";
import type { FakedClock } from "./faked-clock.ts";
import type { Link } from "./proxy.ts";
import { mountSmallDisk } from "./small-disk.ts";
import type { SmallDisk } from "./small-disk.ts";
import { monoNowMs } from "./witness.ts";
import type { Witness } from "./witness.ts";

/** How a start of the agent ended. */
export interface Life {
  /** When it was told to, or was gone. */
  endMonoMs: number;
  /** With all that it had noted in memory, or that came to its card after a copy of it was taken, which was put back. */
  power: boolean;
}

/** What an agent's card may do to the spool's log, or to the small files beside it. */
export type Harm = "log.flipped" | "log.torn" | "documents.flipped";

/** One agent with its folder, its link and its clock, whichever of its processes is running. */
export interface AgentUnit extends AsyncDisposable {
  site: string;
  link: Link;
  clock: FakedClock | null;
  disk: SmallDisk | null;
  /** Starts it unless it runs. */
  start(): void;
  /** Ends it if it runs; resolves when it is gone. */
  end(how: "SIGKILL" | "SIGTERM" | "power"): Promise<void>;
  isRunning(): boolean;
  /** Harms its files; it must be down. `amount`: bytes flipped. */
  harm(what: Harm, amount: number, random: () => number): void;
  /** Keeps a copy of its card, and puts the copy in its place later; it must be down each time. */
  copyCard(): void;
  restoreCard(): void;
  /** Those that have ended, in their order. */
  lives: readonly Life[];
  /** What it said when it ended without being told to. */
  failures: readonly string[];
}

interface Running {
  program: Program;
  toldMonoMs: number | null;
  gone: Promise<void>;
}

const program = fileURLToPath(new URL("../../probes/main.ts", import.meta.url));
/** Much more than these agents ever fill, and little enough to be held in memory. */
const diskBytes = 16_777_216;

export interface AgentUnitOptions {
  site: string;
  token: string;
  /** Where its own folders go. */
  folder: string;
  /** A folder in memory (tmpfs), for the notes. */
  memoryFolder: string;
  /** Shared by all agents: compiling is not what is tested. */
  compileCache: string;
  link: Link;
  witness: Witness;
}

export function createAgentUnit(options: AgentUnitOptions): AgentUnit {
  const { site, link, witness, folder, memoryFolder } = options;
  mkdirSync(folder, { recursive: true });
  mkdirSync(memoryFolder, { recursive: true, mode: 0o700 });
  const data = join(folder, "data");
  const disk = mountSmallDisk(data, diskBytes);
  const clock = fakeClock(join(folder, "clock"));
  const lives: Life[] = [];
  const failures: string[] = [];
  let running: Running | null = null;
  let isPowerCut = false;
  const copy = join(folder, "card");
  let copiedAtLife = 0;

  function dropNotes(): void {
    for (const note of globSync(join(memoryFolder, "*"))) rmSync(note);
  }

  function start(): void {
    if (running !== null) return;
    witness.setLife(site, lives.length + 1);
    const started = run(program, ["run", "--server", link.address, "--data", data], folder, {
      SAMBUNG_TOKEN: options.token,
      SAMBUNG_LOG: "warn",
      RUNTIME_DIRECTORY: memoryFolder,
      NODE_COMPILE_CACHE: options.compileCache,
      ...clock?.env,
    });
    const current: Running = {
      program: started,
      toldMonoMs: null,
      gone: Promise.resolve(),
    };
    current.gone = started.ended.then(async (code) => {
      const endMonoMs = current.toldMonoMs ?? monoNowMs();
      // The next start must not be taken for the sender of what this one sent last.
      await witness.caughtUp();
      lives.push({ endMonoMs, power: isPowerCut });
      isPowerCut = false;
      running = null;
      if (current.toldMonoMs === null)
        failures.push(`agent of ${site} ended with ${code}: ${started.err().slice(-2_000)}`);
    });
    running = current;
  }

  const unit: AgentUnit = {
    site,
    link,
    clock,
    disk,
    lives,
    failures,
    start,
    isRunning: () => running !== null,
    async end(how) {
      const current = running;
      if (current === null) return;
      current.toldMonoMs ??= monoNowMs();
      isPowerCut ||= how === "power";
      await end(current.program, how === "SIGTERM" ? "SIGTERM" : "SIGKILL");
      await current.gone;
      if (how === "power") dropNotes();
    },
    harm(what, amount, random) {
      // Documents or their copies: an agent that lost both of its identity is nobody.
      const documents = random() < 0.5 ? "{config,identity,reserve,version}" : "*.copy";
      const names = what === "documents.flipped" ? `${documents}.json` : "*.log";
      const files = globSync(join(data, "spool", names)).sort();
      if (files.length === 0) return;
      const pick = () => files[whole(random, files.length)]!;
      if (what === "log.torn") tear(pick(), random);
      else for (let done = 0; done < amount; done++) flipByte(pick(), random);
    },
    copyCard() {
      // What a killed start had noted in memory is not on the copy either, and goes with what came after it.
      const hasNotes = globSync(join(memoryFolder, "*")).length > 0;
      copiedAtLife = hasNotes ? Math.max(0, lives.length - 1) : lives.length;
      rmSync(copy, { recursive: true, force: true });
      cpSync(join(data, "spool"), copy, { recursive: true });
    },
    restoreCard() {
      for (const life of lives.slice(copiedAtLife)) life.power = true;
      dropNotes();
      for (const file of globSync(join(data, "spool", "*.log"))) rmSync(file);
      cpSync(copy, join(data, "spool"), { recursive: true });
    },
    async [Symbol.asyncDispose]() {
      await unit.end("SIGKILL");
      await link[Symbol.asyncDispose]();
      disk?.[Symbol.dispose]();
      rmSync(memoryFolder, { recursive: true, force: true });
    },
  };
  return unit;
}

function flipByte(file: string, random: () => number): void {
  const bytes = readFileSync(file);
  if (bytes.length === 0) return;
  const at = whole(random, bytes.length);
  bytes[at] = bytes[at]! ^ (1 << whole(random, 8));
  writeFileSync(file, bytes);
}

/** The end of a file is gone, or there is nothing in it but zeros from somewhere on. */
function tear(file: string, random: () => number): void {
  const bytes = readFileSync(file);
  const at = whole(random, bytes.length + 1);
  writeFileSync(file, random() < 0.5 ? bytes.subarray(0, at) : bytes.fill(0, at));
}

/** Keeps what a failed run leaves, for whoever looks into it. */
export function keepSpool(folder: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const file of globSync(join(folder, "data", "spool", "*"))) {
    copyFileSync(file, join(to, file.slice(file.lastIndexOf("/") + 1)));
  }
}
