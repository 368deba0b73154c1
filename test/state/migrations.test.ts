import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { stageRestore } from "../../src/state/copies.ts";
import { schemaSteps } from "../../src/state/migrations.ts";
import type { Migrated, SchemaStep } from "../../src/state/migrations.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import { writeRounds } from "../support/app-with-data.ts";
import { fromMs, nowMs, outagesOfTest, statesOfTest, village } from "../support/day-of-data.ts";
import { needs } from "../support/needs.ts";
import { tempDir } from "../support/temp-dir.ts";

/*
 * Steps that this program may have one day, on files that its present ones made. Before them each table has a row: of the stores
 * where they wrote one, else one that only has the shape.
 */

/**
 * SHA-256 of what each released step does. One that is not the same here was edited: put it back as it was and append a step
 * that changes what is to be changed, since there are files that went through it.
 */
const released = [
  "f3bb11c60f0e79a4",
  "addc2cc0a8fd2d47",
  "4c6e870aaa8eec06",
  "03890f18f0be1f11",
  "eac29782b32e5be4",
];

const added: SchemaStep = {
  name: "agents have a note",
  sql: `
    ALTER TABLE agents ADD COLUMN note TEXT NOT NULL DEFAULT 'none';
    CREATE TABLE visits (agent TEXT NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (agent, day)) STRICT, WITHOUT ROWID;
    INSERT INTO visits SELECT id, 7 FROM agents;`,
};
const halfway: SchemaStep = {
  name: "a step that ends half-way",
  sql: "DELETE FROM outage_revisions; DROP TABLE names; INSERT INTO nowhere VALUES (1);",
};
const missing = needs({ root: true, commands: ["mount", "umount"] });

const later = [...schemaSteps, added];
const present = schemaSteps.length;

type Rows = Record<string, unknown>[];

/** All of a file: its tables and indexes as they were made, and all rows. */
function contentOf(file: string): { made: unknown[]; rows: Record<string, Rows>; schema: unknown } {
  using db = new DatabaseSync(file, { readOnly: true });
  const names = tablesOf(db);
  return {
    made: db.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY name").all(),
    rows: Object.fromEntries(
      names.map((name) => [
        name,
        db
          .prepare(`SELECT * FROM ${name}`)
          .all()
          .map((row) => ({ ...row })),
      ]),
    ),
    schema: db.prepare("PRAGMA user_version").get()!.user_version,
  };
}

const tablesOf = (db: DatabaseSync) =>
  db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .all()
    .map(({ name }) => name as string);

/** A file of the present schema with a day of a village, and a row in whatever that leaves empty. */
async function makeFile(file: string): Promise<void> {
  const stores = openSqlite(file, { now: () => nowMs, steps: schemaSteps });
  await writeRounds(stores);
  await stores.state.writeWatch({
    outages: outagesOfTest(),
    states: statesOfTest(),
    alerts: [],
    messages: [],
  });
  stores.close();
  using db = new DatabaseSync(file);
  for (const name of tablesOf(db)) {
    if (db.prepare(`SELECT 1 FROM ${name}`).get() !== undefined) continue;
    const cells = db.prepare(`PRAGMA table_info(${name})`).all();
    const shapes: Record<string, string> = { TEXT: "'x'", INTEGER: "1", BLOB: "x'00'" };
    db.exec(`INSERT INTO ${name} VALUES (${cells.map(({ type }) => shapes[type as string]!).join(", ")})`);
  }
}

it("does the steps that a file has not been through, once, and loses nothing", async () => {
  using dir = tempDir();
  const file = dir.file("sambung.db");
  await makeFile(file);
  const before = contentOf(file);
  expect(Object.entries(before.rows).filter(([, rows]) => rows.length === 0)).toEqual([]);

  const told: Migrated[] = [];
  const onMigrated = (done: Migrated) => void told.push(done);
  const stores = openSqlite(file, { now: () => nowMs, steps: later, onMigrated });
  expect(told).toEqual([
    {
      fromSchema: present,
      toSchema: present + 1,
      steps: [{ number: present + 1, name: added.name, tookMs: expect.any(Number) }],
    },
  ]);
  expect((await stores.state.agents()).map(({ id }) => id)).toContain("ag_village1");
  expect((await stores.state.outages({})).length).toBe(outagesOfTest().length);
  expect((await stores.state.ledger("ag_village1"))!.storedRounds).toBeGreaterThan(0);
  const [rounds] = await stores.series.read([`${village}/gw`], fromMs, nowMs);
  expect(rounds!.timeMs.length).toBeGreaterThan(0);
  stores.close();

  const after = contentOf(file);
  const noted = before.rows["agents"]!.map((row) => ({ ...row, note: "none" }));
  const visits = before.rows["agents"]!.map(({ id }) => ({ agent: id, day: 7 }));
  expect(after.rows).toEqual({ ...before.rows, agents: noted, visits });
  expect(after.schema).toBe(present + 1);

  openSqlite(file, { now: () => nowMs, steps: later, onMigrated }).close();
  expect(told).toHaveLength(1);
  expect(contentOf(file).rows).toEqual(after.rows);
});

