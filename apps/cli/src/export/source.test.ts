import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { readNetwork } from './source.ts'

vi.mock('node:fs', async (load) => {
  const fs = await load<typeof import('node:fs')>()
  return { ...fs, readFileSync: vi.fn<typeof fs.readFileSync>(fs.readFileSync) }
})

test('a file of weights beside a model is read once, however many constants lie in it', async () => {
  const path = fileURLToPath(new URL('../../../../fixtures/onnx/default.onnx', import.meta.url))
  const { net } = await readNetwork(path, undefined)
  expect(net.parameters().length).toBeGreaterThan(2)
  const reads = vi.mocked(readFileSync).mock.calls.filter(([name]) => name === `${path}.data`)
  expect(reads).toHaveLength(1)
})
