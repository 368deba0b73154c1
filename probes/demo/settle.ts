import type { Comparison, Told, ToldOutage, ToldState } from "./compare.ts";
import type { Door } from "./door.ts";

/** Polls, of `settlePollMs`, in which a table that lacks something has to say the same before it counts as final. */
const settlePolls = 10;
const settlePollMs = 2_000;

/**
 * The comparison once the collector's table rests: as soon as it says the same twice and has all that was scripted, and
 * otherwise after a while without a change, since the watch may need some seconds for a pass.
 */
export async function compareSettled(
  judge: (told: Told, atMs: number) => Comparison,
  read: (atMs: number) => Promise<Told>,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<Comparison> {
  let before = "";
  for (let same = 0; ;) {
    const atMs = nowMs();
    const told = await read(atMs);
    const comparison = judge(told, atMs);
    const text = JSON.stringify(told.outages.map(({ site, start, end, cause }) => [site, start, end, cause]));
    same = text === before ? same + 1 : 0;
    const { faults, unscripted } = comparison;
    const whole = unscripted.length === 0 && faults.every(({ found, expected }) => found === expected);
    if (same >= (whole ? 1 : settlePolls)) return comparison;
    before = text;
    await wait(settlePollMs, signal);
  }
}

export async function readTold(admin: Door, fromMs: number, toMs: number): Promise<Told> {
  const range = `from=${fromMs}&to=${toMs}&lang=en`;
  const outages = (await admin.get(`/api/v1/outages?${range}`)) as { data: ToldOutage[] };
  const states = (await admin.get(`/api/v1/states?${range}`)) as { data: ToldState[] };
  return { outages: outages.data, states: states.data };
}

/** Resolves after the time, or at once when the signal comes. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const onAbort = () => resolve();
  signal.addEventListener("abort", onAbort, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  });
}
