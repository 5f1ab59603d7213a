import { backends, sharedMemory, Tensor, useBackend } from '@handgrad/tensor'
import { afterAll, describe, expect, test } from 'vitest'
import { Adam, CrossEntropyLoss, SGD } from './index.ts'
import { elementwise } from './kernels.ts'

afterAll(() => useBackend('reference'))

const [, ...fast] = backends()

/** Numbers that differ from their neighbours, the same each time. */
const some = (length: number, from: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(from + i))

describe.each(fast)('on %s', (backend) => {
  // A stretch is 8,192: less than one, one, one and a bit that fills no vector, several.
  test.each([8191, 8192, 8195, 20_001])(
    '%i elements: every array comes back changed, and only itself',
    (length) => {
      useBackend(backend)
      const [gradient, ...arrays] = [0, 1, 2].map((k) => some(length, 1000 * k))
      let seen = 0
      elementwise(gradient, arrays, (floats, g, places) => {
        expect(floats % 4).toBe(0)
        expect(places).toHaveLength(2)
        for (const [k, at] of [g, ...places].entries()) {
          if (k > 0) expect(at - [g, ...places][k - 1]).toBeGreaterThanOrEqual(4 * floats)
          const there = [...new Float32Array(sharedMemory().buffer, at, floats)]
          const own = some(length, 1000 * k).subarray(seen, seen + floats)
          expect(there.slice(0, own.length)).toEqual([...own])
        }
        // Each is changed in its own way; of the gradient nothing comes back.
        for (const [k, at] of [g, ...places].entries())
          new Float32Array(sharedMemory().buffer, at, floats).fill(k + 1)
        seen += floats
      })
      expect(seen).toBeGreaterThanOrEqual(length)
      expect(gradient).toEqual(some(length, 0))
      expect(arrays).toEqual([2, 3].map((k) => new Float32Array(length).fill(k)))
      const options = { lr: 0.5, betas: [0.5, 0.5] as [number, number], amsgrad: true }
      const stepped = ['reference' as const, backend].map((name) => {
        useBackend(name)
        return [SGD, Adam].map((Kind) => {
          const parameter = new Tensor<'float32'>(some(length, 5), [length])
          const optimizer =
            Kind === SGD ? new SGD([parameter], { lr: 0.5, momentum: 0.5 }) : new Adam([parameter], options)
          for (let step = 0; step < 3; step++) {
            parameter.g = new Tensor<'float32'>(some(length, step), [length])
            optimizer.step()
          }
          return parameter.data
        })
      })
      for (const [k, values] of stepped[1].entries()) {
        const furthest = values.reduce(
          (most, value, i) => Math.max(most, Math.abs(value - stepped[0][k][i])),
          0,
        )
        expect(furthest).toBeLessThan(1e-5)
      }
    },
  )

  // A stretch is 32 samples.
  test.each([31, 32, 33, 97])(
    '%i samples of seven classes: each has its own loss, class and gradient',
    (N) => {
      const z = (): Tensor =>
        new Tensor<'float32'>(
          some(N * 7, 3).map((value) => 3 * value),
          [N, 7],
        )
      const y = new Tensor<'int32'>(
        Int32Array.from({ length: N }, (_, n) => (n * 5) % 7),
        [N],
      )
      const [right, came] = ['reference' as const, backend].map((name) => {
        useBackend(name)
        const [logits, criterion] = [z(), new CrossEntropyLoss({ reduction: 'sum' })]
        const loss = criterion.forward(logits, y).item()
        criterion.bwd()
        return { loss, gradient: logits.g!.data }
      })
      expect(came.loss).toBeCloseTo(right.loss, 3)
      const furthest = Array.from(came.gradient).reduce(
        (most, g, i) => Math.max(most, Math.abs(g - right.gradient[i])),
        0,
      )
      expect(furthest).toBeLessThan(1e-6)
    },
  )
})
