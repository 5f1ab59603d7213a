import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { currentBackend, useBackend } from '@handgrad/tensor'
import { presets } from '@handgrad/trainer'
import { afterEach, expect, test } from 'vitest'
import { inProcess, linesOf, temporaryFolder } from '../test/handgrad.ts'
import { trained } from '../test/trained.ts'

const inForce = currentBackend()
afterEach(() => useBackend(inForce))

test('an --out that holds something is refused before the data is read', async () => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'mine'), '')
  const { code, err } = await inProcess(cwd, 'train --data-dir none --out .'.split(' '))
  expect([code, err]).toEqual([
    1,
    'error: --out . is not empty (it holds mine): name a new or an empty folder\n',
  ])
})

test('a run goes on with its own data, and with what its state says, not its config.json', async () => {
  const { source, data, state } = await trained()
  const edited = { ...state.config, dataDir: data, lr: 0.5, epochs: 7 }
  writeFileSync(join(source, 'config.json'), JSON.stringify(edited))
  rmSync(data, { recursive: true })
  const before = readdirSync(source)
  const { code, out, err } = await inProcess(temporaryFolder(), [
    'train',
    '--resume',
    source,
    '--epochs',
    '7',
  ])
  expect([code, out]).toEqual([1, ''])
  const [note, error, ...more] = linesOf(err)
  expect(note).toBe("note: config.json says lr 0.5; the run's state counts, which says lr 0.1")
  expect(error).toMatch(/^error: /)
  expect(error).toContain(data)
  expect(more).toEqual([])
  expect(readdirSync(source)).toEqual(before)
})

test('--help has a column of presets, and one of what they are', async () => {
  const { out } = await inProcess(temporaryFolder(), ['train', '--help'])
  const [, list] = /\nPresets:\n(.*?)\n\n/s.exec(out)!
  const width = Math.max(...Object.keys(presets).map((name) => name.length))
  const expected = Object.entries(presets).map(
    ([name, { description }]) => `  ${name}${' '.repeat(width - name.length + 2)}${description}`,
  )
  expect(list.split('\n')).toEqual(expected)
})
