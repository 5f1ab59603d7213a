import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { end, isMissing, nodes, output, root } from './tools.ts'

const packed = inject('packed')

describe.each([
  ['20.0', '20'],
  ['20', '20'],
  ['24', '24'],
] as const)('npx handgrad on Node %s', (version, project) => {
  describe.skipIf(isMissing(nodes[version]) || isMissing(nodes[project]))('from its tarball', () => {
    const folder = join(packed, project, `command-${version}`)
    // npm itself needs a newer Node than 20.0: then what it would start is started.
    const entry = join(packed, project, 'node_modules/handgrad/bin/handgrad.cjs')
    const handgrad = (...args: string[]): ReturnType<typeof end> =>
      version === '20.0'
        ? end(nodes[version].path!, [entry, ...args], folder)
        : end('npx', ['--no-install', 'handgrad', ...args], folder, nodes[version].path!)

    beforeAll(() => {
      mkdirSync(folder)
      // What a user's own repository has is not the program's.
      output('git', ['init', '--quiet'], folder)
      output(
        'git',
        ['-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '--allow-empty', '-m', 'mine'],
        folder,
      )
      mkdirSync(join(packed, project, 'scripts'), { recursive: true })
      writeFileSync(join(packed, project, 'scripts/kernel-sources.ts'), 'throw new Error("this is mine")')
    })

    it('trains on two threads, goes on, and writes what it says', () => {
      const options = ['--preset', 'seed', '--limit', '1000', '--threads', '2', '--out', 'run', '--json']
      const { status, stdout, stderr } = handgrad('train', '--epochs', '1', ...options)
      expect(status, stderr).toBe(0)
      const events = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
      expect(events.at(-1)).toMatchObject({ event: 'done' })
      for (const file of [
        'model.safetensors',
        'state.safetensors',
        'curves.png',
        'confusion.png',
        'config.json',
      ])
        expect(existsSync(join(folder, 'run', file)), file).toBe(true)
      const config = JSON.parse(readFileSync(join(folder, 'run/config.json'), 'utf8')) as Record<
        string,
        unknown
      >
      const { version: own } = JSON.parse(readFileSync(join(root, 'apps/cli/package.json'), 'utf8')) as {
        version: string
      }
      expect(config).toMatchObject({
        threads: 2,
        commit: null,
        versions: { handgrad: own, node: expect.stringMatching(version === '20' ? /^20\.20/ : version) },
      })
      expect(handgrad('train', '--resume', 'run', '--epochs', '2')).toMatchObject({ status: 0 })
    })

    it('exports a run for others', () => {
      for (const format of ['onnx', 'safetensors', 'torch'])
        expect(handgrad('export', '--to', format, 'run', '--out', `out.${format}`)).toMatchObject({
          status: 0,
        })
    })

    it('verifies a layer of the user', () => {
      const bundle = join(root, 'verify/examples/silu')
      const layer = (slope: string): string => `
export class Swish {
  forward(x) {
    this.x = x
    this.y = x.clone()
    this.y.data.set(x.data.map((v) => v / (1 + Math.exp(-v))))
    return this.y
  }
  bwd() {
    const dx = this.x.clone()
    dx.data.set(this.x.data.map((v, i) => { const s = 1 / (1 + Math.exp(-v)); return this.y.g.data[i] * (${slope}) }))
    this.x.g = dx
  }
}`
      writeFileSync(join(folder, 'right.mjs'), layer('s + v * s * (1 - s)'))
      writeFileSync(join(folder, 'wrong.mjs'), layer('s + v * s'))
      expect(handgrad('verify', bundle, '--layer', 'right.mjs')).toMatchObject({ status: 0 })
      expect(handgrad('verify', bundle, '--layer', 'wrong.mjs')).toMatchObject({ status: 3 })
    })

    it('says what it is, what it can, and where the rest is', () => {
      const { stdout } = handgrad('--help')
      expect(stdout.match(/^ {2}(\w+)/gm)?.map((name) => name.trim())).toEqual(
        expect.arrayContaining(['export', 'replay', 'train', 'verify']),
      )
      expect(handgrad('tran')).toMatchObject({ status: 2, stdout: '' })
      for (const name of ['bench', 'gradcheck', 'report'])
        expect(handgrad(name)).toMatchObject({
          status: 2,
          stderr: expect.stringMatching(
            /^error: \w+ looks at the repository's own .* in a checkout of https:.*\n$/,
          ),
        })
    })
  })
})

it.skipIf(isMissing(nodes['18']))('npx handgrad on Node 18 says in one line which it needs', () => {
  const entry = join(packed, '24/node_modules/handgrad/bin/handgrad.cjs')
  expect(end(nodes['18'].path!, [entry, 'train'], packed)).toEqual({
    status: 1,
    stdout: '',
    stderr: 'handgrad needs Node 20 or newer; this is Node 18.20.8\n',
  })
})
