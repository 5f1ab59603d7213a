import { backends, full, type Tensor, tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { checkState } from './check-state.ts'
import { caseTensors } from './fixture.ts'
import { openModule } from './module.ts'
import { proveCase } from './prove.ts'
import type { Checkable, ModuleSpec } from './spec.ts'
import { provideBackends } from './test/backends.ts'
import { bench, brokenBench, problemsOf } from './test/bench.ts'
import type { Affine } from './test/layers.ts'

provideBackends()

/** What only the checks of a module's state say of a layer, in both precisions. */
function stateProblems(breaks: (layer: Affine) => void): string[] {
  const found = problemsOf(brokenBench(breaks))
  const said = found.map((line) => /^state: on reference, float(?:32|64): (.*)$/s.exec(line)?.[1] ?? line)
  const dtypes = found.map((line) => line.slice('state: on reference, '.length).split(':')[0])
  expect(dtypes).toEqual([...dtypes].sort())
  const [narrow, wide] = [0, 1].map((half) =>
    said.slice((half * said.length) / 2, ((half + 1) * said.length) / 2),
  )
  expect(narrow).toEqual(wide)
  return narrow
}

/** Does something after the right bwd(). */
const after =
  (change: (layer: Affine, calls: number) => void) =>
  (layer: Affine): void => {
    const right = layer.bwd.bind(layer)
    let calls = 0
    layer.bwd = () => {
      right()
      change(layer, ++calls)
    }
  }

describe('what is left from the pass before', () => {
  it('is seen alone where a buffer is not cleared: 0 times NaN is NaN', () => {
    const leftovers = (name: 'y' | 'x' | 'w' | 'b') => (layer: Affine) => {
      let kept: Float64Array | null = null
      const nothing = 0
      const mix = (data: Tensor['data']): void => {
        for (let i = 0; i < data.length; i++) data[i] += nothing * (kept?.[i] ?? 1)
        kept = Float64Array.from(data)
      }
      if (name !== 'y') return after(({ [name]: t }) => mix(t!.g!.data))(layer)
      const forward = layer.forward.bind(layer)
      layer.forward = (x) => {
        const y = forward(x)
        mix(y.data)
        return y
      }
    }
    const said = (name: string): string => `${name} depends on what was left from the pass before`
    expect(stateProblems(leftovers('x'))).toEqual([said('dx')])
    expect(stateProblems(leftovers('y'))).toEqual([said('y')])
    // What is added to a parameter's gradient is seen by the second bwd() as well.
    expect(stateProblems(leftovers('w'))[0]).toBe(said('dweight'))
    expect(stateProblems(leftovers('b'))[0]).toBe(said('dbias'))
  })

  it('is seen where an input gathers its gradient over passes', () => {
    const gathers = (layer: Affine): void => {
      const right = layer.bwd.bind(layer)
      layer.bwd = () => {
        const before = layer.x!.g
        right()
        if (before !== null)
          for (let i = 0; i < before.data.length; i++) layer.x!.g!.data[i] += before.data[i]
      }
    }
    expect(stateProblems(gathers)).toEqual(['dx depends on what was left from the pass before'])
  })

  it('is no matter in a buffer', () => {
    const counts = brokenBench((layer) => {
      const count = full([1], 0, { dtype: layer.w.dtype })
      ;(layer as Checkable).namedBuffers = () => [['count', count]]
      after(() => count.data[0]++)(layer)
    })
    expect(problemsOf(counts)).toEqual([])
  })
})

it('a result of another dtype is seen alone', () => {
  const wide = brokenBench(after(({ x }) => (x!.g = tensor(x!.g!.data, x!.g!.shape, { dtype: 'float64' }))))
  expect(problemsOf(wide)).toEqual(['state: on reference, float32: dx is float64'])
})

describe('inputs and parameters come back as they were', () => {
  // Differences look at it too, in float64: there the layer behaves.
  it.each(['x', 'w', 'b'] as const)('%s with the sign of its zero changed is seen alone', (name) => {
    const changes = brokenBench((layer) => {
      if (layer.w.dtype === 'float64') return
      after(() => {
        layer[name]!.data[2] = -0
      })(layer)
    })
    const [item] = changes.spec.cases
    const plant = { plant: { 2: 0 } }
    const cases = [
      { ...item, inputs: { x: { shape: [2, 4], ...plant } }, params: { weight: plant, bias: plant } },
    ]
    const { spec, fixture } = bench({ cases })
    const found = problemsOf({
      spec: { ...spec, create: (...made) => changes.spec.create(...made) },
      fixture,
    })
    expect(found).toEqual(['state: on reference, float32: an input or a parameter was changed'])
  })
})

describe('a second bwd()', () => {
  it('that overwrites what the first left is seen alone', () => {
    const replaces = (name: 'w' | 'b') => (layer: Affine) => {
      const right = layer.bwd.bind(layer)
      layer.bwd = () => {
        layer[name].g = null
        right()
      }
    }
    expect(stateProblems(replaces('w'))).toEqual(['a second bwd() did not add exactly once more to dweight'])
    expect(stateProblems(replaces('b'))).toEqual(['a second bwd() did not add exactly once more to dbias'])
  })

  it('must add exactly the same, to the last bit', () => {
    const almost = brokenBench(
      after(({ w }, calls) => {
        if (calls === 4) w.g!.data[11] *= 1 + 2 ** -22
      }),
    )
    expect(problemsOf(almost)).toEqual(
      ['float32', 'float64'].map(
        (dtype) => `state: on reference, ${dtype}: a second bwd() did not add exactly once more to dweight`,
      ),
    )
  })

  it('writes the same gradient of the input', () => {
    expect(
      stateProblems(
        after(({ x }, calls) => {
          if (calls === 4) x!.g!.data[7] *= 2
        }),
      ),
    ).toEqual(['a second bwd() did not write the same dx'])
  })
})

it.each(['w', 'b'] as const)('without inputGrad the gradient of %s is the same', (name) => {
  const wrong = (layer: Affine): void => {
    const right = layer.bwd.bind(layer)
    ;(layer as Checkable).bwd = ({ inputGrad = true } = {}) => {
      right()
      if (!inputGrad) layer[name].g!.data[2] += 1
    }
  }
  expect(stateProblems(wrong)).toEqual([
    `d${{ w: 'weight', b: 'bias' }[name]} is another one without inputGrad`,
  ])
})

describe('refusals of bwd()', () => {
  it('before forward()', () => {
    const eager = (layer: Affine): void => {
      const right = layer.bwd.bind(layer)
      layer.bwd = () => {
        if (layer.x !== null) right()
      }
    }
    expect(stateProblems(eager)).toEqual(['bwd() works before forward()'])
  })

  it('of an output without a gradient', () => {
    const lenient = (layer: Affine): void => {
      const right = layer.bwd.bind(layer)
      layer.bwd = () => {
        if (layer.x === null || layer.y!.g !== null) right()
      }
    }
    expect(stateProblems(lenient)).toEqual(['bwd() accepts an output without a gradient'])
  })

  it('of a gradient of another shape', () => {
    const lenient = (layer: Affine): void => {
      const right = layer.bwd.bind(layer)
      layer.bwd = () => {
        if (layer.y?.g?.shape.length !== 3) right()
      }
    }
    expect(stateProblems(lenient)).toEqual(['bwd() accepts a gradient of another shape'])
  })
})

describe('a loss', () => {
  /** Σ x, whose gradient is 1 unless the loss has one of its own; `implied` is what it takes where it has none. */
  const total = (implied: number): Checkable => {
    let pass: { x: Tensor; y: Tensor } | null = null
    return {
      forward(input) {
        const x = input as Tensor
        const sum = Array.from(x.data).reduce((a, b) => a + b, 0)
        pass = { x, y: tensor(sum, [], { dtype: x.dtype }) }
        return pass.y
      },
      bwd() {
        const { x, y } = pass!
        if (y.g !== null && y.g.shape.length > 0) throw new Error('shape')
        x.g = full(x.shape, y.g?.data[0] ?? implied, { dtype: x.dtype })
      },
    }
  }
  const problems = (implied: number, loss: boolean): string[] => {
    const item = { name: 'sum', inputs: { x: { shape: [2, 3] } } }
    const spec: ModuleSpec = {
      ...bench({ cases: [] }).spec,
      create: () => total(implied),
      ownDtype: false,
      loss,
    }
    const stored = caseTensors(spec, item)
    return checkState(spec, openModule(spec, item, stored, 'float32'), stored.dy, 'float32').map(
      ({ message }) => message,
    )
  }

  it('without a gradient of its own takes 1', () => {
    expect(problems(1, true)).toEqual([])
    expect(problems(2, true)).toEqual(['float32: bwd() without an upstream gradient is not that of 1'])
  })

  it('alone may be without one', () => {
    expect(problems(1, false)).toEqual(['float32: bwd() accepts an output without a gradient'])
  })
})

it('every backend is looked at, and both precisions', () => {
  const { spec, fixture } = brokenBench((layer) => {
    const right = layer.bwd.bind(layer)
    layer.bwd = () => {
      if (layer.x !== null) right()
    }
  })
  const found = proveCase(spec, spec.cases[0], fixture).problems.map(({ message }) => message)
  expect(found).toEqual([
    ...backends().map((backend) => `on ${backend}, float32: bwd() works before forward()`),
    'on reference, float64: bwd() works before forward()',
  ])
})
