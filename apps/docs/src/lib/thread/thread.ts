import { type Pass, passOf } from './pass.ts'
import { type Patch, sevensPatch } from './patch.ts'
import type { ThreadStep } from './step.ts'
import { conv1dStep } from './steps/conv1d.ts'
import { conv2dStep } from './steps/conv2d.ts'
import { crossEntropyStep } from './steps/cross-entropy.ts'
import { flattenStep } from './steps/flatten.ts'
import { linearStep } from './steps/linear.ts'
import { maxPool2dStep } from './steps/max-pool2d.ts'
import { reluStep } from './steps/relu.ts'
import { sgdStep } from './steps/sgd.ts'

/** In the order of the network. */
const order = [conv2dStep, reluStep, maxPool2dStep, flattenStep, linearStep, crossEntropyStep, sgdStep]

/** The whole thread: its steps in the order of the network, and the lines beside its first. */
export interface Thread {
  readonly pass: Pass
  readonly patch: Patch
  readonly steps: readonly ThreadStep[]
  readonly lines: ThreadStep
}

let made: Promise<Thread> | null = null

/** The thread, computed once for all pages. */
export function thread(): Promise<Thread> {
  made ??= sevensPatch().then((patch) => {
    const pass = passOf(patch)
    const steps = order.map((stepOf) => stepOf(pass))
    return { pass, patch, steps, lines: conv1dStep(pass) }
  })
  return made
}
