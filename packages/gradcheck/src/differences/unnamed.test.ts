import { type Tensor, zeros } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import type { Checkable } from '../spec.ts'
import { Affine, bell, double } from '../test/layers.ts'
import { gradcheck } from './gradcheck.ts'
import { unnamedTensors } from './unnamed.ts'

/** What is said of a layer whose output is the sum of these tensors, wherever it keeps them. */
function pathsIn(layer: object, tensors: readonly Tensor[], named: readonly Tensor[] = []): string[] {
  const forward = (): Tensor => double([tensors.reduce((sum, { data }) => sum + data[0], 0)])
  return unnamedTensors(layer, named, forward, forward()).map((said) => said.split(': ')[0])
}

/** A tensor under so many names, one in the other. */
const nested = (depth: number, t: Tensor): object =>
  depth === 0 ? t : { [`p${depth}`]: nested(depth - 1, t) }

it('parts of parts are searched, six names deep and no deeper', () => {
  const t = double([2])
  expect(pathsIn(nested(1, t), [t])).toEqual(['p1'])
  expect(pathsIn(nested(6, t), [t])).toEqual(['p6.p5.p4.p3.p2.p1'])
  expect(pathsIn(nested(7, t), [t])).toEqual([])
})

it('maps are searched too, and what leads back to itself once', () => {
  const [gain, other] = [double([2]), double([3])]
  const layer: Record<string, unknown> = { parts: new Map([['gain', gain]]), again: { gain }, other }
  layer.self = layer
  expect(pathsIn(layer, [gain, other])).toEqual(['parts.gain', 'other'])
  expect(pathsIn(layer, [gain, other], [other])).toEqual(['parts.gain'])
  expect(pathsIn(layer, [other])).toEqual(['other'])
  expect([gain.data[0], other.data[0]]).toEqual([2, 3])
})

const x = (): Tensor => bell([2, 4])

describe('a tensor that is not named', () => {
  class Scaled extends Affine {
    readonly scale: Tensor = double([2])

    override forward(...inputs: Tensor[]): Tensor {
      const y = super.forward(...inputs)
      for (let i = 0; i < y.data.length; i++) y.data[i] *= this.scale.data[0]
      return y
    }

    override bwd(): void {
      for (let i = 0; i < this.y!.g!.data.length; i++) this.y!.g!.data[i] *= this.scale.data[0]
      super.bwd()
    }
  }

  it('fails where the output depends on it', () => {
    expect(gradcheck(new Scaled(), x()).problems).toEqual([
      'scale: forward() depends on it, and neither namedParameters() nor namedBuffers() names it: nothing checks its gradient',
    ])
  })

  it('is found in a part of the layer, in lists and in maps', () => {
    const outer = (parts: unknown): Checkable => {
      const inner = new Affine()
      return Object.assign(
        { forward: inner.forward.bind(inner), bwd: inner.bwd.bind(inner) },
        { parts: (parts as (l: Affine) => unknown)(inner) },
      )
    }
    const pathsOf = (layer: Checkable): string[] =>
      gradcheck(layer, x()).problems.map((problem) => problem.slice(0, problem.indexOf(':')))
    expect(pathsOf(outer((inner: Affine) => inner))).toEqual(['parts.w', 'parts.b'])
    expect(pathsOf(outer((inner: Affine) => [{ inner }]))).toEqual(['parts.0.inner.w', 'parts.0.inner.b'])
    expect(pathsOf(outer((inner: Affine) => new Map([['first', inner.b]])))).toEqual(['parts.first'])
  })

  it('is a problem where one parameter is left out of the names', () => {
    const layer = new Affine()
    layer.namedParameters = () => [['weight', layer.w]]
    expect(gradcheck(layer, x()).problems).toEqual([expect.stringMatching(/^b: forward\(\) depends on it/)])
  })

  it('is none where it is a buffer, a view of a named one, a whole number or only kept', () => {
    const buffered = Object.assign(new Scaled(), { namedBuffers: () => [] as [string, Tensor][] })
    buffered.namedBuffers = () => [['scale', buffered.scale]]
    expect(gradcheck(buffered, x()).problems).toEqual([])
    const view = Object.assign(new Affine(), {
      flat: null as Tensor | null,
      count: zeros([1], { dtype: 'int32' }),
    })
    view.flat = view.w.reshape([12])
    expect(gradcheck(view, x()).problems).toEqual([])
    const kept = Object.assign(new Affine(), { last: bell([2, 3]) })
    expect(gradcheck(kept, x()).problems).toEqual([])
  })

  it('takes part where the layer does not even run with another', () => {
    const layer = Object.assign(new Affine(), { table: double([1]) })
    const forward = layer.forward.bind(layer)
    layer.forward = (input) => {
      if (layer.table.data[0] !== 1) throw new Error('the table is wrong')
      return forward(input)
    }
    expect(gradcheck(layer, x()).problems).toEqual([
      expect.stringMatching(/^table: forward\(\) depends on it/),
    ])
    expect(layer.table.data[0]).toBe(1)
  })

  it('has its value again afterwards', () => {
    const layer = new Scaled()
    gradcheck(layer, x())
    expect(layer.scale.data).toEqual(Float64Array.of(2))
  })
})
