import { formatShape, type Tensor } from '@handgrad/tensor'
import type { Expectations, TensorSpec } from './spec.ts'

/**
 * What is wrong with a golden gradient as evidence: all zero, constant, or below its tolerance. A stated expectation
 * must then hold exactly. Fewer than 2 elements are never constant.
 */
export function vacuity(
  name: string,
  golden: Tensor,
  allowed: (flat: number) => number,
  expect: Expectations = {},
): string | null {
  const values = Array.from(golden.data)
  const zero = values.every((value) => value === 0)
  const constant = values.length > 1 && values.every((value) => Object.is(value, values[0]))
  const small = values.every((value, i) => Math.abs(value) <= allowed(i))
  const stated = expect[name]
  if (stated === undefined) {
    const found = zero ? 'all zero' : constant ? 'constant' : small ? 'below its tolerance' : null
    return found === null
      ? null
      : `golden ${name} is ${found}: it proves nothing; change the case, or say why it must be`
  }
  const holds = 'zero' in stated ? zero : 'constant' in stated ? constant : small
  return holds ? null : `golden ${name} is stated to be ${Object.keys(stated)[0]}, but it is not`
}

/** Extents above 1 that occur twice in a tensor hide swapped axes; null where none do, or the case says why. */
export function coinciding(
  inputs: Readonly<Record<string, TensorSpec>>,
  why: string | undefined,
): string | null {
  for (const [name, { shape }] of Object.entries(inputs)) {
    const twice = shape.find((extent, axis) => extent > 1 && shape.indexOf(extent) < axis)
    if (twice === undefined) continue
    return why === undefined
      ? `${name} ${formatShape(shape)} has ${twice} twice: make all extents differ, or say why`
      : null
  }
  return why === undefined ? null : `equalExtents is stated ("${why}"), but all extents differ`
}
