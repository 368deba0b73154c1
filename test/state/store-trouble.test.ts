import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { openSqlite } from "../../src/state/sqlite.ts";
import { storeTrouble } from "../../src/state/store-trouble.ts";
import { needs } from "../support/needs.ts";
import { tempDir } from "../support/temp-dir.ts";

const missing = needs({ root: true, commands: ["mount", "umount"] });

const errorOf = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing went wrong");
};

describe("what SQLite says, in words", () => {
  it("of a file that can only be read", () => {
    using dir = tempDir();
    new DatabaseSync(dir.file("s.db")).exec("CREATE TABLE t (x)");
    using db = new DatabaseSync(dir.file("s.db"), { readOnly: true });
    const error = errorOf(() => db.exec("INSERT INTO t VALUES (1)"));
    expect(storeTrouble(error)).toBe(
      "the store can only be read: mount its disk for writing, and give the data folder to this user",
    );
  });

  it("of a disk that is full", () => {
    using db = new DatabaseSync(":memory:");
    db.exec("CREATE TABLE t (x); PRAGMA max_page_count = 10");
    const error = errorOf(() => db.exec("INSERT INTO t VALUES (zeroblob(1000000))"));
    expect(storeTrouble(error)).toMatch(
      /^the disk of the store is full: make room on it, or shorten series.retention/,
    );
  });

  it("of a file that cannot be opened", () => {
    using dir = tempDir();
    const error = errorOf(() => new DatabaseSync(dir.file("none/s.db")));
    expect(storeTrouble(error)).toMatch(
      /^the store's file cannot be opened: give the data folder to this user/,
    );
  });

  it("of our own mistakes nothing", () => {
    using db = new DatabaseSync(":memory:");
    expect(storeTrouble(errorOf(() => db.exec("INSERT INTO none VALUES (1)")))).toBeNull();
    expect(storeTrouble(new TypeError("x"))).toBeNull();
  });
});

describe("a data folder that is not right", () => {
  it("is named, with what to do, where it is a file", () => {
    using dir = tempDir();
    writeFileSync(dir.file("data"), "");
    for (const path of ["data/sambung.db", "data/below/sambung.db"])
      expect(() => openSqlite(dir.file(path))).toThrow(
        /the data folder .*data\S* is no folder: see data in sambung.yaml/,
      );
  });

  it.skipIf(missing !== null)(
    `is named where its disk can only be read, or is full${missing === null ? "" : ` (skipped: ${missing})`}`,
    () => {
      using dir = tempDir();
      mkdirSync(dir.file("data"));
      const mount = (...options: string[]) => execFileSync("mount", [...options, dir.file("data")]);
      mount("-t", "tmpfs", "-o", "size=64k", "tmpfs");
      try {
        expect(() => openSqlite(dir.file("data/sambung.db"))).toThrow(
          /the data folder .*data: the disk of the store is full: make room on it/,
        );
        mount("-o", "remount,ro");
        expect(() => openSqlite(dir.file("data/sambung.db"))).toThrow(
          /the data folder .*data is on a disk that can only be read: mount it for writing, or see data in/,
        );
      } finally {
        execFileSync("umount", ["--lazy", dir.file("data")]);
      }
    },
  );
});
