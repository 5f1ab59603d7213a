import { describeValue } from './describe.ts'
import { type DType, dtypeOf } from './dtype.ts'
import { BRAND, Tensor } from './tensor.ts'
import { version } from './version.ts'

/**
 * Refuses what is no tensor of this copy of the package: `checkTensor('ReLU()', 'input', x)`.
 * @throws TypeError that names what came; a tensor of another copy with both versions.
 */
export function checkTensor(owner: string, argument: string, value: unknown): asserts value is Tensor<DType> {
  const problem = notATensor(argument, value)
  if (problem !== null) throw new TypeError(`${owner}: ${problem}`)
}

/** What is wrong with a value that should be a tensor of this copy of the package, in words; null where it is one. */
export function notATensor(name: string, value: unknown): string | null {
  if (value instanceof Tensor) return null
  const other = versionOf(value)
  if (other !== undefined) {
    return (
      `${name} is a Tensor of another copy of @handgrad/tensor (${other} there, ${version} here); ` +
      'install one version for all packages, and import it in one way'
    )
  }
  const hint =
    Array.isArray(value) || ArrayBuffer.isView(value) ? '; make one with tensor(values, shape)' : ''
  return `${name} is ${describeValue(value)}, expected a Tensor${hint}`
}

/** The version of the copy that a tensor comes from; undefined for what is no tensor. */
function versionOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const marked = (value as { [BRAND]?: unknown })[BRAND]
  if (typeof marked === 'string') return marked
  const looks =
    value.constructor?.name === 'Tensor' && dtypeOf((value as { data?: unknown }).data) !== undefined
  return looks ? 'an older one' : undefined
}
