import { integerAt, objectAt, oneOfAt, stringAt } from "./check.ts";

/*
 * What the collector answers, version 1.
 *
 * 200 to POST /api/v1/batches:
 *   { "acked": 42, "serverMs": 1763785200456, "configEtag": "\"3f…\"", "backlog": "go" }
 * The batch and its ledger entry are durable when this is sent. "slow": send the live batches, leave the backlog
 * for later.
 *
 * 200 to POST /api/v1/agents/enrol: { "agentId": "ag_…", "key": "sba_…", "site": "64.08" }
 * A token is good once. The answer may be lost, though, and the agent with it: whoever asks again with the nonce of the
 * first time gets another key of the same agent, until one of its keys was used.
 *
 * 201 to POST /api/v1/agent/key: { "key": "sba_…" }
 * A new key of the agent that asks, whose configuration says `rotateKey`. The old one is good until the new one is first
 * used.
 *
 * Anything else is problem+json (RFC 9457).
 */
export interface AckV1 {
  acked: number;
  /** The collector's clock when it answered; the agent compares its own with it. */
  serverMs: number;
  configEtag: string;
  backlog: "go" | "slow";
}

export interface EnrolRequestV1 {
  token: string;
  /** Optional. Random, and kept by the agent from before its first try: 32 hex digits. */
  nonce?: string;
  hardware: string;
  version: string;
}

export interface EnrolledV1 {
  agentId: string;
  key: string;
  site: string;
}

export interface NewKeyV1 {
  key: string;
}

export function parseAck(input: unknown): AckV1 {
  const ack = objectAt("", input, ["acked", "serverMs", "configEtag", "backlog"]);
  return {
    acked: integerAt("acked", ack.acked, 1, Number.MAX_SAFE_INTEGER),
    serverMs: integerAt("serverMs", ack.serverMs, 0, Number.MAX_SAFE_INTEGER),
    configEtag: stringAt("configEtag", ack.configEtag, /^.{1,128}$/, "an entity tag"),
    backlog: oneOfAt("backlog", ack.backlog, ["go", "slow"]),
  };
}

export function parseEnrolRequest(input: unknown): EnrolRequestV1 {
  const request = objectAt("", input, ["token", "nonce", "hardware", "version"]);
  return {
    token: stringAt(
      "token",
      request.token,
      /^sbe_[0-9A-Za-z]{36}$/,
      "an enrolment token, sbe_ and 36 letters or digits",
    ),
    ...(request.nonce === undefined
      ? {}
      : { nonce: stringAt("nonce", request.nonce, noncePattern, "32 hex digits") }),
    hardware: stringAt("hardware", request.hardware, /^[\s\S]{1,200}$/, "1 to 200 characters"),
    version: stringAt("version", request.version, /^[\s\S]{1,64}$/, "1 to 64 characters"),
  };
}

export function parseEnrolled(input: unknown): EnrolledV1 {
  const enrolled = objectAt("", input, ["agentId", "key", "site"]);
  return {
    agentId: stringAt("agentId", enrolled.agentId, /^ag_[0-9a-z]{6,40}$/, "an agent id, ag_…"),
    key: agentKeyAt("key", enrolled.key),
    site: stringAt("site", enrolled.site, /^[0-9.]{5,13}$/, "a site code"),
  };
}

export function parseNewKey(input: unknown): NewKeyV1 {
  const { key } = objectAt("", input, ["key"]);
  return { key: agentKeyAt("key", key) };
}

/** A text whose value no message shows. */
function agentKeyAt(field: string, value: unknown): string {
  const isText = typeof value === "string" && value !== "";
  return stringAt(
    field,
    isText && !agentKey.test(value) ? "(hidden)" : value,
    agentKey,
    "an agent key, sba_…",
  );
}

const noncePattern = /^[0-9a-f]{32}$/;
const agentKey = /^sba_[0-9A-Za-z]{36}$/;
