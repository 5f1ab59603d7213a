export type { DifferenceOptions } from './differences.ts'
export type { Binding, Derivation, Step } from './equations/derivation.ts'
export { caseTensors, fixtureOf } from './fixture.ts'
export {
  type Coordinate,
  type GradcheckOptions,
  type GradcheckReport,
  type GradcheckTensor,
  gradcheck,
} from './gradcheck.ts'
export { combinations, fromTorch } from './grid.ts'
export { type History, history } from './history.ts'
export type { Mutant } from './mutant.ts'
export { proveCase, proveError, proveSpec } from './prove.ts'
export type { CaseResult, Fixture, Measure, Problem, View } from './result.ts'
export type {
  Argument,
  Checkable,
  ErrorCase,
  ModuleCase,
  ModuleSpec,
  OptimizerCase,
  OptimizerSpec,
  Options,
  ScheduleCase,
  ScheduleSpec,
  Spec,
  TensorSpec,
} from './spec.ts'
