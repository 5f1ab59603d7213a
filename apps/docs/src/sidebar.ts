import { typeDocSidebarGroup } from 'starlight-typedoc'

/** The pages in the order of reading; the build fails when one of them does not exist. */
export const sidebar = [
  {
    label: 'Start here',
    items: ['index', 'notation', 'chain-rule', 'autograd'],
  },
  {
    label: 'Layers',
    items: [
      'layers/conv2d',
      'layers/relu',
      'layers/max-pool2d',
      'layers/flatten',
      'layers/linear',
      'layers/dropout',
    ],
  },
  { label: 'Loss and optimizers', items: ['cross-entropy', 'optimizers'] },
  { label: 'Live', items: ['train', 'gradcheck'] },
  { label: 'Evidence', items: ['proof', 'semantics', 'conformance', 'errata', 'speed'] },
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
  typeDocSidebarGroup,
]
