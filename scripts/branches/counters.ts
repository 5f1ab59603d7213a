/** The counters of the TypeScript sources: 1 where an outcome was taken. What instrumented code calls. */
export const taken: Uint8Array = new Uint8Array(1 << 16)

/** A function, or an arm, that is entered. */
export function hit(first: number): void {
  taken[first] = 1
}

/** A condition: its counters are those of true and of false. */
export function branch<T>(value: T, first: number): T {
  taken[first + (value ? 0 : 1)] = 1
  return value
}

/** What may be null or undefined, before `??` and `?.`: its counters are those of a value and of none. */
export function known<T>(value: T, first: number): T {
  taken[first + (value === null || value === undefined ? 1 : 0)] = 1
  return value
}

/** A loop that has ended after `count` turns: none, one, or more. */
export function turns(count: number, first: number): void {
  taken[first + Math.min(count, 2)] = 1
}

/** `(first, value)`, as a call: a line that begins with a bracket would go on with the one before it. */
export function second<T>(_first: unknown, value: T): T {
  return value
}
