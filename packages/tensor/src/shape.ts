import { describeValue } from './describe.ts'
import { arrayKind } from './dtype.ts'

/** How many elements a tensor of this shape has: the product of its extents, 1 for the shape `[]`. */
export function numel(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1)
}

/** `[64,3,28,28]`: how a shape is written in every message. */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(',')}]`
}

/** True when both shapes have the same extents in the same order. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis])
}

/**
 * @throws TypeError when `shape` is no list, as in `zeros(2, 3)`.
 * @internal
 */
export function checkList(shape: unknown, owner: string): void {
  if (Array.isArray(shape) || arrayKind(shape) !== undefined) return
  const where = typeof shape === 'object' && shape !== null ? '; options come behind it' : ''
  throw new TypeError(`${owner}: shape is ${describeValue(shape)}, expected a list such as [2, 3]${where}`)
}

/** @throws TypeError when `shape` is no list; RangeError when an extent is not a whole number of at least 0. */
export function checkShape(shape: readonly number[], owner = 'checkShape()'): void {
  checkList(shape, owner)
  if (!shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0)) {
    throw new RangeError(`shape ${formatShape(shape)} has an extent that is not a whole number ≥ 0`)
  }
}

/**
 * The shape with its one `-1` replaced by what the element count leaves for it.
 * @throws RangeError when the extents do not multiply to `count`.
 */
export function inferShape(shape: readonly number[], count: number, owner: string): number[] {
  checkList(shape, owner)
  const open = shape.indexOf(-1)
  const known = numel(shape.filter((_, axis) => axis !== open))
  if (open >= 0 && known === 0) {
    throw new RangeError(`shape ${formatShape(shape)}: -1 is ambiguous beside an extent of 0; give it`)
  }
  const inferred = shape.map((extent, axis) => (axis === open ? count / known : extent))
  if (!inferred.every((extent) => Number.isSafeInteger(extent) && extent >= 0) || numel(inferred) !== count) {
    throw new RangeError(`shape ${formatShape(shape)} does not hold ${count} elements`)
  }
  return inferred
}

/** A number or a pair, wherever PyTorch takes either: the first is the height's, the second the width's. */
export type Pair = number | readonly [number, number]

/** Both members of a {@link Pair}. */
export function pair(value: Pair): [number, number] {
  return typeof value === 'number' ? [value, value] : [value[0], value[1]]
}
