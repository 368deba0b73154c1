/*
 * What fping prints in loop mode, a line for each outcome of an echo (5.1, Debian 12):
 *
 *   10.8.1.1   : [0], 64 bytes, 0.036 ms (0.036 avg, 0% loss)    answered; three digits below 1 ms, then ever three
 *   10.8.1.129 : [3], timed out (NaN avg, 100% loss)             not answered within -t
 *
 * The address is filled up with spaces to the longest of the list. An echo that is answered twice has two such lines,
 * one that could not be sent has none. The average and the loss count duplicates and are not read.
 *
 * This runs for every echo, so it scans by hand: no regular expression, no split, one slice a line for the address.
 */

/** The RTT in µs, or `lost`. */
export type TakeOutcome = (address: string, sequence: number, rttUs: number) => void;
export const lost = -1;

/**
 * Reads the whole lines of `text`; gives what follows the last of them, to be put before the next text. `other`: lines
 * that tell no outcome, such as "ICMP Host Unreachable from 10.8.1.9 for ICMP Echo sent to 10.8.1.129".
 */
export function readLines(text: string, take: TakeOutcome, other: (line: string) => void): string {
  let start = 0;
  for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
    if (!readLine(text, start, end, take)) other(text.slice(start, end));
    start = end + 1;
  }
  return start === 0 ? text : text.slice(start);
}

const zero = 48;
const space = 32;
const letterT = 116;

function readLine(text: string, start: number, end: number, take: TakeOutcome): boolean {
  const colon = text.indexOf(" : [", start);
  if (colon === -1 || colon >= end) return false;
  let at = colon + 4;
  let sequence = 0;
  const firstDigit = at;
  for (let digit = digitAt(text, at); digit !== -1; digit = digitAt(text, ++at))
    sequence = sequence * 10 + digit;
  if (at === firstDigit || text.charCodeAt(at) !== 93) return false;
  // From "]," on: "timed out", or the bytes and then the time.
  at += 3;
  let rttUs = lost;
  if (text.charCodeAt(at) !== letterT) {
    const comma = text.indexOf(", ", at);
    if (comma === -1 || comma >= end) return false;
    rttUs = readMs(text, comma + 2);
  }
  let addressEnd = colon;
  while (text.charCodeAt(addressEnd - 1) === space) addressEnd--;
  take(text.slice(start, addressEnd), sequence, rttUs);
  return true;
}

/** Milliseconds to whole µs. A time below zero, after the wall clock was set back by a little, is none: 0. */
function readMs(text: string, start: number): number {
  let at = start;
  let value = 0;
  let scale = 1000;
  for (let digit = digitAt(text, at); digit !== -1; digit = digitAt(text, ++at)) value = value * 10 + digit;
  if (text.charCodeAt(at) === 46) {
    for (let digit = digitAt(text, ++at); digit !== -1; digit = digitAt(text, ++at)) {
      value = value * 10 + digit;
      scale /= 10;
    }
  }
  return Math.round(value * scale);
}

function digitAt(text: string, at: number): number {
  const digit = text.charCodeAt(at) - zero;
  return digit >= 0 && digit <= 9 ? digit : -1;
}
