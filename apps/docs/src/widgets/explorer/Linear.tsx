import type { JSX } from 'preact'
import { linear } from '../../explorers/linear.ts'
import { Explorer } from './Explorer.tsx'

export function LinearExplorer(): JSX.Element {
  return <Explorer model={linear} />
}
