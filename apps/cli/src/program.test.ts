import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { load, summaryOf } from './program.ts'
import { inProcess, temporaryFolder } from './test/handgrad.ts'

const names = readdirSync(new URL('./commands/', import.meta.url))
  .filter((file) => /^[a-z-]+\.ts$/.test(file))
  .map((file) => file.replace('.ts', ''))

test.each(names)('the one line of %s is what its module says', async (name) => {
  expect(await summaryOf(name)).toBe((await load(name)).summary)
})

test('the list of commands has all of them, in order, each with its line', async () => {
  const { code, out } = await inProcess(temporaryFolder(), ['--help'])
  expect(code).toBe(0)
  const listed = [...out.matchAll(/^ {2}([a-z]+)(?: \S+)* {2,}\S/gm)].map(([, name]) => name)
  expect(listed.filter((name) => names.includes(name))).toEqual(names.toSorted())
})

test('help of one command has its options, in both ways', async () => {
  const cwd = temporaryFolder()
  const [short, long] = [await inProcess(cwd, ['help', 'eval']), await inProcess(cwd, ['eval', '--help'])]
  expect([short.code, short.out]).toEqual([0, long.out])
  expect(short.out).toContain('--part <part>')
})

test('a command that is none is said, and a near one named', async () => {
  const { code, err } = await inProcess(temporaryFolder(), ['trian'])
  expect([code, err]).toEqual([2, "error: unknown command 'trian' (Did you mean train?)\n"])
})
