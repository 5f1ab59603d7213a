import { type BackendName, currentBackend, provideBackend } from '../backend.ts'
import { fused, plain } from '../kernels.generated.ts'
import { fromDifference, fromLetters } from './letters.ts'
import { sharedMemory } from './memory.ts'
import { checkCompiler, type WasmMemory, type WasmModule, wasm } from './wasm.ts'

/** A package's two kernel modules in letters: with fused multiply-add, and what differs where there is none. */
export interface KernelBytes {
  readonly fused: string
  readonly plain: string
}

/** A kernel: numbers and addresses in, everything else through the shared memory. */
export type Kernel = (...args: number[]) => void

/** Compiled modules by package, as a worker thread gets them. */
export type KernelModules = Readonly<Record<string, WasmModule>>

const packages = new Map<string, KernelBytes>([['tensor', { fused, plain }]])
const compiled = new Map<string, WasmModule>()
let compilations = 0
const together = new Map<string, KernelModules>()
const instances = new Map<string, Record<string, Kernel>>()

/** Makes a package's kernels known; the backends that this machine can run are there from then on. Never throws. */
export function registerKernels(name: string, bytes: KernelBytes): void {
  packages.set(name, bytes)
  // What was put together before this package came lacks its kernels.
  together.clear()
  instances.clear()
  provideBackend('simd-plain', () => obstacle('plain'))
  provideBackend('simd', () => obstacle('fused'))
}

function moduleOf(kernels: KernelBytes, variant: keyof KernelBytes): Uint8Array<ArrayBuffer> {
  const bytes = fromLetters(kernels.fused)
  return variant === 'fused' ? bytes : fromDifference(bytes, kernels.plain)
}

/** Why the kernels of all packages cannot run here; null where they can. */
function obstacle(variant: keyof KernelBytes): string | null {
  try {
    checkCompiler()
    const odd = [...packages].find(([, bytes]) => !wasm().validate(moduleOf(bytes, variant)))
    if (odd !== undefined) return `this WebAssembly lacks instructions that the kernels of ${odd[0]} need`
    sharedMemory()
    return null
  } catch (error) {
    return (error as Error).message
  }
}

/** V8 has one machine code for equal bytes: an empty section of another name tells this compilation from those before. */
function marked(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return compilations === 0 ? bytes : Uint8Array.from([...bytes, 0, 2, 1, compilations])
}

/**
 * Compiles all kernels anew when they are next asked for: the compiler's flags have changed.
 * @internal
 */
export function recompileKernels(): void {
  compilations = (compilations + 1) % 128
  compiled.clear()
  together.clear()
  instances.clear()
}

/** The modules of every package for a backend, compiled once: the same object until there are others. */
export function kernelModules(backend: Exclude<BackendName, 'reference'>): KernelModules {
  const modules = together.get(backend) ?? compile(backend === 'simd' ? 'fused' : 'plain')
  together.set(backend, modules)
  return modules
}

function compile(variant: keyof KernelBytes): KernelModules {
  return Object.fromEntries(
    [...packages].map(([name, bytes]) => {
      const key = `${name}/${variant}`
      const module = compiled.get(key) ?? new (wasm().Module)(marked(moduleOf(bytes, variant)))
      compiled.set(key, module)
      return [name, module]
    }),
  )
}

/** The kernels of compiled modules over one memory, by `package/name`. */
export function instantiate(modules: KernelModules, memory: WasmMemory): Record<string, Kernel> {
  const kernels: Record<string, Kernel> = Object.create(null)
  for (const [name, module] of Object.entries(modules)) {
    const { exports } = new (wasm().Instance)(module, { env: { memory } })
    for (const [own, kernel] of Object.entries(exports)) kernels[`${name}/${own}`] = kernel as Kernel
  }
  return kernels
}

/** All kernels of a backend in this thread. */
export function kernelsOf(backend: Exclude<BackendName, 'reference'>): Record<string, Kernel> {
  const kernels = instances.get(backend) ?? instantiate(kernelModules(backend), sharedMemory())
  instances.set(backend, kernels)
  return kernels
}

/** All kernels of the backend in force in this thread, or null on `reference`. */
export function currentKernels(): Record<string, Kernel> | null {
  const backend = currentBackend()
  return backend === 'reference' ? null : kernelsOf(backend)
}
