export {
  ConfigError,
  type OptimizerName,
  resolveConfig,
  type ScheduleName,
  type TrainConfig,
  type TrainOptions,
} from './config.ts'
export { Confusion } from './confusion.ts'
export type { TrainData } from './data.ts'
export type { DoneEvent, EpochEvent, Phase, ProgressEvent, TrainEvent } from './events.ts'
export { checkField, type Field, type FieldName, fields } from './fields.ts'
export { models } from './models.ts'
export type { Pacing } from './optimizers.ts'
export { type Preset, type PresetName, presets } from './presets.ts'
export { TrainingRun } from './training-run.ts'
export { type PlannedStepper, plannedStepper } from './planned/stepper.ts'
export { type BatchResult, localStepper, type Stepper } from './stepper.ts'
