import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const names = readdirSync(join(root, 'packages'))
let folder = ''

/** The example of the README, run on what users install. */
const example = `
import { manualSeed, rand, tensor } from '@handgrad/tensor'
import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential } from '@handgrad/layers'
import { CrossEntropyLoss, SGD } from '@handgrad/loss-optim'

manualSeed(0)
const net = new Sequential(
  new Conv2d(1, 8, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2),
  new Conv2d(8, 16, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2),
  new Flatten(), new Linear(784, 10))
const criterion = new CrossEntropyLoss()
const sgd = new SGD(net.parameters(), { lr: 0.1 })
const x = rand([4, 1, 28, 28])
const y = tensor(Int32Array.of(3, 1, 4, 1))
const losses = []
for (let step = 0; step < 3; step++) {
  losses.push(criterion.forward(net.forward(x), y).item())
  net.zeroGrad()
  criterion.bwd()
  net.backward()
  sgd.step()
}
console.log(JSON.stringify(losses))
`

const run = (command: string, args: string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

describe('what users install', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'handgrad-pack-'))
    run('pnpm', ['turbo', 'run', 'build', '--filter=./packages/*', '--output-logs=errors-only'], root)
    for (const name of names)
      run('pnpm', ['pack', '--pack-destination', folder], join(root, 'packages', name))
    const tarballs = Object.fromEntries(
      names.map((name) => [`@handgrad/${name}`, `file:./handgrad-${name}-${versionOf(name)}.tgz`]),
    )
    const manifest = { private: true, type: 'module', dependencies: tarballs, overrides: tarballs }
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
    run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], folder)
  }, 300_000)

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('runs the example from the packed files, and the loss falls', () => {
    writeFileSync(join(folder, 'example.js'), example)
    const losses: number[] = JSON.parse(run(process.execPath, ['example.js'], folder))
    expect(losses).toHaveLength(3)
    expect(losses[0]).toBeCloseTo(Math.log(10), 0)
    expect(losses[2]).toBeLessThan(losses[0])
  })

  it.each(names.filter((name) => name !== 'gradcheck'))('bundles %s for browsers', async (name) => {
    const entry = join(folder, 'entries')
    mkdirSync(entry, { recursive: true })
    writeFileSync(join(entry, `${name}.js`), `export * as all from '@handgrad/${name}'`)
    const { outputFiles } = await build({
      entryPoints: [join(entry, `${name}.js`)],
      bundle: true,
      platform: 'browser',
      format: 'esm',
      write: false,
      logLevel: 'silent',
    })
    expect(outputFiles[0].text).not.toMatch(/from\s*["']node:/)
  })
})

function versionOf(name: string): string {
  return JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')).version
}
