import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { backends, ones, sharedMemory, useBackend, zeros } from '@handgrad/tensor'
import { expect, test } from 'vitest'
import { Adam } from './index.ts'

setFlagsFromString('--expose_gc')
const gc = runInNewContext('gc') as () => void

/** Collects what nobody holds, and lets those be called who asked to hear of it. */
async function collect(): Promise<void> {
  gc()
  await new Promise((resolve) => setImmediate(resolve))
}

const SIZE = 1 << 16

/** An optimizer after its first step. */
function stepped(): Adam {
  const parameter = zeros([SIZE])
  parameter.g = ones([SIZE])
  const adam = new Adam([parameter], { lr: 0.5 })
  adam.step()
  return adam
}

const memory = (): number => sharedMemory().buffer.byteLength

test('optimizers that nobody holds any more give their kernel memory back, and those that are held keep theirs', async () => {
  useBackend(backends().at(-1)!)
  const held = [stepped()]
  // A parameter, its gradient and three means of 256 KiB each.
  expect(memory()).toBeLessThan(5.5 * 4 * SIZE + 2 ** 16)
  for (let n = 0; n < 4; n++) {
    held.push(stepped())
    stepped()
    await collect()
  }
  const before = memory()
  for (let n = 0; n < 12; n++) {
    stepped()
    await collect()
  }
  expect(memory()).toBeLessThanOrEqual(before + 4 * 2 ** 20)
  const other = stepped()
  for (const adam of [...held, other]) {
    adam.step()
    // The gradient is 1 at both steps: each goes lr down.
    for (const value of [adam.parameters[0].data[0], adam.parameters[0].data[SIZE - 1]])
      expect(value).toBeCloseTo(-1, 5)
    const [{ exp_avg, exp_avg_sq }] = adam.stateDict().state
    expect([new Set(exp_avg.data).size, new Set(exp_avg_sq.data).size]).toEqual([1, 1])
    expect([exp_avg.data[0], exp_avg_sq.data[0]]).toEqual([
      expect.closeTo(0.19, 6),
      expect.closeTo(0.001999, 6),
    ])
  }
})
