import { Worker } from "node:worker_threads";
import type { TopologyProposal } from "../outage/audit.ts";
import type { AuditedOutage } from "../outage/coincidence.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Span } from "../inventory/spans.ts";
import type { Association, AssociationInput } from "../relation/association.ts";
import type { ComplaintEffect, ComplaintInput } from "../relation/complaint-effect.ts";

/** What is reckoned beside the collector's own thread, where seconds of arithmetic would keep batches waiting. */
export type Task =
  | { what: "association"; input: AssociationInput }
  | { what: "complaint-effect"; input: ComplaintInput }
  | { what: "topology"; input: TopologyInput };

/** What the audit of the topology is made from, as it can be handed to a thread. */
export interface TopologyInput {
  outages: readonly AuditedOutage[];
  inventory: Pick<Inventory, "sites" | "links">;
  window: Span;
}

export interface Aside {
  associate(input: AssociationInput): Promise<Association>;
  complaintEffect(input: ComplaintInput): Promise<ComplaintEffect>;
  auditTopology(input: TopologyInput): Promise<TopologyProposal[]>;
}

/** More is asked than can be reckoned. Whoever asks again later may find it done: answers are kept. */
export class AsideBusyError extends Error {
  override readonly name = "AsideBusyError";
  readonly retryAfterS: number;

  constructor(waiting: number, retryAfterS: number) {
    super(`${waiting} questions wait to be reckoned`);
    this.retryAfterS = retryAfterS;
  }
}

/** Questions that wait at most; each may take seconds. */
const defaultMostWaiting = 16;
const busyRetryAfterS = 30;

/**
 * One task at a time, in a thread that ends with it: the machine has other work, and the answers are kept. Rejects with
 * AsideBusyError where too many wait already.
 */
export function createAside(
  mostWaiting = defaultMostWaiting,
  reckon: (task: Task) => Promise<unknown> = inThread,
): Aside {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const run = async (task: Task) => {
    if (waiting >= mostWaiting) throw new AsideBusyError(waiting, busyRetryAfterS);
    waiting += 1;
    const mine = last.then(() => reckon(task)).finally(() => (waiting -= 1));
    last = mine.catch(() => {});
    return mine;
  };
  return {
    associate: (input) => run({ what: "association", input }) as Promise<Association>,
    complaintEffect: (input) => run({ what: "complaint-effect", input }) as Promise<ComplaintEffect>,
    auditTopology: (input) => run({ what: "topology", input }) as Promise<TopologyProposal[]>,
  };
}

function inThread(task: Task): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("aside-thread.ts", import.meta.url), { workerData: task });
    // The collector may stop while it reckons.
    worker.unref();
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`the thread ended with ${code} and no answer`)));
  });
}
