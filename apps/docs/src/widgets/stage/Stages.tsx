import type { JSX } from 'preact'
import { conv1dStage, dropoutStage, flattenStage, linearStage, maxPool2dStage } from '../../stages/models.ts'
import { RoutesStage } from './RoutesStage.tsx'

/** The three products of a linear layer. */
export function LinearStage(): JSX.Element {
  return <RoutesStage model={linearStage} />
}

/** One kernel, laid on every window of a line. */
export function Conv1dStage(): JSX.Element {
  return <RoutesStage model={conv1dStage} />
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
