import type { ModuleSpec } from '@handgrad/gradcheck'
import { expect, test } from 'vitest'
import type { Layer } from './layer.ts'
import * as specs from './specs.ts'

const all: readonly ModuleSpec[] = Object.values(specs)

test.each(all)('$name gives a shape of its own, which nobody else holds', (spec) => {
  const { args = [], options = {}, inputs } = spec.cases.find((one) => one.inputs.x !== undefined)!
  const layer = spec.create(args, options) as Layer
  const shape = [...inputs.x.shape]
  const before = [...shape]
  const first = layer.outputShape(shape)
  expect(first).not.toBe(shape)
  const expected = [...first]
  first.fill(-1)
  expect(layer.outputShape(shape)).toEqual(expected)
  expect(shape).toEqual(before)
})
