import { afterAll, expect, test, vi } from 'vitest'

afterAll(() => vi.unstubAllGlobals())

test('without WebAssembly losses and optimizers load, and run on reference', async () => {
  vi.resetModules()
  vi.stubGlobal('WebAssembly', undefined)
  const { backends, tensor, zeros } = await import('@handgrad/tensor')
  const { CrossEntropyLoss, SGD } = await import('./index.ts')
  expect(backends()).toEqual(['reference'])
  const z = zeros([1, 2])
  const criterion = new CrossEntropyLoss()
  expect(criterion.forward(z, tensor(Int32Array.of(1))).item()).toBeCloseTo(Math.log(2), 6)
  criterion.bwd()
  new SGD([z], { lr: 1 }).step()
  expect(z.toArray()).toEqual([[-0.5, 0.5]])
})
