import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { browserMissing } from '../browser.ts'
import { closeBrowser, open, serveWith } from './browser.ts'
import { tarballs } from './setup.ts'
import { end, isMissing, nodes, output, tool } from './tools.ts'

const packed = inject('packed')
const files = tarballs(packed)
const home = join(packed, 'create')
const command = join(home, 'node_modules/create-handgrad/index.js')

beforeAll(() => {
  mkdirSync(home)
  writeFileSync(join(home, 'package.json'), '{ "private": true }')
  output('npm', ['install', '--no-audit', '--no-fund', files['create-handgrad']], home)
})

afterAll(closeBrowser)

const create = (...args: string[]): ReturnType<typeof end> => end(process.execPath, [command, ...args], home)

describe('npm create handgrad', () => {
  it('refuses a folder that holds something, a file and what it does not know, in one line', () => {
    mkdirSync(join(home, 'full'))
    writeFileSync(join(home, 'full/notes.txt'), 'mine')
    for (const [args, status, stderr] of [
      [['full'], 1, 'error: full is not empty, expected a new or an empty folder\n'],
      [['full/notes.txt'], 1, 'error: full/notes.txt is a file, expected a new or an empty folder\n'],
      [['a', 'b'], 2, 'error: expected one folder, got 2: a b\n'],
      [
        ['--tempalte'],
        2,
        'error: there is no option --tempalte; npm create handgrad -- --help says what there is\n',
      ],
    ] as const)
      expect(create(...args)).toEqual({ status, stdout: '', stderr })
    expect(readdirSync(join(home, 'full'))).toEqual(['notes.txt'])
  })

  it('takes an empty repository, and names the project as npm allows it', () => {
    mkdirSync(join(home, '_My Net!/.git'), { recursive: true })
    expect(create('_My Net!')).toMatchObject({ status: 0, stderr: '' })
    const { name } = JSON.parse(readFileSync(join(home, '_My Net!/package.json'), 'utf8')) as { name: string }
    expect(name).toBe('my-net')
    expect(create()).toMatchObject({ status: 0, stdout: expect.stringContaining('  cd handgrad-project\n') })
    expect(create('--help')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Usage: npm create/) })
  })

  it.skipIf(isMissing(nodes['18']))('says to Node 18 which one it needs', () => {
    expect(end(nodes['18'].path!, [command, 'old'], home)).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: handgrad needs Node 20 or newer; this is Node 18.20.8\n',
    })
    expect(readdirSync(home)).not.toContain('old')
  })
})

describe.skipIf(isMissing(nodes['20']))('the project that it makes', () => {
  const project = join(home, 'net')
  const run = (...args: string[]): string => output('npm', ['--silent', ...args], project, nodes['20'].path!)

  beforeAll(() => {
    output(process.execPath, [command, 'net'], home)
    const path = join(project, 'package.json')
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, string>>
    const own = (dependencies: Record<string, string>): Record<string, string> =>
      Object.fromEntries(Object.entries(dependencies).map(([name, range]) => [name, files[name] ?? range]))
    // The registry has none of them yet: everything else is as a user has it.
    manifest['dependencies'] = own(manifest['dependencies'])
    manifest['devDependencies'] = own(manifest['devDependencies'])
    const { 'create-handgrad': _, ...overrides } = files
    writeFileSync(path, JSON.stringify({ ...manifest, overrides }, null, 2))
    run('install', '--engine-strict', '--no-audit', '--no-fund', '--prefer-offline')
  })

  it('keeps what it makes out of git', () => {
    expect(readdirSync(project)).toContain('.gitignore')
    expect(readFileSync(join(project, '.gitignore'), 'utf8')).toContain('node_modules/')
  })

  it('trains, and names most of the test images right', () => {
    const stdout = run('run', 'train', '--', '100')
    const [, share] =
      /([\d.]+) % of the test images are named right; wrote model\.safetensors\n$/.exec(stdout) ?? []
    expect(Number(share), stdout).toBeGreaterThan(85)
  })

  it("tests its own layer's gradient", () => {
    expect(run('test')).toMatch(/# pass 2|ℹ pass 2/)
    const layer = join(project, 'src/swish.ts')
    const right = readFileSync(layer, 'utf8')
    writeFileSync(layer, right.replace('(1 - s))', '(1 + s))'))
    expect(end('npm', ['test'], project, nodes['20'].path!)).toMatchObject({ status: 1 })
    writeFileSync(layer, right)
  })

  it('has types that fit', () => {
    run('run', 'check')
  })

  it.skipIf(browserMissing())('runs in a page, built and from the dev server', async () => {
    run('run', 'build')
    const pages = [
      ['preview', '#result', /^(8[5-9]|9\d)\.\d\d % of the test images are named right$/],
      ['dev', '#progress', /^step \d+ of 100: loss \d/],
    ] as const
    for (const [mode, place, expected] of pages) {
      const vite = [join(project, 'node_modules/vite/bin/vite.js'), mode, '--port', '0']
      const server = await serveWith(vite, project)
      const { page, errors, close } = await open(`${server.url}/?steps=100`)
      try {
        await page.waitForFunction(
          ([where, text]) => new RegExp(text).test(document.querySelector(where)!.textContent),
          [place, expected.source],
          { timeout: 120_000 },
        )
        expect(await page.textContent('#where')).toMatch(/^on simd(-plain)?$/)
        expect(errors).toEqual([])
      } finally {
        await close()
        await server.close()
      }
    }
  })
})

it('the template builds with the Vite that is tested here', () => {
  const { devDependencies } = JSON.parse(
    readFileSync(join(home, 'node_modules/create-handgrad/template/package.json'), 'utf8'),
  ) as { devDependencies: Record<string, string> }
  const { version } = JSON.parse(readFileSync(tool('vite/package.json'), 'utf8')) as { version: string }
  expect(devDependencies['vite']).toBe(version)
})
