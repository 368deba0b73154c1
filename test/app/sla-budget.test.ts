import { pino } from "pino";
import { expect, it } from "vitest";
import { createApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { monthSpan } from "../../src/inventory/local-time.ts";
import { makeContract, makeDistrict } from "../support/inventory.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { segments, writeWatch } from "../support/watch.ts";

it("a collector sees of its own account of the month that a link's SLA budget is nearly used up", async () => {
  using dir = tempDir();
  const site = "64.08.01.2001";
  const { fromMs } = monthSpan("2026-09", "Asia/Makassar")!;
  const hourMs = 3_600_000;
  const district = makeDistrict();
  const link = { ...district.links.get(`${site}-1`)!, contract: "c1" };
  const inventory = {
    ...district,
    links: new Map([...district.links, [link.id, link]]),
    contracts: new Map([["c1", makeContract({ id: "c1", slaRatio: 0.99 })]]),
  };
  const app = createApp(readConfig({ SAMBUNG_DATA: dir.path, SAMBUNG_LISTEN: "127.0.0.1:0" }, dir.path), {
    logger: pino({ level: "silent" }),
    now: () => fromMs + 20 * 24 * hourMs,
    random: () => 0.5,
    readInventory: () => inventory,
    version: "test",
  });
  try {
    // Seven hours of the 7:12 that are allowed.
    const down = segments(site, "", [
      [fromMs - hourMs, "up"],
      [fromMs + hourMs, "down", "link"],
      [fromMs + 8 * hourMs, "up"],
    ]);
    await writeWatch(app.state, { states: [down] });
    await app.start();
    const seen = await waitFor("the condition", async () =>
      (await app.state.openConditions()).find(({ kind }) => kind === "slaBudget"),
    );
    expect(seen).toMatchObject({ subject: link.id, toldMs: null });
  } finally {
    await app.stop();
  }
}, 60_000);
