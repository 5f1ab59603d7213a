import { Generator, type Tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { conv1d } from '../src/explorers/conv1d.ts'
import { conv2d } from '../src/explorers/conv2d.ts'
import { dropout } from '../src/explorers/dropout.ts'
import { type Explorer, flatIndex, indices, product } from '../src/explorers/explorer.ts'
import { flatten } from '../src/explorers/flatten.ts'
import { linear } from '../src/explorers/linear.ts'
import { maxPool2d } from '../src/explorers/max-pool2d.ts'
import { relu } from '../src/explorers/relu.ts'

const explorers = [conv1d, conv2d, dropout, flatten, linear, maxPool2d, relu] as unknown as Explorer[]

/** Settings drawn by chance from each option's range, and the starting ones. */
function settings({ options }: Explorer, count: number): Record<string, number>[] {
  const generator = new Generator(7)
  const start = Object.fromEntries(Object.entries(options).map(([name, { value }]) => [name, value]))
  const drawn = Array.from({ length: count }, () =>
    Object.fromEntries(
      Object.entries(options).map(([name, { min, max }]) => [
        name,
        min + Math.floor(generator.random53() * (max - min + 1)),
      ]),
    ),
  )
  return [start, ...drawn]
}

/** Cells of `tensors` whose explained products do not add up to what the library computed; and how many were looked at. */
function disagreements(
  explorer: Explorer,
  values: Record<string, number>,
): { looked: number; wrong: string[] } {
  const inputs = explorer.inputs(values)
  const tensors: Record<string, Tensor> = { ...inputs, ...explorer.run(inputs, values) }
  const wrong: string[] = []
  let looked = 0
  for (const [name, tensor] of Object.entries(tensors)) {
    if (name in inputs) continue
    for (const index of indices(tensor.shape)) {
      const explanation = explorer.explain(name, index, tensors, values)
      if (explanation === null) continue
      looked += 1
      const sum = explanation.terms.reduce((total, term) => total + product(term), 0)
      if (Math.abs(sum - tensor.data[flatIndex(tensor.shape, index)]) > 1e-12)
        wrong.push(`${name}[${index.join()}]`)
    }
  }
  return { looked, wrong }
}

describe.each(explorers.map((explorer) => [explorer.id, explorer] as const))(
  'explorer %s',
  (_id, explorer) => {
    it('explains every cell by products that add up to what the library computes', () => {
      let looked = 0
      for (const values of settings(explorer, 40)) {
        try {
          explorer.inputs(values)
        } catch (error) {
          // A window that does not fit: the page shows this message.
          expect((error as Error).message).toMatch(/window reaches over|padding is/)
          continue
        }
        let found: ReturnType<typeof disagreements>
        try {
          found = disagreements(explorer, values)
        } catch (error) {
          expect((error as Error).message).toMatch(/padding is/)
          continue
        }
        expect(found.wrong, JSON.stringify(values)).toEqual([])
        looked += found.looked
      }
      expect(looked).toBeGreaterThan(20)
    })
  },
)

describe('the numbers that an explorer starts with', () => {
  it('leave no product of Conv2d out by chance, nor a gradient of all zeros', () => {
    for (const values of [
      conv2d.options,
      { ...conv2d.options, stride: { value: 2 }, dilation: { value: 2 } },
    ]) {
      const chosen = Object.fromEntries(Object.entries(values).map(([name, { value }]) => [name, value]))
      const { w, dy } = (conv2d as unknown as Explorer).inputs(chosen)
      expect([...w.data, ...dy.data].filter((value) => value === 0)).toEqual([])
      expect(new Set(w.data).size).toBeGreaterThan(3)
    }
  })
})
