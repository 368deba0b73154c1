import type { Span } from "../inventory/spans.ts";
import type { DayWindow } from "./association.ts";

/*
 * A window's minutes as bits, 32 to a word. A day is 1,440 minutes, 45 words: rotating by whole days moves words and no
 * bits, which is what makes the day-shift test cheap. A minute is what the span over its middle says, so that neither
 * beginnings nor ends are favoured.
 */

export const minuteMs = 60_000;
export const dayMinutes = 1_440;
export const dayWords = dayMinutes / 32;
export const dayMs = dayMinutes * minuteMs;

export type Bits = Uint32Array;

/** The minutes whose middle one of the spans covers. */
export function bitsOf(spans: readonly Span[], window: DayWindow): Bits {
  const minutes = window.days * dayMinutes;
  const bits = new Uint32Array(window.days * dayWords);
  const minuteOf = (ms: number) =>
    Math.min(minutes, Math.max(0, Math.ceil((ms - window.fromMs) / minuteMs - 0.5)));
  for (const { fromMs, toMs } of spans) setBits(bits, minuteOf(fromMs), minuteOf(toMs));
  return bits;
}

function setBits(bits: Bits, from: number, to: number): void {
  for (let at = from; at < to;) {
    const word = at >>> 5;
    const next = Math.min(to, (word + 1) << 5);
    bits[word]! |= maskOf(at & 31, next - at);
    at = next;
  }
}

/** `count` ones from bit `first` on. */
function maskOf(first: number, count: number): number {
  return (count === 32 ? -1 : (1 << count) - 1) << first;
}

/** Ones in a word. */
export function onesIn(word: number): number {
  let rest = word - ((word >>> 1) & 0x55555555);
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Ones in minutes [from, to). */
export function countBetween(bits: Bits, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to;) {
    const word = at >>> 5;
    const next = Math.min(to, (word + 1) << 5);
    const ones = bits[word]!;
    if (ones !== 0) count += onesIn(ones & maskOf(at & 31, next - at));
    at = next;
  }
  return count;
}

export function countAll(bits: Bits): number {
  let count = 0;
  for (const word of bits) count += onesIn(word);
  return count;
}

export function hasBit(bits: Bits, minute: number): boolean {
  return ((bits[minute >>> 5]! >>> (minute & 31)) & 1) === 1;
}

/** Word by word, such as `(a, b) => a & ~b`. */
export function combine(a: Bits, b: Bits, operation: (a: number, b: number) => number): Bits {
  return a.map((word, at) => operation(word, b[at]!));
}

/** Minutes of `bits` whose predecessor is not in `before`: where runs begin. */
export function startsOf(bits: Bits, before: Bits): number[] {
  const starts: number[] = [];
  let carry = 0;
  for (let at = 0; at < bits.length; at++) {
    const word = bits[at]!;
    if (word !== 0) {
      let left = word & ~((before[at]! << 1) | carry);
      while (left !== 0) {
        const lowest = left & -left;
        starts.push(at * 32 + 31 - Math.clz32(lowest));
        left ^= lowest;
      }
    }
    carry = before[at]! >>> 31;
  }
  return starts;
}
