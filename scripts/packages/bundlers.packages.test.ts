import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type BuildOptions, build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { browserMissing, isolated } from '../browser.ts'
import { closeBrowser, type Headers, open, serveFolder } from './browser.ts'
import limits from './sizes.json' with { type: 'json' }
import { example, libraries, output, root, tool } from './tools.ts'

const project = join(inject('packed'), '24')

/** Trains in a page, by README's loop and on the threads of the trainer, and leaves what came in `window.trained`. */
const page = (workerUrl: string): string => `
import { manualSeed, currentBackend, rand, tensor } from '@handgrad/tensor'
import { CrossEntropyLoss, SGD } from '@handgrad/loss-optim'
import { models, plannedStepper${workerUrl === '' ? '' : ', setWorkerUrl'} } from '@handgrad/trainer'
${workerUrl}
function start() {
  manualSeed(0)
  const net = models.seed()
  const sgd = new SGD(net.parameters(), { lr: 0.1 })
  const x = rand([64, 1, 28, 28])
  return { net, sgd, criterion: new CrossEntropyLoss(), x, y: tensor(Int32Array.from({ length: 64 }, (_, i) => i % 10)) }
}

function byLoop() {
  const { net, sgd, criterion, x, y } = start()
  return Array.from({ length: 4 }, () => {
    const loss = criterion.forward(net.forward(x), y).item()
    net.zeroGrad()
    criterion.bwd()
    net.backward()
    sgd.step()
    return loss
  })
}

async function byTrainer() {
  const { net, sgd, criterion, x, y } = start()
  const stepper = plannedStepper(net, criterion, 2)
  const until = performance.now() + 20_000
  while (stepper.ready < stepper.threads - 1 && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 10))
  const losses = Array.from({ length: 4 }, () => {
    const { loss } = stepper.train(x, y)
    sgd.step()
    return loss
  })
  const { threads, ready } = stepper
  stepper.close()
  return { losses, threads, ready }
}

const loop = byLoop()
byTrainer().then(
  (trainer) => { window.trained = { backend: currentBackend(), loop, ...trainer } },
  (error) => { window.trained = { failed: String(error) } },
)
`

interface Trained {
  readonly backend: string
  readonly loop: number[]
  readonly losses: number[]
  readonly threads: number
  readonly ready: number
}

const html = (script: string): string =>
  `<!doctype html><link rel="icon" href="data:,"><script type="module" src="${script}"></script>`

/** Where a bundler does not take workers along, the user builds the trainer's as an entry of its own. */
const ownEntry = "setWorkerUrl(new URL('./worker.js', import.meta.url))"

interface Bundler {
  readonly name: string
  /** What the page says of the worker; nothing where the bundler finds it by itself. */
  readonly worker: string
  /** Builds \`main.js\` in \`folder\`; gives the folder to serve. */
  readonly bundle: (folder: string) => string
}

const node = (file: string, args: string[], cwd: string): string =>
  output(process.execPath, [tool(file), ...args], cwd)

const bundlers: readonly Bundler[] = [
  {
    name: 'Vite',
    worker: '',
    bundle(folder) {
      writeFileSync(join(folder, 'index.html'), html('/main.js'))
      node('vite/bin/vite.js', ['build'], folder)
      return join(folder, 'dist')
    },
  },
  {
    name: 'webpack',
    worker: '',
    bundle(folder) {
      node('webpack-cli/bin/cli.js', ['--mode', 'production', '--entry', './main.js'], folder)
      return withPage(join(folder, 'dist'))
    },
  },
  {
    name: 'Rollup',
    worker: ownEntry,
    bundle(folder) {
      writeFileSync(join(folder, 'worker.js'), "import '@handgrad/tensor/worker'\n")
      const plugin = tool('@rollup/plugin-node-resolve/dist/es/index.js')
      const config = `import resolve from ${JSON.stringify(plugin)}
export default { input: ['main.js', 'worker.js'], output: { dir: 'dist' }, plugins: [resolve({ browser: true })] }`
      writeFileSync(join(folder, 'rollup.config.mjs'), config)
      node('rollup/dist/bin/rollup', ['--config', '--silent'], folder)
      return withPage(join(folder, 'dist'))
    },
  },
  {
    name: 'esbuild',
    worker: ownEntry,
    bundle(folder) {
      const args = ['main.js', 'worker=@handgrad/tensor/worker', '--bundle', '--format=esm', '--outdir=dist']
      output(join(root, 'node_modules/.bin/esbuild'), args, folder)
      return withPage(join(folder, 'dist'))
    },
  },
]

function withPage(folder: string): string {
  writeFileSync(join(folder, 'index.html'), html('./main.js'))
  return folder
}

/** A page may load its own scripts and workers, and nothing is evaluated. */
const strict = (scripts: string): Headers => ({
  'Content-Security-Policy': `default-src 'none'; script-src 'self'${scripts}; worker-src 'self'; img-src data:`,
})

const noWebAssembly = /Content Security Policy|wasm-unsafe-eval/

