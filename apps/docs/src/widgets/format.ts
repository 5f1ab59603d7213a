/** A number in few characters: whole ones as they are, others to 4 digits, with a real minus sign. */
export function short(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
  const size = Math.abs(value)
  const text =
    Number.isInteger(value) && size < 1e5
      ? String(size)
      : size < 1e-3 || size >= 1e5
        ? size.toExponential(2)
        : String(Number(size.toPrecision(4)))
  return (value < 0 ? '−' : '') + text
}

/** 0, 1, … count − 1. */
export function range(count: number): number[] {
  return [...Array(count).keys()]
}

/** `x[0,1,2]` */
export function address(name: string, index: readonly number[]): string {
  return `${name}[${index.join(',')}]`
}
