import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readConfig } from "../../src/config.ts";
import { isWellFormedKey } from "../../src/state/keys.ts";
import { tempDir } from "../support/temp-dir.ts";

/* Docker does not run where these tests do. What can be checked without it: that the files agree with one another. */

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

interface Service {
  image: string;
  build?: string;
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  secrets?: string[];
  read_only?: boolean;
  cap_drop: string[];
  cap_add?: string[];
  security_opt?: string[];
  network_mode?: string;
  profiles?: string[];
  logging: { driver: string };
  deploy: { resources: { limits: { cpus: string; memory: string } } };
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string; required?: boolean }>;
}
interface Compose {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, null>;
}
type Tree = Record<string, unknown>;

const parseFile = (path: string) => parse(read(path), { uniqueKeys: true }) as Tree;

/** As Compose lays one file over another: mappings are merged, lists appended, mounts are one for each path within. */
function layOver(below: unknown, above: unknown, name = ""): unknown {
  if (Array.isArray(below) && Array.isArray(above)) {
    const pathOf = (mount: unknown) => (name === "volumes" ? String(mount).split(":")[1] : mount);
    return [
      ...below.filter((one) => above.every((other) => pathOf(other) !== pathOf(one))),
      ...(above as unknown[]),
    ];
  }
  const isTree = (value: unknown): value is Tree =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isTree(below) || !isTree(above)) return above;
  const keys = [...new Set([...Object.keys(below), ...Object.keys(above)])];
  return Object.fromEntries(
    keys.map((key) => [
      key,
      key in below && key in above ? layOver(below[key], above[key], key) : (above[key] ?? below[key]),
    ]),
  );
}

const base = parseFile("docker-compose.yml");
const compose = base as unknown as Compose;
const withVictoria = layOver(base, parseFile("docker-compose.victoria.yml")) as Compose;
const text = read("docker-compose.yml") + read("docker-compose.victoria.yml");
const documented = read("docs/compose.md");

const mountsOf = (services: readonly [string, Service][]) =>
  services.flatMap(([name, { volumes = [] }]) =>
    volumes.map((volume) => {
      const [source = "", path = "", mode = "rw"] = volume.split(":");
      return { name, source, path, mode };
    }),
  );
const mounts = mountsOf(Object.entries(compose.services));

