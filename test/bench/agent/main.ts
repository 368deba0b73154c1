import { runParts } from "../run-parts.ts";
import { benchEchoes } from "./echo-bench.ts";
import { benchPolls } from "./poll-bench.ts";
import { benchWeight } from "./weight-bench.ts";

/*
 * npm run bench:agent [-- part …]: what the agent costs beside its peers, on the same work, in the same run. Peers
 * that are not installed are left out (Debian: fping, prometheus-blackbox-exporter, prometheus-snmp-exporter). Takes about
 * 25 minutes, most of it waiting: costs per hour want some of it.
 */
if (import.meta.main) {
  process.exit(
    await runParts({ echo: benchEchoes, poll: benchPolls, weight: benchWeight }, process.argv.slice(2)),
  );
}
