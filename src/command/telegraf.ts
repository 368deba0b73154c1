import { parseEnrolled } from "#wire/ack-v1.ts";
import { parseAgentConfig } from "#wire/agent-config-v1.ts";
import { telegrafConf } from "./telegraf-conf.ts";
import type { PingMethod } from "./telegraf-ping.ts";
import type { TelegrafTexts } from "./telegraf-texts.ts";

export interface TelegrafOptions {
  /** Where the collector is asked from here. */
  collector: string;
  /** Where the box reaches it. */
  server: string;
  site: string;
  method: PingMethod;
  adminKey: string;
  version: string;
  texts: TelegrafTexts;
}

/**
 * Makes an agent of the site that reports by Telegraf, and its configuration with the key. The running collector is asked
 * for all of it, since the inventory in force is its own. An agent for which there is nothing to measure, or whose
 * configuration could not be had, is revoked again.
 */
export async function makeTelegrafAgent(
  options: TelegrafOptions,
): Promise<{ conf: string; message: string }> {
  const { server, site, method, adminKey, version, texts } = options;
  const ask = createAsk(options);
  const minted = await ask("POST", "/api/v1/agents/tokens", adminKey, { site, kind: "telegraf" });
  const { token } = (minted as { data: { token: string } }).data;
  const request = { token, hardware: "telegraf", version: `telegraf.conf ${version}`.slice(0, 64) };
  const { agentId, key } = parseEnrolled(await ask("POST", "/api/v1/agents/enrol", null, request));
  try {
    const config = parseAgentConfig(await ask("GET", "/api/v1/agent/config", key));
    const { text, measured } = telegrafConf({ config, server, key, method, texts });
    if (measured === 0) throw new Error(texts.nothing(site));
    return { conf: text, message: texts.made(agentId, site, measured) };
  } catch (error) {
    await ask("DELETE", `/api/v1/agents/${agentId}`, adminKey);
    throw error;
  }
}

const timeoutMs = 10_000;

function createAsk({ collector, texts }: TelegrafOptions) {
  return async (method: string, path: string, key: string | null, body?: object): Promise<unknown> => {
    const response = await fetch(new URL(path, collector), {
      method,
      headers: {
        ...(key === null ? {} : { Authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((error: Error) => {
      const why = error.cause instanceof Error ? error.cause.message : error.message;
      throw new Error(texts.noCollector(collector, why), { cause: error });
    });
    if (response.ok) return response.status === 204 ? null : await response.json();
    throw new Error(texts.refused(`${method} ${path}`, await detailOf(response)));
  };
}

/** What a problem document says; of anything else, its status. */
async function detailOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    return `${response.status} ${(JSON.parse(text) as { detail: string }).detail}`;
  } catch {
    return String(response.status);
  }
}
