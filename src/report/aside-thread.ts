import { parentPort, workerData } from "node:worker_threads";
import { createTree } from "../inventory/tree.ts";
import { auditTopology } from "../outage/audit.ts";
import { associate } from "../relation/associate.ts";
import { findComplaintEffect } from "../relation/find-complaint-effect.ts";
import type { Task } from "./aside.ts";

/* The thread of aside.ts: one task, one answer. Imported elsewhere it does nothing. */

function answer(task: Task) {
  if (task.what === "association") return associate(task.input);
  if (task.what === "complaint-effect") return findComplaintEffect(task.input);
  const { outages, inventory, window } = task.input;
  // Who measures what says nothing of whose uplink hangs from whom.
  return auditTopology(outages, createTree({ ...inventory, targets: new Map() }), window);
}

if (parentPort !== null) parentPort.postMessage(answer(workerData as Task));
