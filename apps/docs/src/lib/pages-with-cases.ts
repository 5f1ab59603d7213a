import { forms as adam } from '../forms/adam.ts'
import { forms as conv1d } from '../forms/conv1d.ts'
import { forms as conv2d } from '../forms/conv2d.ts'
import { forms as crossEntropyLoss } from '../forms/cross-entropy-loss.ts'
import { forms as linear } from '../forms/linear.ts'
import { forms as maxPool2d } from '../forms/max-pool2d.ts'
import { forms as network } from '../forms/network.ts'
import { forms as sgd } from '../forms/sgd.ts'
import { links as adamLinks } from '../links/adam.ts'
import { links as conv1dLinks } from '../links/conv1d.ts'
import { links as conv2dLinks } from '../links/conv2d.ts'
import { links as crossEntropyLossLinks } from '../links/cross-entropy-loss.ts'
import { links as linearLinks } from '../links/linear.ts'
import { links as maxPool2dLinks } from '../links/max-pool2d.ts'
import { links as networkLinks } from '../links/network.ts'
import { links as sgdLinks } from '../links/sgd.ts'
import type { Forms } from './forms/forms.ts'
import type { Links } from './links.ts'

/** The derivations that have plainer cases, with what their pages need. */
export const pagesWithCases: Readonly<Record<string, { links: Links; forms: Forms }>> = {
  'layers/conv1d': { links: conv1dLinks, forms: conv1d },
  'layers/conv2d': { links: conv2dLinks, forms: conv2d },
  'layers/linear': { links: linearLinks, forms: linear },
  'layers/max-pool2d': { links: maxPool2dLinks, forms: maxPool2d },
  'loss-optim/cross-entropy-loss': { links: crossEntropyLossLinks, forms: crossEntropyLoss },
  'loss-optim/sgd': { links: sgdLinks, forms: sgd },
  'loss-optim/adam': { links: adamLinks, forms: adam },
  'trainer/network': { links: networkLinks, forms: network },
}
