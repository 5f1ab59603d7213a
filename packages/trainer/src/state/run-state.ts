import type { EpochState } from '@handgrad/data'
import type { OptimizerState, ScheduleState } from '@handgrad/loss-optim'
import type { Tensor } from '@handgrad/tensor'
import type { TrainConfig } from '../config.ts'
import type { DataOrigin } from '../data.ts'
import type { EpochEvent } from '../events.ts'
import type { Stalled } from '../movement.ts'
import type { NetworkOrigin } from '../own-network.ts'
import type { TallyState } from '../tally.ts'

/** How many images the three parts of the data have. */
export interface PartSizes {
  readonly training: number
  readonly validation: number
  readonly test: number
}

/** Where a run stands within an epoch: behind a batch of its training or of its validation. */
export interface Within {
  readonly phase: 'train' | 'validation'
  /** The samples of this pass in their order, and how many have been handed out. */
  readonly sampler: EpochState
  /** What this pass came to so far. */
  readonly tally: TallyState
  /** What the epoch's training came to, once it validates; null before. */
  readonly trained: TallyState | null
  /** The rate of the last step. */
  readonly lr: number
  /** The parameters that nothing has moved in this epoch so far. */
  readonly stalled: Stalled
}

/** All that a run is after a batch, or between two epochs: enough to go on in another process, bit for bit. */
export interface RunState {
  readonly config: TrainConfig
  readonly images: PartSizes
  /** The data, where the run knew it; states of older versions have none. */
  readonly data?: DataOrigin
  /** What the network comes from, where it is the user's own. */
  readonly network?: NetworkOrigin
  /** Parameters and buffers, by torch's names. */
  readonly model: Record<string, Tensor>
  /** Those of the epoch with the least loss in validation; there are none before the first has ended. */
  readonly best?: Record<string, Tensor>
  readonly optimizer: OptimizerState<{ lr: number }>
  /** Null for a constant learning rate. */
  readonly schedule: ScheduleState | null
  /** The default generator, in the bytes of `torch.get_rng_state()`. */
  readonly generator: Uint8Array
  /** The epochs that are finished. */
  readonly history: readonly EpochEvent[]
  /** Where the run stands within the next epoch; left out between two. */
  readonly within?: Within
}

/** What is wrong with a saved run, in one line. */
export class RunStateError extends Error {
  override readonly name = 'RunStateError'

  constructor(problem: string) {
    super(`run state: ${problem}`)
  }
}
