import type { OptimizerState, ScheduleState } from '@handgrad/loss-optim'
import type { Tensor } from '@handgrad/tensor'
import type { TrainConfig } from '../config.ts'
import type { DataOrigin } from '../data.ts'
import type { EpochEvent } from '../events.ts'

/** How many images the three parts of the data have. */
export interface PartSizes {
  readonly training: number
  readonly validation: number
  readonly test: number
}

/** All that a run is between two epochs: enough to go on in another process, bit for bit. */
export interface RunState {
  readonly config: TrainConfig
  readonly images: PartSizes
  /** The data, where the run knew it; states of older versions have none. */
  readonly data?: DataOrigin
  /** Parameters and buffers, by torch's names. */
  readonly model: Record<string, Tensor>
  readonly optimizer: OptimizerState<{ lr: number }>
  /** Null for a constant learning rate. */
  readonly schedule: ScheduleState | null
  /** The default generator, in the bytes of `torch.get_rng_state()`. */
  readonly generator: Uint8Array
  /** The epochs that are finished: the sampler stands before the next one. */
  readonly history: readonly EpochEvent[]
}

/** What is wrong with a saved run, in one line. */
export class RunStateError extends Error {
  override readonly name = 'RunStateError'

  constructor(problem: string) {
    super(`run state: ${problem}`)
  }
}
