import type { Outage, StateSegment } from "../../src/outage/table.ts";
import { hashKey, keyPrefix, makeKey } from "../../src/state/keys.ts";
import type { OutageRecord, StateStore, WatchWrite } from "../../src/state/state-store.ts";

/** An outage of Hulu's link that still lasts, unless told otherwise. */
export function makeOutage(more: Partial<OutageRecord> & Pick<Outage, "startMs">): OutageRecord {
  return {
    id: "out_1",
    incident: "inc_1",
    revision: 1,
    knownMs: more.startMs + 120_000,
    withdrawn: false,
    site: "64.08.01",
    link: "64.08.01-1",
    service: null,
    endMs: null,
    cause: "link",
    confidence: "high",
    evidence: [{ fact: "gateway.answers", target: "64.08.01/gw", detail: { rounds: 12 } }],
    root: "64.08.01",
    ...more,
  };
}

/** What the watch would write, one thing at a time. */
export function writeWatch(state: StateStore, write: Partial<WatchWrite>): Promise<void> {
  return state.writeWatch({ outages: [], states: [], alerts: [], messages: [], ...write });
}

/** States of a site, or of a service as seen from it: [start, state, cause]; each lasts until the next, the last until now. */
export function segments(
  site: string,
  service: string,
  changes: readonly [number, StateSegment["state"], StateSegment["cause"]?][],
): WatchWrite["states"][number] {
  return {
    site,
    service,
    replaceFromMs: 0,
    knownMs: 0,
    segments: changes.map(([startMs, state, cause = null], index) => ({
      site,
      service,
      startMs,
      endMs: changes[index + 1]?.[0] ?? null,
      state,
      cause,
    })),
  };
}

/** An agent of the site, as enrolling makes one, under an id that the test can name. */
export async function enrol(
  state: StateStore,
  site: string,
  nowMs: number,
): Promise<{ id: string; site: string }> {
  const [token, key, id] = [makeKey("sbe"), makeKey("sba"), `ag_${site}`];
  await state.addEnrolToken({
    hash: hashKey(token),
    site,
    prefix: "sbe_test",
    kind: "sambung",
    expiresMs: nowMs + 1000,
    nowMs,
  });
  const own = { keyHash: hashKey(key), keyPrefix: keyPrefix(key), hardware: "test", version: "0.0.0" };
  await state.redeemEnrolToken(hashKey(token), nowMs, { id, ...own });
  return { id, site };
}
