/** Words that stand where a metric might: functions are told by their bracket, labels by theirs. */
const words = new Set(
  "and or unless by without on ignoring group_left group_right bool offset inf nan vector".split(" "),
);

/** Names of the metrics that an expression asks for. Strings, label lists and ranges are taken out first. */
export function metricsIn(expression: string): string[] {
  const bare = expression
    .replaceAll(/"[^"]*"/g, "")
    .replaceAll(/\{[^}]*\}/g, " ")
    .replaceAll(/\[[^\]]*\]/g, " ")
    .replaceAll(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, " ");
  return [...bare.matchAll(/(?<![\w:.$])([a-zA-Z_:][\w:]*)\b(?!\s*\()/g)]
    .map((match) => match[1]!)
    .filter((name) => !words.has(name));
}
