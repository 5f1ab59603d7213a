import type { Window } from '@handgrad/tensor'
import { range } from '../widgets/format.ts'
import type { Plain } from '../workers/protocol.ts'

/** Some neighbours along one axis. */
export interface Block {
  readonly from: number
  readonly count: number
}

/** A piece of one plane, by its rows and its columns. */
export interface Patch {
  readonly rows: Block
  readonly columns: Block
}

/** `count` places around `at`, all of them within `extent`. */
export function around(at: number, count: number, extent: number): Block {
  const fitting = Math.min(count, extent)
  return { from: Math.max(0, Math.min(at - Math.floor(fitting / 2), extent - fitting)), count: fitting }
}

/** From the least to the largest of some places. */
export function spanOf(places: readonly number[]): Block {
  const from = Math.min(...places)
  return { from, count: Math.max(...places) - from + 1 }
}

/** The piece of the input that a piece of the output is computed from; it may begin in the padding. */
export function windowsOf({ rows, columns }: Patch, { Kh, Kw, sh, sw, ph, pw, dh, dw }: Window): Patch {
  return {
    rows: { from: rows.from * sh - ph, count: (rows.count - 1) * sh + (Kh - 1) * dh + 1 },
    columns: { from: columns.from * sw - pw, count: (columns.count - 1) * sw + (Kw - 1) * dw + 1 },
  }
}

const placesOf = ({ from, count }: Block): number[] => range(count).map((i) => from + i)

/** A number as an address has it: digits enough to tell one float32 from the next. */
export const exact = (value: number): number => Number(value.toPrecision(9))

/** The numbers of a piece of one plane of x [1,C,H,W], 0 outside of it. */
export function numbersOf(
  { shape: [, , H, W], data }: Plain,
  plane: number,
  { rows, columns }: Patch,
): number[] {
  return placesOf(rows).flatMap((row) =>
    placesOf(columns).map((column) => {
      const outside = row < 0 || row >= H || column < 0 || column >= W
      return outside ? 0 : exact(data[(plane * H + row) * W + column])
    }),
  )
}

/** Whether all of a piece lies within H × W. */
export function isInside({ rows, columns }: Patch, H: number, W: number): boolean {
  const within = ({ from, count }: Block, extent: number): boolean => from >= 0 && from + count <= extent
  return within(rows, H) && within(columns, W)
}
