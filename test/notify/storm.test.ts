import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { freeTcpPort } from "../support/free-port.ts";
import { needs } from "../support/needs.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { startSender } from "./storm.ts";
import { atEase, nameOf } from "./storm-events.ts";
import type { StormOptions } from "./storm-events.ts";
import { createStormWorld, nth, read } from "./storm-peers.ts";

/*
 * Everything from what was found to the phones: real store, keeper, outbox, channels; a real SMTP server, Debian's
 * Alertmanager, the public library's check of signatures; peers that fail in all ways; and the power cut three times.
 */

const missing = needs({ commands: ["prometheus-alertmanager"] });
const secret = `whsec_${Buffer.alloc(32, 9).toString("base64")}`;
const kills = 3;
const budget = 4;
const people = ["mail", "telegram", "whatsapp", "ntfy"];
const dayMs = 86_400_000;

async function startAlertmanager(folder: string) {
  const port = await freeTcpPort();
  const file = join(folder, "alertmanager.yml");
  writeFileSync(file, "route: { receiver: none }\nreceivers: [{ name: none }]\n");
  const child = spawn(
    "prometheus-alertmanager",
    [
      `--config.file=${file}`,
      `--storage.path=${join(folder, "am")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
    ],
    { stdio: "ignore" },
  );
  const ended = once(child, "exit");
  const url = `http://127.0.0.1:${port}`;
  await waitFor("Alertmanager", async () => (await fetch(`${url}/-/ready`)).ok, { everyMs: 100 });
  return {
    url,
    async active(): Promise<string[]> {
      const alerts = (await (await fetch(`${url}/api/v2/alerts?active=true`)).json()) as {
        labels: { alert: string };
      }[];
      return alerts.map(({ labels }) => labels.alert).sort();
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

describe.skipIf(missing !== null)(`a storm of alerts${missing === null ? "" : ` (${missing})`}`, () => {
  it("reaches everybody, in order, within the budget, through faults and power cuts", async () => {
    using dir = tempDir();
    await using world = await createStormWorld(secret, 17);
    await using prom = await startAlertmanager(dir.path);
    const incidents = 30;
    const lasting = 3;
    const options: StormOptions & { file: string } = {
      file: dir.file("sambung.db"),
      incidents,
      lasting,
      everyMs: 10,
      timeoutMs: 3_000,
      ...atEase,
      budget,
      digestMin: 0,
      channels: null,
      secret,
      peers: { ...world.urls, alertmanager: prom.url },
      epochMs: Date.now(),
      startMs: Date.now(),
      speed: 60,
    };
    // Midnight of the clock in the messages is twelve hours away, however fast that runs here.
    options.digestMin = Math.floor(((options.epochMs + 20 * 3_600_000) % dayMs) / 60_000);
    for (let cut = 1; cut <= kills; cut += 1) {
      await using sender = startSender(options);
      const enough = cut * 60;
      await waitFor("some of it", () => world.taken.length >= enough, { timeoutMs: 120_000, everyMs: 20 });
      await sender.die();
    }
    await using sender = startSender(options);
    await waitFor("the last event", () => sender.allFound(), { timeoutMs: 120_000 });
    await sender.die();
    // The next day: what was kept for the digest is due, and what waits for a try.
    world.mend();
    await using nextDay = startSender({ ...options, epochMs: options.epochMs + dayMs });
    await nextDay.done(120_000);
    await nextDay.die();

    expect(world.errors).toEqual([]);
    expect(Object.values(world.refused).every((count) => count > 0)).toBe(true);
    const numbers = Array.from({ length: incidents }, (_, n) => n);
    const isLasting = (n: number) => n >= incidents - lasting;

    const hooks = world.taken.filter(({ channel }) => channel === "hook");
    const distinct = new Map(hooks.map((one) => [one.id, one]));
    for (const n of numbers) {
      const own = [...distinct.values()].filter(({ body }) => body.includes(nameOf(n)));
      const all = isLasting(n) ? [1, 2, 3, 4] : [1, 2, 3, 4, 5];
      expect(`${nameOf(n)} ${own.map(({ body }) => nth(body)).join()}`).toBe(`${nameOf(n)} ${all.join()}`);
    }
    const repeated = hooks.length - distinct.size;
    expect(repeated).toBeLessThanOrEqual(kills + 1 + world.unheard());

    for (const channel of people) {
      const texts = [...new Set(world.taken.filter((one) => one.channel === channel).map(read))];
      const digests = texts.filter((text) => text.includes("REKAP PERINGATAN"));
      expect(`${channel} ${digests.length > 0}`).toBe(`${channel} true`);
      for (const n of numbers) {
        const own = texts.filter((text) => text.includes(nameOf(n)) && !digests.includes(text));
        const order = [...new Set(own.map(nth))];
        const label = `${channel} ${nameOf(n)}`;
        expect(`${label} ${order.join()}`).toBe(`${label} ${order.toSorted((a, b) => a - b).join()}`);
        expect(order.length).toBeLessThanOrEqual(budget);
        // Who is well again is always told by itself; who is not was told that, and the rest in the digest.
        if (isLasting(n)) expect(`${label} ${order.join()}`).toBe(`${label} 1,2,3`);
        else expect(`${label} ${order.at(-1)}`).toBe(`${label} 5`);
        // What the digest says of it is how it stood then, not how it did when that was kept.
        const lastsIn = digests.some((text) => new RegExp(`${nameOf(n)}[^-]*masih berlangsung`).test(text));
        if (!isLasting(n)) expect(`${label} ${lastsIn}`).toBe(`${label} false`);
        if (isLasting(n) && channel !== "whatsapp")
          expect(`${label} ${digests.some((text) => text.includes(nameOf(n)))}`).toBe(`${label} true`);
      }
    }
    expect(await prom.active()).toEqual(
      numbers
        .filter(isLasting)
        .map((n) => `alert-${n}`)
        .sort(),
    );
  }, 300_000);
});
