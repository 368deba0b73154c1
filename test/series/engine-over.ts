import { DatabaseSync } from "node:sqlite";
import { createCatalogue } from "../../src/series/sqlite-catalogue.ts";
import type { Catalogue } from "../../src/series/sqlite-catalogue.ts";
import type { SeriesStore } from "../../src/series/series-store.ts";
import { migrate } from "../../src/state/migrations.ts";
import { waitFor } from "../support/wait-for.ts";
import type { EngineUnderTest } from "./contract.ts";
import type { RealServer } from "./real-server.ts";

export function emptyCatalogue(): Catalogue {
  const db = new DatabaseSync(":memory:");
  migrate(db);
  return createCatalogue(db);
}

/** A store on a server of its own, as the contract wants it. */
export function engineOver(
  server: RealServer,
  store: SeriesStore,
  own: Pick<EngineUnderTest, "expire" | "openBackup">,
): EngineUnderTest {
  return {
    ...own,
    store: () => store,
    async killWhileWriting(batches) {
      let acknowledged = 0;
      const enough = Promise.withResolvers<void>();
      const writing = (async () => {
        for (const { origin, rounds } of batches) {
          await store.append(origin, rounds);
          acknowledged += 1;
          if (acknowledged === 15) enough.resolve();
        }
      })().catch(() => {});
      await enough.promise;
      await server.kill();
      await writing;
      const before = acknowledged;
      await server.start();
      await waitFor("the store to write again", async () => (await store.ping(), true), { everyMs: 100 });
      return before;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
