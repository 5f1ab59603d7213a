import type { ErrorCase, ModuleSpec, Options, TensorSpec } from '@handgrad/gradcheck'
import { cases, indices, of, positive, probabilities, weight } from './cases.proof.ts'
import { derivation } from './derivation.ts'
import { mutants } from './mutants.ts'
import { PlannedLoss } from './planned-loss.proof.ts'

const error = (
  name: string,
  shape: readonly number[],
  target: TensorSpec,
  message: string,
  options: Options = {},
): ErrorCase => ({
  ...of(name, shape, options, target),
  message,
})

/** The cases of {@link CrossEntropyLoss}. */
export const spec: ModuleSpec = {
  kind: 'module',
  name: 'CrossEntropyLoss',
  torch: 'nn.CrossEntropyLoss',
  derivation,
  onKernels: 26,
  mutants,
  create: (_args, options) => new PlannedLoss(options),
  loss: true,
  cases,
  errors: [
    error(
      'target-negative',
      [3, 4],
      indices([3, 4], { plant: { 1: -1 } }),
      'CrossEntropyLoss: target -1 is not a class, expected 0 to 3',
    ),
    error(
      'target-beyond-classes',
      [3, 4],
      indices([3, 4], { plant: { 2: 4 } }),
      'CrossEntropyLoss: target 4 is not a class, expected 0 to 3',
    ),
    error(
      'target-shape',
      [3, 4],
      indices([5, 4]),
      'CrossEntropyLoss: int32 target has shape [5], expected [3] for logits [3,4]',
    ),
    error(
      'probabilities-shape',
      [3, 4],
      probabilities([3, 5]),
      'CrossEntropyLoss: float32 target has shape [3,5], expected [3,4] for logits [3,4]',
    ),
    error(
      'integer-probabilities',
      [2, 3],
      { shape: [2, 3], fill: 'zeros', dtype: 'int64' },
      'CrossEntropyLoss: int64 target has shape [2,3], expected [2] for logits [2,3]',
    ),
    error(
      'probabilities-and-ignored',
      [3, 4],
      probabilities([3, 4]),
      'CrossEntropyLoss: ignoreIndex needs class indices as target, got probabilities',
      { ignoreIndex: 1 },
    ),
    {
      ...error(
        'smoothing-negative',
        [3, 4],
        indices([3, 4]),
        'CrossEntropyLoss: labelSmoothing is -0.1, expected 0 to 1',
        { labelSmoothing: -0.1 },
      ),
      torchAccepts: 'torch treats a negative value as 0',
    },
    error(
      'smoothing-above-1',
      [3, 4],
      indices([3, 4]),
      'CrossEntropyLoss: labelSmoothing is 1.1, expected 0 to 1',
      { labelSmoothing: 1.1 },
    ),
    error(
      'reduction',
      [3, 4],
      indices([3, 4]),
      "CrossEntropyLoss: reduction is 'median', expected 'mean', 'sum' or 'none'",
      { reduction: 'median' },
    ),
    {
      ...error(
        'weight-length',
        [3, 4],
        indices([3, 4]),
        'CrossEntropyLoss: weight is float32 [5], expected float32 [4]',
        { weight },
      ),
      tensors: positive(5),
    },
    {
      ...error(
        'weight-rank',
        [3, 4],
        indices([3, 4]),
        'CrossEntropyLoss: weight is float32 [4,1], expected a float tensor [C]',
        { weight },
      ),
      tensors: { weight: { shape: [4, 1], fill: 'positive' } },
    },
    {
      ...error(
        'integer-logits',
        [3, 4],
        indices([3, 4]),
        'CrossEntropyLoss: logits must be a float tensor [C], [N,C] or [N,C,d…]',
      ),
      inputs: { x: { shape: [3, 4], fill: 'classes', classes: 3, dtype: 'int32' }, target: indices([3, 4]) },
    },
  ],
}
