import { MaxPool2d } from '@handgrad/layers'
import { resolveWindow, type Tensor, type Window } from '@handgrad/tensor'
import { cell, type Explanation, type Explorer, indices, type OptionValues, type Term } from './explorer.ts'
import { smallNumbers } from './numbers.ts'
import { pass } from './pass.ts'
import { cellUnreadBecause } from './unread.ts'

const options = {
  size: { label: 'height of x', min: 2, max: 7, value: 5 },
  width: { label: 'width of x', min: 2, max: 8, value: 6 },
  kernel: { label: 'window', min: 2, max: 3, value: 2 },
  stride: { label: 'stride', min: 1, max: 3, value: 2 },
  padding: { label: 'padding', min: 0, max: 1, value: 0 },
  dilation: { label: 'dilation', min: 1, max: 2, value: 1 },
}
type Values = OptionValues<typeof options>
type Tensors = Readonly<Record<string, Tensor>>

function windowOf({ size, width, kernel: kernelSize, stride, padding, dilation }: Values): Window {
  return resolveWindow(size, width, { kernelSize, stride, padding, dilation })
}

function pool({ kernel, stride, padding, dilation }: Values): MaxPool2d {
  return new MaxPool2d(kernel, { stride, padding, dilation })
}

/** The cells of x under the window of output (h, v), in row-major order; padding left out, because it never wins. */
function windowCells(h: number, v: number, values: Values): number[][] {
  const { H, W, Kh, Kw, sh, sw, ph, pw, dh, dw } = windowOf(values)
  return [...indices([Kh, Kw])]
    .map(([i, j]) => [0, h * sh + i * dh - ph, v * sw + j * dw - pw])
    .filter(([, a, e]) => a >= 0 && a < H && e >= 0 && e < W)
}

/** The cell that the library's own backward pass pays for output (h, v): where a gradient of 1 arrives. */
function winner(h: number, v: number, { x, y }: Tensors, values: Values): string {
  const one = y.clone()
  one.data.fill(0)
  one.data[h * y.shape[2] + v] = 1
  const at = pass(pool(values), x, one).dx.data.indexOf(1)
  return [0, Math.floor(at / x.shape[2]), at % x.shape[2]].join()
}

function explainY([, h, v]: readonly number[], tensors: Tensors, values: Values): Explanation {
  const won = winner(h, v, tensors, values)
  const max = cell(tensors, 'y', [0, h, v]).value
  const cells = windowCells(h, v, values)
  const ties = cells.filter((at) => cell(tensors, 'x', at).value === max).length
  const terms = cells.map((at): Term => {
    const x = cell(tensors, 'x', at)
    const note = at.join() === won ? 'the maximum' : x.value === max ? 'a tie: the first one wins' : 'smaller'
    return { factors: [{ name: 'chosen', value: at.join() === won ? 1 : 0 }, x], note }
  })
  const rule =
    ties > 1
      ? `${ties} cells tie for the maximum; the first in reading order is chosen.`
      : 'The largest cell is chosen.'
  return { rule, terms }
}

function explainDx(index: readonly number[], tensors: Tensors, values: Values): Explanation {
  const { Ho, Wo } = windowOf(values)
  const terms = [...indices([Ho, Wo])].flatMap(([h, v]): Term[] => {
    if (!windowCells(h, v, values).some((at) => at.join() === index.join())) return []
    const won = winner(h, v, tensors, values) === index.join()
    const note = won ? 'this cell is its maximum' : 'its maximum is elsewhere'
    return [{ factors: [cell(tensors, 'dy', [0, h, v]), { name: 'chosen', value: won ? 1 : 0 }], note }]
  })
  const unread = cellUnreadBecause(index[1], index[2], windowOf(values))
  const rule =
    unread === null
      ? 'Each window that reads this cell sends its whole gradient to its maximum, and nothing elsewhere.'
      : `No window reads this cell: ${unread}. Its gradient is 0.`
  return { rule, terms }
}

/** Max-pooling of one small image. */
export const maxPool2d: Explorer<typeof options> = {
  id: 'max-pool2d',
  options,
  inputs(values) {
    const { Ho, Wo } = windowOf(values)
    return { x: smallNumbers([1, values.size, values.width], 11), dy: smallNumbers([1, Ho, Wo], 12) }
  },
  run({ x, dy }, values) {
    return pass(pool(values), x, dy)
  },
  explain(name, index, tensors, values) {
    if (name === 'y') return explainY(index, tensors, values)
    return name === 'dx' ? explainDx(index, tensors, values) : null
  },
}
