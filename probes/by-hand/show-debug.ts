import type { AgentTarget } from "#wire/targets-v1.ts";
import { maskTarget } from "./mask.ts";
import { lossRatio, pdvUs, percentile } from "../icmp/stats.ts";
import type { IcmpSample, Sample } from "../probe.ts";
import { probeWords } from "./texts.ts";
import { showSample } from "../show-sample.ts";
import type { Language } from "../texts.ts";

/** One step of a round, as the probe noted it. */
export interface LogLine {
  /** Since the start of the round. */
  atMs: number;
  step: string;
  detail: Record<string, string | number | boolean | null>;
}

export interface DebugReport {
  target: AgentTarget;
  log: readonly LogLine[];
  /** What came of it, or why the probe itself failed. */
  outcome: { sample: Sample } | { error: string };
}

/** A round by hand with everything that an engineer asks about it: what happened when, the values, the settings. */
export function showDebug({ target, log, outcome }: DebugReport, language: Language): string {
  const word = probeWords[language];
  const result =
    "error" in outcome
      ? `${word.broken}: ${outcome.error}`
      : [showSample(outcome.sample, language), ...valuesOf(outcome.sample, language)].join("\n");
  return [
    section(word.log, log.map(showLine).join("\n")),
    section(word.result, result),
    section(word.settings, toLines(maskTarget(target)).join("\n")),
  ].join("\n\n");
}

function section(title: string, text: string): string {
  return `${title}:\n${text.replaceAll(/^/gm, "  ")}`;
}

function showLine({ atMs, step, detail }: LogLine): string {
  const parts = Object.entries(detail).map(([name, value]) => `${name}=${scalar(value)}`);
  return [atMs.toFixed(1).padStart(8), step, ...parts].join("  ");
}

function valuesOf(sample: Sample, language: Language): string[] {
  const lines = toLines({ ...sample });
  return sample.kind === "icmp" ? [...lines, ...statsOf(sample, language)] : lines;
}

/** What conventions call by the same name differs, so each figure says which one it is. */
function statsOf({ sent, recv, rttUs }: IcmpSample, language: Language): string[] {
  const word = probeWords[language];
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 3 });
  const show = (value: number | null, scale: number) => (value === null ? "-" : number.format(value * scale));
  const ascending = rttUs.toSorted((a, b) => a - b);
  const quantiles = [0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
  const names = quantiles.map((q) => `p${Math.round(q * 100)}`).join(" / ");
  const values = quantiles.map((q) => show(percentile(ascending, q), 1e-3)).join(" / ");
  return [
    `${word.loss} (RFC 7680): ${show(lossRatio(sent, recv), 100)} %`,
    `${word.latency} ${names} (${word.ofAnswered}): ${values} ms`,
    `${word.jitter}: ${show(pdvUs(rttUs), 1e-3)} ms`,
  ];
}

/** A value as YAML writes it: the form in which configurations are read and quoted. */
function toLines(fields: Record<string, unknown>): string[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    if (Array.isArray(value)) return [`${scalar(name)}: [${value.map(scalar).join(", ")}]`];
    if (typeof value !== "object" || value === null) return [`${scalar(name)}: ${scalar(value)}`];
    const lines = toLines(value as Record<string, unknown>);
    return lines.length === 0
      ? [`${scalar(name)}: {}`]
      : [`${scalar(name)}:`, ...lines.map((line) => `  ${line}`)];
  });
}

/** Bare where YAML reads it back as the same value, else in double quotes. */
function scalar(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value) ?? "null";
  const bare =
    /^[A-Za-z_/][\w./:*@-]*$/.test(value) &&
    !value.endsWith(":") &&
    !/^(?:null|true|false|yes|no|on|off|y|n)$/i.test(value);
  return bare ? value : JSON.stringify(value);
}
