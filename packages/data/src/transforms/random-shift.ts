import {
  checkGenerator,
  checkOptions,
  defaultGenerator,
  formatShape,
  type Generator,
  numel,
  type OptionNames,
} from '@handgrad/tensor'
import type { BatchTransform } from './transform.ts'

export interface RandomShiftOptions {
  /** What comes in from outside: for normalised images `dataset.background`, not 0. */
  fill: number
  /** Where the shifts come from; the default generator unless given. */
  generator?: Generator
}

const optionNames: OptionNames<RandomShiftOptions> = { fill: true, generator: true }

/**
 * Moves every image [C,H,W] of a batch by −max … max pixels down and right, each chosen alike, all channels together.
 *
 * All shifts of the batch are drawn before the first image moves, two words an image: those of
 * `torch.randint(-max, max + 1, [N, 2])`, down and then right. So results do not depend on how a batch is cut later.
 * @throws RangeError when `max` is not a whole number of at least 0, or a batch is not of images.
 */
export function randomShift(max: number, options: RandomShiftOptions): BatchTransform {
  checkOptions('randomShift', optionNames, arguments, 1)
  const { fill, generator = defaultGenerator } = options ?? {}
  if (!Number.isSafeInteger(max) || max < 0) {
    throw new RangeError(`randomShift: max is ${max}, expected a whole number ≥ 0`)
  }
  if (typeof fill !== 'number') throw new TypeError('randomShift: give fill, the value around an image')
  checkGenerator('randomShift', generator)
  let shifts = new Int32Array(0)

  return (x, sampleShape) => {
    if (sampleShape.length !== 3) {
      throw new RangeError(`randomShift: samples are ${formatShape(sampleShape)}, expected images [C,H,W]`)
    }
    const [C, H, W] = sampleShape as readonly [number, number, number]
    const N = x.length / numel(sampleShape)
    if (shifts.length < 2 * N) shifts = new Int32Array(2 * N)
    for (let i = 0; i < 2 * N; i++) shifts[i] = (generator.random32() % (2 * max + 1)) - max
    // mutant: constant `0` → `(-1)` is equivalent because plane −1 has no shift, and nothing moves by NaN
    for (let plane = 0; plane < N * C; plane++) {
      const n = Math.floor(plane / C)
      shiftPlane(x, plane * H * W, H, W, shifts[2 * n], shifts[2 * n + 1], fill)
    }
  }
}

/** Moves the H × W values from `start` on by `down` and `right`, in place, and fills what comes in. */
function shiftPlane(
  x: Float32Array,
  start: number,
  H: number,
  W: number,
  down: number,
  right: number,
  fill: number,
): void {
  // As one row of H·W values the plane moves by a single distance; what crosses a row's end is overwritten below.
  const distance = Math.max(-H * W, Math.min(H * W, down * W + right))
  const [forth, back] = [Math.max(0, distance), Math.max(0, -distance)]
  x.copyWithin(start + forth, start + back, start + H * W - forth)
  // Columns left and right of the moved image that are filled, everywhere or in rows that came from outside.
  const from = Math.max(0, W + Math.min(0, right))
  const to = Math.min(W, Math.max(0, right))
  for (let h = 0; h < H; h++) {
    const row = start + h * W
    const outside = h < down || h >= H + down
    for (let w = 0; w < (outside ? W : to); w++) x[row + w] = fill
    for (let w = from; w < W; w++) x[row + w] = fill
  }
}
