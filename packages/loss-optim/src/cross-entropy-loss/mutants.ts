import type { Mutant } from '@handgrad/gradcheck'

const loss = 'packages/loss-optim/src/cross-entropy-loss/cross-entropy-loss.ts'
const kernel = 'packages/loss-optim/src/cross-entropy-loss/cross-entropy-loss.as.ts'
const goal = 'packages/loss-optim/src/cross-entropy-loss/distribution.ts'

/** Mistakes in the softmax, its gradient and the many options. */
export const mutants: readonly Mutant[] = [
  {
    name: 'gradient without 1/N',
    file: loss,
    find: "dL[s % dL.length] / (this.reduction === 'mean' ? divisor : 1)",
    replace: 'dL[s % dL.length]',
    trains: true,
  },
  {
    name: 'gradient of the softmax alone',
    file: loss,
    find: '(Math.exp(logp[i]) * total - q[i]) * scale',
    replace: 'Math.exp(logp[i]) * total * scale',
  },
  {
    name: 'gradient with the sign of an ascent',
    file: loss,
    find: '(Math.exp(logp[i]) * total - q[i]) * scale',
    replace: '(q[i] - Math.exp(logp[i]) * total) * scale',
  },
  {
    name: 'log-softmax for softmax',
    file: loss,
    find: '(Math.exp(logp[i]) * total - q[i]) * scale',
    replace: '(logp[i] * total - q[i]) * scale',
  },
  {
    name: 'weights of the target ignored in the gradient',
    file: loss,
    find: 'for (let i = first; i < last; i += D) total += q[i]',
    replace: 'total = 1',
  },
  {
    name: 'upstream gradient ignored',
    file: loss,
    find: "dL[s % dL.length] / (this.reduction === 'mean' ? divisor : 1)",
    replace: "1 / (this.reduction === 'mean' ? divisor : 1)",
    trains: true,
  },
  {
    name: 'not shifted by the largest logit',
    file: loss,
    find: 'max = Math.max(max, logp[i])',
    replace: 'max = 0',
  },
  {
    name: 'softmax over the places',
    file: loss,
    find: 'for (let i = first; i < last; i += D) sum += Math.exp(logp[i] - max)',
    replace: 'for (let i = first; i < first + C && i < logp.length; i++) sum += Math.exp(logp[i] - max)',
  },
  {
    name: 'mean over all samples, weights or not',
    file: goal,
    find: 'divisor += w\n',
    replace: 'divisor += 1\n',
  },
  {
    name: 'ignored samples counted in the mean',
    file: goal,
    find: 'if (t === ignoreIndex) continue',
    replace: 'if (t === ignoreIndex) { divisor += 1; continue }',
  },
  {
    name: 'an ignored sample gets NaN where all are ignored',
    file: loss,
    find: 'classes?.[s] === -1 ? 0 : dL',
    replace: 'dL',
  },
  {
    name: 'smoothing over the other classes only',
    file: goal,
    find: 'q[first + t * D] += (1 - e) * w',
    replace: 'q[first + t * D] = (1 - e) * w',
  },
  {
    name: 'smoothing keeps the whole target',
    file: goal,
    find: 'q[first + t * D] += (1 - e) * w',
    replace: 'q[first + t * D] += w',
  },
  {
    name: 'class weight of the wrong axis',
    file: goal,
    find: 'weight?.data[Math.floor(i / D) % C] ?? 1',
    replace: 'weight?.data[i % C] ?? 1',
  },
  {
    name: 'probabilities divided by their weights',
    file: goal,
    find: 'classes: null, divisor: N * D',
    replace: 'classes: null, divisor: q.reduce((sum, v) => sum + v, 0)',
  },
  {
    name: 'the last sample left out of the loss',
    file: loss,
    find: 'losses.reduce((sum, loss) => sum + loss, 0)',
    replace: 'losses.reduce((sum, loss, i) => (i > 0 && i === losses.length - 1 ? sum : sum + loss), 0)',
  },
  {
    name: 'kernel: gradient of the softmax alone',
    file: kernel,
    kernel: true,
    find: 'if (t != ignore) f32.store(g + (t << 2), f32.load(g + (t << 2)) - scale)',
    replace: '',
  },
  {
    name: 'kernel: padded lanes in the sum of exponentials',
    file: kernel,
    kernel: true,
    find: 'sums = f32x4.add(sums, kept)',
    replace: 'sums = f32x4.add(sums, e)',
  },
  {
    name: 'kernel: softmax without its sum',
    file: kernel,
    kernel: true,
    find: 'const factor = f32x4.splat((t == ignore ? 0 : scale) / sum)',
    replace: 'const factor = f32x4.splat(t == ignore ? 0 : scale)',
  },
  {
    name: 'kernel: not shifted by the largest logit',
    file: kernel,
    kernel: true,
    find: 'const max = f32.load(z + (best << 2))',
    replace: 'const max: f32 = 0',
  },
  {
    name: 'kernel: an ignored sample has a gradient',
    file: kernel,
    kernel: true,
    find: 'splat((t == ignore ? 0 : scale) / sum)',
    replace: 'splat(scale / sum)',
  },
  {
    name: 'kernel: an ignored sample in the loss',
    file: kernel,
    kernel: true,
    find: 'f32.store(stats, t == ignore ? 1 : sum, 4)',
    replace: 'f32.store(stats, sum, 4)',
  },
  {
    name: 'kernel: a coefficient of the exponential',
    file: kernel,
    kernel: true,
    find: 'f32x4.splat(5.0000001201e-1)',
    replace: 'f32x4.splat(5.0101e-1)',
  },
  {
    name: 'kernel: targets of the sample before',
    file: kernel,
    kernel: true,
    find: 'targets += 4, stats += 16',
    replace: 'targets += n > 0 ? 4 : 0, stats += 16',
  },
]