it("goes through all steps with a new file, of which nobody is told", () => {
  using dir = tempDir();
  const file = dir.file("sambung.db");
  openSqlite(file, {
    steps: later,
    onMigrated() {
      throw new Error("there was nothing to bring up");
    },
  }).close();
  const { schema, rows } = contentOf(file);
  expect([schema, rows["visits"]]).toEqual([present + 1, []]);
});

it.each<[string, SchemaStep[], string, string?]>([
  [
    "half-way, after a good one",
    [added, halfway],
    `step ${present + 2} (a step that ends half-way) failed: no such table: nowhere`,
  ],
  [
    "on rows that it does not expect",
    [{ name: "one agent a site", sql: "CREATE UNIQUE INDEX one_agent ON agents (site);" }],
    `step ${present + 1} (one agent a site) failed: UNIQUE constraint failed: agents.site`,
  ],
  [
    "on a file that somebody changed by hand",
    [added],
    `step ${present + 1} (agents have a note) failed: table visits already exists`,
    "CREATE TABLE visits (x)",
  ],
])("leaves file, rows and number as they were where a step fails %s", async (_, steps, why, byHand = "") => {
  using dir = tempDir();
  const file = dir.file("sambung.db");
  await makeFile(file);
  change(file, byHand);
  const before = contentOf(file);
  expect(() => openSqlite(file, { steps: [...schemaSteps, ...steps] })).toThrow(
    `the data folder could not be brought from schema ${present} to ${present + steps.length}: ${why}. Nothing was changed, and the former version of the program runs on it as before: start that one again`,
  );
  expect(contentOf(file)).toEqual(before);
  // The former version.
  const stores = openSqlite(file, { now: () => nowMs, steps: schemaSteps });
  expect((await stores.state.outages({})).length).toBe(outagesOfTest().length);
  stores.close();
});

it.skipIf(missing !== null)(
  `leaves everything as it was on a disk that gets full${missing === null ? "" : ` (skipped: ${missing})`}`,
  async () => {
    using dir = tempDir();
    mkdirSync(dir.file("data"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", dir.file("data")]);
    try {
      const file = dir.file("data/sambung.db");
      await makeFile(file);
      const before = contentOf(file);
      const large = {
        name: "much",
        sql: "CREATE TABLE much (x); INSERT INTO much VALUES (zeroblob(16000000));",
      };
      expect(() => openSqlite(file, { steps: [...later, large] })).toThrow(
        /failed: the disk of the store is full: make room on it.*\. Nothing was changed/,
      );
      expect(contentOf(file)).toEqual(before);
      openSqlite(file, { steps: later }).close();
    } finally {
      execFileSync("umount", ["--lazy", dir.file("data")]);
    }
  },
);

it("refuses by name a file of a newer program, and one of a number that never was, byte for byte", () => {
  using dir = tempDir();
  for (const [schema, steps] of [
    [present + 1, schemaSteps],
    [1_398_342_091, later],
    [-3, later],
  ] as const) {
    const file = dir.file(`of${schema}.db`);
    change(file, `CREATE TABLE theirs (x); PRAGMA user_version = ${schema}`);
    const before = readFileSync(file);
    expect(() => openSqlite(file, { steps })).toThrow(
      `of a newer version of the program, or of one that was never released: its schema is ${schema}, and this program knows ${steps.length} and what came before`,
    );
    expect(readFileSync(file)).toEqual(before);
    expect(existsSync(`${file}-wal`)).toBe(false);
  }
});

it("restores a copy of an older schema, which the next start brings up, and none of a newer one", async () => {
  using dir = tempDir();
  const [file, copy] = [dir.file("sambung.db"), dir.file("copy.db")];
  await makeFile(file);
  copyFileSync(file, copy);
  openSqlite(file, { steps: later }).close();
  await stageRestore(copy, file, () => {}, later.length);
  const stores = openSqlite(file, { now: () => nowMs, steps: later });
  expect((await stores.state.outages({})).length).toBe(outagesOfTest().length);
  stores.close();
  expect(contentOf(file).rows["visits"]).not.toEqual([]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await expect(stageRestore(file, dir.file("other.db"), () => {})).rejects.toThrow(
    `is no copy of this version of the program or an older one: its schema is ${present + 1}; expected 1 to ${present}`,
  );
  expect(existsSync(dir.file("other.db.restore"))).toBe(false);
});

it("has the released steps as they were released", () => {
  // Comments and the layout may be mended: they do nothing.
  const meaningOf = ({ sql }: SchemaStep) =>
    sql
      .replaceAll(/--[^\n]*/g, "")
      .replaceAll(/\s+/g, " ")
      .trim();
  const sums = schemaSteps.map((step) =>
    createHash("sha256").update(meaningOf(step)).digest("hex").slice(0, 16),
  );
  expect(
    sums,
    "a released step was edited: put it back and append a step; a new step's sum is added to `released`",
  ).toEqual(released);
});

it("has no step that ends the transaction which all are done in", () => {
  for (const { name, sql } of schemaSteps)
    expect(sql, name).not.toMatch(/^\s*(BEGIN|COMMIT|END|ROLLBACK|VACUUM|ATTACH|DETACH|PRAGMA)\b/im);
});

function change(file: string, sql: string): void {
  using db = new DatabaseSync(file);
  db.exec(sql);
}
