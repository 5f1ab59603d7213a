import type { ByName } from './in-python.ts'

/** The steps of SGD and Adam. */
export const inPython: ByName = {
  'sgd-momentum': {
    solution: `after = np.empty_like(g)
now, v = p, None
for k in range(len(g)):
    v = g[k] if v is None else mu * v + g[k]
    now = now - lr * v
    after[k] = now
return {"after": after}`,
    mistakes: [
      ['mu * v + g[k]', 'mu * v + (1 - mu) * g[k]'],
      ['mu * v + g[k]', 'g[k]'],
      ['now - lr', 'now + lr'],
      ['now - lr', 'p - lr'],
    ],
  },
  'sgd-weight-decay': {
    solution: `after = np.empty_like(g)
now, v = p, None
for k in range(len(g)):
    d = g[k] + lam * now
    v = d if v is None else mu * v + d
    now = now - lr * v
    after[k] = now
return {"after": after}`,
    mistakes: [
      [' + lam * now', ''],
      ['lam * now', 'lam * p'],
      ['+ lam', '- lam'],
    ],
  },
  adam: {
    solution: `after = np.empty_like(g)
now, m, v = p, np.zeros_like(p), np.zeros_like(p)
for k in range(len(g)):
    m = b1 * m + (1 - b1) * g[k]
    v = b2 * v + (1 - b2) * g[k] ** 2
    mean = m / (1 - b1 ** (k + 1))
    square = v / (1 - b2 ** (k + 1))
    now = now - lr * mean / (np.sqrt(square) + eps)
    after[k] = now
return {"after": after}`,
    mistakes: [
      ['m / (1 - b1 ** (k + 1))', 'm'],
      ['v / (1 - b2 ** (k + 1))', 'v'],
      ['1 - b1 ** (k + 1)', '1 - b1 ** (k + 2)'],
      ['(np.sqrt(square) + eps)', 'np.sqrt(square + eps)'],
      ['g[k] ** 2', 'abs(g[k])'],
    ],
  },
}
