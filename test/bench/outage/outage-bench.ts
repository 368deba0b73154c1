import { quantile, rowOf } from "../table.ts";
import type { Row } from "../table.ts";
import { openWatchedDistrict, targetsEach } from "./watched-district.ts";
import type { WatchedDistrict } from "./watched-district.ts";

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const district = 160;
const backfillMs = 72 * hourMs;
/** A batch of the backfill. */
const pieceMs = 3 * hourMs;
const nowMs = Date.UTC(2026, 10, 20, 6);

/** A link in a storm, that is lost for two minutes of every four. */
const comesAndGoes = (ms: number) => Math.floor(ms / (2 * minuteMs)) % 2 === 0;

/**
 * History of every site, an hour a batch, with a cut of each twentieth; then the first look, which reads it. The links of the
 * last `flapping` sites come and go.
 */
async function fill(watched: WatchedDistrict, hours: number, flapping = 0): Promise<void> {
  for (let hour = hours; hour > 0; hour--) {
    const fromMs = watched.clock.ms - hour * hourMs;
    // At once: the store writes what waits in one transaction.
    await Promise.all(
      watched.sites.map((site, index) => {
        const isCut = (ms: number) =>
          index >= watched.sites.length - flapping
            ? comesAndGoes(ms)
            : index % 20 === 3 && Math.floor(ms / (10 * minuteMs)) % 30 === index % 30;
        return watched.arrive(site, fromMs, fromMs + hourMs, { isCut, tells: false });
      }),
    );
  }
  await watched.look();
}

/**
 * Live: agents report each minute, spread over it, and the watch looks each second, as it does where each second brings
 * something. The CPU of those looks over the rounds that came.
 */
export async function benchLive(): Promise<Row[]> {
  await using watched = openWatchedDistrict(district, 30, nowMs);
  await fill(watched, 24);
  let rounds = 0;
  let cpuMs = 0;
  const walls: number[] = [];
  const startMs = watched.clock.ms;
  for (let second = 0; second < 120; second++) {
    watched.clock.ms = startMs + second * secondMs;
    for (const [index, site] of watched.sites.entries()) {
      if (index % 60 !== second % 60) continue;
      const toMs = watched.clock.ms;
      rounds += await watched.arrive(site, Math.max(startMs, toMs - minuteMs), toMs);
    }
    const took = await watched.look();
    // The first minute brings the rounds since the fill, less than one of each target.
    if (second < 60) {
      rounds = 0;
      continue;
    }
    cpuMs += took.cpuMs;
    walls.push(took.wallMs);
  }
  return [
    rowOf(
      `live, ${district} sites × ${targetsEach} targets, a look each second: CPU per round`,
      (cpuMs * 1000) / rounds,
      "µs",
    ),
    rowOf("live, CPU of the looks, share of one core", (cpuMs / (60 * secondMs)) * 100, "%"),
    rowOf("live, one look, p50", quantile(walls, 0.5), "ms"),
    rowOf("live, one look, p95", quantile(walls, 0.95), "ms"),
  ];
}

/**
 * One site was away for three days and comes back with all of it; the others went on meanwhile. Once under a collector that
 * ran all the time, and once under one that was started just before, and has to read those days first.
 */
export async function benchBackfill(): Promise<Row[]> {
  const rows: Row[] = [];
  const sixHourly = (ms: number) => Math.floor(ms / hourMs) % 6 === 0;
  for (const [name, isFresh, isCut, least] of [
    ["", false, sixHourly, 10],
    [", just after a start", true, sixHourly, 10],
    [" that came and went", false, comesAndGoes, 1_000],
  ] as const) {
    await using watched = openWatchedDistrict(district, 60, nowMs - backfillMs);
    const away = watched.sites.at(-1)!;
    await watched.look();
    for (let fromMs = watched.clock.ms; fromMs < nowMs; fromMs += pieceMs) {
      watched.clock.ms = fromMs + pieceMs;
      const others = watched.sites.filter((site) => site !== away);
      await Promise.all(others.map((site) => watched.arrive(site, fromMs, fromMs + pieceMs)));
      await watched.look();
    }
    if (isFresh) await watched.restart();
    // The newest first, as an agent sends it.
    for (let toMs = nowMs; toMs > nowMs - backfillMs; toMs -= pieceMs)
      await watched.arrive(away, toMs - pieceMs, toMs, { isCut });
    watched.clock.ms += secondMs;
    const { cpuMs, wallMs } = await watched.look();
    const found = await watched.state.outages({ sites: [away] });
    if (found.length < least)
      throw new Error(`${found.length} outages in the backfill, ${least} and more were due`);
    const mark = isFresh ? undefined : { atMost: 200 };
    rows.push(rowOf(`backfill of 72 h of one site${name}: the look that judges it`, wallMs, "ms", mark));
    rows.push(rowOf(`backfill of 72 h of one site${name}: CPU of it`, cpuMs, "ms"));
    watched.clock.ms += secondMs;
    const after = await watched.look();
    if (!isFresh) rows.push(rowOf(`backfill of 72 h of one site${name}: the next look`, after.wallMs, "ms"));
  }
  return rows;
}

