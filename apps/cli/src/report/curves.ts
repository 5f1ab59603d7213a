import type { CurvePoint, Mutant, TrainingCurve } from '@handgrad/gradcheck'
import { type FoundSpec, importMutated } from '@handgrad/gradcheck/node'
import { dataFolder } from '../train/data-folder.ts'

/** What is trained: the seed's network on the first tenth of MNIST, on the textbook code, which mutants patch. */
const recipe = {
  preset: 'seed',
  backend: 'reference',
  threads: 1,
  limit: 6000,
  epochs: 4,
  shift: 0,
  seed: 0,
} as const

const unchanged: Mutant = { name: 'nothing changed', file: 'none', find: '', replace: '' }

/** Trains on real MNIST with a mutant injected, in a graph of modules of its own. */
export async function trainWith(mutant: Mutant | null, spec: string, root: URL): Promise<TrainingCurve> {
  const graph = <T>(path: string): Promise<T> => importMutated<T>(path, mutant ?? unchanged, root)
  const { useBackend } = await graph<typeof import('@handgrad/tensor')>('packages/tensor/src/index.ts')
  const { loadMnist, Subset } = await graph<typeof import('@handgrad/data')>('packages/data/src/index.ts')
  const { resolveConfig, TrainingRun } = await graph<typeof import('@handgrad/trainer')>(
    'packages/trainer/src/index.ts',
  )
  useBackend(recipe.backend)
  const { train, test } = await loadMnist(dataFolder('mnist', undefined))
  const first = Array.from({ length: recipe.limit }, (_, i) => i)
  const data = { train: new Subset(train, first), test, classes: 10, background: train.background }
  const epochs: CurvePoint[] = []
  for await (const event of new TrainingRun(resolveConfig(recipe), data).events()) {
    if (event.event === 'epoch') {
      const { epoch, trainLoss, trainAccuracy, validationLoss, validationAccuracy } = event
      epochs.push({ epoch, trainLoss, trainAccuracy, validationLoss, validationAccuracy })
    }
    if (event.event === 'done') {
      const { testLoss, testAccuracy } = event
      const about = mutant === null ? null : { name: mutant.name, spec }
      return { mutant: about, config: recipe, epochs, testLoss, testAccuracy }
    }
  }
  throw new Error('the run ended without a test')
}

/** The mistakes that are trained with: the gradients are wrong, and the network learns all the same. */
const TRAINED = new Set(['dx with the unflipped kernel', 'no gradient of the weight'])

/** Trains with nothing changed, and with each of two mutants that are stated to train. */
export async function* trainAll(found: readonly FoundSpec[], root: URL): AsyncGenerator<TrainingCurve> {
  yield await trainWith(null, '', root)
  for (const { spec } of found) {
    for (const mutant of spec.mutants) {
      if (mutant.trains === true && TRAINED.has(mutant.name)) yield await trainWith(mutant, spec.name, root)
    }
  }
}
