import type { JSX } from 'preact'
import { flatten } from '../../explorers/flatten.ts'
import { Explorer } from './Explorer.tsx'

export function FlattenExplorer(): JSX.Element {
  return <Explorer model={flatten} />
}
