import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { leaveIdentity } from "../../probes/enrol.ts";
import { restartWaitMs, startLocalAgent } from "../../src/command/local-agent.ts";
import { hashKey, makeKey } from "../../src/state/keys.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import type { SqliteStores } from "../../src/state/sqlite.ts";
import { tempDir } from "../support/temp-dir.ts";

const nowMs = Date.UTC(2026, 10, 22);
const minuteMs = 60_000;

it("waits longer from one failure to the next, up to five minutes", () => {
  expect([0, 1, 2, 5, 6, 1_000].map((failures) => restartWaitMs(failures) / minuteMs)).toEqual([
    1 / 12,
    1 / 6,
    1 / 3,
    8 / 3,
    5,
    5,
  ]);
});

async function enrolAt({ state }: SqliteStores, site: string): Promise<string> {
  const [token, key, id] = [makeKey("sbe"), makeKey("sba"), `ag_00${site.replaceAll(".", "")}`];
  await state.addEnrolToken({
    hash: hashKey(token),
    site,
    prefix: "sbe_test",
    kind: "sambung",
    expiresMs: nowMs + minuteMs,
    nowMs,
  });
  const own = { keyHash: hashKey(key), keyPrefix: key.slice(0, 8), hardware: "test", version: "0" };
  await state.redeemEnrolToken(hashKey(token), nowMs, { id, ...own });
  return id;
}

/** What an agent of this id would have left in the folder. */
function leaveAgent(folder: string, agentId: string): void {
  mkdirSync(folder, { recursive: true });
  leaveIdentity(folder, { agentId, site: "64.08", key: makeKey("sba") });
}

describe("the agent beside the collector", () => {
  /** Starts one that ends at once, since no agent takes such an address, and answers what was done for it. */
  async function startAt(site: string, prepare: (stores: SqliteStores, folder: string) => Promise<void>) {
    using dir = tempDir();
    const stores = openSqlite(dir.file("sambung.db"));
    try {
      await prepare(stores, dir.file(`agent/${site}`));
      const exits: [string, number][] = [];
      const over = Promise.withResolvers<void>();
      const agent = await startLocalAgent({
        server: "ftp://127.0.0.1",
        data: dir.path,
        site,
        state: stores.state,
        now: () => nowMs,
        env: { PATH: process.env["PATH"] },
        onExit(why, waitMs) {
          exits.push([why, waitMs]);
          over.resolve();
        },
      });
      await over.promise;
      await agent.stop();
      const folders = existsSync(dir.file("agent")) ? readdirSync(dir.file("agent")).toSorted() : [];
      return { enrolled: agent.enrolled, exits, folders };
    } finally {
      stores.close();
    }
  }

  it("enrols when it has no identity, and is said to have ended when it ends", async () => {
    expect(await startAt("64.08", async () => {})).toMatchObject({
      enrolled: true,
      exits: [["exit 2", 5_000]],
    });
  });

  it("stays who it is while the collector knows it at this site", async () => {
    const started = await startAt("64.08", async (stores, folder) => {
      leaveAgent(folder, await enrolAt(stores, "64.08"));
    });
    expect(started).toMatchObject({ enrolled: false, folders: ["64.08"] });
  });

  it.each<[string, (stores: SqliteStores) => Promise<string>]>([
    ["stands at another site", (stores) => enrolAt(stores, "64.08.04")],
    ["belongs to a database that is gone", async () => "ag_gone00"],
    [
      "was revoked",
      async (stores) => {
        const id = await enrolAt(stores, "64.08");
        await stores.state.revokeAgent(id, nowMs);
        return id;
      },
    ],
  ])("is another one, and the old one is kept aside, when that %s", async (_, make) => {
    const started = await startAt("64.08", async (stores, folder) => {
      leaveAgent(folder, await make(stores));
      await enrolAt(stores, "64.08.05");
    });
    expect(started.enrolled).toBe(true);
    expect(started.folders).toContain("64.08.2026-11-22T000000000Z");
  });

  it("enrols anew in a folder that a first start left before it was enrolled", async () => {
    const started = await startAt("64.08", async (_stores, folder) => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${folder}/spool.sqlite`, "");
    });
    expect(started.enrolled).toBe(true);
  });

  it("starts over a file about it that cannot be read, with a token that an enrolled agent will not use", async () => {
    const started = await startAt("64.08", async (_stores, folder) => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${folder}/agent.json`, '{"agentId": "ag_');
    });
    expect(started.enrolled).toBe(true);
  });
});
