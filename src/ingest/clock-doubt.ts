/*
 * Whether this machine's own clock can be right. Agents follow the collector's time, so that a clock that is wrong here is
 * nowhere contradicted, but each live batch brings the reading of its machine's clock as well, which most set by NTP. Of one of
 * them nothing follows: a board without a battery is of the year of its image. Where most of them agree with one another and
 * not with us, it is we who are wrong.
 */

export interface ClockDoubt {
  /** The machine's clock of an agent as a live batch left it, and when the batch began to arrive by ours; epoch ms. */
  note(agent: string, wallMs: number, receivedMs: number): void;
  /** What is the matter with this machine's clock, and what to do; null: nobody contradicts it. */
  why(): string | null;
}

/** Agents that have to be heard, of which two thirds have to agree. */
const leastAgents = 3;
const agreeingRatio = 2 / 3;
/** How far apart clocks may be that agree, ms: a batch may be on its way for half of it on a thin link. */
const apartMs = 60_000;
/** What an agent said longer ago than this says nothing of now, ms. */
const freshMs = 15 * 60_000;
/** Least time between two looks at all agents, ms. */
const lookEveryMs = 10_000;

/** `onChange`: told what `why` answers each time when a doubt came up, and when it is gone. */
export function createClockDoubt({
  now,
  onChange = () => {},
}: {
  now: () => number;
  onChange?: ((why: string | null) => void) | undefined;
}): ClockDoubt {
  const heard = new Map<string, { atMs: number; aheadMs: number }>();
  let isDoubted = false;
  let lookedMs = -Infinity;

  function why(): string | null {
    const nowMs = now();
    for (const [agent, { atMs }] of heard) if (Math.abs(nowMs - atMs) > freshMs) heard.delete(agent);
    const ahead = [...heard.values()].map(({ aheadMs }) => aheadMs).sort((a, b) => a - b);
    const middleMs = ahead[Math.floor(ahead.length / 2)] ?? 0;
    const agreeing = ahead.filter((each) => Math.abs(each - middleMs) <= apartMs).length;
    if (
      ahead.length < leastAgents ||
      agreeing < agreeingRatio * ahead.length ||
      Math.abs(middleMs) <= apartMs
    )
      return null;
    const seconds = Math.round(Math.abs(middleMs) / 1000);
    const where = middleMs > 0 ? "in the future" : "in the past";
    return `this machine's clock is ${seconds} s ${where}, as ${agreeing} of ${ahead.length} agents see it: set it by NTP; rounds are placed in time by it`;
  }

  return {
    note(agent, wallMs, receivedMs) {
      heard.set(agent, { atMs: receivedMs, aheadMs: receivedMs - wallMs });
      const nowMs = now();
      if (Math.abs(nowMs - lookedMs) < lookEveryMs) return;
      lookedMs = nowMs;
      const found = why();
      if ((found !== null) === isDoubted) return;
      isDoubted = found !== null;
      onChange(found);
    },
    why,
  };
}
