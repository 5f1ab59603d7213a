export { distance, findWorst, formatWorst, unravel, type Worst } from './compare.ts'
export { type GradcheckOptions, type GradcheckReport, gradcheck } from './differences/gradcheck.ts'
export type { Coordinate, GradcheckTensor } from './differences/judge.ts'
export type { DifferenceOptions } from './differences/slopes.ts'
export type { Binding, Derivation, Step } from './equations/derivation.ts'
export { caseTensors, fixtureOf } from './fixture.ts'
export { combinations, fromTorch } from './grid.ts'
export { BIN_ENDS } from './histogram.ts'
export { type History, history } from './history.ts'
export type { Mutant } from './mutant.ts'
export type { Answer } from './outputs/answers.ts'
export {
  type Given,
  type JudgedTensor,
  type LoadedCase,
  type OutputsReport,
  verifyOutputs,
} from './outputs/verify-outputs.ts'
export { type PackCase, PackError, type PackManifest, type PackOutput } from './pack/layout.ts'
export { proveCase, proveError, proveSpec } from './prove.ts'
export {
  type CurvePoint,
  type MutantReport,
  REPORT_VERSION,
  type Report,
  type ReportTotals,
  type SpecReport,
  type TrainingCurve,
} from './report.ts'
export type { CaseResult, Fixture, Furthest, Measure, Problem, View } from './result.ts'
export { type FileScore, type KnownScore, type ScoreFile, scoresByRoom, shareOf, sumOf } from './scores.ts'
export type {
  Argument,
  Checkable,
  ErrorCase,
  ModuleArgument,
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
export type { RatioSummary, StepSummary } from './summary.ts'
export { type Survey, type SurveyCase, type SurveyProblem, survey, type UlpSummary } from './survey.ts'
export { UNIT, ulp } from './ulp.ts'
export { BUNDLE_FORMAT, type Bundle, type BundleCase, BundleError, parseBundle } from './verify/bundle.ts'
export { type LayerFactory, type VerifiedTensor, type VerifyReport, verifyBundle } from './verify/verify.ts'
