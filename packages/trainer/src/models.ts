import { lenet5, mlp, type Sequential, seed, wide } from '@handgrad/layers'

/** Every network of `@handgrad/layers`' `models/`, by name: a fresh one per call, drawn from the default generator. */
export const models: Readonly<Record<string, () => Sequential>> = { seed, lenet5, wide, mlp }
