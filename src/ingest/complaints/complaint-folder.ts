import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { commandActor } from "../../state/audit.ts";
import type { Complaints, ImportMode, ImportReport } from "./create-complaints.ts";
import { writeReport } from "./folder-report.ts";
import { ComplaintFileError, refuseFile } from "./refusal.ts";
import type { Refusal } from "./refusal.ts";

/*
 * A folder into which somebody puts exports. A file is taken when it has stood still for a while, since copying one takes time;
 * then it lies in done/ or refused/, with a report beside it, until it is deleted. What is refused may hold people's data, so
 * that it is neither kept for longer nor named in the log: names of files are written by people too.
 */

export interface ComplaintFolderOptions {
  path: string;
  mode: ImportMode;
  /** Days after which files in done/ and refused/ are deleted. */
  fileDays: number;
  /** How long a file has to stand still before it is taken, ms. */
  settleMs: number;
}

export interface ComplaintFolder {
  /** Takes what stands still. Resolves with how many files were taken. */
  look(): Promise<number>;
  /** Deletes what was kept for long enough. */
  tidy(): number;
}

export interface FolderDeps {
  complaints: Pick<Complaints, "importFile" | "maxFileBytes">;
  nowMs: () => number;
  logger: { info(fields: object, message: string): void; error(fields: object, message: string): void };
}

/** What a file was called, and how it looked when it was last seen. */
interface Sight {
  bytes: number;
  changedMs: number;
  sinceMs: number;
  /** When it could not be read or stored; null: it was not tried. */
  failedMs: number | null;
}

const done = "done";
const refused = "refused";
/** Files that programs write beside the one they are about to finish. */
const unfinished = /^[.~]|~$|\.(tmp|part|partial|filepart|crdownload|laporan\.txt)$/i;
/** After which a file that could not be read or stored is tried again, ms. */
const retryMs = 600_000;

export function createComplaintFolder(options: ComplaintFolderOptions, deps: FolderDeps): ComplaintFolder {
  const { path, settleMs } = options;
  const { nowMs, logger } = deps;
  const seen = new Map<string, Sight>();
  const by = commandActor("complaints.folder");
  makeFolders(path);

  /** Whether a file is as it was for long enough. */
  function standsStill(name: string): boolean {
    const { size: bytes, mtimeMs: changedMs } = lstatSync(join(path, name));
    const before = seen.get(name);
    if (before === undefined || before.bytes !== bytes || before.changedMs !== changedMs) {
      seen.set(name, { bytes, changedMs, sinceMs: nowMs(), failedMs: null });
      return false;
    }
    if (before.failedMs !== null) return nowMs() - before.failedMs >= retryMs;
    return nowMs() - before.sinceMs >= settleMs;
  }

  async function importOne(name: string): Promise<ImportReport | readonly Refusal[]> {
    const { maxFileBytes } = deps.complaints;
    try {
      // A file that is too large is not read at all.
      if (seen.get(name)!.bytes > maxFileBytes) throw refuseFile("file.size", { other: maxFileBytes });
      const from = readFileSync(join(path, name));
      const { mode } = options;
      return await deps.complaints.importFile({ from, mode, surface: "folder", dryRun: false, by });
    } catch (error) {
      if (error instanceof ComplaintFileError) return error.refusals;
      throw error;
    }
  }

  async function take(name: string): Promise<void> {
    const outcome = await importOne(name);
    const isDone = "rows" in outcome && outcome.result !== null;
    const target = freeName(join(path, isDone ? done : refused), stampOf(nowMs()), name);
    writeFileSync(`${target}.laporan.txt`, writeReport(outcome), { mode: 0o600 });
    renameSync(join(path, name), target);
    const { refused: lines, import: id } =
      "rows" in outcome ? outcome : { refused: outcome.length, import: null };
    logger.info({ import: id, refused: lines }, isDone ? "complaints imported" : "complaints refused");
  }

  return {
    async look() {
      const names = filesIn(path).filter((name) => !unfinished.test(name));
      for (const name of seen.keys()) if (!names.includes(name)) seen.delete(name);
      let taken = 0;
      for (const name of names) {
        try {
          if (!standsStill(name)) continue;
          await take(name);
          taken += 1;
          seen.delete(name);
        } catch (error) {
          const sight = seen.get(name);
          if (sight !== undefined) sight.failedMs = nowMs();
          const { code } = error as { code?: string };
          logger.error({ code }, "a file of complaints could not be taken; it stays where it is");
        }
      }
      return taken;
    },
    tidy() {
      const last = stampOf(nowMs() - options.fileDays * 86_400_000);
      const old = [done, refused].flatMap((folder) =>
        filesIn(join(path, folder))
          .filter((name) => /^\d{8}T\d{6}Z-/.test(name) && name.slice(0, last.length) < last)
          .map((name) => join(path, folder, name)),
      );
      for (const file of old) rmSync(file);
      return old.length;
    },
  };
}

/** Throws, by the name of the setting, when the folder is none that this user may write. */
function makeFolders(path: string): void {
  try {
    for (const folder of [done, refused]) mkdirSync(join(path, folder), { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const allowed = "a folder that this user may write";
    throw new Error(`complaints.folder: ${path} cannot be used (${code}); expected ${allowed}`, {
      cause: error,
    });
  }
}

/** Files themselves: no folders, and nothing that leads elsewhere. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .toSorted();
}

/** 20261123T091000Z: sorts as time passes. */
function stampOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}

function freeName(folder: string, stamp: string, name: string): string {
  for (let number = 1; ; number++) {
    const target = join(folder, `${stamp}-${number === 1 ? "" : `${number}-`}${name}`);
    if (!existsSync(target)) return target;
  }
}
