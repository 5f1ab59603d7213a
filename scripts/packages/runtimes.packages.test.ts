import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { end, isMissing, numbers, others, rootExample } from './tools.ts'

const project = join(inject('packed'), '24')

const threads = `
import { models, plannedStepper } from '@handgrad/trainer'
import { CrossEntropyLoss, SGD } from '@handgrad/loss-optim'
import { manualSeed, rand, tensor } from '@handgrad/tensor'

for (const threads of [1, 2]) {
  manualSeed(0)
  const net = models.seed()
  const sgd = new SGD(net.parameters(), { lr: 0.1 })
  const stepper = plannedStepper(net, new CrossEntropyLoss(), threads)
  while (stepper.ready < threads - 1) await new Promise((resolve) => setTimeout(resolve, 5))
  const [x, y] = [rand([64, 1, 28, 28]), tensor(Int32Array.from({ length: 64 }, (_, i) => i % 10))]
  for (let step = 0; step < 5; step++) {
    console.log(stepper.train(x, y).loss)
    sgd.step()
  }
  stepper.close()
}
`

describe.each(others())('$name', (runtime) => {
  const run = (name: string, code: string): number[] => {
    const folder = mkdtempSync(join(project, `${runtime.name}-`))
    writeFileSync(join(folder, name), code)
    const args = runtime.name === 'deno' ? ['run', '--allow-all', name] : [name]
    const { status, stdout, stderr } = end(runtime.path!, args, folder)
    expect(status, stderr).toBe(0)
    return numbers(stdout)
  }

  it.skipIf(isMissing(runtime, false))(
    "runs README's example in JavaScript and TypeScript, and the loss falls",
    () => {
      for (const name of ['readme.mjs', 'readme.ts']) {
        const losses = run(name, rootExample())
        expect(losses).toHaveLength(5)
        expect(losses[4]).toBeLessThan(losses[0])
      }
    },
  )

  it.skipIf(isMissing(runtime, false))('trains on two threads, to the bits of one', () => {
    const losses = run('threads.mjs', threads)
    expect(losses).toHaveLength(10)
    expect(losses[4]).toBeLessThan(losses[0])
    expect(losses.slice(5)).toEqual(losses.slice(0, 5))
  })
})
