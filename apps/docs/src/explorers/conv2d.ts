import { Conv2d } from '@handgrad/layers'
import { resolveWindow, type Tensor, type Window } from '@handgrad/tensor'
import { address } from '../widgets/format.ts'
import { cell, type Explanation, type Explorer, indices, type OptionValues, type Term } from './explorer.ts'
import { few, smallNumbers } from './numbers.ts'
import { pass } from './pass.ts'
import { cellUnreadBecause } from './unread.ts'

const options = {
  size: { label: 'height of x', min: 3, max: 9, value: 5 },
  width: { label: 'width of x', min: 3, max: 9, value: 6 },
  inChannels: { label: 'input channels', min: 1, max: 2, value: 1 },
  outChannels: { label: 'output channels', min: 1, max: 2, value: 1 },
  kernel: { label: 'kernel', min: 1, max: 5, value: 3 },
  stride: { label: 'stride', min: 1, max: 3, value: 1 },
  padding: { label: 'padding', min: 0, max: 2, value: 0 },
  dilation: { label: 'dilation', min: 1, max: 2, value: 1 },
}
type Values = OptionValues<typeof options>
type Tensors = Readonly<Record<string, Tensor>>

function windowOf({ size, width, kernel: kernelSize, stride, padding, dilation }: Values): Window {
  return resolveWindow(size, width, { kernelSize, stride, padding, dilation })
}

function inputs(values: Values): Record<string, Tensor> {
  const { size, width, inChannels, outChannels, kernel } = values
  const { Ho, Wo } = windowOf(values)
  return {
    x: smallNumbers([inChannels, size, width], 1),
    w: few([outChannels, inChannels, kernel, kernel], 2),
    b: smallNumbers([outChannels], 3),
    dy: few([outChannels, Ho, Wo], 4),
  }
}

function run(
  { x, w, b, dy }: Tensors,
  { inChannels, outChannels, kernel, stride, padding, dilation }: Values,
) {
  const layer = new Conv2d(inChannels, outChannels, kernel, { stride, padding, dilation, dtype: 'float64' })
  layer.weight.data.set(w.data)
  layer.bias!.data.set(b.data)
  return { ...pass(layer, x, dy), dw: layer.weight.g!, db: layer.bias!.g! }
}

const inside = ([c, a, e]: readonly number[], { shape }: Tensor): boolean =>
  c < shape[0] && a >= 0 && a < shape[1] && e >= 0 && e < shape[2]

/** y[o,h,v]: the window of x under it times the kernel, and the bias. */
function explainY([o, h, v]: readonly number[], tensors: Tensors, values: Values): Explanation {
  const { sh, sw, ph, pw, dh, dw } = windowOf(values)
  const terms = [...indices(tensors.w.shape.slice(1))].map(([c, i, j]): Term => {
    const at = [c, h * sh + i * dh - ph, v * sw + j * dw - pw]
    const w = cell(tensors, 'w', [o, c, i, j])
    if (inside(at, tensors.x)) return { factors: [w, cell(tensors, 'x', at)] }
    return { factors: [w, { name: address('x', at), value: 0 }], note: 'padding' }
  })
  return {
    rule: 'Lay the kernel on the input, multiply cell by cell, add, add the bias.',
    terms: [...terms, { factors: [cell(tensors, 'b', [o])], note: 'bias' }],
  }
}

/** The output row (or column) that reads input `a` through tap `i`, or why there is none. */
function reader(a: number, i: number, s: number, p: number, d: number, out: number): number | string {
  const h = (a + p - i * d) / s
  if (!Number.isInteger(h)) return `(${a} + ${p} − ${i}·${d}) / ${s} is not whole: no window starts there`
  return h < 0 || h >= out ? `output ${h} does not exist` : h
}

/** dx[c,a,e]: every output that read this cell, through every tap. */
function explainDx([c, a, e]: readonly number[], tensors: Tensors, values: Values): Explanation {
  const { sh, sw, ph, pw, dh, dw, Ho, Wo } = windowOf(values)
  const [O, , Kh, Kw] = tensors.w.shape as [number, number, number, number]
  const terms = [...indices([O, Kh, Kw])].map(([o, i, j]): Term => {
    const h = reader(a, i, sh, ph, dh, Ho)
    const v = reader(e, j, sw, pw, dw, Wo)
    const w = cell(tensors, 'w', [o, c, i, j])
    const note = [h, v].find((at) => typeof at === 'string')
    if (note !== undefined) return { factors: [{ name: 'no dy', value: 0 }, w], note }
    return { factors: [cell(tensors, 'dy', [o, h as number, v as number]), w] }
  })
  const unread = cellUnreadBecause(a, e, windowOf(values))
  return {
    rule:
      unread === null
        ? 'Every output that read this cell sends its gradient back, times the weight it read it with.'
        : `No window reads this cell: ${unread}. The loss does not depend on it, and its gradient is 0.`,
    terms,
  }
}

/** dw[o,c,i,j]: what the tap read at every output position, times the gradient there. */
function explainDw([o, c, i, j]: readonly number[], tensors: Tensors, values: Values): Explanation {
  const { sh, sw, ph, pw, dh, dw, Ho, Wo } = windowOf(values)
  const terms = [...indices([Ho, Wo])].map(([h, v]): Term => {
    const at = [c, h * sh + i * dh - ph, v * sw + j * dw - pw]
    const dy = cell(tensors, 'dy', [o, h, v])
    if (inside(at, tensors.x)) return { factors: [dy, cell(tensors, 'x', at)] }
    return { factors: [dy, { name: address('x', at), value: 0 }], note: 'padding' }
  })
  return { rule: 'One weight is used at every output position: add up what it did at each.', terms }
}

function explainDb([o]: readonly number[], tensors: Tensors): Explanation {
  const terms = [...indices(tensors.dy.shape.slice(1))].map(
    (at): Term => ({ factors: [cell(tensors, 'dy', [o, ...at])] }),
  )
  return {
    rule: 'The bias is added to every output of its channel, so it gets every gradient of its channel.',
    terms,
  }
}

const explain = { y: explainY, dx: explainDx, dw: explainDw, db: explainDb }

/** A convolution of one small image. */
export const conv2d: Explorer<typeof options> = {
  id: 'conv2d',
  options,
  parts: { y: 'input channel', dx: 'output channel' },
  inputs,
  run,
  explain(name, index, tensors, values) {
    return explain[name as keyof typeof explain]?.(index, tensors, values) ?? null
  },
}
