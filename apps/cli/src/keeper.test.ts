import { expect, test } from 'vitest'
import { CliError } from './errors.ts'
import { newKeeper } from './keeper.ts'

const full = (name: string) => async (): Promise<void> => {
  throw new CliError(`cannot write ${name}:\n no space left on device`)
}
const works = async (): Promise<void> => {}

test('what cannot be written is told once, and at the end', async () => {
  const { keep, check } = newKeeper()
  expect(await keep('a', works)).toBeNull()
  expect(check).not.toThrow()
  expect(await keep('a', full('a'))).toBe('cannot write a: no space left on device')
  expect(await keep('a', full('a'))).toBeNull()
  expect(await keep('b', full('b'))).toBe('cannot write b: no space left on device')
  expect(check).toThrow(
    new CliError('cannot write a: no space left on device; cannot write b: no space left on device'),
  )
})

test('what was written at a later try is not missing, and is told anew if it fails again', async () => {
  const { keep, check } = newKeeper()
  await keep('a', full('a'))
  expect(await keep('a', works)).toBeNull()
  expect(check).not.toThrow()
  expect(await keep('a', full('a'))).toBe('cannot write a: no space left on device')
})
