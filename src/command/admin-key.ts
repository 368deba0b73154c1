import { randomBytes } from "node:crypto";
import { hashKey, isWellFormedKey, keyPrefix, makeKey } from "../state/keys.ts";
import { commandActor } from "../state/audit.ts";
import type { ApiKeyRecord, StateStore } from "../state/state-store.ts";

type Keys = Pick<StateStore, "apiKeys" | "apiKeyByHash" | "addApiKey">;

/** Takes the key that the operator brought, SAMBUNG_ADMIN_KEY. Refuses one that is none, and one that was revoked. */
export async function acceptAdminKey(state: Keys, key: string, nowMs: number): Promise<void> {
  if (!isWellFormedKey(key, "sbk")) {
    throw new Error(
      "SAMBUNG_ADMIN_KEY: not a key; expected what `sambung key` prints, sbk_ and 36 letters or digits",
    );
  }
  const known = await state.apiKeyByHash(hashKey(key));
  if (known !== null && known.expiresMs !== null && known.expiresMs <= nowMs)
    throw new Error("SAMBUNG_ADMIN_KEY: this key has expired; make another with sambung key");
  if (known !== null) return;
  try {
    await addAdminKey(state, "SAMBUNG_ADMIN_KEY", key, nowMs);
  } catch (error) {
    // The store knows the hash although no valid key has it. A prefix alone might be another key's.
    const revoked = (await state.apiKeys()).some(
      ({ prefix, revokedMs }) => prefix === keyPrefix(key) && revokedMs !== null,
    );
    if (!revoked) throw error;
    throw new Error("SAMBUNG_ADMIN_KEY: this key was revoked; make another with sambung key", {
      cause: error,
    });
  }
}

/** Makes a key when nobody has one yet; null: somebody has. It is to be shown at once, since only its hash is kept. */
export async function makeFirstAdminKey(state: Keys, nowMs: number): Promise<string | null> {
  const keys = await state.apiKeys();
  const isGood = ({ scopes, revokedMs, expiresMs }: ApiKeyRecord) =>
    scopes.includes("admin") && revokedMs === null && (expiresMs === null || expiresMs > nowMs);
  if (keys.some(isGood)) return null;
  const key = makeKey("sbk");
  await addAdminKey(state, "admin", key, nowMs);
  return key;
}

async function addAdminKey(state: Keys, name: string, key: string, createdMs: number): Promise<void> {
  await state.addApiKey(
    {
      id: `key_${randomBytes(6).toString("hex")}`,
      name,
      prefix: keyPrefix(key),
      hash: hashKey(key),
      scopes: ["read", "admin"],
      createdMs,
      revokedMs: null,
    },
    commandActor("sambung start"),
  );
}
