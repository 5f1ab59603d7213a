import { describe, expect, test, vi } from 'vitest'
import { fused, plain } from '../kernels.generated.ts'

/** What is said of a worker that did not come up. */
const missing = (reason: string): unknown =>
  expect.stringMatching(new RegExp(`^handgrad: a worker thread did not come up \\(${reason}\\): `))

describe('workers that do not come up', () => {
  /** `useThreads` as a program has it that nobody has used before. */
  async function fresh() {
    vi.resetModules()
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    const threads = await import('./threads.ts')
    const kernels = await import('../simd/kernels.ts')
    const backend = await import('../backend.ts')
    const { platform: ground } = await import('#platform')
    const failed: ((reason: string) => void)[] = []
    vi.spyOn(ground, 'startWorker').mockImplementation((tell) => {
      failed.push(tell)
      return { send: () => {}, stop: () => {} }
    })
    kernels.registerKernels('tensor', { fused, plain })
    return { ...threads, ...backend, warn, failed }
  }

  test('are said once, on the console, where useThreads asked for them', async () => {
    const { failed, warn, ...threads } = await fresh()
    threads.useThreads(3)
    failed[0]('no luck')
    failed[1]('none either')
    threads.useThreads(4)
    expect(warn.mock.calls).toEqual([[missing('no luck')]])
  })

  test('also where the backend came after, or the workers before', async () => {
    const after = await fresh()
    after.useBackend('reference')
    after.useThreads(2)
    after.useBackend('simd')
    after.poolFor('simd', 2)
    after.failed[0]('too late')
    expect(after.warn.mock.calls).toEqual([[missing('too late')]])
    after.warn.mockClear()
    const before = await fresh()
    before.claimPool('simd', 2, () => {})
    before.failed[0]('too early')
    expect(before.warn).not.toHaveBeenCalled()
    before.useThreads(2)
    expect(before.warn.mock.calls).toEqual([[missing('too early')]])
  })

  test('are not said there when useThreads asks for none any more', async () => {
    const { failed, warn, ...threads } = await fresh()
    threads.useThreads(2)
    const heard = vi.fn<(text: string) => void>()
    threads.claimPool('simd', 2, heard)
    threads.useThreads(1)
    failed[0]('no luck')
    expect(heard).toHaveBeenCalledTimes(1)
    expect(warn).not.toHaveBeenCalled()
  })
})
