import { runParts } from "../run-parts.ts";
import { benchThousand } from "./thousand-bench.ts";
import { benchThroughput } from "./throughput-bench.ts";

/*
 * npm run bench:ingest [-- part …]: what it costs to take a district's rounds in, ours beside VictoriaMetrics and influxd on
 * the same rounds in the same run. Debian packages: victoria-metrics, influxdb; what is missing is left out by name.
 */
const parts = {
  live: benchThroughput(["live"]),
  minutes: benchThroughput(["minutes"]),
  backlog: benchThroughput(["backlog"]),
  thousand: benchThousand,
};

if (import.meta.main) process.exit(await runParts(parts, process.argv.slice(2)));
