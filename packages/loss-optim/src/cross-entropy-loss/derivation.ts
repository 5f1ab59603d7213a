import type { Binding, Derivation, ModuleCase } from '@handgrad/gradcheck'
import { numel, ones, type Tensor, tensor, zeros } from '@handgrad/tensor'

/** From softmax to the gradient of {@link CrossEntropyLoss}: softmax minus target. */
export const derivation: Derivation<ModuleCase> = {
  symbols: {
    z: 'logits, N samples of C classes at D places each [N,C,D]',
    p: 'softmax of the logits [N,C,D]',
    m: 'the largest logit of each sample [N,D]',
    lp: 'logarithm of the softmax [N,C,D]',
    t: 'class of each sample [N,D]',
    tp: 'or a probability for every class [N,C,D]',
    wt: 'weight of each class; 1 unless told [C]',
    q: 'the target as weights of the log-probabilities [N,C,D]',
    l: 'loss of each sample [N,D]',
    Z: 'what the sum of the losses is divided by',
    y: 'the loss: one number, or [N,D] when nothing is reduced',
    dy: 'gradient of whatever comes after the loss, of the shape of y; 1 where the loss is the end',
    dl: 'gradient with respect to the loss of each sample [N,D]',
    dz: 'gradient with respect to the logits [N,C,D]',
    s: 'label smoothing',
    g: 'the ignored class index',
    u: 'one logit alone, and R the sum of the exponentials of the others',
  },
  tex: { lp: '\\log p', tp: 'r', wt: 'w', s: '\\varepsilon', d: 'i', f: "i'", b: "n'" },
  indices: { n: 'N', b: 'N', c: 'C', k: 'C', d: 'D', f: 'D' },
  golden: { y: 'y', dz: 'dx' },
  steps: [
    {
      id: 'softmax',
      equation: 'p[n,c,d] = exp(z[n,c,d]) / sum(exp(z[n,k,d]), k)',
      because: 'Softmax makes positive numbers that sum to 1 of any logits.',
      when: 'top < 700',
    },
    {
      id: 'largest',
      equation: 'm[n,d] = max(z[n,k,d], k)',
      because: 'The exponential of a logit of 1000 overflows; so look for the largest one first.',
    },
    {
      id: 'softmax-shifted',
      equation: 'p[n,c,d] = exp(z[n,c,d] - m[n,d]) / sum(exp(z[n,k,d] - m[n,d]), k)',
      because: 'A factor exp(−m) above and below the line changes nothing, and now no exponent is above 0.',
    },
    {
      id: 'log-softmax',
      equation: 'lp[n,c,d] = z[n,c,d] - m[n,d] - log(sum(exp(z[n,k,d] - m[n,d]), k))',
      because:
        'The logarithm of the quotient is a difference, which is exact where the softmax itself would round to 0.',
    },
    {
      id: 'softmax-from-log',
      equation: 'p[n,c,d] = exp(lp[n,c,d])',
      because: 'The way back from the logarithm.',
    },
    {
      id: 'target-class',
      equation: 'q[n,c,d] = (t[n,d] != g) * wt[c] * ((1 - s) * (c == t[n,d]) + s / C)',
      because:
        'The class itself has weight 1, of which label smoothing spreads a share evenly over all classes; each class has its own weight, and an ignored sample none.',
      when: 'classes == 1',
    },
    {
      id: 'target-probabilities',
      equation: 'q[n,c,d] = wt[c] * ((1 - s) * tp[n,c,d] + s / C)',
      because: 'The same for a target that gives every class a probability.',
      when: 'classes == 0',
    },
    {
      id: 'sample-loss',
      equation: 'l[n,d] = -sum(q[n,c,d] * lp[n,c,d], c)',
      because: 'Cross-entropy: how surprising the target is to the softmax.',
    },
    {
      id: 'sample-loss-plain',
      equation: 'l[n,d] = -lp[n, t[n,d], d]',
      because:
        'For plain classes one term is left: minus the logarithm of what softmax gives the right class.',
      when: 'plain == 1',
    },
    {
      id: 'divisor-classes',
      equation: 'Z = sum((t[n,d] != g) * wt[t[n,d]], n, d)',
      because: 'The mean is weighted: it divides by the weights of the classes that occurred.',
      when: 'classes == 1 and mean == 1',
    },
    {
      id: 'divisor-probabilities',
      equation: 'Z = N * D',
      because: 'With probabilities the mean divides by the number of samples, as torch does.',
      when: 'classes == 0 and mean == 1',
    },
    {
      id: 'divisor-none',
      equation: 'Z = 1',
      because: 'A sum divides by nothing.',
      when: 'mean == 0',
    },
    {
      id: 'loss',
      equation: 'y = sum(l[n,d], n, d) / Z',
      because: 'One number for the whole batch.',
      when: 'single == 1',
    },
    {
      id: 'loss-per-sample',
      equation: 'y[n,d] = l[n,d]',
      because: 'Without a reduction each sample keeps its own.',
      when: 'single == 0',
    },
    {
      id: 'upstream',
      equation: 'dl[n,d] = dy / Z',
      because: 'Every sample has the same share in a mean.',
      when: 'single == 1',
    },
    {
      id: 'upstream-per-sample',
      equation: 'dl[n,d] = dy[n,d]',
      because: 'Or its own gradient.',
      when: 'single == 0',
    },
    {
      id: 'slope',
      equation: 'diff(log(exp(u) + R), u) = exp(u) / (exp(u) + R)',
      because:
        'The logarithm of a sum of exponentials has the softmax for its slope, as a function of one logit.',
    },
    {
      id: 'log-softmax-local',
      equation: 'diff(lp[b,k,f], z[n,c,d]) = (b == n) * (f == d) * ((k == c) - p[n,c,d])',
      because:
        'The logit itself has slope 1, the logarithm of the sum the softmax; the largest logit m drops out.',
    },
    {
      id: 'dz-chain',
      equation: 'dz[n,c,d] = sum(dl[b,f] * diff(l[b,f], z[n,c,d]), b, f)',
      because: 'The chain rule over all samples.',
    },
    {
      id: 'dz-substitute',
      equation: 'dz[n,c,d] = -dl[n,d] * sum(q[n,k,d] * ((k == c) - p[n,c,d]), k)',
      because: 'Put the slope of the log-softmax in; samples do not see each other.',
    },
    {
      id: 'dz',
      equation: 'dz[n,c,d] = dl[n,d] * (p[n,c,d] * sum(q[n,k,d], k) - q[n,c,d])',
      because:
        'Multiply out: of the first part of the sum the term k = c is left, and the softmax leaves the second.',
    },
    {
      id: 'dz-plain',
      equation: 'dz[n,c,d] = dy * (p[n,c,d] - (c == t[n,d])) / (N * D)',
      because: 'For plain classes the weights of a sample sum to 1: (softmax − one-hot) / N.',
      when: 'plain == 1',
    },
  ],
  bind,
}

