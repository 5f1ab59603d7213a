import type { Window } from '@handgrad/tensor'
import { range } from '../widgets/format.ts'

/** One axis of a window: how many cells, taps and outputs, and how they lie. */
export interface Axis {
  readonly size: number
  readonly taps: number
  readonly outputs: number
  readonly stride: number
  readonly padding: number
  readonly dilation: number
}

/** The rows and the columns of a window. */
export function axesOf({ H, W, Kh, Kw, Ho, Wo, sh, sw, ph, pw, dh, dw }: Window): readonly [Axis, Axis] {
  return [
    { size: H, taps: Kh, outputs: Ho, stride: sh, padding: ph, dilation: dh },
    { size: W, taps: Kw, outputs: Wo, stride: sw, padding: pw, dilation: dw },
  ]
}

const starts = ({ outputs, stride, padding }: Axis): number[] =>
  range(outputs).map((output) => output * stride - padding)

/**
 * Why no window reads the cell `at` of an axis; null where one does. A cell past the last window is the stride's remainder, one
 * between two windows is jumped over by the stride, and one inside a window lies in a hole of the dilated kernel.
 */
export function unreadBecause(at: number, axis: Axis, what: 'row' | 'column' | 'cell'): string | null {
  const { taps, dilation, stride } = axis
  const reach = (taps - 1) * dilation
  const from = starts(axis)
  const inside = from.filter((start) => start <= at && at <= start + reach)
  if (inside.some((start) => (at - start) % dilation === 0)) return null
  if (inside.length > 0)
    return `${what} ${at} lies between the taps, which are ${dilation} apart (a hole of the dilated kernel)`
  const last = from.at(-1)! + reach
  if (at > last)
    return `${what} ${at} comes after the last window, which ends at ${last} (the remainder of the stride ${stride})`
  return `${what} ${at} lies between two windows: the stride ${stride} steps over it`
}

/** The same for a cell of an image, its rows first. */
export function cellUnreadBecause(row: number, column: number, window: Window): string | null {
  const [rows, columns] = axesOf(window)
  const reasons = [unreadBecause(row, rows, 'row'), unreadBecause(column, columns, 'column')]
  const known = reasons.filter((reason) => reason !== null)
  return known.length === 0 ? null : known.join(', and ')
}
