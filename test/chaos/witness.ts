import { createServer } from "node:http";
import { listen } from "../support/listen.ts";

/*
 * What the agents measure: a web server of the test that writes down each check that it gets, and answers each of a
 * target's checks with another status. A stored round therefore names the check that it tells of, whatever became of
 * the clocks, and the test knows what was measured from nobody but itself.
 */
export interface Check {
  /** `<site>/<target>`, as the collector names it. */
  key: string;
  /** 0, 1, 2 … of its target. */
  index: number;
  status: number;
  /** When it came, by the test's clocks. */
  wallMs: number;
  monoMs: number;
  /** Which start of its agent sent it, 1 the first. */
  life: number;
}

export interface Witness extends AsyncDisposable {
  /** The address to check, for a target of a site. */
  urlOf(site: string, target: string): string;
  /** By key, in the order in which they came. */
  checks: ReadonlyMap<string, readonly Check[]>;
  /** Resolves when every request that was sent before is written down. */
  caughtUp(): Promise<void>;
  /** Checks for this site are of another start of its agent from now on. */
  setLife(site: string, life: number): void;
}

/** Statuses from 200 that pass as a working service: a target's checks repeat one after so many, minutes later. */
export const statuses = 200;

export const monoNowMs = () => Number(process.hrtime.bigint() / 1_000_000n);

export async function createWitness(): Promise<Witness> {
  const checks = new Map<string, Check[]>();
  const lives = new Map<string, number>();
  const server = createServer((request, response) => {
    const key = request.url!.slice(1);
    if (key === "") {
      response.writeHead(204, { connection: "close" }).end();
      return;
    }
    const own = checks.get(key) ?? [];
    checks.set(key, own);
    const index = own.length;
    const status = 200 + (index % statuses);
    const life = lives.get(key.slice(0, key.indexOf("/"))) ?? 0;
    own.push({ key, index, status, wallMs: Date.now(), monoMs: monoNowMs(), life });
    response.writeHead(status, { connection: "close" }).end();
  });
  const listening = await listen(server);
  return {
    urlOf: (site, target) => `http://127.0.0.1:${listening.port}/${site}/${target}`,
    checks,
    async caughtUp() {
      // Connections are taken in their order, and what came with the earlier ones is read by the next turn.
      for (let turn = 0; turn < 2; turn++) await fetch(`http://127.0.0.1:${listening.port}/`);
    },
    setLife: (site, life) => void lives.set(site, life),
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}
