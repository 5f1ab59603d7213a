import { afterAll, expect, test, vi } from 'vitest'

afterAll(() => vi.unstubAllGlobals())

test('without WebAssembly the layers load, and run on reference', async () => {
  vi.resetModules()
  vi.stubGlobal('WebAssembly', undefined)
  const { backends, tensor } = await import('@handgrad/tensor')
  const { kernelPlan, Linear, ReLU, Sequential } = await import('./index.ts')
  expect(backends()).toEqual(['reference'])
  const net = new Sequential(new Linear(2, 2), new ReLU())
  const [weight, bias] = net.parameters()
  weight.data.set([1, -1, 2, 0.5])
  bias.data.set([0.5, -1])
  const x = tensor([[3, 1]])
  const y = net.forward(x)
  y.g = tensor([[1, 2]])
  net.backward()
  // 3 − 1 + ½ and 6 + ½ − 1; then 1·(1, −1) + 2·(2, ½).
  expect([y.toArray(), x.g!.toArray()]).toEqual([[[2.5, 5.5]], [[5, 0]]])
  expect(kernelPlan(net, [1, 2]).map(({ kernel }) => kernel)).toEqual(['reference', 'reference'])
})
