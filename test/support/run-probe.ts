import type { AgentTarget } from "#wire/targets-v1.ts";
import { createProbe, createProbers } from "../../probes/probers.ts";
import { probeContext } from "./probe-context.ts";

// A program: one round of the target given as JSON, its sample printed as JSON. Run by probeElsewhere().
const target = JSON.parse(process.argv[2] ?? "") as AgentTarget;
const sample = await createProbe(createProbers())(target, probeContext({ timeoutMs: target.timeoutMs }));
process.stdout.write(JSON.stringify(sample));
