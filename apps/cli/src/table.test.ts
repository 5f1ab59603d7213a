import { expect, test } from 'vitest'
import { type Column, header, rowOf } from './table.ts'

const columns: readonly Column<readonly [string, number]>[] = [
  { title: 'name', width: 6, cell: ([name]) => name },
  { title: 'count', width: 7, align: 'right', cell: ([, count]) => String(count) },
  { title: 'note', width: 9, cell: () => '' },
]

test('names stand to the left, numbers to the right, and nothing trails', () => {
  expect(header(columns)).toBe('name      count  note')
  expect(rowOf(columns, ['conv', 12])).toBe('conv         12')
  expect(rowOf(columns, ['linear-too', 1_234_567])).toBe('linear-too  1234567')
})
