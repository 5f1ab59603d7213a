import { afterEach, expect, test, vi } from 'vitest'

const memory = vi.hoisted(() => ({ taken: [] as number[], freed: [] as [number, number][] }))
vi.mock('./memory.ts', () => ({
  sharedMemory: () => ({ buffer: new ArrayBuffer(1 << 16) }),
  takeBlock: (bytes: number) => 1024 * memory.taken.push(bytes),
  freeBlock: (at: number, bytes: number) => void memory.freed.push([at, bytes]),
}))

afterEach(() => {
  memory.taken = []
  memory.freed = []
  vi.resetModules()
})

test('is taken anew, and the former one given back, only for more than there is', async () => {
  const { workspace } = await import('./workspace.ts')
  expect([workspace(1), workspace(1)]).toEqual([1024, 1024])
  expect([memory.taken, memory.freed]).toEqual([[1], []])
  expect([workspace(2), workspace(2), workspace(1), workspace(0)]).toEqual([2048, 2048, 2048, 2048])
  expect(workspace(300)).toBe(3072)
  expect([memory.taken, memory.freed]).toEqual([
    [1, 2, 300],
    [
      [1024, 1],
      [2048, 2],
    ],
  ])
})

test('of nothing takes nothing, and its numbers lie behind its start', async () => {
  const { workspace, workspaceFloats, workspaceIntegers } = await import('./workspace.ts')
  expect([workspace(0), memory.taken]).toEqual([0, []])
  workspace(64)
  const [floats, integers] = [workspaceFloats(16, 3), workspaceIntegers(32, 4)]
  expect([floats.byteOffset, floats.length]).toEqual([1024 + 16, 3])
  expect([integers.byteOffset, integers.length]).toEqual([1024 + 32, 4])
})
