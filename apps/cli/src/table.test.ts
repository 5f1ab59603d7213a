import { expect, test } from 'vitest'
import { type Column, fitting, header, rowOf } from './table.ts'

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

test('what does not fit is left out from the right, what is to be kept last of all', () => {
  const [name, count, note] = columns
  const kept = { ...note, keep: true }
  // 6 + 2 + 7 + 2 + 9 characters.
  expect(fitting(columns, 26)).toEqual([name, count, note])
  expect(fitting(columns, 25)).toEqual([name, count])
  expect(fitting([name, count, kept], 25)).toEqual([name, kept])
  expect(fitting([name, count, kept], 17)).toEqual([name, kept])
  expect(fitting([name, count, kept], 16)).toEqual([kept])
  expect(fitting([{ ...name, keep: true }, count, kept], 16)).toEqual([{ ...name, keep: true }])
  expect(fitting(columns, 1)).toEqual([name])
})
