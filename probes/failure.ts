/**
 * Lets a failure of the network pass and throws what is none: the network's come as an Error with a code, while these
 * kinds are mistakes of the program or its options, which must not be written down as a target's outage.
 */
export function dataOnly(error: unknown): void {
  if (
    error instanceof TypeError ||
    error instanceof ReferenceError ||
    error instanceof RangeError ||
    error instanceof URIError
  ) {
    throw error;
  }
}
