import type { Argument } from '@handgrad/gradcheck'
import { Conv2d, Flatten, type Layer, Linear, MaxPool2d, ReLU } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import type { FloatDType } from '@handgrad/tensor'

/** A network and its loss, as a case's arguments name them. */
export interface Recipe {
  readonly layers: readonly Layer[]
  readonly criterion: CrossEntropyLoss
}

type Build = (args: number[], options: { padding?: number; dtype: FloatDType }) => Layer

const builders: Readonly<Record<string, Build>> = {
  'nn.Conv2d': ([inChannels, outChannels, size], options) =>
    new Conv2d(inChannels, outChannels, size, options),
  'nn.ReLU': () => new ReLU(),
  'nn.MaxPool2d': ([size]) => new MaxPool2d(size),
  'nn.Flatten': () => new Flatten(),
  'nn.Linear': ([features, classes], options) => new Linear(features, classes, options),
}

/** Builds the layers of a case in `dtype`; its last argument is the loss. */
export function recipeOf(args: readonly Argument[], dtype: FloatDType): Recipe {
  const parts = args.slice(0, -1) as { module: string; args?: number[]; options?: object }[]
  const layers = parts.map(({ module, args: own = [], options }) =>
    builders[module](own, { ...options, dtype }),
  )
  return { layers, criterion: new CrossEntropyLoss() }
}