interface Options {
  ignoreIndex?: number
  labelSmoothing?: number
  reduction?: string
}

/** The logits as N × C × D, and all that the equations read. The intermediate values are worked out here once more. */
function bind({ options = {} }: ModuleCase, values: Readonly<Record<string, Tensor>>): Binding {
  const { ignoreIndex: g = -100, labelSmoothing: s = 0, reduction = 'mean' } = options as Options
  const { x, target } = values
  const [N, C, ...rest] = x.shape.length === 1 ? [1, ...x.shape] : x.shape
  const D = numel(rest)
  const [z, dz] = [x, values.dx].map((t) => t.reshape([N, C, D]))
  const weighted = 'tensor.weight' in values
  const wt: Tensor = weighted ? values['tensor.weight'] : ones([C], { dtype: 'float64' })
  const single = reduction !== 'none'
  const byClass = target.dtype !== 'float64'
  const t = byClass
    ? { t: tensor(Float64Array.from(target.data, Number), [N, D]) }
    : { tp: target.reshape([N, C, D]) }
  const sizes = {
    N,
    C,
    D,
    g,
    s,
    u: 0.4,
    R: 2.5,
    top: Math.max(...z.data),
    classes: Number(byClass),
    mean: Number(reduction === 'mean'),
    single: Number(single),
    plain: Number(
      byClass && reduction === 'mean' && !weighted && s === 0 && !Array.from(target.data, Number).includes(g),
    ),
  }
  const [y, dy] = single ? [values.y, values.dy] : [values.y, values.dy].map((v) => v.reshape([N, D]))
  return { sizes, tensors: { z, dz, y, dy, wt, ...t, ...between(sizes, { z, wt, dy, ...t }) } }
}

type Sizes = Readonly<Record<'N' | 'C' | 'D' | 'g' | 's' | 'single' | 'mean', number>>

/** m, p, lp, q, l, Z and dl, one loop each: nothing clever, and nothing shared with the loss. */
function between(
  { N, C, D, g, s, single, mean }: Sizes,
  given: Record<string, Tensor>,
): Record<string, Tensor> {
  const make = (shape: number[]): Tensor => zeros(shape, { dtype: 'float64' })
  const [p, lp, q] = [make([N, C, D]), make([N, C, D]), make([N, C, D])]
  const [m, l, dl] = [make([N, D]), make([N, D]), make([N, D])]
  let Z = 0
  for (let n = 0; n < N; n++) {
    for (let d = 0; d < D; d++) {
      const at = (c: number): number => (n * C + c) * D + d
      const classes = Array.from({ length: C }, (_, c) => c)
      const label = given.t?.data[n * D + d]
      const top = Math.max(...classes.map((c) => given.z.data[at(c)]))
      const total = classes.reduce((sum, c) => sum + Math.exp(given.z.data[at(c)] - top), 0)
      m.data[n * D + d] = top
      for (const c of classes) {
        const share = label === undefined ? given.tp.data[at(c)] : Number(c === label)
        lp.data[at(c)] = given.z.data[at(c)] - top - Math.log(total)
        p.data[at(c)] = Math.exp(given.z.data[at(c)] - top) / total
        q.data[at(c)] = label === g ? 0 : given.wt.data[c] * ((1 - s) * share + s / C)
        l.data[n * D + d] -= q.data[at(c)] * lp.data[at(c)]
      }
      Z += label === undefined ? 1 : label === g ? 0 : given.wt.data[label]
    }
  }
  if (mean === 0) Z = 1
  for (let i = 0; i < N * D; i++) dl.data[i] = single === 1 ? given.dy.data[0] / Z : given.dy.data[i]
  return { p, lp, q, m, l, dl, Z: tensor(Float64Array.of(Z), []) }
}
