import { mkdirSync, writeFileSync } from "node:fs";
import { gatewayOf, hostOf, internetAddress } from "../support/district-net.ts";
import type { Place } from "../support/district-net.ts";

export const sites: Record<Place, string> = {
  noc: "64.08",
  kec: "64.08.04",
  v1: "64.08.04.2001",
  v2: "64.08.04.2002",
  v3: "64.08.04.2003",
};
export const places = Object.keys(sites) as Place[];
export const serviceName = "lapor.contoh";
/** Seconds between two rounds of any target: a fault of some rounds is over soon. */
export const intervalS = 2;

const parentLines: Record<Place, string> = {
  noc: "",
  kec: "",
  v1: "",
  v2: "",
  v3: `  parent: "${sites.v2}"\n`,
};

/** The inventory of the district and the collector's configuration, in the folder. */
export function writeDistrict(folder: string): void {
  mkdirSync(`${folder}/inventory`);
  const write = (name: string, text: string) => writeFileSync(`${folder}/inventory/${name}`, text);
  write(
    "sites.csv",
    `code,kind,name,parent_code,lat,lon,coord_precision
${sites.noc},kabupaten,Kabupaten Kutai Timur,,0.98987,117.12915,kabupaten_polygon_centroid
${sites.kec},kecamatan,Sangatta Utara,${sites.noc},0.5,117.5,kecamatan_polygon_centroid
${sites.v1},desa,Desa Satu,${sites.kec},0.51,117.51,desa_polygon_centroid
${sites.v2},desa,Desa Dua,${sites.kec},0.52,117.52,desa_polygon_centroid
${sites.v3},desa,Desa Tiga,${sites.kec},0.53,117.53,desa_polygon_centroid
`,
  );
  write("links.yaml", places.map(linkEntry).join(""));
  write(
    "services.yaml",
    `- id: lapor\n  name: SP4N-LAPOR!\n  url: https://${serviceName}/\n  control: "${sites.noc}"\n  private: true\n`,
  );
  write("targets.yaml", targetEntries());
  writeFileSync(
    `${folder}/sambung.yaml`,
    `inventory: ./inventory\ndata: ./data\nagents: {reportIntervalS: ${intervalS}}\n`,
  );
}

const linkEntry = (place: Place) =>
  `- id: link-${place}\n  site: "${sites[place]}"\n  provider: Penyedia Uji\n  technology: fibre\n  gateway: ${gatewayOf(place)}\n${parentLines[place]}`;

function targetEntries(): string {
  const common = `intervalS: ${intervalS}\n  timeoutMs: ${intervalS * 1_000 - 100}`;
  const all = "kinds: [kabupaten, kecamatan, desa]";
  const below = "kinds: [kecamatan, desa]";
  return `- id: gw
  ${all}
  role: gateway
  kind: icmp
  address: "{gateway}"
  ${common}
- id: hub
  ${below}
  role: hub
  kind: icmp
  address: "{hub}"
  ${common}
- id: noc
  ${below}
  role: noc
  kind: icmp
  address: ${hostOf("noc")}
  ${common}
- id: anchor
  site: "${sites.noc}"
  role: anchor
  kind: icmp
  address: ${internetAddress}
  ${common}
- id: below
  ${all}
  role: site
  of: children
  kind: icmp
  address: "{of.gateway}"
  ${common}
- id: lapor
  ${all}
  role: service
  service: lapor
  kind: http
  ${common}
- id: router
  site: "${sites.v1}"
  role: device
  kind: snmp
  address: "{gateway}"
  auth: {version: "2c", community: public}
  ${common}
`;
}
