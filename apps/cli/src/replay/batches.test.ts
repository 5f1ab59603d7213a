import { expect, it } from 'vitest'
import { start } from './batches.ts'
import type { RunDescription } from './record.ts'
import { tiny } from './test/tiny.ts'

const drawn = { dataset: 'mnist', batchSize: 2 }
const begin = (about: Partial<RunDescription>) => {
  const record = tiny('float64')
  return start({ ...record, about: { ...record.about, ...about } })
}

it.each<Partial<RunDescription>>([
  { data: 'stored' },
  // What `save` of fixtures/record.py is told beside them changes nothing.
  { data: 'stored', seed: 3 },
  { data: drawn },
  { data: null, seed: 3 },
])(
  'with %j the batches are those in the file, and the state before the first is taken over',
  async (about) => {
    const { twin, batches } = await begin(about)
    expect(twin.parameters.map(([, { data }]) => [...data])).toEqual([[0, 0]])
    expect([...batches].map(([x, y]) => [x.shape, [...x.data], [...y.data]])).toEqual([
      [[1, 1], [1], [0]],
      [[1, 1], [1], [0]],
    ])
  },
)

it('batches of a dataset that nobody knows are refused', async () => {
  await expect(begin({ data: { ...drawn, dataset: 'cifar' }, seed: 3 })).rejects.toThrow(
    `the record's dataset is "cifar", expected mnist or fashion-mnist`,
  )
})
