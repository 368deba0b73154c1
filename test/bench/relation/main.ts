import { runParts } from "../run-parts.ts";
import { benchAssociation, benchAttribution, benchComplaints } from "./relation-bench.ts";

/*
 * npm run bench:relation [-- part …]: what the relation of network and service costs, from spans and segments in memory to the
 * answer: accounts of availability, association with its tests, and the effect on complaints; a month and a year of it.
 */
const parts = { attribution: benchAttribution, association: benchAssociation, complaints: benchComplaints };

if (import.meta.main) process.exit(await runParts(parts, process.argv.slice(2)));
