/** A piece of JSON as it is to stand in the text, where no value of JavaScript says the same: `1e999`, 10,000 brackets. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A document as JSON, with its raw pieces. */
export function toJsonText(document: unknown): string {
  const raws: string[] = [];
  const text = JSON.stringify(document, (_, value: unknown) => {
    if (!(value instanceof RawJson)) return value;
    raws.push(value.text);
    return `\u0001raw${raws.length - 1}\u0001`;
  });
  // A function, since `$&` in a raw piece would mean something in a text.
  return (text ?? "").replace(/"\\u0001raw(\d+)\\u0001"/g, (_, index) => raws[Number(index)]!);
}

export const nested = (depth: number, open = "[", close = "]"): RawJson =>
  new RawJson(`${open.repeat(depth)}${open.endsWith(":") ? "1" : ""}${close.repeat(depth)}`);
