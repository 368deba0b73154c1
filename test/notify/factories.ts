import type { AlertPayload, DigestPayload, Payload } from "../../src/notify/payload.ts";
import type { AlertRecord, OutageRecord, OutboxMessage } from "../../src/state/state-store.ts";

/** 5 March 2026, 09.10 WITA. */
export const morningMs = Date.UTC(2026, 2, 5, 1, 10);

export function anOutage(given: Partial<OutageRecord> & Pick<OutageRecord, "id" | "incident">): OutageRecord {
  return {
    site: "64.08.05.2001",
    link: null,
    service: null,
    startMs: morningMs,
    endMs: null,
    cause: "power",
    confidence: "high",
    evidence: [],
    root: given.site ?? "64.08.05.2001",
    revision: 1,
    knownMs: morningMs,
    withdrawn: false,
    ...given,
  };
}

export function anAlert(given: Partial<AlertPayload> = {}): AlertPayload {
  return {
    type: "site.down",
    correction: null,
    alert: "64.08.05.2001@1772673000000@1772673060000",
    kind: "outage",
    incident: "in_1",
    root: "64.08.05.2001",
    name: "Mekar Baru",
    kecamatan: "Busang",
    startMs: morningMs,
    endMs: null,
    cause: "power",
    confidence: "high",
    evidence: [],
    behind: { count: 0, names: [] },
    service: null,
    link: null,
    url: null,
    partOf: null,
    severity: "medium",
    sites: ["64.08.05.2001"],
    providers: ["Telkom"],
    people: { known: 0, unknownSites: 0 },
    unmeasured: { count: 0, names: [] },
    changes: [],
    sitesBefore: null,
    ...given,
  };
}

/** So many villages, cut off and not over. */
export function aDigest(count: number): DigestPayload {
  const items = Array.from({ length: count }, (_, n) =>
    anAlert({ alert: `a${n}`, name: `Desa Nomor ${n}`, kecamatan: "Muara Bengkal" }),
  );
  return {
    type: "digest",
    alert: "digest-1-chat",
    incident: "digest-1-chat",
    severity: "medium",
    fromMs: morningMs,
    toMs: morningMs + 3_600_000,
    items,
    more: 0,
    lasting: items.map(({ alert }) => alert),
    url: "https://s.example/",
  };
}

export function aMessage(payload: Payload, given: Partial<OutboxMessage> = {}): OutboxMessage {
  return {
    id: "msg_0123456789abcdef01234567",
    dedupeKey: "in_1:site.down:hook",
    channel: "hook",
    type: payload.type,
    alert: payload.alert,
    incident: payload.incident,
    payload,
    createdMs: morningMs + 120_000,
    attempts: 0,
    nextTryMs: morningMs + 120_000,
    sentMs: null,
    failedMs: null,
    lastError: null,
    digestMs: null,
    remoteId: null,
    ...given,
  };
}

/** What is remembered of an alert that people were told of at once, and that lasts. */
export function anAlertRecord(given: Partial<AlertRecord> & Pick<AlertRecord, "id">): AlertRecord {
  const root = "64.08.05.2001";
  return {
    incident: "in_1",
    parts: [{ key: root, root, startMs: morningMs, endMs: null }],
    area: null,
    sites: [root],
    openedMs: morningMs,
    sinceMs: morningMs,
    isHidden: false,
    isUnstable: false,
    toldMs: morningMs,
    told: { kind: "outage", root, cause: "power", isService: false, sites: 1 },
    doubted: null,
    changedMs: null,
    updates: 0,
    endedMs: null,
    closedMs: null,
    facts: null,
    ...given,
  };
}
