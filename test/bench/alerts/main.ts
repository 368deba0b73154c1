import { tempDir } from "../../support/temp-dir.ts";
import { startSender } from "../../notify/storm.ts";
import { atEase, nameOf } from "../../notify/storm-events.ts";
import { createStormWorld } from "../../notify/storm-peers.ts";

/*
 * npm run bench:alerts: 5,000 events within a minute, from what the watch writes down to a webhook and to ntfy, whose
 * ends answer on the loopback; the one checks signatures by the public library. One kill -9 in the middle. Prints what came of it; ends with 1 when any was lost.
 */

const incidents = 1_000;
const events = incidents * 5;
const secret = `whsec_${Buffer.alloc(32, 9).toString("base64")}`;

using dir = tempDir();
await using world = await createStormWorld(secret, 0);
const startMs = Date.now();
const progress = setInterval(() => {
  const atS = Math.round((Date.now() - startMs) / 1000);
  process.stderr.write(`${atS} s: ${world.taken.length} messages taken\n`);
}, 10_000);
const options = {
  file: dir.file("sambung.db"),
  incidents,
  lasting: 0,
  // The rest of the minute is for the start after the kill.
  everyMs: 55_000 / events,
  timeoutMs: 15_000,
  ...atEase,
  budget: 6,
  digestMin: 0,
  channels: ["hook", "ntfy"],
  secret,
  peers: { ...world.urls, alertmanager: null },
  epochMs: startMs,
  startMs,
  speed: 1,
};
await using first = startSender(options);
while (world.taken.length < events) await new Promise((resolve) => setTimeout(resolve, 50));
await first.die();
await using sender = startSender(options);
while (!sender.allFound()) await new Promise((resolve) => setTimeout(resolve, 50));
const foundMs = Date.now() - startMs;
await sender.done(900_000);
const doneMs = Date.now() - startMs;
clearInterval(progress);
await sender.die();

const hooks = world.taken.filter(({ channel }) => channel === "hook");
const ids = new Map(hooks.map((one) => [one.id, one.body]));
let disordered = 0;
for (let n = 0; n < incidents; n += 1) {
  const own = [...ids.values()].filter((body) => body.includes(nameOf(n)));
  const order = own.map((body) => Number(/"known":(\d)/.exec(body)?.[1])).join();
  if (order !== "1,2,3,4,5") disordered += 1;
}
const lost = events - ids.size;
const rows = [
  ["events found", String(events)],
  ["found within, s", (foundMs / 1000).toFixed(1)],
  ["all told within, s", (doneMs / 1000).toFixed(1)],
  ["lost by the webhook", String(lost)],
  ["incidents out of order", String(disordered)],
  ["told twice by the webhook", String(hooks.length - ids.size)],
  ["messages by ntfy", String(world.taken.length - hooks.length)],
  ["not heard by the sender", String(world.unheard())],
  ["signatures refused", String(world.errors.length)],
];
for (const [name, value] of rows) process.stdout.write(`${name!.padEnd(28)}${value}\n`);
process.exitCode = lost + disordered + world.errors.length === 0 ? 0 : 1;
