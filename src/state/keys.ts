import { hash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

/*
 * Keys look like `sbk_` + 30 random base62 characters + 6 base62 characters of the CRC32 of those 30: the form that
 * GitHub uses, so that a leaked key is recognised by its shape and a mistyped one without asking the store.
 *
 *   sba_  an agent's key · sbe_  an enrolment token, used once · sbk_  a key for people and programs that read
 */

export const keyKinds = ["sba", "sbe", "sbk"] as const;
export type KeyKind = (typeof keyKinds)[number];

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const entropyLength = 30;
const checksumLength = 6;

/** A new key: 178 bits of chance. `random` gives that many random bytes. */
export function makeKey(kind: KeyKind, random: (size: number) => Uint8Array = randomBytes): string {
  let entropy = "";
  while (entropy.length < entropyLength) {
    for (const byte of random(entropyLength)) {
      // 248 = 4 × 62: bytes above it would make the first letters of the alphabet likelier.
      if (byte < 248 && entropy.length < entropyLength) entropy += alphabet[byte % 62]!;
    }
  }
  return `${kind}_${entropy}${checksum(entropy)}`;
}

/** Whether this can be a key of the kind at all; says nothing of whether it was ever given out. */
export function isWellFormedKey(text: string, kind: KeyKind): boolean {
  const match = /^([a-z]{3})_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/.exec(text);
  return match !== null && match[1] === kind && checksum(match[2]!) === match[3];
}

/** What is stored of a key: SHA-256, hex. Plain, since a key has more chance than any dictionary covers. */
export function hashKey(key: string): string {
  return hash("sha256", key, "hex");
}

/** What is shown of a key in lists. */
export function keyPrefix(key: string): string {
  return key.slice(0, 8);
}

function checksum(entropy: string): string {
  let rest = crc32(entropy);
  let text = "";
  while (rest > 0) {
    text = alphabet[rest % 62]! + text;
    rest = Math.floor(rest / 62);
  }
  return text.padStart(checksumLength, "0");
}
