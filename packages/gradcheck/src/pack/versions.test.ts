import { expect, test } from 'vitest'
import { versionsOf } from './versions.ts'

test('one version has no others', () => {
  expect(versionsOf({ a: '2.13.0', b: '2.13.0' })).toEqual({ torch: '2.13.0' })
  expect(versionsOf({ a: '1.13.0' })).toEqual({ torch: '1.13.0' })
})

test('of several the one of most folders, and by folder the others', () => {
  expect(versionsOf({ a: '1.13', b: '2.13', c: '2.12', d: '2.13' })).toEqual({
    torch: '2.13',
    otherTorch: { a: '1.13', c: '2.12' },
  })
})

test('of as many the first', () => {
  expect(versionsOf({ a: '2.13', b: '1.13' })).toEqual({ torch: '2.13', otherTorch: { b: '1.13' } })
})

test('nothing is no pack', () => {
  expect(() => versionsOf({})).toThrow('there are no golden values to pack')
})
