import { type Tensor, tensor, zeros } from '@handgrad/tensor'
import type { OptimizerCase } from './spec.ts'

/** All parameters of an optimizer's case in one row of T elements, over its K steps. */
export interface History {
  K: number
  T: number
  /** 1 where some parameter has no gradient at some step. */
  skips: number
  /** Parameters before each step and after the last [K+1,T]; the ones at the start [T]. */
  p: Tensor
  s: Tensor
  /** Gradients [K,T]; 1 where there is one; 1 where it is the first. */
  g: Tensor
  a: Tensor
  f: Tensor
  /** Where each golden tensor is in `p`. */
  golden: Record<string, { symbol: string; from: number }>
}

/** The parameters and gradients of an optimizer's case, from its stored and golden tensors: for its derivation. */
export function history(
  { params, steps: K, without = {} }: OptimizerCase,
  values: Readonly<Record<string, Tensor>>,
): History {
  const names = Object.keys(params)
  const T = names.reduce((sum, name) => sum + values[`param.${name}`].data.length, 0)
  const make = (rows: number): Tensor => zeros([rows, T], { dtype: 'float64' })
  const [p, g, a, f] = [make(K + 1), make(K), make(K), make(K)]
  const golden: History['golden'] = {}
  let from = 0
  for (const name of names) {
    const start = values[`param.${name}`].data
    p.data.set(start, from)
    let seen = false
    for (let k = 0; k < K; k++) {
      const at = k * T + from
      const gradient = values[`grad.${name}.${k + 1}`]
      if (gradient !== undefined) {
        g.data.set(gradient.data, at)
        a.data.fill(1, at, at + start.length)
        if (!seen) f.data.fill(1, at, at + start.length)
        seen = true
      }
      golden[`${name}.${k + 1}`] = { symbol: 'p', from: at + T }
      p.data.set(values[`${name}.${k + 1}`].data, at + T)
    }
    from += start.length
  }
  const s = tensor(p.data.slice(0, T), [T])
  return { K, T, skips: Number(Object.keys(without).length > 0), p, s, g, a, f, golden }
}
