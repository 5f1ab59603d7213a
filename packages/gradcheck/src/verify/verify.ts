import {
  type FloatDType,
  formatShape,
  isFloat,
  manualSeed,
  sameShape,
  type Tensor,
  tensor,
} from '@handgrad/tensor'
import { largest } from '../allowance.ts'
import { findWorst, formatWorst, maxError, type Worst } from '../compare.ts'
import { cast, type Tensors } from '../materialize.ts'
import { parametersOf } from '../module.ts'
import { ofCase } from '../prove.ts'
import type { Checkable } from '../spec.ts'
import { UNIT, ulp } from '../ulp.ts'
import { vacuity } from '../vacuity.ts'
import type { Bundle, BundleCase } from './bundle.ts'

/** Makes the layer of a bundle for a precision. */
export type LayerFactory = (bundle: Bundle, dtype: FloatDType) => Checkable

/** One tensor of one case in one precision, beside the bundle's float64 values. */
export interface VerifiedTensor {
  readonly case: string
  readonly dtype: FloatDType
  /** `y`, `dx`, `dweight`. */
  readonly tensor: string
  readonly shape: readonly number[]
  readonly passed: boolean
  /** The element that is furthest outside what is allowed; null where none is. */
  readonly worst: Worst | null
  /** The largest error in ULP of the largest true value: the layer's, and in float32 that of the bundle's own values. */
  readonly ulps: number
  readonly theirUlps: number | null
}

/** What {@link verifyBundle} found. */
export interface VerifyReport {
  readonly passed: boolean
  readonly tensors: readonly VerifiedTensor[]
  /** What is wrong, one line each: what does not agree, and what could not be run. */
  readonly problems: readonly string[]
}

/** Errors may be so many times those of the bundle's own float32 values … */
const TIMES = 4
/** … which count as no less than so many roundings of the largest true value. */
const ROUNDINGS = 4

/** Nothing is known of the terms that a module sums, so its own float32 error is the measure; float64 in proportion. */
export function allowed(truth: Tensor, single: Tensor, dtype: FloatDType): number {
  const error = maxError(single.data, truth.data)
  const floor = ROUNDINGS * UNIT.float32 * largest(truth)
  const counted = Number.isFinite(error) ? Math.max(error, floor) : floor
  return (TIMES * counted * UNIT[dtype]) / UNIT.float32
}

function setParameters(layer: Checkable, stored: Tensors, dtype: FloatDType): Record<string, Tensor> {
  const own = parametersOf(layer)
  const theirs = Object.keys(stored).filter((key) => key.startsWith('param.'))
  const names = theirs.map((key) => key.slice('param.'.length))
  const missing = names.filter((name) => !Object.hasOwn(own, name))
  const extra = Object.keys(own).filter((name) => !names.includes(name))
  if (missing.length > 0) throw new Error(`the layer has no parameter ${missing.join(', ')}`)
  if (extra.length > 0) throw new Error(`the bundle has no parameter ${extra.join(', ')}`)
  for (const name of names) {
    const value = cast(stored[`param.${name}`], dtype) as Tensor
    if (own[name].data.length !== value.data.length)
      throw new Error(`${name} has ${own[name].data.length} elements, the bundle's has ${value.data.length}`)
    own[name].data.set(value.data)
    own[name].g = null
  }
  return own
}

function run(layer: Checkable, item: BundleCase, stored: Tensors, dtype: FloatDType): Record<string, Tensor> {
  const parameters = setParameters(layer, stored, dtype)
  const inputs = item.inputs.map((name) => cast(stored[name], dtype))
  if (item.seed !== undefined) manualSeed(item.seed)
  const y = layer.forward(...inputs)
  // Not by its class: a layer from elsewhere may bring its own copy of the package.
  if (!Array.isArray(y?.shape)) throw new Error(`forward() gave ${typeof y}, expected a tensor`)
  y.g = tensor(stored.dy.data, y.shape, { dtype: y.dtype })
  layer.bwd()
  const results: Record<string, Tensor | null> = { y, [`d${item.inputs[0]}`]: (inputs[0] as Tensor).g }
  for (const [name, parameter] of Object.entries(parameters)) results[`d${name}`] = parameter.g
  for (const [name, value] of Object.entries(results))
    if (!Array.isArray(value?.shape)) throw new Error(`bwd() left no ${name}`)
  return results as Record<string, Tensor>
}