async function train(folder: string, headers: Headers): Promise<{ trained: Trained; errors: string[] }> {
  const server = await serveFolder(folder, headers)
  const { page: opened, errors, close } = await open(server.url)
  try {
    const handle = await opened.waitForFunction(
      () => (window as unknown as { trained?: Trained }).trained,
      null,
      {
        timeout: 60_000,
      },
    )
    return { trained: (await handle.jsonValue()) as Trained, errors }
  } catch (error) {
    throw new Error(`${(error as Error).message}\nThe page: ${errors.join('\n')}`, { cause: error })
  } finally {
    await close()
    await server.close()
  }
}

function expectTrained({ loop, losses }: Trained): void {
  expect(losses).toHaveLength(4)
  for (const [i, loss] of losses.slice(1).entries()) expect(loss).toBeLessThan(losses[i])
  // The trainer sums a batch by shards, the loop as a whole.
  for (const [i, loss] of losses.entries()) expect(loop[i]).toBeCloseTo(loss, 4)
}

afterAll(closeBrowser)

describe.skipIf(browserMissing()).each(bundlers)('$name, with its defaults', ({ name, worker, bundle }) => {
  let folder = ''
  beforeAll(() => {
    const own = mkdtempSync(join(project, `${name.toLowerCase()}-`))
    writeFileSync(join(own, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(own, 'main.js'), page(worker))
    folder = bundle(own)
  })

  it('trains on two threads in an isolated page', async () => {
    const { trained, errors } = await train(folder, isolated)
    expectTrained(trained)
    expect(trained).toMatchObject({ threads: 2, ready: 1, backend: expect.stringMatching(/^simd/) })
    expect(errors).toEqual([])
  })

  it('trains on one thread in any other page', async () => {
    const { trained, errors } = await train(folder, {})
    expectTrained(trained)
    expect(trained).toMatchObject({ threads: 1, ready: 0, backend: expect.stringMatching(/^simd/) })
    expect(errors).toEqual([])
  })

  it('trains on two threads where nothing but WebAssembly may be evaluated', async () => {
    const { trained, errors } = await train(folder, { ...isolated, ...strict(" 'wasm-unsafe-eval'") })
    expectTrained(trained)
    expect(trained).toMatchObject({ threads: 2, ready: 1, backend: expect.stringMatching(/^simd/) })
    expect(errors).toEqual([])
  })

  it('trains on the plain code where WebAssembly may not be compiled', async () => {
    const { trained, errors } = await train(folder, { ...isolated, ...strict('') })
    expectTrained(trained)
    expect(trained).toMatchObject({ threads: 1, ready: 0, backend: 'reference' })
    expect(errors.filter((error) => !noWebAssembly.test(error))).toEqual([])
  })
})

it.skipIf(browserMissing())('a bundle without the worker trains on one thread, and says so', async () => {
  const folder = mkdtempSync(join(project, 'alone-'))
  writeFileSync(join(folder, 'main.js'), page(''))
  await build({
    ...forPage,
    entryPoints: [join(folder, 'main.js')],
    outfile: join(folder, 'dist/main.js'),
    write: true,
  })
  const { trained } = await train(withPage(join(folder, 'dist')), isolated)
  expectTrained(trained)
  expect(trained).toMatchObject({ threads: 1, ready: 0 })
})

const forPage: BuildOptions = {
  bundle: true,
  platform: 'browser',
  format: 'esm',
  write: false,
  logLevel: 'silent',
}

async function bundled(code: string, options: BuildOptions = {}): Promise<Uint8Array> {
  const folder = mkdtempSync(join(project, 'size-'))
  writeFileSync(join(folder, 'main.js'), code)
  const { outputFiles } = await build({ ...forPage, ...options, entryPoints: [join(folder, 'main.js')] })
  return outputFiles![0].contents
}

describe('in a bundle', () => {
  it.each(libraries)('%s asks for no module of Node', async (library) => {
    const text = new TextDecoder().decode(await bundled(`export * as all from '@handgrad/${library}'`))
    expect(text).not.toMatch(/(from|import|require)\s*\(?["']node:/)
  })
})

/** Minified and gzipped, in kB of 1000 bytes. */
async function size(code: string): Promise<number> {
  return gzipSync(await bundled(code, { minify: true }), { level: 9 }).length / 1000
}

describe('sizes', () => {
  const whole = ['tensor', 'layers', 'loss-optim']
    .map((name) => `export * from '@handgrad/${name}'\n`)
    .join('')
  // All three together are to come down to 48: the engine for graphs, threads, lines and late gradients has taken more.
  it.each([
    ["README's example", 'example', 40, `${example(join(root, 'README.md'))}\nconst x = 0, y = 0`],
    ['tensor, layers and loss-optim, all of them,', 'whole', 53, whole],
  ] as const)('%s', async (what, name, most, code) => {
    const kilobytes = await size(code)
    const limit = limits[name]
    console.log(`${what} ${kilobytes.toFixed(1)} kB, minified and gzipped; at most ${limit} (sizes.json)`)
    expect(limit).toBeLessThanOrEqual(most)
    expect(kilobytes).toBeLessThanOrEqual(limit)
    // What the number holds is near: one that was left behind would let a lot in unseen.
    expect(kilobytes).toBeGreaterThan(limit - 2)
  })
})
