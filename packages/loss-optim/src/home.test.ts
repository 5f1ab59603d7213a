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

function useAndDrop(): void {
  const parameter = zeros([1 << 16])
  parameter.g = ones([1 << 16])
  new Adam([parameter]).step()
}

test('optimizers that nobody holds any more give their kernel memory back', async () => {
  useBackend(backends().at(-1)!)
  // A parameter, its gradient and three means of 256 KiB each.
  for (let n = 0; n < 3; n++) {
    useAndDrop()
    await collect()
  }
  const { byteLength } = sharedMemory().buffer
  for (let n = 0; n < 12; n++) {
    useAndDrop()
    await collect()
  }
  expect(sharedMemory().buffer.byteLength).toBeLessThanOrEqual(byteLength + 4 * 2 ** 20)
})
