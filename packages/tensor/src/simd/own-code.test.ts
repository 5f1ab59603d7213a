import { expect, test } from 'vitest'
import { overridesKernel } from './own-code.ts'

class WithKernel {
  compile(): void {}
  compute(): number {
    return 1
  }
  other(): number {
    return 1
  }
}
class Own extends WithKernel {
  override compute(): number {
    return 2
  }
}
class OwnKernelToo extends WithKernel {
  override compile(): void {}
  override compute(): number {
    return 2
  }
}
class Elsewhere extends WithKernel {
  override other(): number {
    return 2
  }
}

test('who overrides a formula and not its kernel runs the formula', () => {
  const overrides = (object: object): boolean => overridesKernel(object, ['forward', 'compute'])
  const here = new WithKernel()
  here.compute = () => 3
  class Below extends Own {}
  expect([here, new Own(), new Below()].map(overrides)).toEqual([true, true, true])
  expect([new WithKernel(), new OwnKernelToo(), new Elsewhere()].map(overrides)).toEqual([
    false,
    false,
    false,
  ])
})

test('without a kernel a formula is code of its own, and nothing is none', () => {
  expect(overridesKernel({ compute() {} }, ['compute'])).toBe(true)
  expect(overridesKernel({}, ['compute'])).toBe(false)
  expect(overridesKernel(Object.create(null) as object, ['compute'])).toBe(false)
})
