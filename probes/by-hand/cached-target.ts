import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AgentConfigV1 } from "#wire/agent-config-v1.ts";
import type { AgentTarget } from "#wire/targets-v1.ts";
import { readCachedConfig } from "../config.ts";
import { createDocuments } from "../spool/documents.ts";
import { spoolFolder } from "../spool/store.ts";
import { UsageError } from "../usage-error.ts";
import type { HandTarget } from "./read-target.ts";

/**
 * The target of an agent's configuration as it last had it. It is only read, so that an agent at work is not disturbed.
 * Throws UsageError when there is no such target.
 */
export function readCachedTarget(asked: Extract<HandTarget, { from: "configuration" }>): AgentTarget {
  const { id, folder, timeoutMs } = asked;
  const { targets } = readConfigOf(folder);
  const target = targets.find((one) => one.id === id);
  if (target === undefined) {
    const known = targets.slice(0, 20).map((one) => one.id);
    if (targets.length > known.length) known.push(`${targets.length - known.length} more`);
    throw new UsageError(
      `probe: ${id} is no target of this agent; expected ${known.join(", ") || "none: it has no targets"}`,
    );
  }
  return timeoutMs === null ? target : { ...target, timeoutMs };
}

function readConfigOf(folder: string): AgentConfigV1 {
  if (!existsSync(folder))
    throw new Error(`${folder}: no such folder, or this user may not see it (try sudo)`);
  try {
    const { config } = readCachedConfig(createDocuments(join(folder, spoolFolder)));
    if (config !== null) return config;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EACCES") throw error;
    throw new Error(`${folder}: this user may not read it (try sudo)`, { cause: error });
  }
  throw new Error(
    `${folder}: no agent has a configuration here, or it is of another version of this program`,
  );
}
