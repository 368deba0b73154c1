/* Telegraf's configuration is TOML in which ${NAME} and $NAME are replaced by the environment before anything reads it. */

/** `float`: a number that is written with a fraction even where it has none, since some readers tell the two apart. */
export type TomlValue = string | number | boolean | readonly string[] | readonly number[] | { float: number };

/** A table with its values, and the tables within it. */
export interface TomlTable {
  /** Such as `[agent]` or `[[inputs.ping]]`. */
  head: string;
  /** Lines of comment, without the #. */
  notes?: readonly string[];
  values: Readonly<Record<string, TomlValue>>;
  tables?: readonly TomlTable[];
}

export function writeToml(tables: readonly TomlTable[]): string {
  return tables.map((table) => writeTable(table, "")).join("\n");
}

function writeTable({ head, notes = [], values, tables = [] }: TomlTable, indent: string): string {
  const lines = [
    ...notes.map((note) => `${indent}# ${note}`),
    `${indent}${head}`,
    ...Object.entries(values).map(([name, value]) => `${indent}  ${name} = ${writeValue(value)}`),
  ];
  return [`${lines.join("\n")}\n`, ...tables.map((table) => writeTable(table, `${indent}  `))].join("");
}

function writeValue(value: TomlValue): string {
  if (typeof value === "string") return writeText(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if ("float" in value) return Number.isInteger(value.float) ? `${value.float}.0` : String(value.float);
  return `[${value.map((each) => writeValue(each)).join(", ")}]`;
}

/** A basic string. JSON's escapes are TOML's too; DEL has to be escaped as well, and $ so that nothing is put in its place. */
function writeText(text: string): string {
  return JSON.stringify(text).replaceAll("\u007f", "\\u007f").replaceAll("$", "\\u0024");
}
