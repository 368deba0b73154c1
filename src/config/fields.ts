import { z } from "zod";
import { isListen, isRange, isWebAddress, listenAllowed } from "./addresses.ts";

/* Fields of the configuration by what they hold, each with a sentence of what is allowed. */

export const listen = z.string(listenAllowed).refine(isListen, listenAllowed);
export const urlAllowed = "an http or https address";
export const url = z.string(urlAllowed).refine(isWebAddress, urlAllowed);
export const text = z.string().min(1, "some text");

export const seconds = (min: number, max: number) => {
  const allowed = `seconds from ${min} to ${max}`;
  return z.number(allowed).min(min, allowed).max(max, allowed);
};

export const wholeUpTo = (most: number) => (byDefault: number) => {
  const allowed = `a whole number from 1 to ${most}`;
  return z.int(allowed).min(1, allowed).max(most, allowed).default(byDefault);
};
export const perMinute = wholeUpTo(10_000_000);
export const perDay = wholeUpTo(1_000_000_000);

export const daysUpTo = (most: number, byDefault: number) => {
  const allowed = `days from 1 to ${most}`;
  return z.int(allowed).min(1, allowed).max(most, allowed).default(byDefault);
};

export const range = z
  .string("an address, or a range such as 10.8.0.0/16")
  .refine(isRange, "an address, or a range such as 10.8.0.0/16");

export const byteBudget = z
  .int("bytes, or null")
  .min(10_000, "at least 10000 bytes, or null")
  .nullable()
  .default(null);
