import type { AgentTarget } from "#wire/targets-v1.ts";
import { answered } from "../compose.ts";
import { createMask } from "./mask.ts";
import type { Clock, ProbeContext, ProbeFn, Sample } from "../probe.ts";
import { showDebug } from "./show-debug.ts";
import type { LogLine } from "./show-debug.ts";
import { showSample } from "../show-sample.ts";
import type { Language } from "../texts.ts";

export interface ProbeOnceOptions {
  target: AgentTarget;
  /** Print log and settings too. */
  debug: boolean;
  /** Print the sample as one line of JSON. */
  json: boolean;
  language: Language;
}

export interface ProbeOnceDeps {
  probe: ProbeFn;
  clock: Clock;
  /** ms of a clock that never goes back, with fractions, for the log. */
  preciseMs: () => number;
  print: (line: string) => void;
}

/** One round by hand, printed. Gives the exit code: 0 when the target answered, 1 when not. Rejects when the probe is broken. */
export async function probeOnce(options: ProbeOnceOptions, deps: ProbeOnceDeps): Promise<number> {
  const { target, language } = options;
  const { clock, preciseMs, print } = deps;
  const log: LogLine[] = [];
  const startMs = preciseMs();
  const mask = createMask(target);
  const note: ProbeContext["note"] = (step, detail = {}) => {
    const atMs = preciseMs() - startMs;
    const parts = Object.entries(detail).map(([name, value]) => [
      name,
      typeof value === "string" ? mask(value) : value,
    ]);
    log.push({ atMs, step, detail: Object.fromEntries(parts) as LogLine["detail"] });
  };
  const { timeoutMs } = target;
  const context: ProbeContext = { signal: AbortSignal.timeout(timeoutMs), timeoutMs, clock };
  if (options.debug) context.note = note;
  note("start", { kind: target.kind, timeoutMs });
  let sample: Sample;
  try {
    sample = await deps.probe(target, context);
  } catch (error) {
    const message = mask((error as Error).message);
    if (options.debug) print(showDebug({ target, log, outcome: { error: message } }, language));
    // Whoever prints it has no mask.
    throw new Error(message, { cause: error });
  }
  note("end", { answered: answered(sample) });
  if (options.json) print(JSON.stringify(sample));
  else
    print(
      options.debug
        ? showDebug({ target, log, outcome: { sample } }, language)
        : showSample(sample, language),
    );
  return answered(sample) === true ? 0 : 1;
}
