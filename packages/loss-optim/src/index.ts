// Written by `pnpm generate` from the folders beside it.
export { Optimizer, type OptimizerState } from './optimizer.ts'
export { Adam, type AdamOptions } from './adam/adam.ts'
export { CrossEntropyLoss, type CrossEntropyLossOptions, type Reduction } from './cross-entropy-loss/cross-entropy-loss.ts'
export { type OneCycleLROptions } from './schedules/cycle.ts'
export { OneCycleLR } from './schedules/one-cycle-lr.ts'
export { Schedule, type Scheduled, type ScheduleState } from './schedules/schedule.ts'
export { StepLR, type StepLROptions } from './schedules/step-lr.ts'
export { SGD, type SGDOptions } from './sgd/sgd.ts'
