import { Conv1d } from '@handgrad/layers'
import { resolveLine, type Tensor, type Window } from '@handgrad/tensor'
import { address, range } from '../widgets/format.ts'
import { cell, type Explanation, type Explorer, indices, type OptionValues, type Term } from './explorer.ts'
import { smallNumbers } from './numbers.ts'
import { pass } from './pass.ts'
import { axesOf, unreadBecause } from './unread.ts'

const options = {
  size: { label: 'cells of x', min: 3, max: 9, value: 7 },
  inChannels: { label: 'input channels', min: 1, max: 2, value: 1 },
  outChannels: { label: 'output channels', min: 1, max: 2, value: 1 },
  kernel: { label: 'kernel', min: 1, max: 4, value: 3 },
  stride: { label: 'stride', min: 1, max: 3, value: 1 },
  padding: { label: 'padding', min: 0, max: 2, value: 0 },
  dilation: { label: 'dilation', min: 1, max: 2, value: 1 },
}
type Values = OptionValues<typeof options>
type Tensors = Readonly<Record<string, Tensor>>

function windowOf({ size, kernel: kernelSize, stride, padding, dilation }: Values): Window {
  return resolveLine(size, { kernelSize, stride, padding, dilation })
}

function inputs(values: Values): Record<string, Tensor> {
  const { size, inChannels, outChannels, kernel } = values
  return {
    x: smallNumbers([inChannels, size], 51),
    w: smallNumbers([outChannels, inChannels, kernel], 52),
    b: smallNumbers([outChannels], 53),
    dy: smallNumbers([outChannels, windowOf(values).Wo], 54),
  }
}

function run(
  { x, w, b, dy }: Tensors,
  { inChannels, outChannels, kernel, stride, padding, dilation }: Values,
) {
  const layer = new Conv1d(inChannels, outChannels, kernel, { stride, padding, dilation, dtype: 'float64' })
  layer.weight.data.set(w.data)
  layer.bias!.data.set(b.data)
  return { ...pass(layer, x, dy), dw: layer.weight.g!, db: layer.bias!.g! }
}

const inside = (a: number, { shape }: Tensor): boolean => a >= 0 && a < shape[1]

/** y[o,l]: the window of x under it times the kernel, and the bias. */
function explainY([o, l]: readonly number[], tensors: Tensors, values: Values): Explanation {
  const { stride, padding, dilation } = values
  const terms = [...indices(tensors.w.shape.slice(1))].map(([c, i]): Term => {
    const at = [c, l * stride + i * dilation - padding]
    const w = cell(tensors, 'w', [o, c, i])
    if (inside(at[1], tensors.x)) return { factors: [w, cell(tensors, 'x', at)] }
    return { factors: [w, { name: address('x', at), value: 0 }], note: 'padding' }
  })
  return {
    rule: 'Lay the kernel on the line, multiply cell by cell, add, add the bias.',
    terms: [...terms, { factors: [cell(tensors, 'b', [o])], note: 'bias' }],
  }
}

/** The output that reads input `a` through tap `i`, or why there is none. */
function reader(a: number, i: number, { stride, padding, dilation }: Values, out: number): number | string {
  const l = (a + padding - i * dilation) / stride
  if (!Number.isInteger(l))
    return `(${a} + ${padding} − ${i}·${dilation}) / ${stride} is not whole: no window starts there`
  return l < 0 || l >= out ? `output ${l} does not exist` : l
}

/** dx[c,a]: every output that read this cell, through every tap. */
function explainDx([c, a]: readonly number[], tensors: Tensors, values: Values): Explanation {
  const win = windowOf(values)
  const terms = [...indices([values.outChannels, values.kernel])].map(([o, i]): Term => {
    const l = reader(a, i, values, win.Wo)
    const w = cell(tensors, 'w', [o, c, i])
    if (typeof l === 'string') return { factors: [{ name: 'no dy', value: 0 }, w], note: l }
    return { factors: [cell(tensors, 'dy', [o, l]), w] }
  })
  const unread = unreadBecause(a, axesOf(win)[1], 'cell')
  return {
    rule:
      unread === null
        ? 'Every output that read this cell sends its gradient back, times the weight it read it with.'
        : `No window reads this cell: ${unread}. The loss does not depend on it, and its gradient is 0.`,
    terms,
  }
}

/** dw[o,c,i]: what the tap read at every output position, times the gradient there. */
function explainDw([o, c, i]: readonly number[], tensors: Tensors, values: Values): Explanation {
  const { stride, padding, dilation } = values
  const terms = range(windowOf(values).Wo).map((l): Term => {
    const at = [c, l * stride + i * dilation - padding]
    const dy = cell(tensors, 'dy', [o, l])
    if (inside(at[1], tensors.x)) return { factors: [dy, cell(tensors, 'x', at)] }
    return { factors: [dy, { name: address('x', at), value: 0 }], note: 'padding' }
  })
  return { rule: 'One weight is used at every output position: add up what it did at each.', terms }
}

function explainDb([o]: readonly number[], tensors: Tensors, values: Values): Explanation {
  const terms = range(windowOf(values).Wo).map((l): Term => ({ factors: [cell(tensors, 'dy', [o, l])] }))
  return {
    rule: 'The bias is added to every output of its channel, so it gets every gradient of its channel.',
    terms,
  }
}

const explain = { y: explainY, dx: explainDx, dw: explainDw, db: explainDb }

/** A convolution of one short line. */
export const conv1d: Explorer<typeof options> = {
  id: 'conv1d',
  options,
  inputs,
  run,
  explain(name, index, tensors, values) {
    return explain[name as keyof typeof explain]?.(index, tensors, values) ?? null
  },
}
