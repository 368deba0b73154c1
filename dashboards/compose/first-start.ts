import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/*
 * Runs once per `docker compose up`, after the collector is ready: with the admin key it makes what the other two
 * containers need, so that neither of them ever holds the admin key.
 *
 *   Grafana   a key with the scope `read`, made once and kept as long as the collector takes it
 *   agent     an enrolment token for its site, each time: an agent that is enrolled ignores it, and one that lost its
 *             data can start again. It serves once and is void after 24 hours
 */

export interface FirstStartOptions {
  /** Base URL of the collector, such as `http://collector:8080`. */
  server: string;
  adminKey: string;
  /** Site of the agent, such as `64.08`. */
  site: string;
  grafanaKeyFile: string;
  agentTokenFile: string;
}

type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** Says what was done, one line each. Throws, naming the request, when the collector refuses. */
export async function firstStart(options: FirstStartOptions, fetch: Fetch): Promise<string[]> {
  const call = createCall(options, fetch);
  const done: string[] = [];
  const held = readKey(options.grafanaKeyFile);
  if (held !== null && (await isTaken(options.server, held, fetch))) {
    done.push(`${options.grafanaKeyFile}: kept, the collector takes it`);
  } else {
    const { key } = await call("/api/v1/keys", { name: "grafana", scopes: ["read"] }, "key");
    // Grafana runs as another user, in a container that sees this folder alone.
    writeWhole(options.grafanaKeyFile, key, 0o444);
    done.push(`${options.grafanaKeyFile}: a new key with the scope read`);
  }
  const { token } = await call("/api/v1/agents/tokens", { site: options.site }, "token");
  writeWhole(options.agentTokenFile, token, 0o400);
  done.push(`${options.agentTokenFile}: an enrolment token for ${options.site}, void after 24 hours`);
  return done;
}

function createCall({ server, adminKey }: FirstStartOptions, fetch: Fetch) {
  return async <Name extends string>(
    path: string,
    body: unknown,
    wanted: Name,
  ): Promise<Record<Name, string>> => {
    const response = await fetch(`${server}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${answer.slice(0, 500)}`);
    const { data } = JSON.parse(answer) as { data?: Record<string, unknown> };
    const value = data?.[wanted];
    if (typeof value !== "string") throw new Error(`POST ${path}: the answer has no data.${wanted}`);
    return { [wanted]: value } as Record<Name, string>;
  };
}

async function isTaken(server: string, key: string, fetch: Fetch): Promise<boolean> {
  const response = await fetch(`${server}/api/v1/whoami`, { headers: { authorization: `Bearer ${key}` } });
  await response.arrayBuffer();
  if (response.ok) return true;
  if (response.status === 401 || response.status === 403) return false;
  throw new Error(`GET /api/v1/whoami: ${response.status}`);
}

function readKey(file: string): string | null {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** The file is either as it was or as it is to be, never half-written. */
function writeWhole(file: string, text: string, mode: number): void {
  mkdirSync(dirname(file), { recursive: true });
  const part = `${file}.${process.pid}.part`;
  writeFileSync(part, text, { mode: 0o600 });
  chmodSync(part, mode);
  renameSync(part, file);
}

function fromEnvironment(env: NodeJS.ProcessEnv): FirstStartOptions {
  const need = (name: string): string => {
    const value = env[name];
    if (value === undefined || value === "") throw new Error(`${name} is not set`);
    return value;
  };
  return {
    server: need("SAMBUNG_SERVER"),
    adminKey: need("SAMBUNG_ADMIN_KEY"),
    site: need("SAMBUNG_AGENT_SITE"),
    grafanaKeyFile: need("SAMBUNG_GRAFANA_KEY_FILE"),
    agentTokenFile: need("SAMBUNG_AGENT_TOKEN_FILE"),
  };
}

if (import.meta.main) {
  try {
    const done = await firstStart(fromEnvironment(process.env), fetch);
    process.stdout.write(`${done.join("\n")}\n`);
  } catch (error) {
    process.stderr.write(`first-start: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
