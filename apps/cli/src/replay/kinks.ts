import type { Layer } from '@handgrad/layers'
import { Tensor, zeros } from '@handgrad/tensor'
import { absolute, places, withMagnitudes } from './magnitudes.ts'
import type { Named, Twin } from './twin.ts'

/** Trials with differently moved inputs; a decision that is much closer than what moves it is missed with probability 2⁻¹⁶. */
const TRIALS = 16

const bits = new DataView(new ArrayBuffer(Float64Array.BYTES_PER_ELEMENT))

/** Which draw moves element `i`: values that are exactly equal are moved alike, so that their order stays, or each by itself. */
const draws = {
  stay: (trial: number): number => trial,
  move: (trial: number, i: number): number => trial + TRIALS * i,
} as const

/** What becomes of values that are exactly equal. */
export type Ties = keyof typeof draws

/** A number in −1 … 1 that depends on `value` and `trial` alone. The mix is that of splitmix32. */
export function jitter(value: number, trial: number): number {
  bits.setFloat64(0, value)
  let h = bits.getUint32(0) ^ Math.imul(bits.getUint32(4) + trial, 0x9e3779b9) ^ Math.imul(trial, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad)
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97)
  return (h ^ (h >>> 15)) / 2 ** 31
}

/**
 * By how much the gradient of `layer`'s input changes where the input is moved by up to `reach`: a ReLU's mask or the
 * place of a maximum flips. Null where nothing does, and for layers with parameters, whose gradients are smooth.
 */
function kinkGap(
  twin: Twin,
  layer: Layer,
  input: Tensor,
  dy: Tensor,
  reach: number,
  ties: Ties,
): Tensor | null {
  // mutant: constant `0` → `1` is equivalent because the gradient of a weighted sum is the same wherever its input is
  // mutant: dropped statement is equivalent because the gradient of a weighted sum is the same wherever its input is
  if (layer.parameters().length > 0) return null
  // mutant: dropped statement is equivalent because where nothing is moved nothing changes: it only saves time
  if (reach === 0) return null
  const gradient = (x: Tensor): Tensor => twin.passLayer(layer, x, () => dy).dx
  const dx = gradient(input)
  const gap: Tensor = zeros(input.shape, { dtype: input.dtype })
  // Arrays by their own names: millions of elements, sixteen times over.
  const [values, wanted, gaps] = [input.data, dx.data, gap.data]
  const draw = draws[ties]
  let found = false
  for (let trial = 1; trial <= TRIALS; trial++) {
    const moved = input.clone()
    const at = moved.data
    for (let i = 0; i < at.length; i++) at[i] = values[i] + reach * jitter(values[i], draw(trial, i))
    const other = gradient(moved).data
    for (let i = 0; i < gaps.length; i++) {
      const change = Math.abs(other[i] - wanted[i])
      if (change <= gaps[i]) continue
      gaps[i] = change
      found = true
    }
  }
  return found ? gap : null
}

/**
 * How far each gradient may be off, element by element, because a decision that is closer than `reach` (by tensor) may
 * be taken the other way, with all that follows in the layers before. Tensors without such are left out.
 */
export function kinkSpread(
  twin: Twin,
  truth: Named,
  reach: Readonly<Record<string, number>>,
  ties: Ties,
): Named {
  const spread: Named = {}
  let open: Tensor | null = null
  for (const { name, layer, inputName, input, into } of places(twin, truth).reverse()) {
    const gap = kinkGap(twin, layer, input, truth[`dy.${name}`], reach[inputName], ties)
    if (open !== null) {
      const behind = spreadBack(twin, layer, input, open)
      for (const [own, parameter] of layer.namedParameters()) spread[`d.${name}.${own}`] = parameter.g!
      open = gap === null ? behind : sum(behind, gap)
    } else {
      open = gap
    }
    if (open !== null) spread[into] = open
  }
  return spread
}

function sum(a: Tensor, b: Tensor): Tensor {
  return new Tensor(
    a.data.map((value, i) => value + b.data[i]),
    a.shape,
  )
}

/** What an uncertainty of a layer's output gradient makes of its input's: sums of magnitudes, decisions as they are. */
function spreadBack(twin: Twin, layer: Layer, input: Tensor, uncertainty: Tensor): Tensor {
  const x = layer.parameters().length > 0 ? absolute(input) : input
  return withMagnitudes(twin, () => twin.passLayer(layer, x, () => uncertainty).dx)
}
