import type { Derivation, ModuleCase } from '@handgrad/gradcheck'
import { bind } from './values.proof.ts'

/** What the forward pass makes, in its order, and the gradient that the loss is given. */
const tensors = {
  x: 'images [N,C,H,W]',
  T: 'class of each image [N]',
  w1: 'weight of the first convolution [C1,C,3,3]',
  b1: 'bias of the first convolution [C1]',
  z1: 'output of the first convolution [N,C1,H,W]',
  r1: 'output of the first ReLU [N,C1,H,W]',
  t1: 'which of the 4 taps of each window holds the maximum [N,C1,U,V]',
  p1: 'output of the first pooling [N,C1,U,V]',
  w2: 'weight of the second convolution [C2,C1,3,3]',
  b2: 'bias of the second convolution [C2]',
  z2: 'output of the second convolution [N,C2,U,V]',
  r2: 'output of the second ReLU [N,C2,U,V]',
  t2: 'which of the 4 taps of each window holds the maximum [N,C2,A,B]',
  p2: 'output of the second pooling [N,C2,A,B]',
  fl: 'output of the second pooling, one row an image [N,F]',
  w3: 'weight of the linear layer [K,F]',
  b3: 'bias of the linear layer [K]',
  z3: 'logits [N,K]',
  lp: 'logarithm of the softmax [N,K]',
  L: 'the loss, one number',
  dL: 'gradient of whatever comes after the loss; 1 where it is the end',
}

/** The gradients in the order of the network: d and the name of the tensor. */
const gradients = 'w1 b1 z1 r1 p1 w2 b2 z2 r2 p2 fl w3 b3 z3'.split(' ')
/** z1 is z⁽¹⁾. */
const numbered = Object.keys(tensors).filter((name) => /^[a-z]\d$/.test(name))

/** Indices as they are written: other letters than those of tensors; a primed one runs as far as the one without. */
// biome-ignore format: the pairs of one tensor a line
const letters = {
  m: "n'", k: '\\tau', q: "o'", a: "h'", e: "v'",
  p: 'q', t: "q'", r: "u'", s: "g'",
  d: 'a', z: "a'", l: 'e', y: "e'",
  w: "f'", b: '\\kappa', bb: "\\kappa'",
}

