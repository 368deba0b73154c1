import { describe, expect, it } from "vitest";
import { createPace } from "../../probes/pace.ts";

interface Link {
  bytesPerS: number;
  tripMs: number;
}

/** Sends backlog over a link, some requests long; gives how long each took, and its bytes. */
function drain({ bytesPerS, tripMs }: Link, requests: number, pace = createPace(), roundBytes = 11) {
  return Array.from({ length: requests }, () => {
    // As the spool composes them: whole minutes of 40 rounds, and 5,000 rounds at most.
    const rounds = Math.min(5_000, Math.max(40, Math.floor(pace.rounds() / 40) * 40));
    const bytes = rounds * roundBytes;
    const tookMs = tripMs + (bytes / bytesPerS) * 1_000;
    pace.answered({ bytes, rounds, tookMs });
    return { tookMs, bytes, rounds };
  });
}

const links: (Link & { name: string })[] = [
  { name: "16 kbit/s", bytesPerS: 2_000, tripMs: 900 },
  { name: "64 kbit/s by satellite", bytesPerS: 8_000, tripMs: 1_400 },
  { name: "512 kbit/s by satellite", bytesPerS: 64_000, tripMs: 700 },
];

describe("the size of a request", () => {
  it.each(links)("settles at what takes four seconds on $name", ({ bytesPerS, tripMs }) => {
    const all = drain({ bytesPerS, tripMs }, 40);
    // The first, before anything is known, takes no more than two of them.
    expect(all[0]!.tookMs).toBeLessThanOrEqual(8_000);
    const settled = all.slice(10);
    expect(Math.max(...settled.map(({ tookMs }) => tookMs))).toBeLessThan(4_600);
    // Or as large as the spool makes one.
    const isFull = settled.every(({ rounds }) => rounds === 5_000);
    if (!isFull) expect(Math.min(...settled.map(({ tookMs }) => tookMs))).toBeGreaterThan(2_500);
  });

  it("is as large as the spool makes one on a fast link, after a few", () => {
    const all = drain({ bytesPerS: 1_000_000, tripMs: 20 }, 8);
    expect(all.at(-1)!.rounds).toBe(5_000);
  });

  it("shrinks at once where the link becomes slow, and grows again by and by", () => {
    const pace = createPace();
    drain({ bytesPerS: 1_000_000, tripMs: 20 }, 10, pace);
    const slow = drain({ bytesPerS: 8_000, tripMs: 700 }, 6, pace);
    expect(slow[2]!.tookMs).toBeLessThan(8_000);
    expect(slow[5]!.tookMs).toBeLessThan(4_600);
    const fast = drain({ bytesPerS: 1_000_000, tripMs: 20 }, 8, pace);
    expect(fast.at(-1)!.rounds).toBe(5_000);
  });

  it("learns nothing from small requests that were answered quickly", () => {
    const pace = createPace();
    drain({ bytesPerS: 1_000_000, tripMs: 20 }, 10, pace);
    const before = pace.bytes();
    for (let i = 0; i < 100; i++) pace.answered({ bytes: 700, rounds: 40, tookMs: 1_200 });
    expect(pace.bytes()).toBe(before);
  });

  it("follows how many bytes a round has", () => {
    const pace = createPace();
    drain({ bytesPerS: 8_000, tripMs: 700 }, 20, pace, 11);
    const icmp = pace.rounds();
    drain({ bytesPerS: 8_000, tripMs: 700 }, 20, pace, 220);
    expect(pace.rounds()).toBeLessThan(icmp / 8);
  });

  it("halves with each request that was not answered, down to what a dying link still carries", () => {
    const pace = createPace();
    for (let i = 0; i < 20; i++) pace.failed();
    expect(pace.bytes()).toBe(1_000);
    expect(pace.rounds()).toBeGreaterThanOrEqual(20);
    // No more than may go, but never so few that nothing would.
    expect(pace.rounds(280)).toBe(20);
    expect(pace.rounds(0)).toBe(20);
  });
});
