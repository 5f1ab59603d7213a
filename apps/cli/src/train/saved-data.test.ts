import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RunState, resolveConfig } from '@handgrad/trainer'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { temporaryFolder } from '../test/handgrad.ts'
import { savedData } from './saved-data.ts'

const config = resolveConfig({ lr: 0.1, epochs: 3, threads: 2 })
const data = { dataset: 'mnist', folder: '/mine', digest: 'sha256:0' }
const state = { config, data } as RunState
const { data: _, ...older } = state

let cwd = ''
beforeEach(() => {
  cwd = temporaryFolder()
  vi.stubEnv('INIT_CWD', cwd)
})
afterEach(() => vi.unstubAllEnvs())

const write = (content: unknown): void =>
  writeFileSync(join(cwd, 'config.json'), typeof content === 'string' ? content : JSON.stringify(content))

describe('the state counts', () => {
  it.each([[data, '/mine'] as const, [{ ...data, folder: null }, undefined] as const])(
    '%j',
    async (origin, dataDir) => {
      write({ ...config, dataDir: origin.folder, images: {}, commit: 'x' })
      expect(await savedData('.', { ...state, data: origin })).toEqual({ dataDir, notes: [] })
    },
  )

  it('but for a folder that is given anew', async () => {
    write({ ...config, dataDir: '/mine' })
    expect(await savedData('.', state, { dataDir: 'other', config })).toEqual({
      dataDir: join(cwd, 'other'),
      notes: [],
    })
  })

  it.each(['{"preset": "se', 'null', '3', ''])('where config.json is %j', async (text) => {
    write(text)
    const notes = ['config.json is cut short or no JSON: its state counts, as it does for all else']
    expect(await savedData('.', state)).toEqual({ dataDir: '/mine', notes })
  })

  it('where config.json is gone', async () => {
    const notes = ['config.json is gone: its state counts, as it does for all else']
    expect(await savedData('.', state)).toEqual({ dataDir: '/mine', notes })
  })
})

describe('what was written into config.json since', () => {
  const notesOf = async (written: object, anew: Parameters<typeof savedData>[2] = { config }) => {
    write({ ...config, dataDir: '/mine', ...written })
    return (await savedData('.', state, anew)).notes
  }

  it('is said, and does not count', async () => {
    expect(await notesOf({ lr: 0.5, dataDir: '/other', commit: 'other' })).toEqual([
      `config.json says lr 0.5, dataDir "/other"; the run's state counts, which says lr 0.1, dataDir "/mine"`,
    ])
    expect(await notesOf({ dataDir: null })).toEqual([
      `config.json says dataDir null; the run's state counts, which says dataDir "/mine"`,
    ])
    expect(await notesOf({ epochs: 5 })).toEqual([
      "config.json says epochs 5; the run's state counts, which says epochs 3",
    ])
  })

  it('is said of what no run has, too', async () => {
    const told = 'config.json has weightDecay, which no run has: it is left out'
    expect(await notesOf({ weightDecay: 0.1, images: {}, log: ['csv'], init: 'x' })).toEqual([told])
    expect(await notesOf({ weightDecay: 0.1, epochs: 5 })).toEqual([
      "config.json says epochs 5; the run's state counts, which says epochs 3",
      told,
    ])
  })

  it('is no difference where the same is given anew, or where nothing is written', async () => {
    const anew = { config: { ...config, epochs: 5 }, dataDir: 'there' }
    expect(await notesOf({ epochs: 5, dataDir: join(cwd, 'there'), lr: undefined }, anew)).toEqual([])
    expect(await notesOf({ epochs: 4 }, anew)).toHaveLength(1)
    // Threads are this machine's, whatever was written.
    expect(await notesOf({ threads: 64 })).toEqual([])
    expect(await notesOf({ dataDir: join(cwd, 'elsewhere') }, anew)).toHaveLength(1)
  })
})

describe('older runs have it in config.json alone', () => {
  it('a path as it was typed is said', async () => {
    write({ ...config, dataDir: 'data' })
    const dataDir = join(cwd, 'data')
    const notes = [`this older run has its data in 'data': taken from ${dataDir}, and not compared`]
    expect(await savedData('.', older)).toEqual({ dataDir, notes })
  })

  it('an absolute one, none, one that is given anew', async () => {
    write({ ...config, dataDir: '/mine' })
    expect(await savedData('.', older)).toEqual({ dataDir: '/mine', notes: [] })
    write({ ...config, dataDir: null })
    expect(await savedData('.', older)).toEqual({ dataDir: undefined, notes: [] })
    write({})
    const { dataDir } = await savedData('.', older, { dataDir: 'x', config })
    expect(dataDir).toBe(join(cwd, 'x'))
  })

  it.each([
    ['{"preset": ', 'config.json is cut short or no JSON'],
    ['{}', 'config.json has no dataDir'],
    [null, 'config.json is gone'],
  ])('which is %j: they go on with no other', async (text, why) => {
    if (text !== null) write(text)
    await expect(savedData('.', older)).rejects.toThrow(
      `${why}, and the state of this older run does not say which data it is made with: name it with handgrad train --resume . --data-dir <folder>`,
    )
  })
})
