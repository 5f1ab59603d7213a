let drawn: ReadonlyMap<object, Float32Array> | null = null

/**
 * Runs what computes once more with the random numbers that each layer drew before.
 * @internal
 */
export function replaying<T>(numbers: ReadonlyMap<object, Float32Array>, run: () => T): T {
  const before = drawn
  drawn = numbers
  try {
    return run()
  } finally {
    drawn = before
  }
}

/**
 * The random numbers that a layer drew before, where they are to be taken again; else null.
 * @internal
 */
export function drawnBefore(layer: object): Float32Array | null {
  return drawn?.get(layer) ?? null
}
