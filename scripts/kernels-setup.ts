import { afterAll } from 'vitest'
import { kernelPlan } from '../packages/layers/src/index.ts'
import { backends, useBackend, useThreads } from '../packages/tensor/src/index.ts'

// Its kernels are known from here on, as they are in every file of these packages.
void kernelPlan

// The next file of this process starts on the fastest kernels and one thread.
afterAll(() => {
  useThreads(1)
  useBackend(backends().at(-1)!)
})
