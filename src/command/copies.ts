import { join } from "node:path";
import { backupTo, replacedName, stageRestore } from "../state/copies.ts";

export interface CopyTexts {
  progress: (share: number) => string;
  backedUp: (path: string, megabytes: string) => string;
  /** `old`: where the data will be that were there before. */
  restored: (old: string) => string;
}

/** `sambung backup` and `sambung restore`: of the one file in the data folder. Throws an Error that says why not. */
export async function runCopy(
  { name, file }: { name: "backup" | "restore"; file: string },
  data: string,
  texts: CopyTexts,
  print: (line: string) => void,
): Promise<void> {
  const own = join(data, "sambung.db");
  const isTerminal = process.stderr.isTTY;
  const onProgress = (share: number) => {
    if (isTerminal) process.stderr.write(`\r\u001b[K${texts.progress(share)}`);
  };
  const { bytes } =
    name === "backup" ? await backupTo(own, file, onProgress) : await stageRestore(file, own, onProgress);
  if (isTerminal) process.stderr.write("\r\u001b[K");
  print(
    name === "backup" ? texts.backedUp(file, (bytes / 1e6).toFixed(1)) : texts.restored(replacedName(own)),
  );
}
