import type { AgentRecord, ApiKeyRecord } from "../state/state-store.ts";

/** What a request carries on its way through the routes. */
export interface HttpEnv {
  Variables: {
    requestId: string;
    /** Set once the key has been checked. */
    key: ApiKeyRecord;
    agent: AgentRecord;
  };
}

/** Where the access log and unexpected errors go; pino's shape, so that tests can listen. */
export interface HttpLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
