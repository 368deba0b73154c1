import type { Logger } from "pino";

/** The part of a logger that the agent uses. */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;
