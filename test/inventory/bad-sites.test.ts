import { describe, expect, it } from "vitest";
import { goodFiles, header, messagesOf } from "./folder.ts";

const top = "64.08,kabupaten,Kutai Timur,,0.98987,117.12915,surveyed\n";
const kecamatan = "64.08.05,kecamatan,Sangkulirang,64.08,1.0,118.0,surveyed\n";
const precisions =
  "kabupaten_polygon_centroid, kecamatan_polygon_centroid, desa_polygon_centroid, " +
  "kabupaten_polygon_point_inside, kecamatan_polygon_point_inside, desa_polygon_point_inside, surveyed";
const codes = "expected a Kemendagri code such as 64.08, 64.08.05, 64.08.05.1001 or 64.08.05.2001";

const noOthers = { "contracts.yaml": "", "links.yaml": "", "services.yaml": "" };

/** Rows below the header → the one message. Only sites.csv is in the folder. */
const rows: [mistake: string, rows: string, message: string][] = [
  [
    "a code with a group too short",
    `${top}64.08.5,kecamatan,X,64.08,1,118,surveyed\n`,
    `sites.csv:3 code: "64.08.5" is not allowed; ${codes}`,
  ],
  [
    "a village code that is neither 1xxx nor 2xxx",
    `${top}${kecamatan}64.08.05.3001,desa,X,64.08.05,1,118,surveyed\n`,
    `sites.csv:4 code: "64.08.05.3001" is not allowed; ${codes}`,
  ],
  [
    "a code twice",
    `${top}${kecamatan}${kecamatan}`,
    'sites.csv:4 code: "64.08.05" is not allowed; expected another code: line 3 has this one',
  ],
  [
    "a kind that the code's length contradicts",
    `${top}64.08.05,desa,X,64.08,1,118,surveyed\n`,
    'sites.csv:3 kind: "desa" is not allowed; expected kecamatan, as the code 64.08.05 says (kabupaten, kecamatan, desa, kelurahan)',
  ],
  [
    "a kelurahan with a desa's code",
    `${top}${kecamatan}64.08.05.2001,kelurahan,X,64.08.05,1,118,surveyed\n`,
    'sites.csv:4 kind: "kelurahan" is not allowed; expected desa, as the code 64.08.05.2001 says (kabupaten, kecamatan, desa, kelurahan)',
  ],
  [
    "a desa with a kelurahan's code",
    `${top}${kecamatan}64.08.05.1001,desa,X,64.08.05,1,118,surveyed\n`,
    'sites.csv:4 kind: "desa" is not allowed; expected kelurahan, as the code 64.08.05.1001 says (kabupaten, kecamatan, desa, kelurahan)',
  ],
  [
    "no name",
    `${top}64.08.05,kecamatan,,64.08,1,118,surveyed\n`,
    'sites.csv:3 name: "" is not allowed; expected 1 to 200 characters on one line',
  ],
  [
    "a parent that is not the code's own",
    `${top}${kecamatan}64.08.05.2001,desa,X,64.08,1,118,surveyed\n`,
    'sites.csv:4 parent_code: "64.08" is not allowed; expected 64.08.05, the code without its last group',
  ],
  [
    "a parent that is not in the file",
    `${top}64.08.05.2001,desa,X,64.08.05,1,118,surveyed\n`,
    'sites.csv:3 parent_code: "64.08.05" is not allowed; expected the code of a site in this file',
  ],
  [
    "two sites at the top",
    `${top}64.09,kabupaten,Y,,1,118,surveyed\n`,
    'sites.csv:3 parent_code: "" is not allowed; expected a parent: 64.08 on line 2 is the top already',
  ],
  [
    "a latitude out of range",
    `64.08,kabupaten,X,,90.1,117,surveyed\n`,
    'sites.csv:2 lat: "90.1" is not allowed; expected decimal degrees from -90 to 90',
  ],
  [
    "a longitude out of range",
    `64.08,kabupaten,X,,1,-180.5,surveyed\n`,
    'sites.csv:2 lon: "-180.5" is not allowed; expected decimal degrees from -180 to 180',
  ],
  [
    "a decimal comma",
    `64.08,kabupaten,X,,"1,5",117,surveyed\n`,
    'sites.csv:2 lat: "1,5" is not allowed; expected decimal degrees from -90 to 90',
  ],
  [
    "no latitude",
    `64.08,kabupaten,X,,,117,surveyed\n`,
    'sites.csv:2 lat: "" is not allowed; expected decimal degrees from -90 to 90',
  ],
  [
    "an unknown precision",
    `64.08,kabupaten,X,,1,117,guessed\n`,
    `sites.csv:2 coord_precision: "guessed" is not allowed; expected one of ${precisions}`,
  ],
  [
    "a row with a column less",
    `${top}64.08.05,kecamatan,X,64.08,1,118\n`,
    "sites.csv:3 (row): 6 fields is not allowed; expected 7 fields",
  ],
  [
    "a quote that is never closed",
    `${top}64.08.05,kecamatan,"X,64.08,1,118,surveyed\n`,
    'sites.csv:3 (row): "\\"X,64.08,1,118,surveyed" is not allowed; expected fields that are plain or wholly in double quotes',
  ],
];