describe.each([
  ["docker-compose.yml", compose, "influxdb"],
  ["docker-compose.victoria.yml over it", withVictoria, "victoria"],
])("%s", (_, { services: all, secrets, volumes }, engine) => {
  // Services of a profile that nobody asks for are not there.
  const services = Object.entries(all).filter(([, { profiles }]) => profiles === undefined);
  const own = mountsOf(services);

  it("has the services that docs/compose.md names, each with a way to start it without Docker", () => {
    const names = ["collector", "first-start", "agent", engine, "prometheus", "grafana"];
    expect(services.map(([name]) => name).toSorted()).toEqual(names.toSorted());
    for (const name of names) expect(documented).toMatch(new RegExp(`^\\| \`${name}\` \\|`, "m"));
  });

  it("uses keys of the compose specification only", () => {
    const known = new Set(
      "build,image,pull_policy,command,environment,ports,volumes,secrets,tmpfs,read_only,cap_drop,cap_add,security_opt,init,stop_grace_period,restart,logging,deploy,healthcheck,depends_on,network_mode,profiles".split(
        ",",
      ),
    );
    expect(services.flatMap(([, service]) => Object.keys(service)).filter((key) => !known.has(key))).toEqual(
      [],
    );
  });

  it("pins every image", () => {
    const images = services.map(([, { image }]) => image).filter((image) => image !== "sambung:local");
    const from = /^FROM (\S+)$/m.exec(read("Dockerfile"))?.[1] ?? "";
    for (const image of [...images, from]) expect(image).toMatch(/^[a-z/-]+:v?\d+\.\d+\.\d+(-slim)?$/);
    expect(all.grafana?.environment?.GF_PLUGINS_PREINSTALL_SYNC).toMatch(/@\d+\.\d+\.\d+$/);
  });

  it("mounts only volumes and secrets that are declared and files that are there", () => {
    const named = own.filter(({ source }) => !source.startsWith("."));
    const declared = new Set(Object.keys(volumes));
    expect(named.filter(({ source }) => !declared.has(source))).toEqual([]);
    const bound = own.filter(({ source }) => source.startsWith("."));
    expect(bound.length).toBe(4);
    expect(bound.filter(({ source, mode }) => !existsSync(join(root, source)) || mode !== "ro")).toEqual([]);
    const used = services.flatMap(([, service]) => service.secrets ?? []);
    expect(used.filter((name) => !(name in secrets))).toEqual([]);
  });

  it("starts programs that are there, in an image that has them", () => {
    const copied = [...read("Dockerfile").matchAll(/^COPY (\S+) \.\//gm)].map((match) => match[1]!);
    const programs = services.flatMap(
      ([, { command = [] }]) => command.join(" ").match(/[\w/-]+\.ts\b/g) ?? [],
    );
    expect(programs.length).toBe(3);
    expect(programs.filter((program) => !existsSync(join(root, program)))).toEqual([]);
    expect(programs.filter((program) => !copied.some((folder) => program.startsWith(`${folder}/`)))).toEqual(
      [],
    );
  });

  it("waits for services that are there, on conditions that they can meet, and for the engine that it writes to", () => {
    for (const [, { depends_on = {}, network_mode }] of services) {
      for (const [name, { condition, required = true }] of Object.entries(depends_on)) {
        const other = services.find(([each]) => each === name)?.[1];
        if (other === undefined && !required) continue;
        const canMeet =
          condition === "service_healthy"
            ? other?.healthcheck !== undefined
            : condition === "service_completed_successfully";
        expect(canMeet, name).toBe(true);
      }
      expect([undefined, "service:collector"]).toContain(network_mode);
    }
    expect(all.collector!.depends_on).toHaveProperty([engine, "condition"], "service_healthy");
  });

  it("looks after the health of all that stay, and bounds them for a machine of 2 cores and 4 GB", () => {
    const staying = services.filter(([, { healthcheck }]) => healthcheck !== undefined);
    expect(services.length - staying.length).toBe(1);
    const megabytes = staying.map(([, { deploy }]) => {
      const { value, unit } = /^(?<value>\d+)(?<unit>[MG])$/.exec(deploy.resources.limits.memory)!.groups!;
      return Number(value) * (unit === "G" ? 1024 : 1);
    });
    expect(megabytes.reduce((a, b) => a + b)).toBeLessThanOrEqual(3_072);
    for (const [, { deploy, logging }] of services) {
      expect(Number(deploy.resources.limits.cpus)).toBeLessThanOrEqual(1.5);
      expect(logging.driver).toBe("local");
    }
  });

  it("gives no container more than it needs", () => {
    for (const [, service] of services) expect(service.cap_drop).toEqual(["ALL"]);
    const rights = services.filter(([, { cap_add }]) => cap_add !== undefined).map(([name]) => name);
    expect(rights).toEqual(engine === "influxdb" ? ["agent", "influxdb"] : ["agent"]);
    const privileged = services
      .filter(([, { security_opt }]) => security_opt === undefined)
      .map(([name]) => name);
    expect(privileged).toEqual(["agent"]);
    const ours = services.filter(([, { image }]) => image === "sambung:local");
    expect(ours.map(([, { read_only }]) => read_only)).toEqual([true, true, true]);
  });

  it("keeps the admin key from all but two, has no secret in the environment, and publishes on loopback", () => {
    const holders = services
      .filter(([, { secrets: held = [] }]) => held.includes("admin-key"))
      .map(([name]) => name);
    expect(holders).toEqual(["collector", "first-start"]);
    for (const [name, { environment = {} }] of services)
      for (const [variable, value] of Object.entries(environment))
        if (/KEY|TOKEN|PASSWORD/.test(variable)) expect(value, `${name} ${variable}`).toMatch(/^\/run\//);
    const ports = services.flatMap(([, { ports: published = [] }]) => published);
    expect(ports.map((port) => /:-127\.0\.0\.1:\d+\}:\d+$/.test(port))).toEqual([true, true, true]);
  });

  it("mounts a configuration that is accepted, for the engine that is there", () => {
    const mount = own.find(({ path }) => path === all.collector!.environment!.SAMBUNG_CONFIG)!;
    using dir = tempDir();
    const token = dir.file("token");
    writeFileSync(token, "secret\n");
    const file = dir.file("sambung.yaml");
    writeFileSync(file, read(mount.source).replace("/run/secrets/influx-token", token));
    const { series } = readConfig({ SAMBUNG_CONFIG: file }, dir.path);
    if (series.engine === "sqlite") throw new Error("the rounds are in the file");
    expect(new URL(series.url).hostname).toBe(engine);
    if (series.engine === "victoria") return;
    const made = all.influxdb!.environment!;
    expect([series.org, series.bucket]).toEqual([
      made.DOCKER_INFLUXDB_INIT_ORG,
      made.DOCKER_INFLUXDB_INIT_BUCKET,
    ]);
    expect(series.token).toBe("secret");
    expect(made.DOCKER_INFLUXDB_INIT_ADMIN_TOKEN_FILE).toBe("/run/secrets/influx-token");
    expect(read(mount.source)).toContain(`tokenFile: ${made.DOCKER_INFLUXDB_INIT_ADMIN_TOKEN_FILE}`);
  });
});

describe("docs/compose.md", () => {
  it("makes every secret, none of which is in the repository or in the image", () => {
    const names = Object.values(compose.secrets).map(({ file }) => file.replace("./secrets/", ""));
    expect(names).toHaveLength(4);
    const [, made = ""] = /^for name in (.+); do$/m.exec(documented) ?? [];
    expect([...made.split(" "), "admin-key"].toSorted()).toEqual(names.toSorted());
    expect(documented).toContain("node src/main.ts key > secrets/admin-key");
    expect(read(".gitignore").split("\n")).toContain("/secrets/");
    expect(read(".dockerignore").split("\n")).toContain("secrets");
  });

  it("has a command that makes an admin key", () => {
    const [, command = ""] = /docker run --rm sambung:local node ([^>]+) >/.exec(documented) ?? [];
    const made = execFileSync(process.execPath, command.split(" "), { encoding: "utf8", cwd: root });
    expect(isWellFormedKey(made.trim(), "sbk")).toBe(true);
  });

  it("has every variable that the files take, and no other", () => {
    const names = new Set([...text.matchAll(/(?<!\$)\$\{([A-Z_]+)/g)].map((match) => match[1]!));
    const table = new Set([...documented.matchAll(/^\| `([A-Z_]+)` \|/gm)].map((match) => match[1]!));
    expect(table).toEqual(names);
    expect(names.size).toBe(7);
  });

  it("has configurations for engines without Docker that are accepted", () => {
    using dir = tempDir();
    writeFileSync(dir.file("influx-token"), "secret\n");
    const found = [...documented.matchAll(/^series: .+$/gm)].map(([line]) => {
      writeFileSync(dir.file("sambung.yaml"), line);
      return readConfig({}, dir.path).series.engine;
    });
    expect(found).toEqual(["influx", "influx", "victoria"]);
  });

  it("runs the same Node as the tests", () => {
    const wanted = (JSON.parse(read("package.json")) as { devDependencies: { node: string } }).devDependencies
      .node;
    expect(read("Dockerfile")).toContain(`FROM node:${wanted}-slim`);
  });
});

describe("provisioning", () => {
  const datasource = parse(read("dashboards/provisioning/datasources/sambung.yaml")) as {
    datasources: {
      type: string;
      url: string;
      jsonData: Record<string, unknown>;
      secureJsonData: Record<string, string>;
    }[];
  };
  const provider = parse(read("dashboards/provisioning/dashboards/sambung.yaml")) as {
    providers: { options: { path: string } }[];
  };
  const grafana = compose.services.grafana!;

  it("points to the collector with a path, and allows nothing else", () => {
    const [only] = datasource.datasources;
    expect(only).toMatchObject({ type: "yesoreyeram-infinity-datasource", url: "${SAMBUNG_URL}/api" });
    expect(only?.jsonData).toMatchObject({
      allowedHosts: ["${SAMBUNG_URL}/api"],
      unsecuredQueryHandling: "deny",
    });
    expect(grafana.environment!.SAMBUNG_URL).toBe("http://collector:8080");
    expect(grafana.environment!.SAMBUNG_PROMETHEUS_URL).toBe("http://prometheus:9090");
    expect(read("dashboards/provisioning/datasources/prometheus.yaml")).toContain(
      "${SAMBUNG_PROMETHEUS_URL}",
    );
  });

  it("reads the key where first-start writes it", () => {
    const file = compose.services["first-start"]!.environment!.SAMBUNG_GRAFANA_KEY_FILE!;
    expect(datasource.datasources[0]?.secureJsonData.bearerToken).toBe(`$__file{${file}}`);
    const volumeAt = (service: string, path: string) =>
      mounts.find((mount) => mount.name === service && path.startsWith(`${mount.path}/`))?.source;
    expect(volumeAt("grafana", file)).toBe("grafana-key");
    expect(volumeAt("first-start", file)).toBe("grafana-key");
    const token = compose.services["first-start"]!.environment!.SAMBUNG_AGENT_TOKEN_FILE!;
    expect(volumeAt("agent", token)).toBe(volumeAt("first-start", token));
    expect(compose.services.agent!.command?.at(-1)).toContain(`cat ${token}`);
  });

  it("loads dashboards from where compose mounts them", () => {
    const path = provider.providers[0]!.options.path;
    expect(mounts.find((mount) => mount.name === "grafana" && mount.path === path)?.source).toBe(
      "./dashboards/generated",
    );
    const home = grafana.environment!.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH!;
    expect(existsSync(join(root, home.replace(path, "dashboards/generated")))).toBe(true);
  });
});
