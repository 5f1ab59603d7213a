import { COUNT, type Compiler, type Value } from '@handgrad/tensor'
import type { Compiled } from '../layer.ts'
import type { Linear } from './linear.ts'

const up4 = (value: number): number => Math.ceil(value / 4) * 4

/** Lanes along the features, which stay in the order of the image they came from: the weight is permuted instead. */
export function compileLinear(layer: Linear, value: Value, c: Compiler): Compiled | null {
  const { outFeatures: O, weight, bias } = layer
  if (value.rank !== 2) return null
  const x = tight(value, c)
  const F = x.image / 4
  const { place, elements } = order(x, O, F)
  const w = c.parameter(weight, elements)
  const b = bias === null ? c.table(new Int32Array(O)) : c.parameter(bias, identity(O))
  const y = c.image(O, 1, 1, {}, 2)
  c.note(layer, 'dot products')
  c.call('layers/linear_forward', COUNT, O, F, x.ref, x.image, w, F * 4, b, y.ref, y.image)
  c.backward(value, y, layer.parameters(), (given) => {
    const dy = c.fit(given, { cell: y.cell, border: 0, row: y.row })
    if (c.trains(weight)) {
      const dw = c.gradient(weight, O * F, place)
      c.call('tensor/gemm', dy.ref, 4, dy.image, x.ref, x.image, dw, F * 4, O, COUNT, F, 1)
    }
    if (bias !== null && c.trains(bias)) {
      const db = c.gradient(bias, up4(O), identity(O))
      c.call('layers/sum_cells', COUNT, 1, 1, up4(O), dy.ref, dy.cell, dy.row, dy.image, db)
    }
    if (!c.wants(value)) return null
    const dx = c.like(x)
    c.call('tensor/gemm', dy.ref, dy.image, 4, w, F * 4, dx.ref, dx.image, COUNT, O, F, 0)
    return dx
  })
  return { value: y }
}

/** The value without a border, so that a sample is one stretch of floats. */
function tight(value: Value, c: Compiler): Value {
  return c.fit(value, { border: 0, row: value.W * value.cell })
}

/** Where weight element (o, feature) lies in [O][F], and the other way round; padded places have no element. */
function order({ C, H, W, cell }: Value, O: number, F: number): { place: Int32Array; elements: Int32Array } {
  const features = C * H * W
  const place = new Int32Array(O * features)
  const elements = new Int32Array(O * F).fill(-1)
  for (let o = 0; o < O; o++) {
    for (let f = 0; f < features; f++) {
      const [ch, at] = [Math.floor(f / (H * W)), f % (H * W)]
      const to = o * F + (at * cell) / 4 + ch
      place[o * features + f] = to
      elements[to] = o * features + f
    }
  }
  return { place, elements }
}

function identity(length: number): Int32Array {
  return Int32Array.from({ length }, (_, i) => i)
}
