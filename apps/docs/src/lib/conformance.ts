import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cell } from '../../../cli/src/conformance/compare.ts'
import type { SentTensor } from '../../../cli/src/conformance/question.ts'
import { RESULTS_SCHEMA, type Results, type Row } from '../../../cli/src/conformance/results.ts'
import { root } from './source.ts'

/** What `pnpm conformance --save` wrote. @throws Error for another schema. */
export function conformance(): Results {
  const results = JSON.parse(readFileSync(join(root, 'bench/conformance/results.json'), 'utf8')) as Results
  if (results.schema !== RESULTS_SCHEMA)
    throw new Error(`bench/conformance/results.json has schema ${results.schema}, expected ${RESULTS_SCHEMA}`)
  return results
}

const digits = (value: number | string): string =>
  typeof value === 'number'
    ? String(Number(value.toPrecision(6)))
    : value.replace('Infinity', '∞').replace('-', '−')

/** `y = 1, dx = 1 0 0 0`: tensors with their elements row by row. */
export function written(tensors: Readonly<Record<string, SentTensor>>): string {
  return Object.entries(tensors)
    .map(([name, { data }]) => {
      const same = data.length > 8 && data.every((value) => value === data[0])
      return `${name} = ${same ? `${data.length} × ${digits(data[0])}` : data.map(digits).join(' ')}`
    })
    .join(', ')
}

/** The smallest input: what was given, and with which options. */
export function asked({ question: { tensors, options } }: Row): string {
  const told = Object.entries(options).filter(([, value]) => value !== undefined && value !== null)
  return [written(tensors), ...told.map(([name, value]) => `${name} ${JSON.stringify(value)}`)].join(', ')
}

/** What stands in a cell of the table. */
export function cellText({ verdict, outputs, says }: Cell): string {
  if (verdict === 'same') return 'same'
  return verdict === 'other' ? written(outputs ?? {}) : `${verdict}: ${says ?? ''}`
}

/** How PyTorch's values of a row are known. */
export function known({ reference: { by } }: Row): string {
  return 'golden' in by ? `golden case ${by.golden}` : `documented: ${by.documented}`
}
