import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeWhole } from './files.ts'
import { temporaryFolder } from './test/handgrad.ts'

it('writes whole, over what a killed process of the same number left behind', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'state')
  writeFileSync(`${path}.${process.pid}.tmp`, 'half a st')
  await writeWhole(path, 'first')
  await writeWhole(path, Uint8Array.of(50))
  expect(readFileSync(path, 'utf8')).toBe('2')
  expect(readdirSync(folder)).toEqual(['state'])
})

it('what cannot be written is said, and leaves nothing behind', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'taken'))
  await expect(writeWhole(join(folder, 'taken'), 'x')).rejects.toThrow(/^cannot write .*taken: /)
  expect(readdirSync(folder)).toEqual(['taken'])
  await expect(writeWhole(join(folder, 'none', 'x'), 'x')).rejects.toThrow('no such file or directory')
})
