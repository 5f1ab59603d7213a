import { type Binding, type Derivation, history, type OptimizerCase } from '@handgrad/gradcheck'
import { type Tensor, zeros } from '@handgrad/tensor'

/** The steps of {@link SGD}: from the penalised gradient over the velocity to the new parameters. */
export const derivation: Derivation<OptimizerCase> = {
  symbols: {
    p: 'parameters before each step, and after the last [K+1,T]',
    s: 'parameters at the start [T]',
    g: 'gradients of each step [K,T]',
    a: '1 where a parameter has a gradient at that step; others are left alone [K,T]',
    f: '1 where it is the first one [K,T]',
    d: 'direction: the gradient with the penalty [K,T]',
    v: 'velocity [K,T]',
    u: 'what is subtracted, times the learning rate [K,T]',
    lr: 'learning rate',
    mu: 'momentum',
    tau: 'dampening',
    lam: 'weight decay',
    up: '1, or −1 to climb',
    z: 'one parameter alone',
  },
  tex: { d: '\\tilde{g}', lr: '\\eta', mu: '\\mu', tau: '\\tau', lam: '\\lambda', up: '\\sigma' },
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
      because: 'So it is added to the gradient of the loss, before any momentum.',
    },
    {
      id: 'velocity-sum',
      equation: 'v[j,t] = sum((i <= j) * d[i,t] * (i == 0 ? mu^j : (1 - tau) * mu^(j - i)), i)',
      because:
        'Momentum is a sum over all directions so far, each fading by μ a step; the first one is not dampened.',
      when: 'skips == 0',
    },
    {
      id: 'velocity',
      equation:
        'v[j,t] = a[j,t] == 0 ? v[j-1,t] : (f[j,t] == 1 ? d[j,t] : mu * v[j-1,t] + (1 - tau) * d[j,t])',
      because: 'The sum up to a step is μ times the sum up to the one before, plus the newest term.',
    },
    {
      id: 'step',
      equation: 'u[j,t] = mu == 0 ? d[j,t] : (nesterov == 1 ? d[j,t] + mu * v[j,t] : v[j,t])',
      because:
        'Go along the velocity; Nesterov looks one step of momentum ahead; without momentum it is the gradient.',
    },
    {
      id: 'update',
      equation: 'p[k,t] = k == 0 ? s[t] : p[k-1,t] - (a[k-1,t] == 1) * lr * u[k-1,t]',
      because: 'One step down; a parameter without a gradient stays.',
    },
  ],
  bind,
}

function bind(item: OptimizerCase, values: Readonly<Record<string, Tensor>>): Binding {
  const {
    lr = 0.001,
    momentum: mu = 0,
    dampening: tau = 0,
    weightDecay: lam = 0,
    ...flags
  } = item.options as Record<string, number>
  const [nesterov, up] = [flags.nesterov ? 1 : 0, flags.maximize ? -1 : 1]
  const { K, T, skips, golden, ...tensors } = history(item, values)
  const { p, g, a, f } = tensors
  const [d, v, u] = [0, 1, 2].map((): Tensor => zeros([K, T], { dtype: 'float64' }))
  for (let e = 0; e < K * T; e++) {
    d.data[e] = up * g.data[e] + lam * p.data[e]
    const last = e < T ? 0 : v.data[e - T]
    v.data[e] = a.data[e] === 0 ? last : f.data[e] === 1 ? d.data[e] : mu * last + (1 - tau) * d.data[e]
    u.data[e] = mu === 0 ? d.data[e] : nesterov === 1 ? d.data[e] + mu * v.data[e] : v.data[e]
  }
  return {
    sizes: { K, T, skips, lr, mu, tau, lam, nesterov, up, z: 0.8 },
    tensors: { ...tensors, d, v, u },
    golden,
  }
}
