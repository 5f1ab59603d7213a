import { expect, test } from 'vitest'
import { CliError } from './errors.ts'
import { newKeeper } from './keeper.ts'

const full = (name: string) => async (): Promise<void> => {
  throw new CliError(`cannot write ${name}:\n no space left on device`)
}
const works = async (): Promise<void> => {}

test('what cannot be written is told once, and at the end', async () => {
  const keeper = newKeeper()
  expect(await keeper.keep('a', works)).toBeNull()
  expect(() => keeper.check()).not.toThrow()
  expect(await keeper.keep('a', full('a'))).toBe('cannot write a: no space left on device')
  expect(await keeper.keep('a', full('a'))).toBeNull()
  expect(await keeper.keep('b', full('b'))).toBe('cannot write b: no space left on device')
  expect(() => keeper.check()).toThrow(
    new CliError('cannot write a: no space left on device; cannot write b: no space left on device'),
  )
})

test('what was written at a later try is not missing, and is told anew if it fails again', async () => {
  const keeper = newKeeper()
  await keeper.keep('a', full('a'))
  expect(await keeper.keep('a', works)).toBeNull()
  expect(() => keeper.check()).not.toThrow()
  expect(await keeper.keep('a', full('a'))).toBe('cannot write a: no space left on device')
})
