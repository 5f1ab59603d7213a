import { useThreads } from '@handgrad/tensor'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareGraph, graphWays } from './test/compare-graph.ts'
import { FIRST_LINES } from './test/graphs.ts'

const SEEDS = Array.from({ length: 40 }, (_, seed) => seed)
const OF_LINES = Array.from({ length: 24 }, (_, i) => FIRST_LINES + i)

beforeAll(() => void useThreads(8))
afterAll(() => void useThreads(1))

describe.each(graphWays)('%s', (way) => {
  test.each([...SEEDS, ...OF_LINES])(
    'network %i gives on kernels, on any number of threads, what reference gives',
    (seed) => {
      expect(compareGraph(seed, way, seed % 8 === 0 ? [1, 2, 3, 8] : [1])).toBe(null)
    },
  )
})
