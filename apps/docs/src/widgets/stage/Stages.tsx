import type { JSX } from 'preact'
import { dropoutStage, flattenStage, linearStage, maxPool2dStage } from '../../stages/models.ts'
import { RoutesStage } from './RoutesStage.tsx'

/** The three products of a linear layer. */
export function LinearStage(): JSX.Element {
  return <RoutesStage model={linearStage} />
}

/** Who wins a window, and who is paid. */
export function MaxPool2dStage(): JSX.Element {
  return <RoutesStage model={maxPool2dStage} />
}

/** One mask, both ways. */
export function DropoutStage(): JSX.Element {
  return <RoutesStage model={dropoutStage} />
}

/** New names, and back. */
export function FlattenStage(): JSX.Element {
  return <RoutesStage model={flattenStage} />
}
