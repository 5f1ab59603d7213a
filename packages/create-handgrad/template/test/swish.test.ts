import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gradcheck } from '@handgrad/gradcheck'
import { Generator, randn } from '@handgrad/tensor'
import { Swish } from '../src/swish.ts'

const x = randn([3, 4], { generator: new Generator(0), dtype: 'float64' })

test("Swish's backward pass is what differences say", () => {
  const { passed, coordinates, tensors } = gradcheck(new Swish(), x)
  assert.equal(coordinates, 12)
  assert.ok(passed, JSON.stringify(tensors))
})

test('the check notices a gradient that lacks a term', () => {
  class Forgetful extends Swish {
    protected override gradients(dy: typeof x, saved: typeof x): typeof x {
      const dx = dy.clone()
      dx.data.set(saved.data.map((v, i) => dy.data[i]! / (1 + Math.exp(-v))))
      return dx
    }
  }
  assert.equal(gradcheck(new Forgetful(), x).passed, false)
})
