import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { isWellFormedKey } from "../../src/state/keys.ts";

/* Docker does not run where these tests do. What can be checked without it: that the files agree with one another. */

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

interface Service {
  image: string;
  build?: string;
  command?: string[];
  environment: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  read_only?: boolean;
  cap_drop: string[];
  cap_add?: string[];
  security_opt?: string[];
  network_mode?: string;
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
}
const text = read("docker-compose.yml");
const compose = parse(text, { uniqueKeys: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, null>;
};
const services = Object.entries(compose.services);
const mounts = services.flatMap(([name, { volumes = [] }]) =>
  volumes.map((volume) => {
    const [source = "", path = "", mode = "rw"] = volume.split(":");
    return { name, source, path, mode };
  }),
);

describe("docker-compose.yml", () => {
  it("uses keys of the compose specification only", () => {
    const known = new Set(
      "build,image,pull_policy,command,environment,ports,volumes,tmpfs,read_only,cap_drop,cap_add,security_opt,init,stop_grace_period,restart,healthcheck,depends_on,network_mode".split(
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
    for (const image of [...images, from]) expect(image).toMatch(/^[a-z/]+:\d+\.\d+\.\d+(-slim)?$/);
    expect(compose.services.grafana?.environment.GF_PLUGINS_PREINSTALL_SYNC).toMatch(/@\d+\.\d+\.\d+$/);
  });

  it("runs the same Node as the tests", () => {
    const wanted = (JSON.parse(read("package.json")) as { devDependencies: { node: string } }).devDependencies
      .node;
    expect(read("Dockerfile")).toContain(`FROM node:${wanted}-slim`);
  });

  it("mounts only volumes that are declared and files that are there", () => {
    const named = mounts.filter(({ source }) => !source.startsWith("."));
    expect(new Set(named.map(({ source }) => source))).toEqual(new Set(Object.keys(compose.volumes)));
    const bound = mounts.filter(({ source }) => source.startsWith("."));
    expect(bound.length).toBe(2);
    expect(bound.filter(({ source, mode }) => !existsSync(join(root, source)) || mode !== "ro")).toEqual([]);
  });

  it("starts programs that are there, in an image that has them", () => {
    const copied = [...read("Dockerfile").matchAll(/^COPY (\S+) \.\//gm)].map((match) => match[1]!);
    const programs = services.flatMap(
      ([, { command = [] }]) => command.join(" ").match(/[\w/-]+\.ts/g) ?? [],
    );
    expect(programs.length).toBe(3);
    expect(programs.filter((program) => !existsSync(join(root, program)))).toEqual([]);
    expect(programs.filter((program) => !copied.some((folder) => program.startsWith(`${folder}/`)))).toEqual(
      [],
    );
  });

  it("waits for services that exist, on conditions that they can meet", () => {
    for (const [, { depends_on = {}, network_mode }] of services) {
      for (const [name, { condition }] of Object.entries(depends_on)) {
        const other = compose.services[name]!;
        expect(other).toBeDefined();
        const canMeet =
          condition === "service_healthy"
            ? other.healthcheck !== undefined
            : condition === "service_completed_successfully";
        expect(canMeet).toBe(true);
      }
      expect([undefined, "service:collector"]).toContain(network_mode);
    }
  });

  it("gives no container more than it needs", () => {
    for (const [, service] of services) expect(service.cap_drop).toEqual(["ALL"]);
    const withRights = services.filter(([, { cap_add }]) => cap_add !== undefined).map(([name]) => name);
    expect(withRights).toEqual(["agent"]);
    const privileged = services
      .filter(([, { security_opt }]) => security_opt === undefined)
      .map(([name]) => name);
    expect(privileged).toEqual(["agent"]);
    const ours = services.filter(([, { image }]) => image === "sambung:local");
    expect(ours.map(([, { read_only }]) => read_only)).toEqual([true, true, true]);
  });

  it("keeps the admin key from Grafana and the agent, and publishes on loopback", () => {
    const holders = services
      .filter(([, { environment }]) => "SAMBUNG_ADMIN_KEY" in environment)
      .map(([name]) => name);
    expect(holders).toEqual(["collector", "first-start"]);
    const ports = services.flatMap(([, { ports: own = [] }]) => own);
    expect(ports.map((port) => /:-127\.0\.0\.1:\d+\}:\d+$/.test(port))).toEqual([true, true]);
  });

  it("is documented: the command that makes an admin key makes one", () => {
    const [, command = ""] =
      /docker run --rm sambung:local node ([^)]+)\)/.exec(read("docs/grafana.md")) ?? [];
    const made = execFileSync(process.execPath, command.split(" "), { encoding: "utf8", cwd: root });
    expect(isWellFormedKey(made.trim(), "sbk")).toBe(true);
  });

  it("is documented: every variable that it takes stands in docs/grafana.md", () => {
    const names = new Set([...text.matchAll(/(?<!\$)\$\{([A-Z_]+)/g)].map((match) => match[1]!));
    expect(names.size).toBe(6);
    const documented = read("docs/grafana.md");
    expect([...names].filter((name) => !documented.includes(`| \`${name}\` |`))).toEqual([]);
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
    expect(grafana.environment.SAMBUNG_URL).toBe("http://collector:8080");
  });

  it("reads the key where first-start writes it", () => {
    const file = compose.services["first-start"]!.environment.SAMBUNG_GRAFANA_KEY_FILE!;
    expect(datasource.datasources[0]?.secureJsonData.bearerToken).toBe(`$__file{${file}}`);
    const volumeAt = (service: string, path: string) =>
      mounts.find((mount) => mount.name === service && path.startsWith(`${mount.path}/`))?.source;
    expect(volumeAt("grafana", file)).toBe("grafana-key");
    expect(volumeAt("first-start", file)).toBe("grafana-key");
    const token = compose.services["first-start"]!.environment.SAMBUNG_AGENT_TOKEN_FILE!;
    expect(volumeAt("agent", token)).toBe(volumeAt("first-start", token));
    expect(compose.services.agent!.command?.at(-1)).toContain(`cat ${token}`);
  });

  it("loads dashboards from where compose mounts them", () => {
    const path = provider.providers[0]!.options.path;
    expect(mounts.find((mount) => mount.name === "grafana" && mount.path === path)?.source).toBe(
      "./dashboards/generated",
    );
    const home = grafana.environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH!;
    expect(existsSync(join(root, home.replace(path, "dashboards/generated")))).toBe(true);
  });
});
