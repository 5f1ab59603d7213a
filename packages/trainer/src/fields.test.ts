import { availableParallelism } from 'node:os'
import { datasets } from '@handgrad/data'
import { backends } from '@handgrad/tensor'
import { describe, expect, test } from 'vitest'
import type { TrainConfig } from './config.ts'
import { checkField, type FieldName, fields } from './fields.ts'
import { ConfigError, resolveConfig } from './resolve-config.ts'

interface Row {
  /** Where neither the user nor the preset says; undefined where every preset does. */
  readonly default: unknown
  readonly takes: readonly unknown[]
  readonly refuses: readonly unknown[]
  readonly expected: string
}

const none = [null, undefined, Number.NaN, Infinity, [], {}]
const list = (names: readonly string[]): string => `expected ${names.join(', ')}`
const chosen = (standard: string | undefined, names: readonly string[]): Row => ({
  default: standard,
  takes: names,
  refuses: ['', 'toString', `${names[0]} `, names[0].toUpperCase(), 0, true, ...none],
  expected: list(names),
})

/** What a field takes and what it does not, around each of its limits. */
const rows: Record<FieldName, Row> = {
  preset: chosen('default', ['default', 'seed', 'fast', 'accurate']),
  dataset: chosen('mnist', ['mnist', 'fashion-mnist']),
  model: {
    ...chosen('seed', ['seed', 'lenet5', 'wide', 'mlp']),
    refuses: ['', 'toString', 'seed ', 'SEED', 0, true, ['mlp'], { toString: () => 'mlp' }, ...none],
    expected: 'expected seed, lenet5, wide, mlp, or the path of a module',
  },
  epochs: {
    default: undefined,
    takes: [1, 2, 1e6, Number.MAX_SAFE_INTEGER],
    refuses: [0, -1, 1.5, '3', true, 2 ** 53, ...none],
    expected: 'expected a whole number, 1 or more',
  },
  batchSize: {
    default: undefined,
    takes: [1, 2, 60_000],
    refuses: [0, -64, 0.5, '64', true, 2 ** 53, ...none],
    expected: 'expected a whole number, 1 or more',
  },
  optimizer: chosen(undefined, ['sgd', 'adam']),
  lr: {
    default: undefined,
    takes: [5e-324, 0.1, 1, 1e30],
    refuses: [0, -0.1, -0, -Infinity, '0.1', true, ...none],
    expected: 'expected a number above 0',
  },
  momentum: {
    default: undefined,
    takes: [0, 0.5, 1 - 2 ** -53],
    refuses: [1, -(2 ** -53), 2, '0.9', true, ...none],
    expected: 'expected a number from 0 to below 1',
  },
  schedule: chosen(undefined, ['constant', 'step', 'one-cycle']),
  shift: {
    default: 0,
    takes: [0, 1, 13, 14],
    refuses: [-1, 15, 0.5, '1', true, ...none],
    expected: 'expected a whole number, 0 to 14',
  },
  seed: {
    default: 0,
    takes: [0, 1, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
    refuses: [0.5, 2 ** 53, -(2 ** 53), '0', true, ...none],
    expected: 'expected a whole number',
  },
  backend: { ...chosen('simd', ['reference', 'simd-plain', 'simd']) },
  threads: {
    default: availableParallelism(),
    takes: [1, 2, 255, 256],
    refuses: [0, 257, 1.5, '2', true, ...none],
    expected: 'expected a whole number, 1 to 256',
  },
  turbo: {
    default: false,
    takes: [true, false],
    refuses: [0, 1, 'true', ...none],
    expected: 'expected true or false',
  },
  limit: {
    default: null,
    takes: [null, 2, 3, 60_000],
    refuses: [0, 1, 2.5, '2', true, undefined, Number.NaN, Infinity, [], {}],
    expected: 'expected a whole number, 2 or more',
  },
  earlyStop: {
    default: null,
    takes: [null, 1, 2, 60],
    refuses: [0, -1, 2.5, '2', true, undefined, Number.NaN, Infinity, [], {}],
    expected: 'expected a whole number, 1 or more',
  },
}

test('every field has its row, in the order of help and config.json', () => {
  expect(Object.keys(fields)).toEqual(Object.keys(rows))
  expect(Object.keys(resolveConfig()).toSorted()).toEqual(Object.keys(rows).toSorted())
})

test('each field says what it is for, and no two the same', () => {
  const texts = Object.values(fields).map(({ description }) => description)
  expect(new Set(texts).size).toBe(texts.length)
  expect(texts.filter((text) => text.length < 10)).toEqual([])
})

test('datasets and backends are those that there are', () => {
  expect(fields.dataset.choices!()).toEqual(datasets.map(({ name }) => name))
  expect(fields.backend.choices!()).toEqual(backends())
})

const shown = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : String(value))

describe.each(Object.entries(rows) as [FieldName, Row][])('%s', (name, row) => {
  test('its default', () => expect(fields[name].default).toBe(row.default))

  test.each([...row.takes])('takes %s', (value) => {
    expect(checkField(name, value)).toBe(null)
    // Adam has no momentum of this name, and `preset` brings its own optimizer.
    expect(resolveConfig({ optimizer: 'sgd', [name]: value })[name]).toBe(value)
  })

  test.each([...row.refuses])('refuses %s', (value) => {
    expect(checkField(name, value)).toBe(row.expected)
    // What is undefined was not given.
    if (value === undefined) return
    const attempt = (): TrainConfig => resolveConfig({ [name]: value })
    expect(attempt).toThrow(new ConfigError(name, `${name} is ${shown(value)}: ${row.expected}`))
    expect(attempt).toThrow(expect.objectContaining({ name: 'ConfigError', field: name }) as Error)
  })

  test('lists its choices where there are some', () => {
    const words = row.expected.includes(', ') && typeof row.takes[0] === 'string'
    expect(fields[name].choices?.()).toEqual(words ? row.takes : undefined)
  })
})
