import { describe, expect, it } from "vitest";
import { weekdays } from "../../src/notify/hours.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { startSender } from "./storm.ts";
import { nameOf } from "./storm-events.ts";
import type { StormOptions } from "./storm-events.ts";
import { createStormWorld, nth, read } from "./storm-peers.ts";

/*
 * 500 events in a night: quiet hours that only what is critical passes, two channels that are dead, one behind the other, an
 * escalation, faults of all kinds at the others, and the power cut once. The chat falls over to the phone, and that to ntfy.
 */

const secret = `whsec_${Buffer.alloc(32, 9).toString("base64")}`;
const incidents = 100;
const critical = 80;
const lasting = 3;
const minuteMs = 60_000;
const dayMin = 24 * 60;

describe("a storm of alerts by night", () => {
  it("loses nothing and keeps its order through quiet hours, fall-overs and a power cut", async () => {
    using dir = tempDir();
    await using world = await createStormWorld(secret, 17, ["telegram", "whatsapp"]);
    const epochMs = Date.now();
    /** Minutes after midnight in WITA, so long after the beginning. */
    const clockMin = (afterMin: number) =>
      Math.floor(epochMs / minuteMs + 8 * 60 + afterMin + dayMin) % dayMin;
    const night = { fromMin: clockMin(-60), toMin: clockMin(14 * 60), days: [...weekdays] };
    const options: StormOptions & { file: string } = {
      file: dir.file("sambung.db"),
      incidents,
      lasting,
      everyMs: 5,
      timeoutMs: 3_000,
      critical,
      budget: 6,
      digestMin: clockMin(14 * 60),
      fallbacks: [
        ["telegram", ["whatsapp"]],
        ["whatsapp", ["ntfy"]],
      ],
      quiet: { hours: [{ ...night, holidays: "as-usual" }], passes: "critical" },
      steps: [{ afterMin: 30, to: ["whatsapp"], severity: "critical" }],
      routes: [{ to: ["hook", "mail", "telegram"], severity: "low", quiet: true }],
      channels: ["hook", "mail", "telegram", "whatsapp", "ntfy"],
      secret,
      peers: { ...world.urls, alertmanager: null },
      epochMs,
      startMs: epochMs,
      speed: 60,
    };
    const hooks = () => world.taken.filter(({ channel }) => channel === "hook");
    {
      await using sender = startSender(options);
      await waitFor("half of it", () => hooks().length >= 250, { timeoutMs: 120_000, everyMs: 20 });
      await sender.die();
    }
    const numbers = Array.from({ length: incidents }, (_, n) => n);
    const isLasting = (n: number) => n >= incidents - lasting;
    const on = (channel: string, n: number) =>
      [...new Set(world.taken.filter((one) => one.channel === channel).map(read))].filter((text) =>
        text.includes(nameOf(n)),
      );
    const isEscalation = (text: string) => text.includes("BELUM DITANGGAPI");
    {
      await using sender = startSender(options);
      await waitFor("the last event", () => sender.allFound(), { timeoutMs: 120_000 });
      await waitFor(
        "the escalations",
        () => numbers.filter(isLasting).every((n) => on("ntfy", n).some(isEscalation)),
        { timeoutMs: 120_000, everyMs: 100 },
      );
      await sender.die();
    }
    world.mend();
    {
      await using nextDay = startSender({ ...options, epochMs: epochMs + dayMin * minuteMs });
      await nextDay.done(120_000);
      await nextDay.die();
    }

    expect(world.errors).toEqual([]);
    const distinct = new Map(hooks().map((one) => [one.id, one.body]));
    expect(hooks().length - distinct.size).toBeLessThanOrEqual(2 + world.unheard());
    for (const n of numbers) {
      const all = isLasting(n) ? "1,2,3,4" : "1,2,3,4,5";
      const bodies = [...distinct.values()].filter((body) => body.includes(nameOf(n)));
      expect(`${nameOf(n)} ${bodies.map(nth).join()}`).toBe(`${nameOf(n)} ${all}`);
    }
    // Nothing was taken by the dead: all that was theirs is at the end of the chain.
    expect(world.taken.filter(({ channel }) => ["telegram", "whatsapp"].includes(channel))).toEqual([]);
    for (const channel of ["mail", "ntfy"]) {
      for (const n of numbers) {
        const texts = on(channel, n);
        const digests = texts.filter((text) => text.includes("REKAP PERINGATAN"));
        const own = texts.filter((text) => !digests.includes(text) && !isEscalation(text));
        const order = own.map(nth).join();
        const label = `${channel} ${nameOf(n)}`;
        if (n < incidents - critical) {
          // What the night kept for the morning is told then, and in one message alone.
          expect(`${label} by itself: ${order}, digests: ${digests.length}`).toBe(
            `${label} by itself: , digests: 1`,
          );
          continue;
        }
        expect(`${label} ${order}`).toBe(`${label} ${own.map(nth).toSorted().join()}`);
        expect(`${label} ${order.at(-1)}`).toBe(`${label} ${isLasting(n) ? 4 : 5}`);
        if (isLasting(n)) expect(`${label} ${order}`).toBe(`${label} 1,2,3,4`);
        if (isLasting(n) && channel === "ntfy") expect(texts.filter(isEscalation)).toHaveLength(1);
      }
    }
  }, 300_000);
});
