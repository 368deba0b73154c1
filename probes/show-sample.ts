import type { DnsSample, HttpSample, IcmpSample, Sample, SnmpSample, TcpSample } from "./probe.ts";
import { phaseTexts, probeWords, snmpTexts, unsentTexts } from "./by-hand/texts.ts";
import type { ProbeWord } from "./by-hand/texts.ts";
import { percentile } from "./icmp/stats.ts";
import type { Language } from "./texts.ts";

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
    case "tcp":
      return showTcp(sample, show);
  }
}

interface Show {
  language: Language;
  word: (name: ProbeWord) => string;
  number: (value: number, digits: number) => string;
}

function createShow(language: Language): Show {
  return {
    language,
    word: (name) => probeWords[language][name],
    number: (value, digits) =>
      new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value),
  };
}

function showIcmp(sample: IcmpSample, { language, word, number }: Show): string {
  const { sent, recv, rttUs, unsent, lossRun } = sample;
  const why = unsent === null ? "" : `, ${word("notSent")}: ${unsentTexts[language][unsent]}`;
  if (sent === 0) return `icmp: ${word("notMeasured")}${why || `, ${word("notSent")}`}`;
  const parts = [
    `${word("sent")} ${sent}`,
    `${word("received")} ${recv}`,
    `${word("loss")} ${number(((sent - recv) / sent) * 100, 1)} %`,
  ];
  // One lost echo, or all, leave no question of runs.
  if (recv > 0 && lossRun > 1) parts.push(`${word("longestLoss")} ${lossRun}`);
  if (recv === 0) return `icmp: ${word("failed")}: ${parts.join(", ")}${why}`;
  const sorted = rttUs.toSorted((a, b) => a - b);
  const at = (q: number) => number((percentile(sorted, q) ?? 0) / 1000, 3);
  parts.push(`${word("latency")} min/med/max ${at(0)} / ${at(0.5)} / ${at(1)} ms`);
  return `icmp: ${word("normal")}: ${parts.join(", ")}${why}`;
}

function showHttp(sample: HttpSample, show: Show): string {
  const { word, number } = show;
  const parts = [stateOf(sample, show)];
  if (sample.status !== null) parts.push(`status ${sample.status}`);
  for (const name of ["dnsMs", "connectMs", "tlsMs", "ttfbMs", "totalMs"] as const) {
    const ms = sample[name];
    if (ms !== null) parts.push(`${name.replace("Ms", "")} ${number(ms, 1)} ms`);
  }
  if (sample.certExpiresS !== null) {
    const days = Math.floor(sample.certExpiresS / 86_400);
    const inDays = `${word("certificate")} ${number(days, 0)} ${word("days")}`;
    parts.push(days < 0 ? `${word("expired")} ${number(-days, 0)} ${word("daysAgo")}` : inDays);
  }
  if (sample.tlsError !== null) parts.push(`${word("certificateFault")} ${sample.tlsError}`);
  return `http: ${parts.join(", ")}`;
}

function showTcp(sample: TcpSample, show: Show): string {
  const time = sample.connectMs === null ? "" : `, connect ${show.number(sample.connectMs, 1)} ms`;
  return `tcp: ${stateOf(sample, show)}${time}`;
}

function stateOf({ ok, phase }: HttpSample | TcpSample, { language, word }: Show): string {
  if (ok === 1) return word("normal");
  return phase === null ? word("failed") : `${word("failedIn")} ${phase} (${phaseTexts[language][phase]})`;
}

function showDns({ ok, rcode, totalMs }: DnsSample, { word, number }: Show): string {
  const time = totalMs === null ? "" : `, ${number(totalMs, 1)} ms`;
  if (rcode === null) return `dns: ${word("failed")}, ${word("noAnswer")}${time}`;
  const state = ok === 1 ? word("normal") : `${word("failed")}, ${word("wrongAnswer")}`;
  return `dns: ${state}, ${rcode}${time}`;
}

function showSnmp({ ok, values, why }: SnmpSample, { language, word }: Show): string {
  const reason = why === null ? "" : `: ${snmpTexts[language][why]}`;
  if (ok === 0) return `snmp: ${word("failed")}${reason || `: ${word("noAnswer")}`}`;
  const rows = Object.entries(values).map(([name, value]) => `  ${name} = ${value ?? "-"}`);
  return [`snmp: ${why === null ? word("normal") : word("partly")}${reason}`, ...rows].join("\n");
}
