// Written by `pnpm generate` from the folders beside it.
export { spec as adam } from './adam/spec.ts'
export { spec as crossEntropyLoss } from './cross-entropy-loss/spec.ts'
export { spec as schedules } from './schedules/spec.ts'
export { spec as sgd } from './sgd/spec.ts'
