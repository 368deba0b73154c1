import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

/**
 * The key that signs links of acknowledgement, in a file for its user alone beside the database: a copy of that can sign
 * none. Another one only makes the links in old messages invalid, so that a missing one is made.
 */
export function readAckKey(file: string): Buffer {
  try {
    return parse(file, readFileSync(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const key = randomBytes(32);
  writeFileSync(file, `${key.toString("hex")}\n`, { flag: "wx", mode: 0o600 });
  return key;
}

function parse(file: string, text: string): Buffer {
  const hex = text.trim();
  if (/^[0-9a-f]{64}$/.test(hex)) return Buffer.from(hex, "hex");
  throw new Error(`${file}: expected 64 hexadecimal digits; delete it to have another made`);
}
