import { benchAnswers } from "./answers-bench.ts";
import { benchDisk } from "./disk-bench.ts";
import { benchIngest } from "./ingest-bench.ts";
import { runParts } from "./run-parts.ts";
import { benchReach } from "./reach-bench.ts";
import { benchSpool } from "./spool-bench.ts";
import { benchWire } from "./wire-bench.ts";

/*
 * npm run bench [-- part …]: what the collector costs, on this machine. Measurements are made up where the cost does not
 * depend on them; programs, files and sockets are real. The agent's costs: npm run bench:agent; what its spool
 * holds is here as well.
 */
const parts = {
  ingest: benchIngest,
  wire: benchWire,
  disk: benchDisk,
  answers: benchAnswers,
  reach: benchReach,
  spool: benchSpool,
};

if (import.meta.main) process.exit(await runParts(parts, process.argv.slice(2)));
