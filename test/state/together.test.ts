import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { createTogether } from "../../src/state/together.ts";

describe("createTogether", () => {
  it("writes what comes at once in one transaction, all of it or nothing", async () => {
    using db = new DatabaseSync(":memory:");
    db.exec("CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT");
    const together = createTogether(db);
    const add = db.prepare("INSERT INTO t (n) VALUES (?)");
    const count = () => db.prepare("SELECT count(*) AS n FROM t").get()!.n;
    const both = [together(() => void add.run(1)), together(() => void add.run(2))];
    expect(count()).toBe(0);
    await Promise.all(both);
    expect(count()).toBe(2);
    const failed = await Promise.allSettled([
      together(() => void add.run(3)),
      together(() => void add.run(1)),
    ]);
    expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(count()).toBe(2);
    await together(() => void add.run(4));
    expect(count()).toBe(3);
  });
});
