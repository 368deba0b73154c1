import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { Identity } from "../../probes/key-ring.ts";
import { createDocuments } from "../../probes/spool/documents.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { createApi, end, newAdminKey, run, startCollector, writeDistrict } from "./collector.ts";
import type { Program } from "./collector.ts";
import { openLossyDoor } from "./lossy-door.ts";
import type { Fate } from "./lossy-door.ts";

/* Both programs, and between them a link that loses answers just where they carry a secret that is said once. */

const program = fileURLToPath(new URL("../../probes/main.ts", import.meta.url));
const targets = `- {id: noc, site: "64.08.04", role: noc, kind: icmp, address: 127.0.0.1, intervalS: 5}\n`;

interface AgentRow {
  id: string;
  lastSeen: string | null;
}

async function startParts(fateOf: (path: string) => Fate) {
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(tempDir());
  writeDistrict(dir.path, { "targets.yaml": targets }, "agents: {reportIntervalS: 1}\n");
  const adminKey = newAdminKey();
  const collector = await startCollector(dir.path, { SAMBUNG_ADMIN_KEY: adminKey });
  stack.defer(() => end(collector, "SIGTERM").then(() => {}));
  const api = createApi(() => collector.address, adminKey);
  const door = stack.use(await openLossyDoor(collector.address, fateOf));
  const data = join(dir.path, "agent");
  const started: Program[] = [];
  stack.defer(async () => {
    for (const agent of started) await end(agent, "SIGKILL");
  });
  const start = (token?: string) => {
    const agent = run(
      program,
      ["run", "--server", `http://127.0.0.1:${door.port}`, "--data", data],
      dir.path,
      { SAMBUNG_LOG: "debug", ...(token === undefined ? {} : { SAMBUNG_TOKEN: token }) },
    );
    started.push(agent);
    return agent;
  };
  const agents = () => api.data<AgentRow[]>("/agents");
  const acts = async (action: string) =>
    (await api.data<{ action: string }[]>("/audit")).filter((one) => one.action === action).length;
  const identity = () =>
    JSON.parse(createDocuments(join(data, "spool")).get("identity") ?? "{}") as Partial<Identity>;
  const isGood = async (key: string) => {
    const headers = { Authorization: `Bearer ${key}` };
    return (await fetch(`${collector.address}/api/v1/agent/config`, { headers })).status === 200;
  };
  const rotate = async (id: string) => {
    const headers = { Authorization: `Bearer ${adminKey}` };
    const path = `${collector.address}/api/v1/agents/${id}/rotate`;
    expect((await fetch(path, { method: "POST", headers })).status).toBe(202);
  };
  const held = stack.move();
  return {
    api,
    agents,
    acts,
    start,
    identity,
    isGood,
    rotate,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

it(
  "is enrolled once behind a portal and a link that loses the answer with its key",
  { timeout: 120_000 },
  async () => {
    const fates: Fate[] = ["portal", "lost", "lost"];
    await using parts = await startParts((path) =>
      path.endsWith("/enrol") ? (fates.shift() ?? "passed") : "passed",
    );
    const token = await parts.api.mintToken("64.08.04");
    const first = parts.start(token);
    await waitFor("an answer that was lost", () => fates.length === 1, { timeoutMs: 60_000 });
    // The power goes while it waits for its next try.
    expect(await end(first, "SIGKILL")).toBe("SIGKILL");
    expect(first.err()).toContain("enrolment did not succeed yet");
    parts.start(token);
    await waitFor(
      "rounds of the agent",
      async () => (await parts.agents()).some((one) => one.lastSeen !== null),
      {
        timeoutMs: 60_000,
      },
    );
    const { agentId } = parts.identity();
    expect((await parts.agents()).map(({ id }) => id)).toEqual([agentId]);
    expect(await parts.acts("agent.enrolled.again")).toBe(2);
  },
);

it(
  "changes its key when asked to, whatever is lost on the way and whenever it is killed",
  { timeout: 120_000 },
  async () => {
    const fates: Fate[] = [];
    let asked = 0;
    await using parts = await startParts((path) => {
      if (!path.endsWith("/agent/key")) return "passed";
      asked++;
      return fates.shift() ?? "passed";
    });
    let agent = parts.start(await parts.api.mintToken("64.08.04"));
    await waitFor(
      "rounds of the agent",
      async () => (await parts.agents()).some((one) => one.lastSeen !== null),
      {
        timeoutMs: 60_000,
      },
    );
    const { agentId, key: firstKey } = parts.identity();
    fates.push("lost", "portal", "lost");
    await parts.rotate(agentId!);
    await waitFor("a key that was lost", () => asked >= 1, { timeoutMs: 60_000 });
    await end(agent, "SIGKILL");
    expect(await parts.isGood(firstKey!)).toBe(true);
    agent = parts.start();
    const replaced = (times: number) =>
      waitFor(`${times} keys replaced`, async () => (await parts.acts("agent.key.replaced")) >= times, {
        timeoutMs: 60_000,
      });
    await replaced(1);
    expect(await parts.isGood(firstKey!)).toBe(false);
    const secondKey = parts.identity().key!;
    expect(secondKey).not.toBe(firstKey);
    expect(await parts.isGood(secondKey)).toBe(true);
    // A second rotation, killed as soon as the new key is on the disk: the old one lies beside it until the new one worked.
    await parts.rotate(agentId!);
    await waitFor("another key on the disk", () => parts.identity().key !== secondKey, {
      timeoutMs: 60_000,
      everyMs: 5,
    });
    await end(agent, "SIGKILL");
    const again = parts.start();
    await replaced(2);
    expect(await parts.isGood(secondKey)).toBe(false);
    expect(await parts.isGood(parts.identity().key!)).toBe(true);
    expect(again.err()).not.toContain("sba_");
  },
);
