/** By how much the event loop is late, measured by a timer. */
export interface LagMeter {
  /** The longest of the last second, ms; while a piece of work still holds the loop it cannot know of it. */
  lagMs(): number;
  stop(): void;
}

const everyMs = 100;
/** How many measurements are remembered: those of a second. */
const remembered = 10;

/** `monoMs`: a monotonic clock. The timer does not keep the process alive. */
export function createLagMeter(monoMs: () => number): LagMeter {
  const late: number[] = [];
  let dueMs = monoMs() + everyMs;
  const timer = setInterval(() => {
    const nowMs = monoMs();
    late.push(Math.max(0, nowMs - dueMs));
    if (late.length > remembered) late.shift();
    dueMs = nowMs + everyMs;
  }, everyMs);
  timer.unref();
  return {
    lagMs: () => late.reduce((longest, ms) => Math.max(longest, ms), 0),
    stop: () => clearInterval(timer),
  };
}
