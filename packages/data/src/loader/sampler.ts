import { defaultGenerator, Generator } from '@handgrad/tensor'

/** Where an epoch's order of samples comes from: drawn when the first batch is asked for, as torch does. */
export interface Sampler {
  /** The order of all samples. */
  order(): Int32Array
  /** Called once, when the epoch asks for a sample beyond the last. */
  exhausted(): void
}

const INT63 = 63

/** torch's `tensor.random_()` of int64: two words, modulo 2⁶³. */
export function drawSeed(generator: Generator): bigint {
  return BigInt.asUintN(INT63, generator.random64())
}

/** 0 … count−1. */
export function sequentialSampler(count: number): Sampler {
  return { order: () => Int32Array.from({ length: count }, (_, i) => i), exhausted: () => {} }
}

/**
 * torch's `RandomSampler`: with no generator of its own it seeds a fresh one from the default generator; with its own
 * it draws a second order when the first runs out, of which it then takes the first 0 samples.
 */
export function randomSampler(count: number, own: Generator | undefined): Sampler {
  if (own !== undefined)
    return { order: () => own.randperm(count), exhausted: () => void own.randperm(count) }
  return { order: () => new Generator(drawSeed(defaultGenerator)).randperm(count), exhausted: () => {} }
}
