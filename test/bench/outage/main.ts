import { runParts } from "../run-parts.ts";
import { benchBackfill, benchFlaps, benchGrowth, benchLive, benchStorm } from "./outage-bench.ts";

/*
 * npm run bench:outage [-- part …]: what it costs to keep the outage table true: live, when a site comes back with three days
 * of rounds, when links come and go, when everything changes at once, and in larger districts.
 */
const parts = {
  live: benchLive,
  backfill: benchBackfill,
  flaps: benchFlaps,
  storm: benchStorm,
  growth: benchGrowth,
};

if (import.meta.main) process.exit(await runParts(parts, process.argv.slice(2)));
