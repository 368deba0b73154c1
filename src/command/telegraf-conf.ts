import type { AgentConfigV1 } from "#wire/agent-config-v1.ts";
import type { AgentTarget, DnsTarget } from "#wire/targets-v1.ts";
import { pingInput, precisionOf } from "./telegraf-ping.ts";
import type { PingMethod } from "./telegraf-ping.ts";
import { snmpInput } from "./telegraf-snmp.ts";
import type { TelegrafTexts } from "./telegraf-texts.ts";
import { writeToml } from "./telegraf-toml.ts";
import type { TomlTable } from "./telegraf-toml.ts";

export interface TelegrafConfOptions {
  config: Pick<AgentConfigV1, "agent" | "site" | "reportIntervalS" | "targets">;
  /** Where the box reaches the collector. */
  server: string;
  key: string;
  method: PingMethod;
  texts: TelegrafTexts;
}

/** Three days, as far as they fit: a box of 512 MB has to carry what Telegraf keeps. */
const bufferHours = 72;
const leastBuffer = 10_000;
const mostBuffer = 100_000;
/** Rows that a device's table of interfaces is taken to have, to judge how long the buffer lasts. */
const guessedInterfaces = 16;

/** A complete telegraf.conf for a site, and the targets that Telegraf cannot measure truly. */
export function telegrafConf(options: TelegrafConfOptions): {
  text: string;
  measured: number;
  left: AgentTarget[];
} {
  const { config, server, key, method, texts } = options;
  const inputs: TomlTable[] = [];
  const left: AgentTarget[] = [];
  let perHour = 0;
  for (const target of config.targets) {
    const input = inputOf(target, method, texts);
    if (input === null) left.push(target);
    else {
      inputs.push(input);
      perHour += linesPerHour(target);
    }
  }
  const buffer = Math.min(
    mostBuffer,
    Math.max(leastBuffer, Math.ceil((perHour * bufferHours) / 1000) * 1000),
  );
  const agent: TomlTable = {
    head: "[agent]",
    notes: texts.buffer(buffer, Math.floor(buffer / Math.max(1, perHour))),
    values: {
      interval: "60s",
      round_interval: true,
      metric_batch_size: 1000,
      metric_buffer_limit: buffer,
      flush_interval: `${config.reportIntervalS}s`,
      flush_jitter: "5s",
      omit_hostname: true,
    },
  };
  const output: TomlTable = {
    head: "[[outputs.influxdb_v2]]",
    notes: texts.output,
    values: {
      urls: [server],
      token: key,
      organization: "sambung",
      bucket: config.site,
      content_encoding: "gzip",
      timeout: "30s",
      namepass: ["ping", "snmp", "interface", "dns_query"],
    },
  };
  const head = texts.head({ site: config.site, agent: config.agent, method }).map((line) => `# ${line}\n`);
  const unmeasured = left.map(({ id, kind }) => `# ${texts.left(id, kind)}\n`);
  return {
    text: `${head.join("")}${unmeasured.join("")}\n${writeToml([agent, output, ...inputs])}`,
    measured: inputs.length,
    left,
  };
}

function inputOf(target: AgentTarget, method: PingMethod, texts: TelegrafTexts): TomlTable | null {
  switch (target.kind) {
    case "icmp":
      return pingInput(target, method, texts);
    case "snmp":
      return snmpInput(target, texts);
    case "dns":
      return dnsInput(target);
    default:
      return null;
  }
}

/**
 * A resolver has to be named, since Telegraf does not ask the machine which one it uses; and which addresses it answered
 * cannot be checked from what it reports.
 */
function dnsInput({
  id,
  name,
  recordType,
  resolver,
  expectAnswer,
  intervalS,
  timeoutMs,
}: DnsTarget): TomlTable | null {
  if (resolver === null || expectAnswer.length > 0) return null;
  const parts = /^(?:\[(?<six>[^\]]+)\]|(?<four>[^:]+))(?::(?<port>\d+))?$/.exec(resolver)?.groups;
  const timeoutS = Math.max(1, Math.floor(timeoutMs / 1000));
  return {
    head: "[[inputs.dns_query]]",
    values: {
      servers: [parts?.["six"] ?? parts?.["four"] ?? resolver],
      port: Number(parts?.["port"] ?? 53),
      domains: [name],
      record_type: recordType,
      timeout: timeoutS,
      interval: `${intervalS}s`,
      precision: precisionOf(intervalS, timeoutS),
    },
    tables: [{ head: "[inputs.dns_query.tags]", values: { target: id } }],
  };
}

function linesPerHour(target: AgentTarget): number {
  const lines = target.kind === "snmp" && target.profile !== null ? 1 + guessedInterfaces : 1;
  return (3600 / target.intervalS) * lines;
}
