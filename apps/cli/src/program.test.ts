import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { define } from './command.ts'
import { load, newProgram, summaryOf } from './program.ts'
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

test.each(names)(
  'help of %s has its options on lines of 40 characters, where a terminal is no wider',
  async (name) => {
    const command = newProgram().command(name)
    define(command, await load(name))
    command.configureOutput({ getOutHelpWidth: () => 40 })
    const lines = command.helpInformation().split('\n')
    expect(lines.filter((line) => line.length > 40 && !line.startsWith('Usage: '))).toEqual([])
    expect(lines.filter((line) => /default: ?\)/.test(line))).toEqual([])
  },
)

test('a command that is none is said, and a near one named', async () => {
  const { code, err } = await inProcess(temporaryFolder(), ['trian'])
  expect([code, err]).toEqual([2, "error: unknown command 'trian' (Did you mean train?)\n"])
})
