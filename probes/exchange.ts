import type { Budget } from "./budget.ts";
import type { KeyRing } from "./key-ring.ts";
import type { Failure } from "./outcome.ts";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";

export interface ExchangeDeps {
  transport: Transport;
  keys: KeyRing;
  budget: Budget;
  /** Ends the request that is under way. */
  signal: AbortSignal;
}

/** Asks the collector in the name of the agent, and books what that cost. */
export type Exchange = (
  request: Pick<TransportRequest, "method" | "path" | "headers" | "body">,
) => Promise<TransportResponse | Failure>;

const requestTimeoutMs = 30_000;
/** Below this a link counts as dead. A batch never changes, so one that needs longer than 30 s must be given longer. */
const slowestBytesPerS = 1_000;

export function createExchange({ transport, keys, budget, signal }: ExchangeDeps): Exchange {
  // What connections cost while they rest is booked with the next request.
  let booked = 0;

  function book(): void {
    const { sent, received } = transport.wireBytes();
    budget.spend(sent + received - booked);
    booked = sent + received;
  }

  return async (request) => {
    const bytes = request.body?.byteLength ?? 0;
    const timeoutMs = requestTimeoutMs + (bytes / slowestBytesPerS) * 1000;
    const ask = () => {
      const headers = { authorization: `Bearer ${keys.key()}`, ...request.headers };
      return transport.send({ ...request, headers, timeoutMs, signal });
    };
    try {
      const response = await ask();
      return response.status === 401 && keys.denied() ? await ask() : response;
    } catch (error) {
      return { kind: "unreachable", reason: (error as Error).message };
    } finally {
      book();
    }
  };
}

export const isFailure = (answer: TransportResponse | Failure): answer is Failure => "kind" in answer;
