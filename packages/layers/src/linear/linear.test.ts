import { backends, randn, useBackend } from '@handgrad/tensor'
import { afterEach, expect, test } from 'vitest'
import { describeProgram, ReLU, Sequential } from '../index.ts'
import { Linear } from './linear.ts'

afterEach(() => useBackend('reference'))

/** Kernels of the way back without the input's gradient, and bytes of the slots. */
function written(freeze: (layer: Linear) => void): { kernels: string[]; slot: number } {
  useBackend(backends().at(-1)!)
  const layer = new Linear(20, 5)
  freeze(layer)
  const [{ programs }] = describeProgram(new Sequential(new Linear(3, 20), new ReLU(), layer), [8, 3]).parts
  const [{ phases, bytes }] = programs
  const back = phases.find(({ of }) => of.includes('without'))!
  const own = back.body.filter(({ layer: name }) => name === layer.describe())
  return { kernels: own.map(({ kernel }) => kernel), slot: bytes.slot }
}

test('what is frozen costs neither a kernel nor a place to add up', () => {
  const all = written(() => {})
  expect(all.kernels).toEqual(['tensor/gemm', 'layers/sum_cells', 'tensor/gemm'])
  const noBias = written(({ bias }) => void (bias!.requiresGrad = false))
  expect(noBias.kernels).toEqual(['tensor/gemm', 'tensor/gemm'])
  expect(all.slot).toBeGreaterThan(noBias.slot)
  const noWeight = written(({ weight }) => void (weight.requiresGrad = false))
  expect(noWeight.kernels).toEqual(['layers/sum_cells', 'tensor/gemm'])
  expect(all.slot - noWeight.slot).toBeGreaterThanOrEqual(20 * 5 * 4)
})

test('a bias is added to each output of its own, in every row', () => {
  for (const backend of backends()) {
    useBackend(backend)
    const layer = new Linear(2, 3)
    layer.weight.data.fill(0)
    layer.bias!.data.set([1, 2, 3])
    expect(layer.forward(randn([2, 2])).toArray(), backend).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ])
  }
})
