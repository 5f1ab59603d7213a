import { readFileSync } from 'node:fs'
import { Linear, Sequential } from '@handgrad/layers'
import { CrossEntropyLoss, SGD } from '@handgrad/loss-optim'
import { ones, tensor, useBackend } from '@handgrad/tensor'
import { expect, test } from 'vitest'
import { repository } from '../repository.ts'
import { loop, loopWithoutDx } from './loops.ts'

const linesOf = (text: string): string[] => {
  const lines = text.split('\n').map((line) => line.split(' // ')[0].trim())
  const from = lines.findIndex((line) => line.startsWith('const loss = '))
  return lines.slice(from, from + 5)
}

test("what is measured as README's loop is README's loop", () => {
  const [readme, own] = ['README.md', 'apps/cli/src/bench/loops.ts'].map((file) =>
    readFileSync(new URL(file, repository), 'utf8'),
  )
  expect(linesOf(own)).toEqual(linesOf(readme))
  expect(linesOf(own).at(-1)).toBe('sgd.step()')
  const second = own.slice(own.indexOf('export function loopWithoutDx'))
  expect(linesOf(second).join('\n')).toBe(
    linesOf(readme).join('\n').replace('net.backward()', 'net.backward({ inputGrad: false })'),
  )
})

test.each([
  [loop, true],
  [loopWithoutDx, false],
])('%o makes a step, with the gradient of x: %s', (step, hasDx) => {
  useBackend('reference')
  const net = new Sequential(new Linear(2, 3))
  const before = [...net.parameters()[0].data]
  const sgd = new SGD(net.parameters(), { lr: 0.5 })
  const x = ones([4, 2])
  const parts = { net, criterion: new CrossEntropyLoss(), sgd, x, y: tensor(Int32Array.of(0, 0, 1, 2)) }
  const first = step(parts).item()
  expect([...net.parameters()[0].data]).not.toEqual(before)
  expect(step(parts).item()).toBeLessThan(first)
  expect(x.g !== null).toBe(hasDx)
})
