/**
 * Rows of numbers as text that is the same for the same numbers, quickly: 0 and −0 differ, and a NaN is one whatever its
 * bits, which V8's compilers differ in.
 */
export function bitsOfNumbers(rows: readonly ArrayLike<number>[]): string {
  return rows
    .map((row) => {
      const values = Float64Array.from(row)
      // Far quicker than a mapped copy.
      for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) values[i] = Number.NaN
      return `${values.length}:${Buffer.from(values.buffer).toString('latin1')}`
    })
    .join()
}

/** In words: where rows of numbers differ first. */
export function differenceOf(
  came: readonly ArrayLike<number>[],
  right: readonly ArrayLike<number>[],
): string | null {
  if (bitsOfNumbers(came) === bitsOfNumbers(right)) return null
  const row = right.findIndex((own, i) => bitsOfNumbers([own]) !== bitsOfNumbers(came.slice(i, i + 1)))
  if (row === -1 || came[row] === undefined) return `expected ${right.length} rows, got ${came.length}`
  const i = Array.from(right[row]).findIndex((value, at) => !Object.is(value, came[row][at]))
  if (i === -1) return `expected ${right[row].length} numbers in row ${row}, got ${came[row].length}`
  return `row ${row} [${i}]: expected ${right[row][i]}, got ${came[row][i]}`
}