function compare(
  got: Tensor,
  stored: Tensors,
  at: { case: string; dtype: FloatDType; tensor: string },
): VerifiedTensor {
  const { dtype, tensor: name } = at
  const [truth, single] = [stored[`float64/${name}`], stored[`float32/${name}`]] as [Tensor, Tensor]
  if (truth === undefined || single === undefined) throw new Error(`the bundle has no ${name}`)
  // mutant: swapped arguments is equivalent because both ways say whether two shapes are the same
  if (got.dtype !== dtype || !sameShape(got.shape, truth.shape)) {
    const came = `${got.dtype} ${formatShape(got.shape)}`
    throw new Error(`${name} is ${came}, expected ${dtype} ${formatShape(truth.shape)}`)
  }
  const limit = allowed(truth, single, dtype)
  const worst = findWorst(got, truth, () => limit, dtype)
  const unit = ulp(dtype === 'float32' ? Math.fround(largest(truth)) : largest(truth), dtype)
  return {
    ...at,
    shape: truth.shape,
    passed: worst === null,
    worst,
    ulps: maxError(got.data, truth.data) / unit,
    theirUlps: dtype === 'float32' ? maxError(single.data, truth.data) / unit : null,
  }
}

/** @throws Error for what is no layer. */
function checkLayer(made: Checkable): void {
  if (typeof made?.forward === 'function' && typeof made.bwd === 'function') return
  throw new Error(
    `the layer is ${made === null ? 'null' : typeof made}, expected an object with forward() and bwd()`,
  )
}

/** @throws Error for golden tensors that the layer did not give. */
function checkAll(stored: Tensors, results: Readonly<Record<string, Tensor>>): void {
  const keys = Object.keys(stored).filter((key) => key.startsWith('float64/'))
  const names = keys.map((key) => key.slice('float64/'.length))
  const left = names.filter((name) => !Object.hasOwn(results, name))
  if (left.length > 0) throw new Error(`the layer gave no ${left.join(', ')}`)
}

/** Gradients of the bundle that are no evidence, because any layer would have them. */
function* emptyGradients({ name }: BundleCase, stored: Tensors): Generator<string> {
  for (const [key, truth] of Object.entries(stored)) {
    if (!key.startsWith('float64/d')) continue
    const found = vacuity(key.slice('float64/'.length), truth as Tensor, () => 0)
    if (found !== null) yield `${name}: ${found}`
  }
}

function dtypesOf(layer: Checkable | LayerFactory): readonly FloatDType[] {
  if (typeof layer === 'function') return ['float64', 'float32']
  const [parameter] = Object.values(parametersOf(layer))
  return parameter === undefined || !isFloat(parameter.dtype) ? ['float64', 'float32'] : [parameter.dtype]
}

/**
 * Compares a layer's forward and backward pass with the golden values of a bundle, in float64 and in float32.
 *
 * `layer` makes one for each pass, or is one, whose parameters are then overwritten, in its own precision alone where
 * it has parameters. Each element may be 4 times as far from the bundle's float64 value as the bundle's own float32
 * values are at most, or 16 roundings (2⁻²⁴) of the tensor's largest value; in float64 both 2²⁹ times less.
 */
export function verifyBundle(layer: Checkable | LayerFactory, bundle: Bundle): VerifyReport {
  const tensors: VerifiedTensor[] = []
  const problems: string[] = []
  for (const item of bundle.cases) {
    const stored = ofCase(bundle.tensors, item.name)
    problems.push(...emptyGradients(item, stored))
    for (const dtype of dtypesOf(layer)) {
      try {
        const made = typeof layer === 'function' ? layer(bundle, dtype) : layer
        checkLayer(made)
        if (bundle.mode === 'eval') made.eval?.()
        else made.train?.()
        const results = run(made, item, stored, dtype)
        checkAll(stored, results)
        for (const [name, got] of Object.entries(results))
          tensors.push(compare(got, stored, { case: item.name, dtype, tensor: name }))
      } catch (error) {
        problems.push(`${item.name}, ${dtype}: ${(error as Error).message}`)
      }
    }
  }
  const apart = tensors.filter(({ worst }) => worst !== null)
  const said = apart.map((t) => `${t.case}, ${t.dtype}: ${t.tensor} ${formatWorst(t.worst!)}`)
  return { passed: problems.length + said.length === 0, tensors, problems: [...problems, ...said] }
}
