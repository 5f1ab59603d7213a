import { saveSafetensors, type Tensor, tensor } from '@handgrad/tensor'
import { type Bundle, parseBundle } from '../verify/bundle.ts'

const results = { y: tensor([2, 4, -6]), dx: tensor([1, -4, 0.5]), dweight: tensor(-4.25) }
const inDouble = Object.entries(results).map(([name, { data, shape }]) => [
  `one/float64/${name}`,
  tensor(data, shape, { dtype: 'float64' }),
])
/** The tensors of a case of y = w · x for one number w. */
export const tensors: Record<string, Tensor> = {
  'one/x': tensor([1, 2, -3]),
  'one/param.weight': tensor(2),
  'one/dy': tensor([0.5, -2, 0.25]),
  ...Object.fromEntries(Object.entries(results).map(([name, value]) => [`one/float32/${name}`, value])),
  ...Object.fromEntries(inDouble),
}
/** What its bundle.json says. */
export const about: { format: number; module: string; cases: { name: string; inputs: string[] }[] } = {
  format: 1,
  module: 'Scale',
  cases: [{ name: 'one', inputs: ['x'] }],
}
/** Both, read. */
export const bundle: Bundle = parseBundle(JSON.stringify(about), saveSafetensors(tensors))
