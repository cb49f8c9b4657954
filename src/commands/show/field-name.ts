/** The name of a field as people read it: `decidedBy` is “Decided by”. */
export function fieldName(name: string): string {
  return (
    name.charAt(0).toUpperCase() + name.slice(1).replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  );
}
