#!/usr/bin/env node
import { readLanguage } from "../texts.ts";
import { DemoUsageError, readDemoCommand } from "./command-line.ts";
import type { DemoCommand } from "./command-line.ts";
import { DemoFolderError } from "./folder.ts";
import { dayPlan } from "./plan.ts";
import { startDemo } from "./run-demo.ts";
import type { DemoStep } from "./run-demo.ts";
import { showDemo, showStep } from "./show.ts";
import { demoTexts } from "./texts.ts";
import type { DemoTexts } from "./texts.ts";

/*
 * npm run demo: a day of a whole district in front of a real collector, then live. The collector, the protocol, the
 * ledger and the verdicts are real. The measurements are not: they come from the model in measure.ts, and the faults
 * from the plan in plan.ts. No packet is sent into any network.
 */
export async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const texts = demoTexts[readLanguage(env["SAMBUNG_LANG"])];
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  try {
    const command = readDemoCommand(argv);
    if (command.help) process.stdout.write(texts.help);
    else await run(command, texts, stopping);
    return 0;
  } catch (error) {
    if (stopping.signal.aborted) return 0;
    return report(error as Error, texts);
  }
}

async function run(command: DemoCommand, texts: DemoTexts, stopping: AbortController): Promise<void> {
  const { signal } = stopping;
  await using demo = await startDemo({
    ...command,
    hours: 24,
    plan: dayPlan,
    only: [],
    nowMs: Date.now,
    signal,
    onStep: createProgress(texts),
  });
  const comparison = await demo.compare();
  if (signal.aborted) return;
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  process.stdout.write(showDemo(demo, comparison, texts));
  await Promise.race([
    demo.live(),
    demo.collector.ended.then(() => {
      if (!signal.aborted) throw new Error(texts.ended);
    }),
  ]);
}

/** One line that is written over and over, and only where somebody sees it. */
function createProgress(texts: DemoTexts): (step: DemoStep) => void {
  if (!process.stderr.isTTY) return () => {};
  return (step) => process.stderr.write(`\r\u001b[K${showStep(step, texts)}`);
}

function report(error: Error, texts: DemoTexts): number {
  const isUsage = error instanceof DemoUsageError;
  const told = error instanceof DemoFolderError ? texts.notEmpty(error.folder, error.isDemo) : error.message;
  process.stderr.write(`${isUsage ? texts.wrongUsage : texts.failed}: ${told}\n`);
  if (isUsage) process.stderr.write(`${texts.help}\n`);
  return isUsage || error instanceof DemoFolderError ? 2 : 1;
}

if (import.meta.main) process.exit(await main(process.argv.slice(2), process.env));
