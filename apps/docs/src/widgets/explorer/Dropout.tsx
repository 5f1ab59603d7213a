import type { JSX } from 'preact'
import { dropout } from '../../explorers/dropout.ts'
import { Explorer } from './Explorer.tsx'

export function DropoutExplorer(): JSX.Element {
  return <Explorer model={dropout} />
}