/** The chain rule through the seed's whole network: from the loss back to every parameter, and to the images. */
export const derivation: Derivation<ModuleCase> = {
  symbols: {
    ...tensors,
    dx: 'gradient with respect to the images',
    ...Object.fromEntries(gradients.map((name) => [`d${name}`, `gradient with respect to ${name}`])),
  },
  tex: {
    ...Object.fromEntries(numbered.map((name) => [name, `${name[0]}^{(${name[1]})}`])),
    fl: '\\varphi',
    dL: '\\mathrm{d}L',
    lp: '\\log p',
    ...letters,
    C1: 'C_1',
    C2: 'C_2',
  },
  // biome-ignore format: the sizes of one tensor a line
  indices: {
    n: 'N', m: 'N', c: 'C', i: '3', j: '3', k: '4',
    o: 'C1', q: 'C1', h: 'H', a: 'H', v: 'W', e: 'W',
    p: 'C2', t: 'C2', u: 'U', r: 'U', g: 'V', s: 'V',
    d: 'A', z: 'A', l: 'B', y: 'B',
    f: 'F', w: 'F', b: 'K', bb: 'K',
  },
  golden: {
    L: 'y',
    dx: 'dx',
    dw1: 'd0.weight',
    db1: 'd0.bias',
    dw2: 'd3.weight',
    db2: 'd3.bias',
    dw3: 'd7.weight',
    db3: 'd7.bias',
  },
  steps: [
    {
      id: 'conv1',
      equation: 'z1[n,o,h,v] = sum(w1[o,c,i,j] * x[n, c, h + i - 1, v + j - 1], c, i, j) + b1[o]',
      because:
        'The first convolution, 3×3 with a border of one zero: each cell sums the window of the image around it.',
    },
    {
      id: 'relu1',
      equation: 'r1[n,o,h,v] = z1[n,o,h,v] <= 0 ? 0 : z1[n,o,h,v]',
      because: 'ReLU keeps what is above 0.',
    },
    {
      id: 'argmax1',
      equation: 't1[n,o,u,g] = argmax(r1[n, o, 2*u + floor(k/2), 2*g + mod(k, 2)], k)',
      because: 'Which tap of each 2×2 window is the largest; of equal ones the first.',
    },
    {
      id: 'pool1',
      equation: 'p1[n,o,u,g] = max(r1[n, o, 2*u + floor(k/2), 2*g + mod(k, 2)], k)',
      because: 'Pooling keeps the largest tap of each window.',
    },
    {
      id: 'conv2',
      equation: 'z2[n,p,u,g] = sum(w2[p,o,i,j] * p1[n, o, u + i - 1, g + j - 1], o, i, j) + b2[p]',
      because: 'The second convolution reads all channels of the first block.',
    },
    {
      id: 'relu2',
      equation: 'r2[n,p,u,g] = z2[n,p,u,g] <= 0 ? 0 : z2[n,p,u,g]',
      because: 'ReLU again.',
    },
    {
      id: 'argmax2',
      equation: 't2[n,p,d,l] = argmax(r2[n, p, 2*d + floor(k/2), 2*l + mod(k, 2)], k)',
      because: 'The winning taps of the second pooling.',
    },
    {
      id: 'pool2',
      equation: 'p2[n,p,d,l] = max(r2[n, p, 2*d + floor(k/2), 2*l + mod(k, 2)], k)',
      because: 'And the values that won.',
    },
    {
      id: 'flatten',
      equation: 'fl[n,f] = p2[n, floor(f/(A*B)), mod(floor(f/B), A), mod(f, B)]',
      because: 'Each image becomes one row of features, in row-major order.',
    },
    {
      id: 'linear',
      equation: 'z3[n,b] = sum(w3[b,f] * fl[n,f], f) + b3[b]',
      because: 'One logit for each class: a weighted sum of all features, plus a bias.',
    },
    {
      id: 'log-softmax',
      equation: 'lp[n,b] = z3[n,b] - log(sum(exp(z3[n,bb]), bb))',
      because: 'The logarithm of softmax.',
    },
    {
      id: 'loss',
      equation: 'L = -sum(lp[n,b] * (b == T[n]), n, b) / N',
      because: 'Cross-entropy: how improbable the right classes are, on average over the images.',
    },
    {
      id: 'log-softmax-local',
      equation: 'diff(lp[n,b], z3[m,bb]) = (n == m) * ((b == bb) - exp(lp[n,bb]))',
      because: 'The logit itself has slope 1, the logarithm of the sum has the softmax.',
    },
    {
      id: 'dz3-chain',
      equation: 'dz3[n,b] = dL * diff(L, z3[n,b])',
      because: 'The way back starts at the loss, with whatever gradient it is given: 1 where it is the end.',
    },
    {
      id: 'dz3',
      equation: 'dz3[n,b] = dL * (exp(lp[n,b]) - (b == T[n])) / N',
      because:
        'Only the right class of each image is in the loss: softmax minus one-hot, divided by the number of images.',
    },
    {
      id: 'dw3-chain',
      equation: 'dw3[b,f] = sum(dz3[m,bb] * diff(z3[m,bb], w3[b,f]), m, bb)',
      because:
        'The chain rule: a weight reaches the loss through every logit, and what is behind the logits is already in dz3.',
    },
    {
      id: 'dw3-local',
      equation: 'diff(z3[m,bb], w3[b,f]) = (bb == b) * fl[m,f]',
      because: 'A weight multiplies one feature, and only for its own class.',
    },
    {
      id: 'dw3',
      equation: 'dw3[b,f] = sum(dz3[n,b] * fl[n,f], n)',
      because: 'Put it in: of the sum over classes one term is left.',
    },
    {
      id: 'db3-chain',
      equation: 'db3[b] = sum(dz3[m,bb] * diff(z3[m,bb], b3[b]), m, bb)',
      because: 'The chain rule for the bias.',
    },
    {
      id: 'db3',
      equation: 'db3[b] = sum(dz3[n,b], n)',
      because: 'The bias of a class is added to its logit of every image.',
    },
    {
      id: 'dfl-chain',
      equation: 'dfl[n,f] = sum(dz3[m,bb] * diff(z3[m,bb], fl[n,f]), m, bb)',
      because: 'The chain rule for what came into the layer.',
    },
    {
      id: 'dfl-local',
      equation: 'diff(z3[m,bb], fl[n,f]) = (m == n) * w3[bb,f]',
      because: 'A feature is in every logit of its own image.',
    },
    {
      id: 'dfl',
      equation: 'dfl[n,f] = sum(dz3[n,b] * w3[b,f], b)',
      because: 'Put it in; this is the gradient that the layer before is handed.',
    },
    {
      id: 'dp2-chain',
      equation: 'dp2[n,p,d,l] = sum(dfl[m,w] * diff(fl[m,w], p2[n,p,d,l]), m, w)',
      because: 'The chain rule through the flattening.',
    },
    {
      id: 'dp2',
      equation: 'dp2[n,p,d,l] = dfl[n, (p*A + d)*B + l]',
      because: 'Every feature is one cell: the gradient is only given its old shape back.',
    },
    {
      id: 'dr2-chain',
      equation: 'dr2[n,p,u,g] = sum(dp2[m,t,z,y] * diff(p2[m,t,z,y], r2[n,p,u,g]), m, t, z, y)',
      because: 'The chain rule through the pooling.',
    },
    {
      id: 'dr2',
      equation:
        'dr2[n,p,u,g] = sum(dp2[n,p,d,l] * (2*d + floor(t2[n,p,d,l]/2) == u) * (2*l + mod(t2[n,p,d,l], 2) == g), d, l)',
      because:
        'A maximum moves as its largest tap does: the gradient of a window goes to the cell that won it, and to no other.',
    },
    {
      id: 'dz2-chain',
      equation: 'dz2[n,p,u,g] = sum(dr2[m,t,r,s] * diff(r2[m,t,r,s], z2[n,p,u,g]), m, t, r, s)',
      because: 'The chain rule through ReLU.',
    },
    {
      id: 'dz2',
      equation: 'dz2[n,p,u,g] = dr2[n,p,u,g] * (z2[n,p,u,g] > 0)',
      because: 'Each output depends on its own input alone, with slope 1 above 0 and 0 elsewhere.',
    },
    {
      id: 'dw2-chain',
      equation: 'dw2[p,o,i,j] = sum(dz2[m,t,r,s] * diff(z2[m,t,r,s], w2[p,o,i,j]), m, t, r, s)',
      because:
        'The chain rule: a weight of a convolution reaches the loss through every cell of its channel.',
    },
    {
      id: 'dw2',
      equation: 'dw2[p,o,i,j] = sum(dz2[n,p,u,g] * p1[n, o, u + i - 1, g + j - 1], n, u, g)',
      because: 'In each of them it multiplies the cell of the input that lies under it.',
    },
    {
      id: 'db2-chain',
      equation: 'db2[p] = sum(dz2[m,t,r,s] * diff(z2[m,t,r,s], b2[p]), m, t, r, s)',
      because: 'The chain rule for the bias.',
    },
    {
      id: 'db2',
      equation: 'db2[p] = sum(dz2[n,p,u,g], n, u, g)',
      because: 'What is added everywhere gathers the gradient of everywhere.',
    },
    {
      id: 'dp1-chain',
      equation: 'dp1[n,o,u,g] = sum(dz2[m,t,r,s] * diff(z2[m,t,r,s], p1[n,o,u,g]), m, t, r, s)',
      because: 'The chain rule for the input of the convolution.',
    },
    {
      id: 'dp1-taps',
      equation:
        'dp1[n,o,u,g] = sum(dz2[n,p,r,s] * w2[p,o,i,j] * (r + i - 1 == u) * (s + j - 1 == g), p, r, s, i, j)',
      because: 'A cell is read by the outputs around it, by each through one tap.',
    },
    {
      id: 'dp1',
      equation: 'dp1[n,o,u,g] = sum(w2[p,o,i,j] * dz2[n, p, u + 1 - i, g + 1 - j], p, i, j)',
      because:
        'Solve for the output: the taps count backwards, a convolution with the flipped kernel. It is handed to the first block.',
    },
    {
      id: 'dr1-chain',
      equation: 'dr1[n,o,h,v] = sum(dp1[m,q,r,s] * diff(p1[m,q,r,s], r1[n,o,h,v]), m, q, r, s)',
      because: 'The chain rule through the pooling.',
    },
    {
      id: 'dr1',
      equation:
        'dr1[n,o,h,v] = sum(dp1[n,o,u,g] * (2*u + floor(t1[n,o,u,g]/2) == h) * (2*g + mod(t1[n,o,u,g], 2) == v), u, g)',
      because:
        'A maximum moves as its largest tap does: the gradient of a window goes to the cell that won it, and to no other.',
    },
    {
      id: 'dz1-chain',
      equation: 'dz1[n,o,h,v] = sum(dr1[m,q,a,e] * diff(r1[m,q,a,e], z1[n,o,h,v]), m, q, a, e)',
      because: 'The chain rule through ReLU.',
    },
    {
      id: 'dz1',
      equation: 'dz1[n,o,h,v] = dr1[n,o,h,v] * (z1[n,o,h,v] > 0)',
      because: 'Each output depends on its own input alone, with slope 1 above 0 and 0 elsewhere.',
    },
    {
      id: 'dw1-chain',
      equation: 'dw1[o,c,i,j] = sum(dz1[m,q,a,e] * diff(z1[m,q,a,e], w1[o,c,i,j]), m, q, a, e)',
      because:
        'The chain rule: a weight of a convolution reaches the loss through every cell of its channel.',
    },
    {
      id: 'dw1',
      equation: 'dw1[o,c,i,j] = sum(dz1[n,o,h,v] * x[n, c, h + i - 1, v + j - 1], n, h, v)',
      because: 'In each of them it multiplies the cell of the input that lies under it.',
    },
    {
      id: 'db1-chain',
      equation: 'db1[o] = sum(dz1[m,q,a,e] * diff(z1[m,q,a,e], b1[o]), m, q, a, e)',
      because: 'The chain rule for the bias.',
    },
    {
      id: 'db1',
      equation: 'db1[o] = sum(dz1[n,o,h,v], n, h, v)',
      because: 'What is added everywhere gathers the gradient of everywhere.',
    },
    {
      id: 'dx-chain',
      equation: 'dx[n,c,h,v] = sum(dz1[m,q,a,e] * diff(z1[m,q,a,e], x[n,c,h,v]), m, q, a, e)',
      because: 'Nobody needs the gradient of the images to train, but it is there.',
    },
    {
      id: 'dx-taps',
      equation:
        'dx[n,c,h,v] = sum(dz1[n,o,a,e] * w1[o,c,i,j] * (a + i - 1 == h) * (e + j - 1 == v), o, a, e, i, j)',
      because: 'A cell is read by the outputs around it, by each through one tap.',
    },
    {
      id: 'dx',
      equation: 'dx[n,c,h,v] = sum(w1[o,c,i,j] * dz1[n, o, h + 1 - i, v + 1 - j], o, i, j)',
      because: 'Solve for the output: the taps count backwards, a convolution with the flipped kernel.',
    },
  ],
  bind,
}
