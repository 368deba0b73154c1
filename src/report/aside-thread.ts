import { parentPort, workerData } from "node:worker_threads";
import { associate } from "../relation/associate.ts";
import { findComplaintEffect } from "../relation/find-complaint-effect.ts";
import type { Task } from "./aside.ts";

/* The thread of aside.ts: one task, one answer. Imported elsewhere it does nothing. */

function answer(task: Task) {
  return task.what === "association" ? associate(task.input) : findComplaintEffect(task.input);
}

if (parentPort !== null) parentPort.postMessage(answer(workerData as Task));
