import { createHmac, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import type { StateStore } from "../../state/state-store.ts";
import { IngestError } from "../ingest-error.ts";

/*
 * The key under which tracking ids become what is stored. There are so few ids that a plain hash of one is found by trying
 * them all; with the key beside the database, and not in it, a copy of the database alone tells nothing.
 */

/** What the key is held against, so that another one is noticed before it makes two cases of one. */
const checkSetting = "complaints.keyCheck";

export interface ComplaintSecret {
  /** What is stored of a tracking id, or of a file. Throws IngestError when the key is not the one in use. */
  hash(what: "case" | "file", value: string | Uint8Array): Promise<string>;
}

/** `file`: where the key is kept; it is made, for its user alone, where there is none and none was in use. */
export function createComplaintSecret(
  file: string,
  state: Pick<StateStore, "setting" | "setSetting">,
): ComplaintSecret {
  let known: Buffer | null = null;
  const load = async (): Promise<Buffer> => {
    const check = await state.setting(checkSetting);
    const key = read(file) ?? (check === null ? make(file) : null);
    if (key === null) throw lost(file, "is missing");
    const now = digest(key, "check", "");
    if (check !== null && check !== now) throw lost(file, "is not the one in use");
    if (check === null) await state.setSetting(checkSetting, now);
    return key;
  };
  return {
    async hash(what, value) {
      known ??= await load();
      return digest(known, what, value);
    },
  };
}

function digest(key: Buffer, what: string, value: string | Uint8Array): string {
  return createHmac("sha256", key).update(`${what}\0`).update(value).digest("base64url");
}

function read(file: string): Buffer | null {
  try {
    const text = readFileSync(file, "utf8").trim();
    return /^[0-9a-f]{64}$/.test(text) ? Buffer.from(text, "hex") : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function make(file: string): Buffer {
  const key = randomBytes(32);
  writeFileSync(file, `${key.toString("hex")}\n`, { flag: "wx", mode: 0o600 });
  return key;
}

function lost(file: string, what: string): IngestError {
  const detail = `the key of tracking ids ${what}: put ${file} back from a backup; nothing was stored`;
  return new IngestError({
    code: "complaints.key",
    status: 503,
    title: "Not now",
    detail,
    retryAfterS: 3_600,
  });
}
