import { expect, it } from "vitest";
import { hashKey, keyPrefix, makeKey } from "../../src/state/keys.ts";
import { createHandClock, openTestSpool, roundNames, tempFolder } from "../support/agent-parts.ts";
import { nowMs, openTestHttp } from "../support/http.ts";
import { accountOf, fill, payload } from "../support/spool-parts.ts";

const stepMs = 20_000;
const rounds = 20_000;

it("a collector takes what a full spool made of its rounds, in an account that closes", async () => {
  using http = await openTestHttp();
  const token = makeKey("sbe");
  const site = "64.08.01";
  await http.state.addEnrolToken({
    hash: hashKey(token),
    prefix: keyPrefix(token),
    site,
    kind: "sambung",
    expiresMs: nowMs + 1_000,
    nowMs,
  });
  const { agentId, key } = await http.ingest.enrol({ token, hardware: "test", version: "1" });
  const agent = (await http.ingest.authenticateAgent(key))!;

  using folder = tempFolder();
  const startMs = nowMs - rounds * stepMs;
  const clock = createHandClock(startMs, 86_400_000);
  const spool = openTestSpool(folder.path, clock, { maxBytes: 60_000, maxBatchRounds: 100 });
  fill(spool, clock, rounds, "hub", stepMs);
  let last = null;
  const names: string[] = [];
  for (let scope: "live" | "backlog" = "live"; ; scope = "backlog") {
    const seq: number | null = spool.compose(scope);
    if (seq === null) break;
    const batch = { ...payload(spool, seq), agent: agentId };
    last = batch;
    names.push(...roundNames([batch]));
    const body = Buffer.from(JSON.stringify(batch));
    await http.ingest.acceptBatch(agent, body, null);
    // A repetition changes nothing.
    await http.ingest.acceptBatch(agent, body, null);
    spool.acknowledge(seq);
  }
  spool.close(true);

  const stored = names.length;
  expect(stored).toBeLessThan(rounds / 2);
  expect(accountOf(last!.ledger)).toEqual({ produced: rounds, thinned: rounds - stored, lost: 0 });
  expect(last!.ledger.waiting).toBe(0);
  expect(await http.state.ledger(agentId)).toMatchObject({
    producedRounds: rounds,
    storedRounds: stored,
    thinnedRounds: rounds - stored,
    lostRounds: 0,
    openRounds: 0,
  });
  const hourMs = 3_600_000;
  const { rows } = await http.reader.smoke({
    targets: [`${site}/hub`],
    fromMs: startMs,
    toMs: nowMs,
    stepMs: hourMs,
    maxRows: 1_000,
  });
  // One echo a round, 180 of them an hour but in the first and the last.
  expect(rows.length).toBeGreaterThan(100);
  for (const { sent, received } of rows.slice(1, -1)) expect([sent, received]).toEqual([180, 180]);
  const events = await http.state.events({ fromMs: startMs, toMs: nowMs });
  expect(events.map(({ type }) => type)).toContain("spool.thinned");
});
