import { Generator } from '@handgrad/tensor'
import { expect, test } from 'vitest'
import cases from '../../../../fixtures/data/words.json' with { type: 'json' }
import { drawSeed } from './sampler.ts'

test.each(cases)("a seed is torch's random_() of int64: seed $seed", ({ seed, words }) => {
  const generator = new Generator(seed)
  expect(words.map(() => String(drawSeed(generator)))).toEqual(words)
})
