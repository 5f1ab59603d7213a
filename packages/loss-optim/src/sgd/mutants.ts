import type { Mutant } from '@handgrad/gradcheck'

const file = 'packages/loss-optim/src/sgd/sgd.ts'
const velocity = 'v[i] = first ? d : momentum * v[i] + (1 - dampening) * d'

/** Mistakes in the order and the coefficients of a step. */
export const mutants: readonly Mutant[] = [
  {
    name: 'the first step is dampened',
    file,
    find: 'first ? d : momentum',
    replace: 'first ? (1 - dampening) * d : momentum',
  },
  { name: 'dampening forgotten', file, find: '(1 - dampening) * d', replace: 'd' },
  {
    name: 'the newest gradient is averaged in',
    file,
    find: '(1 - dampening) * d',
    replace: '(1 - momentum) * d',
    trains: true,
  },
  {
    name: 'momentum before weight decay',
    file,
    find: 'd += weightDecay * p[i]',
    replace: 'p[i] -= lr * weightDecay * p[i]',
  },
  {
    name: 'weight decay with the wrong sign',
    file,
    find: 'd += weightDecay * p[i]',
    replace: 'd -= weightDecay * p[i]',
  },
  {
    name: 'climbing decays the wrong way',
    file,
    find: 'd += weightDecay * p[i]',
    replace: 'd += (maximize ? -1 : 1) * weightDecay * p[i]',
  },
  {
    name: 'Nesterov without the gradient',
    file,
    find: 'nesterov ? d + momentum * v[i]',
    replace: 'nesterov ? momentum * v[i]',
  },
  {
    name: 'Nesterov looks back',
    file,
    find: 'nesterov ? d + momentum * v[i]',
    replace: 'nesterov ? d - momentum * v[i]',
  },
  { name: 'a new velocity at every step', file, find: velocity, replace: 'v[i] = d' },
  {
    name: 'learning rate inside the velocity',
    file,
    find: velocity,
    replace: 'v[i] = first ? lr * d : momentum * v[i] + lr * (1 - dampening) * d; d = v[i] / lr',
  },
  {
    name: 'kernel: momentum sign',
    file: 'packages/loss-optim/src/sgd/sgd.as.ts',
    kernel: true,
    find: 'madd(mu, v128.load(v), f32x4.mul(part, d))',
    replace: 'madd(f32x4.neg(mu), v128.load(v), f32x4.mul(part, d))',
  },
  {
    name: 'kernel: uphill',
    file: 'packages/loss-optim/src/sgd/sgd.as.ts',
    kernel: true,
    find: 'f32x4.splat(-lr)',
    replace: 'f32x4.splat(lr)',
  },
  {
    name: 'kernel: first step damped',
    file: 'packages/loss-optim/src/sgd/sgd.as.ts',
    kernel: true,
    find: 'const m = first ? d : madd',
    replace: 'const m = first < 0 ? d : madd',
  },
  {
    name: 'kernel: weight decay forgotten',
    file: 'packages/loss-optim/src/sgd/sgd.as.ts',
    kernel: true,
    find: 'if (decay != 0) d = madd(lambda, old, d)',
    replace: 'if (decay != 0) d = d',
  },
  {
    name: 'kernel: Nesterov steps twice',
    file: 'packages/loss-optim/src/sgd/sgd.as.ts',
    kernel: true,
    find: 'madd(mu, m, d) : m',
    replace: 'f32x4.add(m, d) : m',
  },
  {
    name: 'kernel: maximize ignored',
    file: 'packages/loss-optim/src/sgd/sgd.as.ts',
    kernel: true,
    find: 'f32x4.mul(side, v128.load(g))',
    replace: 'v128.load(g)',
  },
  {
    name: 'kernel: the last parameters stay',
    file: 'packages/loss-optim/src/sgd/sgd.as.ts',
    kernel: true,
    find: 'const end = p + (floats << 2)',
    replace: 'const end = p + ((floats - 4) << 2)',
  },
  {
    name: 'kernel: momentum is not kept',
    file: 'packages/loss-optim/src/sgd/sgd.as.ts',
    kernel: true,
    find: '      v128.store(v, m)\n',
    replace: '',
  },
]
