import type { JSX } from 'preact'
import { conv2d } from '../../explorers/conv2d.ts'
import { Explorer } from './Explorer.tsx'

export function Conv2dExplorer(): JSX.Element {
  return <Explorer model={conv2d} />
}
