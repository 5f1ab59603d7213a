import { afterEach, describe, expect, test, vi } from 'vitest'
import { type BackendName, backends, currentBackend, useBackend } from './index.ts'
import { difference, fromDifference, fromLetters, toLetters } from './simd/letters.ts'

test('a backend that is here can be preferred, another is refused and changes nothing', () => {
  expect(backends()).toEqual(['reference'])
  useBackend('reference')
  expect(currentBackend()).toBe('reference')
  expect(() => useBackend('gpu' as BackendName)).toThrow(
    "backend 'gpu' is not here; available: reference (there is none of that name)",
  )
  expect(() => useBackend('simd')).toThrow('available: reference (no package with its kernels is loaded)')
  expect(() => useBackend(undefined as never)).toThrow('backend undefined is not here')
  expect(currentBackend()).toBe('reference')
})

describe('a place that is not all of WebAssembly', () => {
  type Api = Record<'Memory' | 'Module' | 'Instance' | 'validate', unknown>
  const whole = (globalThis as unknown as { WebAssembly: Api }).WebAssembly
  const { Memory, Module } = whole as {
    Memory: new (options: object) => object
    Module: new (bytes: object) => object
  }

  afterEach(() => {
    vi.unstubAllGlobals()
  })

  /** Fresh modules in a place with this WebAssembly, and tensor's own kernels registered as another package's. */
  async function load(api: Partial<Api> | undefined): Promise<typeof import('./index.ts')> {
    vi.resetModules()
    vi.stubGlobal('WebAssembly', api === undefined ? undefined : { ...pick(whole), ...api })
    const own = await import('./index.ts')
    own.registerKernels('again', await import('./kernels.generated.ts'))
    return own
  }
  const pick = ({ Memory: memory, Module: module, Instance, validate }: Api): Api => ({
    Memory: memory,
    Module: module,
    Instance,
    validate,
  })
  /** A constructor, since a function may be called with `new` too. */
  const refuses = (message: string, unless: (options: never) => boolean = () => false) =>
    function (options: never): object {
      if (!unless(options)) throw new RangeError(message)
      return new Memory(options)
    }

  test('all of it: the fastest is in force, and each can be chosen', async () => {
    const own = await load({})
    expect(own.backends()).toEqual(['reference', 'simd-plain', 'simd'])
    expect(own.currentBackend()).toBe('simd')
    own.useBackend('simd-plain')
    expect(own.currentBackend()).toBe('simd-plain')
    expect(Object.keys(own.currentKernels()!)).toContain('again/gemm')
    own.useBackend('reference')
    expect([own.currentBackend(), own.currentKernels()]).toEqual(['reference', null])
  })

  test.each<[string, Partial<Api> | undefined, string]>([
    ['none', undefined, 'there is no WebAssembly here'],
    [
      'one that compiles nothing, as a page’s policy has it',
      { Module: refuses('code generation disallowed') },
      'WebAssembly may not be compiled here: code generation disallowed',
    ],
    [
      'one without shared memory',
      { Memory: refuses('out of memory') },
      'there is no shared memory here: out of memory',
    ],
    [
      'one without SIMD',
      { validate: () => false },
      'this WebAssembly lacks instructions that the kernels of tensor need',
    ],
  ])('%s: reference runs', async (_name, api, why) => {
    const own = await load(api)
    expect(own.backends()).toEqual(['reference'])
    expect([own.currentBackend(), own.currentKernels()]).toEqual(['reference', null])
    expect(() => own.useBackend('simd')).toThrow(`backend 'simd' is not here; available: reference (${why})`)
    expect(() => own.useBackend('simd-plain')).toThrow(why)
    own.useBackend('reference')
    const x = own.tensor([[1, 2], [3, 4]]) // biome-ignore format: a matrix
    expect(own.matmul(x, x).toArray()).toEqual([[7, 10], [15, 22]]) // biome-ignore format: a matrix
  })

  test('without relaxed SIMD, the plain kernels', async () => {
    const { fused } = await import('./kernels.generated.ts')
    const relaxed = fromLetters(fused).length
    const validate = (bytes: Uint8Array): boolean => bytes.length !== relaxed
    const own = await load({ validate })
    expect(own.backends()).toEqual(['reference', 'simd-plain'])
    expect(own.currentBackend()).toBe('simd-plain')
    expect(() => own.useBackend('simd')).toThrow('lacks instructions')
  })

  test('a machine that has less than 2 GiB to give', async () => {
    const asked: number[] = []
    const own = await load({
      Memory: refuses('out of memory', ({ maximum }: { maximum: number }) => asked.push(maximum) > 2),
    })
    expect(own.currentBackend()).toBe('simd')
    expect(asked).toEqual([32768, 16384, 8192])
    expect(own.takeBlock(100)).toBe(64)
    expect(new Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))).toBeInstanceOf(Module)
  })

  test('the kernels of a package that comes later are there, those of each backend once', async () => {
    const own = await load({})
    const before = own.currentKernels()!
    expect(own.currentKernels()).toBe(before)
    expect(Object.keys(before)).not.toContain('later/gemm')
    own.registerKernels('later', await import('./kernels.generated.ts'))
    const now = own.currentKernels()!
    expect(Object.keys(now)).toEqual(expect.arrayContaining(['tensor/gemm', 'again/gemm', 'later/gemm']))
    own.useBackend('simd-plain')
    expect(own.currentKernels()).not.toBe(now)
    own.recompileKernels()
    own.useBackend('simd')
    expect(own.currentKernels()).not.toBe(now)
  })

  test('a package that comes later counts: what it cannot run is gone', async () => {
    const own = await load({})
    expect(own.currentBackend()).toBe('simd')
    const { fused, plain } = await import('./kernels.generated.ts')
    const broken = Uint8Array.of(0)
    own.registerKernels('broken', {
      fused: toLetters(broken),
      plain: difference(broken, fromDifference(fromLetters(fused), plain)),
    })
    expect(own.backends()).toEqual(['reference', 'simd-plain'])
    expect(() => own.useBackend('simd')).toThrow('the kernels of broken need')
  })
})
