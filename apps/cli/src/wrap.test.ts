import { expect, test } from 'vitest'
import { recordedChannel } from './test/io.ts'
import { paragraph, wrapped } from './wrap.ts'

test('lines are as full as they can be, and broken between words', () => {
  expect(wrapped('one two three four', 9)).toEqual(['one two', 'three', 'four'])
  expect(wrapped('one two three four', 7)).toEqual(['one two', 'three', 'four'])
  expect(wrapped('one two three four', 6)).toEqual(['one', 'two', 'three', 'four'])
  expect(wrapped('one two three four', 18)).toEqual(['one two three four'])
  expect(wrapped('uninterruptible it is', 4)).toEqual(['uninterruptible', 'it', 'is'])
  expect(wrapped('', 4)).toEqual([''])
})

test('colours take no room', () => {
  const bold = '\u001B[1mone\u001B[22m'
  expect(wrapped(`${bold} two three`, 7)).toEqual([`${bold} two`, 'three'])
})

test('only a terminal has an end of its lines', () => {
  const [terminal, pipe] = [recordedChannel(true, 9), recordedChannel(false, 9)]
  for (const channel of [terminal, pipe]) paragraph(channel, 'one two three four')
  expect(terminal.text).toBe('one two\nthree\nfour\n')
  expect(pipe.text).toBe('one two three four\n')
})
