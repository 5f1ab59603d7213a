// oxlint-disable-next-line import/no-unassigned-import -- comes first, to say what an older Node lacks
import './node-version.ts'

export { platform } from '#platform'
export { type BackendName, backends, currentBackend, useBackend } from './backend.ts'
export { checkTensor, notATensor } from './check-tensor.ts'
export { full, ones, type TensorSource, tensor, zeros } from './create.ts'
export { describeValue } from './describe.ts'
export {
  allocate,
  arrayKind,
  type DataOf,
  type DType,
  dtypeOf,
  dtypes,
  type FloatArray,
  type FloatDType,
  type IntDType,
  isFloat,
} from './dtype.ts'
export { Compiler } from './engine/compiler.ts'
export { currentThreads } from './engine/in-force.ts'
export { type Linked, link, type Routes } from './engine/link.ts'
export { Loaded } from './engine/loaded.ts'
export type { Call, Place, Program } from './engine/program.ts'
export { claimPool, endPool, poolFor, threadsFor, useThreads, withThreads } from './engine/threads.ts'
export {
  type Arg,
  type Buffer,
  COUNT,
  type Rank,
  type Ref,
  startOf,
  type Value,
  type Wish,
} from './engine/value.ts'
export { setWorkerUrl } from './engine/worker-url.ts'
export type { Cells, Gradient } from './engine/written.ts'
export { foreignKind } from './foreign-bytes.ts'
export { DEFAULT_SEED, Generator } from './generator.ts'
export { checkOptions, type OptionNames } from './options.ts'
export {
  checkGenerator,
  defaultGenerator,
  manualSeed,
  type RandomOptions,
  rand,
  randn,
  randperm,
} from './random.ts'
export { matmul, type Transposed, transposed } from './reference/matmul.ts'
export { sum } from './reference/reduce.ts'
export { argmaxTaps, gatherTaps, scatterTaps } from './reference/taps.ts'
export { fold, unfold } from './reference/unfold.ts'
export { SafetensorsError } from './safetensors/error.ts'
export { loadSafetensors, readSafetensors, type SafetensorsFile } from './safetensors/read.ts'
export { type OwnBytes, saveSafetensors } from './safetensors/write.ts'
export { checkShape, formatShape, numel, type Pair, pair, sameShape } from './shape.ts'
export {
  currentKernels,
  instantiate,
  type Kernel,
  type KernelBytes,
  type KernelModules,
  kernelModules,
  recompileKernels,
  registerKernels,
} from './simd/kernels.ts'
export { blocksTaken, freeBlock, sharedMemory, takeBlock } from './simd/memory.ts'
export { overridesKernel } from './simd/own-code.ts'
export type { WasmMemory, WasmModule } from './simd/wasm.ts'
export { workspace, workspaceFloats, workspaceIntegers } from './simd/workspace.ts'
export { type NestedArray, Tensor } from './tensor.ts'
export {
  insideRange,
  type LineWindowOptions,
  resolveLine,
  resolveWindow,
  type Window,
  type WindowOptions,
} from './window.ts'
