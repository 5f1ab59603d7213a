import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { exitCodes } from '../errors.ts'
import { temporaryFolder } from '../test/handgrad.ts'
import { digestsOf } from './digests.ts'
import { changedFile, loadOwnNetwork, modelName, modelOption, namedNetwork } from './own-network.ts'

let cwd = ''
beforeEach(() => {
  cwd = temporaryFolder()
  vi.stubEnv('INIT_CWD', '')
  vi.spyOn(process, 'cwd').mockReturnValue(cwd)
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('a module that makes no network is refused in one line', () => {
  const expected = 'expected a function that makes a Sequential'
  test.each([
    ['a syntax error', 'export default (', /^cannot be loaded: \S.*$/],
    ['an error of several lines', 'throw new Error("no\\n  luck")', /^cannot be loaded: no luck$/],
    ['what is no error', 'throw undefined', /^cannot be loaded: undefined$/],
    ['a package that is not there', 'import "not-installed"', /^cannot be loaded: .*not-installed/],
    ['no export', '', new RegExp(`^has nothing as its default export or net, ${expected}$`)],
    [
      'another export',
      'export const network = () => 1',
      new RegExp(`^has nothing as its default export or net, ${expected}$`),
    ],
    ['a number', 'export const net = 3', new RegExp(`^has 3 as its default export or net, ${expected}$`)],
    ['null', 'export const net = null', /^has null as its default export or net, /],
    ['an object', 'export default new Map()', /^has a Map as its default export or net, /],
    ['one without a class', 'export default Object.create(null)', /^has an object as its /],
    [
      'one that makes nothing',
      'export default () => {}',
      /^makes nothing, expected a Sequential of this program's @handgrad\/layers$/,
    ],
    [
      'one that makes something else',
      'export const net = () => [1]',
      /^makes an array, expected a Sequential /,
    ],
    ['one that makes it later', 'export default async () => {}', /^makes a Promise, expected a Sequential /],
    [
      'one that makes a function',
      'export default () => () => 1',
      /^makes a function, expected a Sequential /,
    ],
    ['a class of its own', 'export default class Net {}', /^makes a Net, expected a Sequential /],
    [
      'one that throws',
      'export default () => { throw new Error("bad\\nsizes") }',
      /^making the network: bad sizes$/,
    ],
  ])('%s', async (_, source, problem) => {
    writeFileSync(join(cwd, 'net.mjs'), source)
    const error = await loadOwnNetwork('./net.mjs').catch((thrown: unknown) => thrown as Error)
    expect(error).toMatchObject({ exitCode: exitCodes.usage })
    const { message } = error as Error
    expect(message.slice(0, 19)).toBe('--model ./net.mjs: ')
    expect(message.slice(19)).toMatch(problem)
  })

  test('a file that is not there, and one that never is done', async () => {
    await expect(loadOwnNetwork('./none.ts')).rejects.toThrow('--model ./none.ts: there is no such file')
    writeFileSync(join(cwd, 'slow.mjs'), 'await new Promise(() => {})')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const loading = loadOwnNetwork('./slow.mjs').catch((thrown: unknown) => thrown as Error)
    while (vi.getTimerCount() === 0) await new Promise((resolve) => void setImmediate(resolve))
    await vi.advanceTimersByTimeAsync(30_000)
    const late = '--model ./slow.mjs: cannot be loaded: it is not done after 30 s'
    expect((await loading) as Error).toHaveProperty('message', late)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('digests', () => {
  const write = (name: string, text: string): void => {
    mkdirSync(join(cwd, name, '..'), { recursive: true })
    writeFileSync(join(cwd, name), text)
  }
  const sum = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`

  test('are of the module, and of what it imports by a path, each once', async () => {
    const files: Record<string, string> = {
      'a/net.ts': `import { x } from "./parts/b.ts"\nexport { y } from '../c.ts'\nimport './side.ts'\nimport fs from 'node:fs'`,
      'a/parts/b.ts': `const d = await import('./d.json')\nimport '../net.ts' // in a circle\nrequire("./none.cjs")`,
      'a/parts/d.json': '{}',
      'a/side.ts': '// from "./unquoted.ts is open',
      'c.ts': 'export const y = 1',
    }
    for (const [name, text] of Object.entries(files)) write(name, text)
    write('a/other.ts', '')
    const found = await digestsOf(join(cwd, 'a/net.ts'))
    expect(Object.entries(found)).toEqual([
      ['../c.ts', sum(files['c.ts'])],
      ['net.ts', sum(files['a/net.ts'])],
      ['parts/b.ts', sum(files['a/parts/b.ts'])],
      ['parts/d.json', sum(files['a/parts/d.json'])],
      ['side.ts', sum(files['a/side.ts'])],
    ])
  })

  test('say which file is another', () => {
    const files = { 'a.ts': '1', 'b.ts': '2' }
    expect(changedFile({ files }, { files: { ...files } })).toBeNull()
    expect(changedFile({ files: { ...files, 'b.ts': '3' } }, { files })).toBe('b.ts')
    expect(changedFile({ files: { 'a.ts': '1' } }, { files })).toBe('b.ts')
    expect(changedFile({ files }, { files: { 'a.ts': '1' } })).toBe('b.ts')
  })
})

test('--model takes a name or a path', async () => {
  const option = modelOption('which')
  expect([option.flags, option.description, option.argChoices]).toEqual([
    '--model <model>',
    'which',
    ['seed', 'lenet5', 'wide', 'mlp'],
  ])
  const parse = (text: string): unknown => option.parseArg!(text, undefined)
  expect([parse('mlp'), parse('./net.ts')]).toEqual(['mlp', './net.ts'])
  expect(() => parse('resnet')).toThrow('expected seed, lenet5, wide, mlp, or the path of a module')
  expect([await namedNetwork('mlp'), await namedNetwork(undefined)]).toEqual(['mlp', undefined])
  await expect(namedNetwork('./net.ts')).rejects.toThrow('there is no such file')
  expect([modelName('mlp'), modelName('/a/b/net.ts')]).toEqual(['mlp', 'net.ts'])
})
