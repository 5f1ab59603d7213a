import type { JSX } from 'preact'
import { relu } from '../../explorers/relu.ts'
import { Explorer } from './Explorer.tsx'

export function ReLUExplorer(): JSX.Element {
  return <Explorer model={relu} />
}
