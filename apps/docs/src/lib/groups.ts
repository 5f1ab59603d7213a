/** The pages in the order of reading; the build fails when one of them does not exist. */
export const groups = [
  { label: 'Start here', items: ['index', 'course', 'notation', 'autograd'] },
  {
    label: 'The course',
    items: [
      'layers/linear',
      'layers/relu',
      'layers/flatten',
      'layers/max-pool2d',
      'layers/conv1d',
      'layers/conv2d',
      'layers/dropout',
      'cross-entropy',
      'optimizers',
      'chain-rule',
      'exercises',
    ],
  },
  { label: 'Live', items: ['train', 'gradcheck'] },
  { label: 'Evidence', items: ['proof', 'semantics', 'conformance', 'errata', 'speed', 'cite'] },
  {
    label: 'Guide',
    items: [
      'guide/first-run',
      'guide/own-network',
      'guide/own-layer',
      'guide/engine',
      'guide/verify',
      'guide/goldens',
      'guide/pytorch',
      'guide/elsewhere',
    ],
  },
]
