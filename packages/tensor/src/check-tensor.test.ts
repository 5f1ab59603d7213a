import { expect, test, vi } from 'vitest'
import { checkTensor, Tensor, tensor } from './index.ts'
import { version } from './version.ts'

const problem = (value: unknown): string => {
  try {
    checkTensor('ReLU()', 'input', value)
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError)
    return (error as Error).message
  }
  return 'accepted'
}

test('a tensor, also one of a subclass, passes', () => {
  class Own extends Tensor {}
  expect([problem(tensor([1])), problem(new Own(Float32Array.of(1), [1]))]).toEqual(['accepted', 'accepted'])
})

test.each([
  [5, 'ReLU(): input is 5, expected a Tensor'],
  [null, 'ReLU(): input is null, expected a Tensor'],
  [undefined, 'ReLU(): input is undefined, expected a Tensor'],
  [{ shape: [1] }, 'ReLU(): input is an object, expected a Tensor'],
  [Promise.resolve(), 'ReLU(): input is a Promise, expected a Tensor'],
  [[[1, 2]], 'ReLU(): input is an array, expected a Tensor; make one with tensor(values, shape)'],
  [
    Float32Array.of(1),
    'ReLU(): input is a Float32Array, expected a Tensor; make one with tensor(values, shape)',
  ],
])('%o is refused', (value, message) => {
  expect(problem(value)).toBe(message)
})

test('one of another copy of the package is refused with both versions', async () => {
  vi.resetModules()
  const other = (await import('./index.ts')) as { tensor: typeof tensor }
  const foreign = other.tensor([1])
  expect(foreign).not.toBeInstanceOf(Tensor)
  const rest = 'install one version for all packages, and import it in one way'
  expect(problem(foreign)).toBe(
    `ReLU(): input is a Tensor of another copy of @handgrad/tensor (${version} there, ${version} here); ${rest}`,
  )
})

test('copies of before this check, and of other versions', () => {
  class Marked {
    readonly shape = [1]
  }
  Object.defineProperty(Marked.prototype, Symbol.for('handgrad.Tensor'), { value: '7.8.9' })
  expect(problem(new Marked())).toContain(`(7.8.9 there, ${version} here)`)
  // Of before there was a mark: told by its class's name and its parts.
  class Old {
    readonly shape = [1]
    readonly dtype = 'float32'
    readonly data = Float32Array.of(1)
  }
  Object.defineProperty(Old, 'name', { value: 'Tensor' })
  // Another library's has its numbers elsewhere.
  class Other {
    data(): void {}
  }
  Object.defineProperty(Other, 'name', { value: 'Tensor' })
  expect(problem(new Other())).toBe('ReLU(): input is a Tensor, expected a Tensor')
  expect(problem({ data: Float32Array.of(1), dtype: 'float32', shape: [1] })).toBe(
    'ReLU(): input is an object, expected a Tensor',
  )
  expect(problem(new Old())).toContain(`(an older one there, ${version} here)`)
})
