import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { tarballs } from './setup.ts'
import { end, example, isMissing, libraries, nodes, numbers, output, rootExample, tool } from './tools.ts'

const packed = inject('packed')

/** What the example of each package's README prints. */
const printed: Readonly<Record<string, (stdout: string) => void>> = {
  tensor: (stdout) => expect(stdout).toMatch(/1\.54099607\d*, -0\.29342889\d*, -2\.17878937/),
  layers: (stdout) => expect(stdout).toContain('4.weight [ 10, 1568 ] [ 10, 1568 ]'),
  'loss-optim': (stdout) => expectFalling(numbers(stdout)),
  data: (stdout) => expect(stdout).toMatch(/\[ 2, 1, 28, 28 \] Int32Array\(2\).*\n2 are left to validate\n$/),
  gradcheck: (stdout) => expect(stdout).toMatch(/^true 20 coordinates; false 2 failed\n$/),
  trainer: (stdout) => expectFalling(numbers(stdout)),
}

function expectFalling(losses: number[]): void {
  expect(losses).toHaveLength(5)
  for (const [i, loss] of losses.slice(1).entries()) expect(loss).toBeLessThan(losses[i])
}

/** A program in a folder from which the installed packages are found. */
function program(project: string, code: string, name = 'program.mjs'): [folder: string, name: string] {
  const folder = mkdtempSync(join(packed, project, 'try-'))
  writeFileSync(join(folder, name), code)
  return [folder, name]
}

const readmeOf = (library: string): string => join(packed, '24/node_modules/@handgrad', library, 'README.md')

const threads = `
import { models, plannedStepper } from '@handgrad/trainer'
import { CrossEntropyLoss, SGD } from '@handgrad/loss-optim'
import { manualSeed, rand, tensor } from '@handgrad/tensor'
import { setTimeout } from 'node:timers/promises'

async function losses(threads) {
  manualSeed(0)
  const net = models.seed()
  const sgd = new SGD(net.parameters(), { lr: 0.1 })
  const stepper = plannedStepper(net, new CrossEntropyLoss(), threads)
  while (stepper.ready < threads - 1) await setTimeout(5)
  const [x, y] = [rand([64, 1, 28, 28]), tensor(Int32Array.from({ length: 64 }, (_, i) => i % 10))]
  const found = [stepper.threads]
  for (let step = 0; step < 5; step++) {
    found.push(stepper.train(x, y).loss)
    sgd.step()
  }
  stepper.close()
  return found
}
console.log(JSON.stringify([await losses(1), await losses(2)]))
`

describe.each([
  ['20.0', '20'],
  ['20', '20'],
  ['24', '24'],
] as const)('on Node %s', (version, project) => {
  describe.skipIf(isMissing(nodes[version]) || isMissing(nodes[project]))('installed with npm', () => {
    const run = (code: string): string => {
      const [folder, name] = program(project, code)
      const { status, stdout, stderr } = end(nodes[version].path!, [name], folder)
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      return stdout
    }

    it.each(libraries)("runs the example of %s's README", (library) => {
      printed[library](run(example(readmeOf(library))))
    })

    it("runs README's example, and the loss falls", () => {
      const losses = numbers(run(rootExample()))
      expectFalling(losses)
      expect(losses[0]).toBeCloseTo(Math.log(10), 0)
    })

    it('trains on two threads, to the bits of one', () => {
      const [[one, ...alone], [two, ...together]] = JSON.parse(run(threads)) as number[][]
      expect([one, two]).toEqual([1, 2])
      expectFalling(alone)
      expect(together).toEqual(alone)
    })
  })
})

describe.skipIf(isMissing(nodes['18']))('on Node 18', () => {
  it.each(libraries)('%s says in one line which Node it needs', (library) => {
    const code = `import('@handgrad/${library}').catch((error) => console.log(error.message))`
    const [folder, name] = program('24', code)
    expect(output(nodes['18'].path!, [name], folder)).toBe(
      'handgrad needs Node 20 or newer; this is Node 18.20.8\n',
    )
  })
})

describe('the tarballs', () => {
  const files = tarballs(packed)

  it('are those of all packages', () => {
    const names = ['create-handgrad', 'handgrad', ...libraries.map((name) => `@handgrad/${name}`)]
    expect(Object.keys(files).sort()).toEqual(names.sort())
  })

  it.each(Object.keys(files))('publint finds nothing in %s', (name) => {
    const { status, stdout } = end(
      process.execPath,
      [tool('publint/src/cli.js'), files[name].replace('file:', ''), '--strict'],
      packed,
    )
    expect(status, stdout).toBe(0)
    expect(stdout).toContain('All good!')
  })

  it.each(libraries)('attw finds nothing in @handgrad/%s', (library) => {
    const file = files[`@handgrad/${library}`].replace('file:', '')
    const args = [tool('@arethetypeswrong/cli/dist/index.js'), file, '--profile', 'esm-only']
    const { status, stdout, stderr } = end(process.execPath, args, packed)
    expect(status, stdout + stderr).toBe(0)
  })
})
