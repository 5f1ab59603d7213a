import type { JSX } from 'preact'
import { maxPool2d } from '../../explorers/max-pool2d.ts'
import { Explorer } from './Explorer.tsx'

export function MaxPool2dExplorer(): JSX.Element {
  return <Explorer model={maxPool2d} />
}
