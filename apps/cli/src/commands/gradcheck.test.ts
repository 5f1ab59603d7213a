import { describe, expect, it } from 'vitest'
import { handgrad, jsonLines, temporaryFolder } from '../test/handgrad.ts'

describe('handgrad gradcheck', () => {
  it('proves the layers that are named, and prints what it did: ratios to PyTorch, with their floor', async () => {
    const { code, out, err } = await handgrad(temporaryFolder(), ['gradcheck', 'ReLU', 'flatten'])
    expect(code).toBe(0)
    // Progress on the other stream.
    expect(err).toMatch(/^1 of 2: Flatten, \d+ cases\n2 of 2: ReLU, \d+ cases\n$/)
    expect(out).toMatch(/^layer .* ULP, ours +PyTorch +ratio +furthest from differences$/m)
    expect(out).toMatch(/^ReLU +right +\d+ +6 +\d+ +4 +0\.00 \/ 0\.00 +0\.00 \/ 0\.00 +1\.00 \/ 1\.00 /m)
    expect(out).toMatch(/^Flatten +right /m)
    expect(out).toMatch(/^ratio: .* \(a floor\): in (\d+) of \1 measured tensors both$/m)
    expect(out).toMatch(
      /^2 of them, \d+ cases, \d+ coordinates differenced, 4 skipped as kinks; all right\n$/m,
    )
  })

  it('gives JSON with the evidence for every step', async () => {
    const { code, out } = await handgrad(temporaryFolder(), ['gradcheck', 'flatten', '--json'])
    const [layer, done] = jsonLines(out)
    expect({ code, done }).toEqual({ code: 0, done: { event: 'done', passed: true, layers: 1 } })
    expect(layer).toMatchObject({ event: 'layer', name: 'Flatten', passed: true, problems: [] })
    for (const step of layer['steps'] as { cases: number; difference: number }[]) {
      expect(step.cases).toBeGreaterThanOrEqual(3)
      expect(step.difference).toBeLessThan(1e-12)
    }
  })

  it('refuses a layer that there is not, and lists those that there are', async () => {
    const { code, out, err } = await handgrad(temporaryFolder(), ['gradcheck', 'conv3d'])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^error: no layer is called 'conv3d': expected one of .*conv2d, .*relu/)
  })
})
