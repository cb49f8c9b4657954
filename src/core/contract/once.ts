/** Makes a thing when it is first asked for, and gives that same thing ever after. */
export function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
