import type { Binding, ModuleCase } from '@handgrad/gradcheck'
import { Sequential } from '@handgrad/layers'
import { type Tensor, tensor, zeros } from '@handgrad/tensor'
import { recipeOf } from './recipe.proof.ts'

/** What is between the ends comes from the library: `forward` layer by layer, then `Sequential.backward`. */
export function bind({ args = [] }: ModuleCase, values: Readonly<Record<string, Tensor>>): Binding {
  const { layers, criterion } = recipeOf(args, 'float64')
  const net = new Sequential(...layers)
  for (const [name, parameter] of net.namedParameters()) parameter.data.set(values[`param.${name}`].data)
  const outputs: Tensor[] = []
  for (const layer of layers) outputs.push(layer.forward(outputs.at(-1) ?? values.x.clone()))
  const [z1, r1, p1, z2, r2, p2, fl, z3] = outputs
  const loss = criterion.forward(z3, tensor(Int32Array.from(values.target.data, Number), values.target.shape))
  loss.g = values.dy
  criterion.bwd()
  net.backward()
  const before = { x: values.x, z1, r1, p1, z2, r2, p2, fl, z3, L: values.y, dL: values.dy, dx: values.dx }
  const between = { dz1: z1, dr1: r1, dp1: p1, dz2: z2, dr2: r2, dp2: p2, dfl: fl, dz3: z3 }
  const gradients = Object.fromEntries(Object.entries(between).map(([name, { g }]) => [name, g!]))
  const T = tensor(Float64Array.from(values.target.data, Number), values.target.shape)
  const taps = { t1: tapsOf(r1, p1), t2: tapsOf(r2, p2) }
  const [[N, C, H, W], [, C1, U, V], [, C2, A, B]] = [values.x.shape, p1.shape, p2.shape]
  return {
    sizes: { N, C, H, W, C1, U, V, C2, A, B, F: fl.shape[1], K: z3.shape[1] },
    tensors: { ...before, ...gradients, ...parametersOf(values), ...taps, T, lp: logSoftmax(z3) },
    whole: ['T', 't1', 't2'],
  }
}

function parametersOf(values: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const named = Object.entries({ 1: '0', 2: '3', 3: '7' }).flatMap(([k, layer]) => [
    [`w${k}`, values[`param.${layer}.weight`]],
    [`b${k}`, values[`param.${layer}.bias`]],
    [`dw${k}`, values[`d${layer}.weight`]],
    [`db${k}`, values[`d${layer}.bias`]],
  ])
  return Object.fromEntries(named) as Record<string, Tensor>
}

/** The first of the four cells of each 2×2 window that holds what the window gave. */
function tapsOf(r: Tensor, p: Tensor): Tensor {
  const [, , H, W] = r.shape
  const [, , U, V] = p.shape
  const taps = zeros(p.shape, { dtype: 'float64' })
  for (let i = 0; i < p.data.length; i++) {
    const [plane, u, v] = [Math.floor(i / (U * V)), Math.floor(i / V) % U, i % V]
    const cell = (k: number): number => (plane * H + 2 * u + (k >> 1)) * W + 2 * v + (k & 1)
    taps.data[i] = [0, 1, 2, 3].findIndex((k) => r.data[cell(k)] === p.data[i])
  }
  return taps
}

function logSoftmax(z: Tensor): Tensor {
  const lp = z.clone()
  const [N, K] = z.shape
  for (let n = 0; n < N; n++) {
    const row = lp.data.subarray(n * K, (n + 1) * K)
    let sum = 0
    for (const value of row) sum += Math.exp(value)
    for (let k = 0; k < K; k++) row[k] -= Math.log(sum)
  }
  return lp
}
