import { vi } from 'vitest'
import { platform } from '#platform'
import { Compiler } from '../src/engine/compiler.ts'
import { upAt, wordsOf } from '../src/engine/control.ts'
import { providePools } from '../src/engine/in-force.ts'
import { link } from '../src/engine/link.ts'
import { Loaded } from '../src/engine/loaded.ts'
import { endPool, forgetJobs, poolFor } from '../src/engine/threads.ts'
import { COUNT } from '../src/engine/value.ts'
import type { WorkerStart } from '../src/engine/worker.ts'
import type { Gradient } from '../src/engine/written.ts'
import { Generator, sharedMemory, Tensor } from '../src/index.ts'

// As whoever asks for threads does.
providePools({ poolFor, forgetJobs, endPool })

/** A worker that does what a test says: what it was sent, how it tells of its end, and how often it was told to stop. */
export interface Fake {
  message: WorkerStart | null
  failed: (reason: string) => void
  stopped: number
}

/** The workers that are started from now on, until mocks are restored. */
export function fakeWorkers(): Fake[] {
  const made: Fake[] = []
  vi.spyOn(platform, 'startWorker').mockImplementation((failed) => {
    const fake: Fake = { message: null, failed, stopped: 0 }
    made.push(fake)
    return {
      send: (message) => void (fake.message = message as WorkerStart),
      stop: () => void fake.stopped++,
    }
  })
  return made
}

/** The words that a worker and the calling thread agree by. */
export const controlOf = ({ message }: Fake): Int32Array =>
  new Int32Array(sharedMemory().buffer, message!.control, wordsOf(message!.thread + 1))

/** What a worker does first. */
export const comeUp = (fake: Fake): void => void Atomics.store(controlOf(fake), upAt(fake.message!.thread), 1)

/** Features, and what is made of them. */
const [K, F] = [6, 3]

/** y = x·wᵀ for x [N,6] and w [3,6], and dw = yᵀ·x, by kernels of this package. */
export interface Small {
  readonly loaded: Loaded
  /** Where the kernels write y. */
  readonly y: Float32Array
  readonly w: Tensor
  readonly gradient: Gradient
  /** One batch: y and dw, as plain numbers. */
  readonly run: (threads: number, meanwhile?: () => void) => { y: number[]; dw: number[] }
}

/** `cut`: dw is a phase of its own. */
export function smallProgram({ samples = 16, cut = false }: { samples?: number; cut?: boolean } = {}): Small {
  const noise = (length: number, seed: number): Float32Array =>
    new Generator(seed).uniform(new Float32Array(length), -2, 2)
  const c = new Compiler(samples, 2, true)
  const w = new Tensor<'float32'>(noise(F * K, 1), [F, K])
  const input = c.input(K, 1, 1, {}, 2)
  const { ref: x, cell } = input.value
  const y = c.image(F, 1, 1, {}, 2)
  const turned = Int32Array.from({ length: K * 4 }, (_, i) => (i % 4 < F ? (i % 4) * K + (i >> 2) : -1))
  c.call('tensor/gemm', x, cell, 4, c.parameter(w, turned), 16, y.ref, y.cell, COUNT, K, 4, 0)
  const out = c.output(y)
  if (cut) c.endPhase()
  const back = Int32Array.from({ length: F * K }, (_, i) => (i % K) * 4 + Math.floor(i / K))
  c.call('tensor/gemm', x, 4, cell, y.ref, y.cell, c.gradient(w, K * 4, back), 16, K, COUNT, 4, 1)
  const loaded = new Loaded(c, link(c, [[['forward']]]), 'simd')
  loaded.floats(input.buffer, samples * K).set(noise(samples * K, 2))
  const [gradient] = c.gradients
  const written = loaded.floats(out, samples * F)
  return {
    loaded,
    y: written,
    w,
    gradient,
    run: (threads, meanwhile) => {
      loaded.readParameters()
      loaded.prepare()
      loaded.run('forward', threads, meanwhile)
      return {
        y: [...written],
        dw: [...loaded.floats(gradient.gathered!.to, F * K)],
      }
    },
  }
}
