import type { ByName } from './in-python.ts'

const whole = ['t']

/** Softmax and cross-entropy. */
export const inPython: ByName = {
  'cross-entropy-forward': {
    whole,
    solution: `shifted = z - z.max(axis=1, keepdims=True)
total = np.exp(shifted).sum(axis=1, keepdims=True)
log_softmax = shifted - np.log(total)
L = -log_softmax[np.arange(len(z)), t].mean()
return {"L": L}`,
    mistakes: [
      ['z - z.max(axis=1, keepdims=True)', 'z'],
      ['shifted - np.log(total)', 'np.log(np.exp(shifted) / total)'],
      ['.mean()', '.sum()'],
      ['-log_softmax', 'log_softmax'],
    ],
  },
  'cross-entropy-dz': {
    whole,
    solution: `e = np.exp(z - z.max(axis=1, keepdims=True))
softmax = e / e.sum(axis=1, keepdims=True)
one_hot = np.eye(z.shape[1])[t]
dz = (softmax - one_hot) / len(z)
return {"dz": dz}`,
    mistakes: [
      ['/ len(z)', '/ len(z) / len(z)'],
      [' / len(z)', ''],
      ['softmax - one_hot', 'one_hot - softmax'],
      ['softmax - one_hot', 'softmax'],
      ['e / e.sum(axis=1, keepdims=True)', 'e'],
    ],
  },
}
