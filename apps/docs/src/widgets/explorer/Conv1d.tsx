import type { JSX } from 'preact'
import { conv1d } from '../../explorers/conv1d.ts'
import { Explorer } from './Explorer.tsx'

export function Conv1dExplorer(): JSX.Element {
  return <Explorer model={conv1d} />
}
