/** What the command says when the running collector cannot be asked, or refuses. */
export interface AskTexts {
  noKey: string;
  noCollector: (address: string, why: string) => string;
  refused: (status: number, detail: string) => string;
}

export interface AskOptions {
  /** Where the collector is asked from here. */
  collector: string;
  key: string;
  texts: AskTexts;
}

const timeoutMs = 300_000;

/**
 * Asks the running collector, whose store is its own. `body`: posts it, as JSON. Throws with what the collector says when it
 * refuses.
 */
export async function askCollector(
  path: string,
  { collector, key, texts }: AskOptions,
  body?: Readonly<Record<string, unknown>>,
): Promise<Response> {
  const asJson = body === undefined ? {} : { "Content-Type": "application/json" };
  const response = await fetch(new URL(path, collector), {
    headers: { Authorization: `Bearer ${key}`, ...asJson },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: Error) => {
    const why = error.cause instanceof Error ? error.cause.message : error.message;
    throw new Error(texts.noCollector(collector, why), { cause: error });
  });
  if (response.ok) return response;
  throw new Error(texts.refused(response.status, await detailOf(response)));
}

/** Of a problem document its detail; of anything else nothing. */
async function detailOf(response: Response): Promise<string> {
  try {
    const { detail } = (await response.json()) as { detail?: unknown };
    return typeof detail === "string" ? detail : "";
  } catch {
    return "";
  }
}
