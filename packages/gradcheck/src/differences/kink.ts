import type { Change } from './slopes.ts'

/** Into how many cells a stretch is cut, and how many of them the next, finer stretch has. */
const CELLS = 10
const NEXT = 3

/** How often the view is narrowed, each time to 3/10. */
const ZOOMS = 3

/** Narrower than so many units in the last place of x, cells are no longer alike. */
const FINEST = 4 * 2 ** -52

/** Where slopes change most in a stretch, and by how much: the sum over all elements that the coordinate moves. */
interface Bend {
  /** From one side of a cell to the other. */
  readonly size: number
  /** All that slopes go up and down in the stretch. */
  readonly total: number
  /** The cell, with one on either side. */
  readonly from: number
  readonly to: number
}

/** Σ |a − b|: kinks of two elements must not cancel, or a gradient between them would be excused by neither. */
function apart(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, k) => sum + Math.abs(value - b[k]), 0)
}

/** The cell that divides the most different slopes, the outermost cells left out. */
function sharpest(f: Change, from: number, to: number): Bend {
  const points = Array.from({ length: CELLS + 1 }, (_, i) => from + ((to - from) * i) / CELLS)
  const values = points.map(f)
  const slopes = points
    .slice(1)
    .map((at, i) => values[i + 1].map((value, k) => (value - values[i][k]) / (at - points[i])))
  const total = slopes.slice(1).reduce((sum, slope, i) => sum + apart(slope, slopes[i]), 0)
  const sizes = slopes.slice(2).map((slope, i) => apart(slope, slopes[i]))
  const size = Math.max(...sizes)
  const at = sizes.indexOf(size)
  return { size, total, from: points[at], to: points[at + NEXT] }
}

/**
 * How much the slopes of `f` change around a kink between x−ε and x+ε, where a ReLU's mask or an argmax changes and there
 * is no derivative; 0 where there is none, or where a slope is NaN or infinite, which is a failure and not to be skipped.
 *
 * Seen from near enough, a smooth function's slope changes evenly over the stretch, at a kink in one place. From ever nearer
 * it changes by the same at a kink; rounding, and a jump of the function itself, make it change ten times as much from a
 * tenth of the distance.
 */
export function kinkAt(f: Change, x: number, eps: number): number {
  // The outermost cells lie beyond ±ε, so that a kink at the very end has both of its sides in view.
  const width = eps * (CELLS / (CELLS - 2))
  const first = sharpest(f, x - width, x + width)
  let [last, zooms] = [first, 0]
  while (zooms < ZOOMS && (last.to - last.from) / CELLS >= FINEST * Math.abs(x)) {
    last = sharpest(f, last.from, last.to)
    zooms++
  }
  // Halfway, in powers of the distance, between what stays and what grows.
  const grows = last.size >= first.size * (CELLS / NEXT) ** (zooms / 2)
  return last.size > last.total / 2 && !grows ? Math.max(first.total, last.total) : 0
}
