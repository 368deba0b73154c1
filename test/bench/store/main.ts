import { runParts } from "../run-parts.ts";
import { benchReads } from "./reads-bench.ts";
import { benchRollup } from "./rollup-bench.ts";
import { benchSize } from "./size-bench.ts";
import { benchSla } from "./sla-bench.ts";

/*
 * npm run bench:store [-- part …]: what it costs to keep rounds and to ask for them, SQLite beside influxd and VictoriaMetrics
 * where they are installed (Debian packages influxdb, victoria-metrics). Several minutes.
 */
const parts = { size: benchSize, rollup: benchRollup, reads: benchReads, sla: benchSla };

if (import.meta.main) process.exit(await runParts(parts, process.argv.slice(2)));