describe("a bad sites.csv", () => {
  it.each(rows)("with %s", (_mistake, text, message) => {
    expect(messagesOf({ ...noOthers, "sites.csv": header + text })).toEqual([message]);
  });

  it("with a kabupaten that hangs from its province, which leaves no top", () => {
    const text = `${header}64.08,kabupaten,X,64,1,117,surveyed\n`;
    expect(messagesOf({ ...noOthers, "sites.csv": text })).toEqual([
      "sites.csv:1 parent_code: no site at the top is not allowed; expected exactly one site without a parent",
      'sites.csv:2 parent_code: "64" is not allowed; expected nothing: a kabupaten is the top',
    ]);
  });

  it.each([
    ["semicolons, as a spreadsheet with decimal commas writes them", "code;kind;name\n", '"code;kind;name"'],
    [
      "the columns in another order",
      header.replace("code,kind", "kind,code"),
      JSON.stringify(header.trim().replace("code,kind", "kind,code")),
    ],
    ["nothing in it", "", "nothing"],
  ])("with %s", (_mistake, text, shown) => {
    const value = shown.length > 80 ? `${shown.slice(0, 77)}...` : shown;
    expect(messagesOf({ "sites.csv": text })).toEqual([
      `sites.csv:1 (header): ${value} is not allowed; expected ${header.trim()}`,
    ]);
  });

  it("in another encoding than UTF-8", () => {
    const text = Buffer.from(`${header}64.08,kabupaten,Caf\u00e9,,1,117,surveyed\n`, "latin1");
    expect(messagesOf({ "sites.csv": text })).toEqual([
      "sites.csv:1 (file): this encoding is not allowed; expected UTF-8 text",
    ]);
  });

  it("shows every mistake of one row and of all rows at once", () => {
    const text = `${header}64.08,kabupaten,X,,99,200,surveyed\n64.08.05,desa,X,64.08,1,118,surveyed\n`;
    const fields = messagesOf({ ...noOthers, "sites.csv": text }).map((message) => message.split(": ")[0]);
    expect(fields).toEqual(["sites.csv:2 lat", "sites.csv:2 lon", "sites.csv:3 kind"]);
  });

  it("is no mistake with the byte order mark and the line ends of a spreadsheet, in any order of rows", () => {
    const [head, ...lines] = String(goodFiles["sites.csv"]).trim().split("\n");
    const text = `\uFEFF${[head, ...lines.toReversed()].join("\r\n")}\r\n`;
    expect(messagesOf({ "sites.csv": text })).toEqual([]);
  });
});
