import type { DnsSample, HttpSample, IcmpSample, Sample, SnmpSample } from "./probe.ts";
import { wordTexts } from "./texts.ts";
import type { Language, Word } from "./texts.ts";

/** One round as a person reads it. */
export function showSample(sample: Sample, language: Language): string {
  const show = createShow(language);
  switch (sample.kind) {
    case "icmp":
      return showIcmp(sample, show);
    case "snmp":
      return showSnmp(sample, show);
    case "http":
      return showHttp(sample, show);
    case "dns":
      return showDns(sample, show);
  }
}

interface Show {
  word: (name: Word) => string;
  number: (value: number, digits: number) => string;
}

function createShow(language: Language): Show {
  return {
    word: (name) => wordTexts[language][name],
    number: (value, digits) =>
      new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value),
  };
}

function showIcmp({ sent, recv, rttUs }: IcmpSample, { word, number }: Show): string {
  if (sent === 0) return `icmp: ${word("notSent")}`;
  const counts = `${word("sent")} ${sent}, ${word("received")} ${recv}`;
  const loss = `${word("loss")} ${number(((sent - recv) / sent) * 100, 1)} %`;
  if (recv === 0) return `icmp: ${word("failed")}: ${counts}, ${loss}`;
  const sorted = [...rttUs].sort((a, b) => a - b);
  const at = (ratio: number) => number(sorted[Math.floor((sorted.length - 1) * ratio)]! / 1000, 3);
  return `icmp: ${word("normal")}: ${counts}, ${loss}, ${word("latency")} min/med/max ${at(0)} / ${at(0.5)} / ${at(1)} ms`;
}

function showHttp(sample: HttpSample, { word, number }: Show): string {
  const state = sample.ok === 1 ? word("normal") : `${word("failedIn")} ${sample.phase}`;
  const steps = (["dnsMs", "connectMs", "tlsMs", "ttfbMs", "totalMs"] as const)
    .filter((name) => sample[name] !== null)
    .map((name) => `${name.replace("Ms", "")} ${number(sample[name]!, 1)} ms`);
  if (sample.status !== null) steps.unshift(`status ${sample.status}`);
  if (sample.certExpiresS !== null) {
    steps.push(
      `${word("certificate")} ${number(Math.floor(sample.certExpiresS / 86_400), 0)} ${word("days")}`,
    );
  }
  return `http: ${[state, ...steps].join(", ")}`;
}

function showDns({ ok, rcode, totalMs }: DnsSample, { word, number }: Show): string {
  const state = ok === 1 ? word("normal") : word("failed");
  const time = totalMs === null ? "" : `, ${number(totalMs, 1)} ms`;
  return `dns: ${state}, ${rcode ?? word("noAnswer")}${time}`;
}

function showSnmp({ ok, values }: SnmpSample, { word }: Show): string {
  if (ok === 0) return `snmp: ${word("failed")}: ${word("noAnswer")}`;
  const rows = Object.entries(values).map(([name, value]) => `  ${name} = ${value ?? "-"}`);
  return [`snmp: ${word("normal")}`, ...rows].join("\n");
}
