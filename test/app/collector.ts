import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EnrolledV1 } from "#wire/ack-v1.ts";
import { makeKey } from "../../src/state/keys.ts";

/*
 * The collector as a program of its own, as an operator starts it: `sambung …` in a folder with its own sambung.yaml and
 * inventory.
 */

const program = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

export interface Program {
  child: ChildProcess;
  /** All that it printed so far. */
  out(): string;
  err(): string;
  /** Exit code, or the signal that ended it. */
  ended: Promise<number | string>;
  /** Resolves when a line of standard output matches; rejects when the program ends or time runs out before. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Runs any of our programs with nothing of this process's environment but where programs are. */
export function run(
  file: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Program {
  const child = spawn(process.execPath, [file, ...args], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", HOME: cwd, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const ended = once(child, "close").then(([code, signal]) => (signal as string | null) ?? (code as number));
  return {
    child,
    out: () => out,
    err: () => err,
    ended,
    line(pattern) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(out);
          if (found === null) return;
          settle();
          resolve(found);
        };
        const fail = (why: string) => {
          settle();
          reject(new Error(`${why} before ${pattern}; it said:\n${out}\n${err}`));
        };
        const timer = setTimeout(() => fail("time ran out"), 30_000);
        const settle = () => {
          clearTimeout(timer);
          child.stdout.off("data", look);
        };
        child.stdout.on("data", look);
        void ended.then((code) => fail(`the program ended with ${code}`));
        look();
      });
    },
  };
}

export const sambung = (args: readonly string[], cwd: string, env: Record<string, string> = {}) =>
  run(program, args, cwd, env);

/** Ends a program, by its own process id, and waits for it. */
export async function end(started: Program, signal: NodeJS.Signals): Promise<number | string> {
  started.child.kill(signal);
  return started.ended;
}

export interface Collector extends Program {
  address: string;
}

/** `sambung start` on any free port; resolves when it listens. */
export async function startCollector(
  folder: string,
  env: Record<string, string> = {},
  args: readonly string[] = [],
): Promise<Collector> {
  const started = sambung(["start", ...args], folder, { SAMBUNG_LISTEN: "127.0.0.1:0", ...env });
  const [, address] = await started.line(/^listening on (https?:\/\/\S+)$/m);
  return { ...started, address: address! };
}

export interface Files {
  "sites.csv"?: string;
  "links.yaml"?: string;
  "services.yaml"?: string;
  "targets.yaml"?: string;
}

const sites = `code,kind,name,parent_code,lat,lon,coord_precision
64.08,kabupaten,Kabupaten Uji,,0.98987,117.12915,kabupaten_polygon_centroid
64.08.04,kecamatan,Kecamatan Uji,64.08,0.5,117.5,kecamatan_polygon_centroid
64.08.04.2001,desa,Desa Satu,64.08.04,0.51,117.51,desa_polygon_centroid
64.08.04.2002,desa,Desa Dua,64.08.04,0.52,117.52,desa_polygon_centroid
`;

/** A configuration and an inventory of four sites in a folder; nothing in it points beyond this machine. */
export function writeDistrict(folder: string, files: Files = {}, config = ""): void {
  const inventory = join(folder, "inventory");
  mkdirSync(inventory, { recursive: true });
  writeFileSync(join(folder, "sambung.yaml"), `inventory: ./inventory\ndata: ./data\n${config}`);
  const all: Required<Files> = {
    "sites.csv": sites,
    "links.yaml": "",
    "services.yaml": "",
    "targets.yaml": "",
    ...files,
  };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(inventory, name), text);
}

/** What anybody with an admin key does over the API. */
export function createApi(address: () => string, key: string) {
  const ask = async (path: string, init: { method?: string; body?: string } = {}) => {
    const response = await fetch(`${address()}${path}`, {
      ...init,
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text.slice(0, 300)}`);
    return JSON.parse(text) as unknown;
  };
  return {
    async data<T>(path: string): Promise<T> {
      return ((await ask(`/api/v1${path}`)) as { data: T }).data;
    },
    async mintToken(site: string): Promise<string> {
      const body = JSON.stringify({ site });
      const answer = (await ask("/api/v1/agents/tokens", { method: "POST", body })) as {
        data: { token: string };
      };
      return answer.data.token;
    },
    async enrol(site: string): Promise<EnrolledV1> {
      const body = JSON.stringify({ token: await this.mintToken(site), hardware: "test", version: "1" });
      return (await ask("/api/v1/agents/enrol", { method: "POST", body })) as EnrolledV1;
    },
  };
}

export const newAdminKey = () => makeKey("sbk");