/** The links of a rain band's sites came and went all day, and still do: each look judges all of it again. */
export async function benchFlaps(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const flapping of [1, 20]) {
    await using watched = openWatchedDistrict(district, 30, nowMs);
    await fill(watched, 24, flapping);
    const found = await watched.state.outages({ sites: watched.sites.slice(-flapping) });
    if (found.length < 300 * flapping)
      throw new Error(`${found.length} outages of ${flapping} flapping sites`);
    const cpus: number[] = [];
    for (let look = 0; look < 12; look++) {
      const fromMs = watched.clock.ms;
      watched.clock.ms += 30 * secondMs;
      for (const [index, site] of watched.sites.entries())
        await watched.arrive(site, fromMs, watched.clock.ms, {
          isCut: (ms) => index >= watched.sites.length - flapping && comesAndGoes(ms),
        });
      cpus.push((await watched.look()).cpuMs);
    }
    rows.push(
      rowOf(`${flapping} of ${district} sites come and go: CPU of a look, p50`, quantile(cpus, 0.5), "ms"),
    );
    rows.push(
      rowOf(`${flapping} of ${district} sites come and go: CPU of a look, max`, Math.max(...cpus), "ms"),
    );
  }
  return rows;
}

/** All sites change at once: from the last batch that says so to the last decision about a message, the hold left out. */
export async function benchStorm(): Promise<Row[]> {
  await using watched = openWatchedDistrict(district, 30, nowMs);
  await fill(watched, 24);
  const isCut = (ms: number) => ms >= nowMs + minuteMs;
  watched.clock.ms = nowMs + 3 * minuteMs;
  for (const site of watched.sites) await watched.arrive(site, nowMs, watched.clock.ms, { isCut });
  const seen = await watched.look();
  // The hold runs out in silence; what it costs to decide then is the second look.
  watched.clock.ms += 61 * secondMs;
  for (const site of watched.sites)
    await watched.arrive(site, watched.clock.ms - 61 * secondMs, watched.clock.ms, { isCut });
  const decided = await watched.look();
  const open = await watched.state.outages({ open: true });
  const alerts = await watched.state.openAlerts();
  if (open.length < district || alerts.length === 0)
    throw new Error(`${open.length} outages and ${alerts.length} alerts of a storm over ${district} sites`);
  return [
    rowOf(`storm over ${district} sites: to the last alert decision`, seen.wallMs + decided.wallMs, "ms", {
      atMost: 1_000,
    }),
    rowOf("storm: the look that sees it, CPU", seen.cpuMs, "ms"),
    rowOf("storm: the look that decides, CPU", decided.cpuMs, "ms"),
    rowOf("storm: alerts", alerts.length, "incidents"),
  ];
}

/** The same look for more sites. The ratio says how much dearer a site became; 1 is linear. */
export async function benchGrowth(): Promise<Row[]> {
  const rows: Row[] = [];
  let perSite = 0;
  for (const count of [district, 1_000, 5_000]) {
    await using watched = openWatchedDistrict(count, 300, nowMs);
    await fill(watched, 3);
    const walls: number[] = [];
    for (let look = 0; look < 5; look++) {
      const fromMs = watched.clock.ms;
      watched.clock.ms += 5 * minuteMs;
      await Promise.all(watched.sites.map((site) => watched.arrive(site, fromMs, watched.clock.ms)));
      walls.push((await watched.look()).cpuMs);
    }
    const cpuMs = quantile(walls, 0.5);
    perSite ||= cpuMs / count;
    rows.push(rowOf(`growth, ${count} sites × ${targetsEach}: CPU of a look, p50`, cpuMs, "ms"));
    rows.push(
      rowOf(`growth, ${count} sites: per site, over that of ${district}`, cpuMs / count / perSite, "×", {
        atMost: 1.5,
      }),
    );
  }
  return rows;
}
