/** A text in which no key can be read any more: of whatever looks like one, what lists show of it stays. */
export function hideKeys(text: string): string {
  return text.replaceAll(/(sb[aek]_[0-9A-Za-z]{4})[0-9A-Za-z]{8,}/g, "$1…");
}
