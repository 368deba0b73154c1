import { globSync, renameSync, writeFileSync } from "node:fs";

/** The wall clock of one program, which the test can set; its monotonic clock stays the machine's. */
export interface FakedClock {
  /** What the program has to be started with. */
  env: Record<string, string>;
  /** From now on its wall clock is so many seconds off. */
  set(offsetS: number): void;
}

/** By Debian's libfaketime; null where that is not installed. `file`: tells the library the offset. */
export function fakeClock(file: string): FakedClock | null {
  const [library] = globSync("/usr/lib/*/faketime/libfaketimeMT.so.1");
  if (library === undefined) return null;
  const set = (offsetS: number) => {
    // Whole or not at all: the program reads it with every look at its clock.
    writeFileSync(`${file}.new`, `${offsetS < 0 ? "" : "+"}${offsetS}\n`);
    renameSync(`${file}.new`, file);
  };
  set(0);
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    },
    set,
  };
}
