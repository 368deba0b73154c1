import type { EnrolledV1 } from "#wire/ack-v1.ts";
import { DocumentError } from "./spool/documents.ts";
import { SpoolError } from "./spool/spool-error.ts";
import type { Store } from "./spool/store.ts";

/** Who the agent is, as its spool keeps it. */
export interface Identity extends EnrolledV1 {
  /** The key before this one, until the collector has taken this one once: it may never have heard of it. */
  previousKey?: string;
}

/**
 * The identity that an earlier start obtained. It lives in the spool: a key without its seqs would number anew. Throws
 * SpoolError where it cannot be read any more: another agent must not go on with the seqs of this one.
 */
export function readIdentity(store: Pick<Store, "get">): Identity | null {
  try {
    const text = store.get("identity");
    return text === null ? null : (JSON.parse(text) as Identity);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    const advice = "Take the folder away, which gives up what it holds, and start with a new token";
    throw new SpoolError(`the agent does not know any more who it is: ${error.message}. ${advice}`, error);
  }
}

export interface KeyRing {
  key(): string;
  /** Keeps the new key and uses it from now on. Throws when it cannot be kept; then the old one stays in use. */
  renew(key: string): void;
  /** The collector answered to the key in use. */
  accepted(): void;
  /** It refused it. True: there is another one to try, which is in use now. */
  denied(): boolean;
}

/**
 * A new key is on the disk before it is used, since the collector revokes the old one when it sees the new one first; and
 * the old one stays beside it until then, since a collector that was set back to a copy knows the old one alone.
 */
export function createKeyRing(store: Pick<Store, "set">, initial: Identity): KeyRing {
  let identity = initial;
  // Tried in turn while there are two, the newer first.
  let isOldInUse = false;
  const keep = (next: Identity) => {
    store.set("identity", JSON.stringify(next));
    identity = next;
    isOldInUse = false;
  };
  const bare = ({ agentId, site }: Identity, key: string): Identity => ({ agentId, key, site });
  const inUse = () => (isOldInUse ? identity.previousKey! : identity.key);
  return {
    key: inUse,
    renew: (key) => keep({ ...bare(identity, key), previousKey: inUse() }),
    accepted() {
      if (identity.previousKey === undefined) return;
      try {
        keep(bare(identity, inUse()));
      } catch {
        // Only tidying: the next answer, or the next start, does it.
      }
    },
    denied() {
      if (identity.previousKey === undefined) return false;
      isOldInUse = !isOldInUse;
      return isOldInUse;
    },
  };
}
