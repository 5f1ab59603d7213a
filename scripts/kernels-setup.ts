import { afterAll } from 'vitest'
// Its kernels are known from here on, as they are in every file of these packages.
import '../packages/layers/src/index.ts'
import { backends, useBackend, useThreads } from '../packages/tensor/src/index.ts'

// The next file of this process starts on the fastest kernels and one thread.
afterAll(() => {
  useThreads(1)
  useBackend(backends().at(-1)!)
})
