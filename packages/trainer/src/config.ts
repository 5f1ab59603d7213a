/** The optimizers that a run can use. */
export type OptimizerName = 'sgd' | 'adam'

/** How the learning rate moves: not at all, ×0.1 after each third of the epochs, or up to `lr` and down to nothing. */
export type ScheduleName = 'constant' | 'step' | 'one-cycle'

/** The name of a file in `presets/`. */
export type PresetName = 'default' | 'seed' | 'fast' | 'accurate'

/** Everything that decides how a run goes. The same config, data and backend give the same run. */
export interface TrainConfig {
  preset: PresetName
  dataset: string
  /** A name in `models`, or the path of a module that makes the network. */
  model: string
  epochs: number
  batchSize: number
  optimizer: OptimizerName
  /** The learning rate; the highest one when `schedule` is `one-cycle`. */
  lr: number
  /** Of SGD; 0 with Adam, which keeps its own moments. */
  momentum: number
  schedule: ScheduleName
  /** Training images are moved by up to so many pixels each way. */
  shift: number
  seed: number
  backend: string
  /** Worker threads that were asked for. */
  threads: number
  /** Kernels with V8's revectorisation, where it is there and passes its check. */
  turbo: boolean
  /** Use only the first so many training and test images; null for all. */
  limit: number | null
  /** Training ends after so many epochs without less loss in validation, and the best weights are tested; null: never. */
  earlyStop: number | null
}

/** What the user sets; the rest comes from the preset, then from the fields' own defaults. */
export type TrainOptions = { [Name in keyof TrainConfig]?: TrainConfig[Name] | undefined }
