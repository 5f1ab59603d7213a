import type { Mutant } from '@handgrad/gradcheck'

const file = 'packages/loss-optim/src/adam/adam.ts'

/** Mistakes in the means, their bias and the denominator. */
export const mutants: readonly Mutant[] = [
  { name: 'bias of the mean kept', file, find: 'lr / (1 - beta1 ** t)', replace: 'lr' },
  { name: 'bias of the square kept', file, find: 'Math.sqrt(1 - beta2 ** t)', replace: '1' },
  {
    name: 'epsilon inside the root',
    file,
    find: 'spread / correction + eps',
    replace: 'Math.sqrt((spread / correction) ** 2 + eps)',
  },
  {
    name: 'epsilon before the bias',
    file,
    find: 'spread / correction + eps',
    replace: '(spread + eps) / correction',
    trains: true,
  },
  {
    name: 'betas swapped',
    file,
    find: 'const [beta1, beta2] = betas',
    replace: 'const [beta2, beta1] = betas',
    trains: true,
  },
  { name: 'the square of the mean', file, find: '(1 - beta2) * g * g', replace: '(1 - beta2) * m[i] * m[i]' },
  {
    name: 'decay decoupled',
    file,
    find: 'g += weightDecay * p[i]',
    replace: 'p[i] -= lr * weightDecay * p[i]',
  },
  {
    name: 'AMSGrad of the corrected mean',
    file,
    find: 'Math.max(largest[i], v[i])',
    replace: 'Math.max(largest[i], v[i] / correction ** 2)',
  },
  { name: 'AMSGrad forgets', file, find: 'Math.max(largest[i], v[i])', replace: 'v[i]' },
  {
    name: 'steps counted from zero',
    file,
    find: '++kept.step.data[0]',
    replace: 'kept.step.data[0]++ + 1e-9',
  },
  {
    name: 'kernel: second moment of g, not g²',
    file: 'packages/loss-optim/src/adam/adam.as.ts',
    kernel: true,
    find: 'f32x4.mul(r2, f32x4.mul(d, d))',
    replace: 'f32x4.mul(r2, d)',
  },
  {
    name: 'kernel: ε inside the root',
    file: 'packages/loss-optim/src/adam/adam.as.ts',
    kernel: true,
    find: 'f32x4.add(f32x4.div(f32x4.sqrt(square), scale), small)',
    replace: 'f32x4.div(f32x4.sqrt(f32x4.add(square, small)), scale)',
  },
  {
    name: 'kernel: no correction of v',
    file: 'packages/loss-optim/src/adam/adam.as.ts',
    kernel: true,
    find: 'f32x4.div(f32x4.sqrt(square), scale)',
    replace: 'f32x4.sqrt(square)',
  },
  {
    name: 'kernel: β₁ and β₂ swapped',
    file: 'packages/loss-optim/src/adam/adam.as.ts',
    kernel: true,
    find: 'madd(b1, v128.load(m), f32x4.mul(r1, d))',
    replace: 'madd(b2, v128.load(m), f32x4.mul(r1, d))',
  },
  {
    name: 'kernel: AMSGrad keeps the last v',
    file: 'packages/loss-optim/src/adam/adam.as.ts',
    kernel: true,
    find: 'square = f32x4.max(v128.load(largest), square)',
    replace: 'square = square',
  },
  {
    name: 'kernel: m is not kept',
    file: 'packages/loss-optim/src/adam/adam.as.ts',
    kernel: true,
    find: '    v128.store(m, mean)\n',
    replace: '',
  },
]
