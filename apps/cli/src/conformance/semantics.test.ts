import { packSources } from '@handgrad/gradcheck/node'
import type { Tensor } from '@handgrad/tensor'
import { tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { repository } from '../repository.ts'
import { type CaseTensors, semantics } from './semantics.ts'

const folders = [...new Set(semantics.map(({ golden }) => golden.split('/')[0]))]
const sources = await packSources(repository, { folders })

/** The inputs and PyTorch's float64 results of a case. */
function tensorsOf(id: string): { given: CaseTensors; result: CaseTensors } {
  const [folder, name] = id.split('/')
  const { fixture } = sources.find((source) => source.folder === folder)!
  const below = (all: Record<string, unknown>, prefix: string): CaseTensors =>
    Object.fromEntries(
      Object.entries(all)
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, value]) => [key.slice(prefix.length), value as Tensor]),
    )
  return { given: below(fixture.inputs, `${name}/`), result: below(fixture.golden, `${name}/float64/`) }
}

describe('what the semantics page says is what the golden values are', () => {
  it.each(semantics.map((one) => [one.what, one] as const))('%s', (_, { golden, holds }) => {
    const { given, result } = tensorsOf(golden)
    expect(Object.keys(result).length, golden).toBeGreaterThan(0)
    expect(holds(given, result)).toBe(true)
  })

  it.each(semantics.map((one) => [one.what, one] as const))(
    '%s: not of other values',
    (_, { golden, holds }) => {
      const { given, result } = tensorsOf(golden)
      const other = Object.fromEntries(
        Object.entries(result).map(([name, x]) => [
          name,
          tensor(
            Array.from({ length: x.data.length + 1 }, (__, i) => 1.37 + i * i),
            [x.data.length + 1],
            { dtype: 'float64' },
          ),
        ]),
      )
      expect(holds(given, other)).toBe(false)
    },
  )
})

it('every folder that is named has golden cases', () => {
  expect(sources.flatMap((source) => (source.spec === null ? [] : [source.folder])).sort()).toEqual(
    [...folders].sort(),
  )
})
