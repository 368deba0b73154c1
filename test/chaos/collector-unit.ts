import type { ChildProcess } from "node:child_process";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { freeTcpPort } from "../support/free-port.ts";
import { end, sambung } from "../app/collector.ts";
import type { Program } from "../app/collector.ts";
import { mountSmallDisk } from "./small-disk.ts";
import type { SmallDisk } from "./small-disk.ts";

/** The collector at one address, whichever of its processes is running. */
export interface CollectorUnit extends AsyncDisposable {
  host: string;
  port: number;
  address: string;
  disk: SmallDisk | null;
  /** Starts it unless it runs; resolves when it listens or has ended. */
  start(): Promise<void>;
  end(how: "SIGKILL" | "SIGTERM"): Promise<void>;
  isRunning(): boolean;
  /** The database as it lies on the disk at one moment, as files beside each other. */
  copyDatabase(toFolder: string): string;
  /** What it said when it ended without being told to. */
  failures: readonly string[];
}

const diskBytes = 134_217_728;

export async function createCollectorUnit(folder: string, adminKey: string): Promise<CollectorUnit> {
  const data = join(folder, "data");
  const disk = mountSmallDisk(data, diskBytes);
  const host = "127.0.0.1";
  const port = await freeTcpPort();
  const failures: string[] = [];
  let running: { program: Program; told: boolean; gone: Promise<void> } | null = null;

  const unit: CollectorUnit = {
    host,
    port,
    address: `http://${host}:${port}`,
    disk,
    failures,
    isRunning: () => running !== null,
    async start() {
      if (running !== null) return;
      const started = sambung(["start"], folder, {
        SAMBUNG_LISTEN: `${host}:${port}`,
        SAMBUNG_ADMIN_KEY: adminKey,
        SAMBUNG_LOG: "error",
      });
      const current = { program: started, told: false, gone: Promise.resolve() };
      current.gone = started.ended.then((code) => {
        running = null;
        if (!current.told) failures.push(`the collector ended with ${code}: ${started.err().slice(-2_000)}`);
      });
      running = current;
      await started.line(/^listening on /m).catch(() => undefined);
    },
    async end(how) {
      const current = running;
      if (current === null) return;
      current.told = true;
      await end(current.program, how);
      await current.gone;
    },
    copyDatabase(toFolder) {
      const child = running?.program.child;
      // It stands still meanwhile: the file and its log have to be of one moment, as after a kill.
      if (child !== undefined) hold(child);
      try {
        const to = join(toFolder, "sambung.db");
        for (const suffix of ["", "-wal"]) {
          const from = join(data, `sambung.db${suffix}`);
          if (existsSync(from)) copyFileSync(from, to + suffix);
        }
        return to;
      } finally {
        child?.kill("SIGCONT");
      }
    },
    async [Symbol.asyncDispose]() {
      await unit.end("SIGKILL");
      disk?.[Symbol.dispose]();
    },
  };
  return unit;
}

/** Stops a process and returns when the kernel says that it stands still, or that it is gone. */
function hold(child: ChildProcess): void {
  child.kill("SIGSTOP");
  const state = () => readFileSync(`/proc/${child.pid}/stat`, "latin1").split(") ")[1]![0]!;
  while (!"TZX".includes(state()));
}
