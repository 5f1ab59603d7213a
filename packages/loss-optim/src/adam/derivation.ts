import { type Binding, type Derivation, history, type OptimizerCase } from '@handgrad/gradcheck'
import { type Tensor, zeros } from '@handgrad/tensor'

/** The steps of {@link Adam}: two running means, their bias taken out, and the quotient. */
export const derivation: Derivation<OptimizerCase> = {
  symbols: {
    p: 'parameters before each step, and after the last [K+1,T]',
    s: 'parameters at the start [T]',
    g: 'gradients of each step [K,T]',
    a: '1 where a parameter has a gradient at that step; others are left alone [K,T]',
    c: 'how many gradients a parameter has had [K,T]',
    d: 'direction: the gradient with the penalty [K,T]',
    m: 'running mean of the directions [K,T]',
    v: 'running mean of the squared directions [K,T]',
    w: 'that mean of squares, or with AMSGrad the largest so far [K,T]',
    lr: 'learning rate',
    B: 'β₁, how much of m is kept',
    C: 'β₂, how much of v is kept',
    lam: 'weight decay',
    up: '1, or −1 to climb',
    eps: 'keeps the denominator above 0',
    z: 'one parameter alone',
  },
  tex: {
    d: '\\tilde{g}',
    lr: '\\eta',
    B: '\\beta_1',
    C: '\\beta_2',
    lam: '\\lambda',
    up: '\\sigma',
    eps: '\\varepsilon',
    w: '\\hat{v}',
  },
  indices: { k: 'K+1', j: 'K', i: 'K', t: 'T' },
  golden: {},
  steps: [
    {
      id: 'penalty',
      equation: 'diff(lam / 2 * z^2, z) = lam * z',
      because: 'Weight decay is the gradient of a penalty on the size of the parameters.',
    },
    {
      id: 'direction',
      equation: 'd[j,t] = up * g[j,t] + lam * p[j,t]',
      because: 'So it is added to the gradient of the loss.',
    },
    {
      id: 'count',
      equation: 'c[j,t] = sum(a[i,t] * (i <= j), i)',
      because: 'Each parameter counts its own steps.',
    },
    {
      id: 'mean-sum',
      equation: 'm[j,t] = sum((i <= j) * (1 - B) * B^(j - i) * d[i,t], i)',
      because: 'The running mean starts at 0 and forgets: each direction fades by β₁ a step.',
      when: 'skips == 0',
    },
    {
      id: 'mean',
      equation: 'm[j,t] = a[j,t] == 0 ? m[j-1,t] : B * m[j-1,t] + (1 - B) * d[j,t]',
      because: 'The sum up to a step is β₁ times the sum up to the one before, plus the newest term.',
    },
    {
      id: 'square-sum',
      equation: 'v[j,t] = sum((i <= j) * (1 - C) * C^(j - i) * d[i,t]^2, i)',
      because: 'The same for the squares.',
      when: 'skips == 0',
    },
    {
      id: 'square',
      equation: 'v[j,t] = a[j,t] == 0 ? v[j-1,t] : C * v[j-1,t] + (1 - C) * d[j,t]^2',
      because: 'And its recursion.',
    },
    {
      id: 'bias-mean',
      equation: 'sum((i <= j) * (1 - B) * B^(j - i), i) = 1 - B^(j + 1)',
      because: 'The weights of m do not sum to 1 but to this (a geometric series): m is too small at first.',
    },
    {
      id: 'bias-square',
      equation: 'sum((i <= j) * (1 - C) * C^(j - i), i) = 1 - C^(j + 1)',
      because: 'And so are those of v: both are divided by the sum of their weights.',
    },
    {
      id: 'largest',
      equation: 'w[j,t] = amsgrad == 1 ? max((i <= j) * v[i,t], i) : v[j,t]',
      because: 'AMSGrad never lets the denominator shrink.',
    },
    {
      id: 'update-paper',
      equation:
        'p[k,t] = k == 0 ? s[t] : p[k-1,t] - (a[k-1,t] == 1) * (lr * (m[k-1,t] / (1 - B^c[k-1,t])) / (sqrt(w[k-1,t] / (1 - C^c[k-1,t])) + eps))',
      because: 'The step: the mean without its bias over the root of the mean square without its bias.',
    },
    {
      id: 'update',
      equation:
        'p[k,t] = k == 0 ? s[t] : p[k-1,t] - (a[k-1,t] == 1) * (lr / (1 - B^c[k-1,t]) * m[k-1,t] / (sqrt(w[k-1,t]) / sqrt(1 - C^c[k-1,t]) + eps))',
      because: 'The same, arranged as torch computes it.',
    },
  ],
  bind,
}

interface Options {
  lr?: number
  betas?: readonly [number, number]
  weightDecay?: number
  eps?: number
  amsgrad?: boolean
  maximize?: boolean
}

function bind(item: OptimizerCase, values: Readonly<Record<string, Tensor>>): Binding {
  const options = item.options as Options
  const {
    lr = 0.001,
    betas: [B, C] = [0.9, 0.999],
    weightDecay: lam = 0,
    eps = 1e-8,
    amsgrad = false,
  } = options
  const up = options.maximize ? -1 : 1
  const { K, T, skips, golden, ...tensors } = history(item, values)
  const { p, g, a } = tensors
  const [d, m, v, w, c] = [0, 1, 2, 3, 4].map((): Tensor => zeros([K, T], { dtype: 'float64' }))
  for (let e = 0; e < K * T; e++) {
    const last = (x: Tensor): number => (e < T ? 0 : x.data[e - T])
    const has = a.data[e] === 1
    d.data[e] = up * g.data[e] + lam * p.data[e]
    c.data[e] = last(c) + a.data[e]
    m.data[e] = has ? B * last(m) + (1 - B) * d.data[e] : last(m)
    v.data[e] = has ? C * last(v) + (1 - C) * d.data[e] ** 2 : last(v)
    w.data[e] = amsgrad ? Math.max(last(w), v.data[e]) : v.data[e]
  }
  return {
    sizes: { K, T, skips, lr, B, C, lam, eps, amsgrad: Number(amsgrad), up, z: 0.8 },
    tensors: { ...tensors, d, m, v, w, c },
    whole: ['a', 'c'],
    golden,
  }
}
