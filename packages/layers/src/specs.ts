// Written by `pnpm generate` from the folders beside it.
export { spec as conv1d } from './conv1d/spec.ts'
export { spec as conv2d } from './conv2d/spec.ts'
export { spec as dropout } from './dropout/spec.ts'
export { spec as flatten } from './flatten/spec.ts'
export { spec as linear } from './linear/spec.ts'
export { spec as maxPool2d } from './max-pool2d/spec.ts'
export { spec as relu } from './relu/spec.ts'
