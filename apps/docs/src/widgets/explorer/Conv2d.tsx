import type { JSX } from 'preact'
import { conv2d } from '../../explorers/conv2d.ts'
import type { Explorer as Model } from '../../explorers/explorer.ts'
import { Explorer } from './Explorer.tsx'

export function Conv2dExplorer(): JSX.Element {
  return <Explorer model={conv2d as Model} />
}
