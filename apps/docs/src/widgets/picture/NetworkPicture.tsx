import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { type Opening, openCell, openLoss, type Side } from '../../picture/open.ts'
import { reachOf } from '../../picture/reach.ts'
import { cellSays, gradientSays, reachSays } from '../../picture/tell.ts'
import type { Look } from '../../workers/protocol.ts'
import { type Frame, Layer } from './Layer.tsx'

interface Props {
  look: Look | null
  /** The network before anything has passed. */
  frames: readonly Frame[]
}

/** A cell of the pass. */
interface At {
  readonly stage: number
  readonly cell: number
}

const addressOf = ({ address }: Opening): string => `${import.meta.env.BASE_URL}${address}`

const sides: Readonly<Record<Side, (look: Look | null) => string>> = {
  value: () => 'Values',
  gradient: (look) => `Gradient of the ${(look?.label ?? null) === null ? 'score' : 'loss'}`,
}

/** Whether a cell can be pointed at: a pass of another network has others. */
const isThere = (look: Look | null, { stage, cell }: At): boolean =>
  cell < (look?.stages[stage]?.value.data.length ?? 0)

/** All stages of a pass at once: point at a cell to see what it is computed from and what reads it, and open it with its numbers. */
export function NetworkPicture({ look, frames }: Props): JSX.Element {
  const pointed = useSignal<At | null>(null)
  const side = useSignal<Side>('value')
  const at = pointed.value !== null && isThere(look, pointed.value) ? pointed.value : null
  const reach = useMemo(
    () => (look === null || at === null ? null : reachOf(look.stages, at.stage, at.cell)),
    [look, at],
  )
  const shown: readonly Frame[] =
    look?.stages.map(({ name, value: { shape } }) => ({ name, shape })) ?? frames
  const point = (stage: number, cell: number): void => {
    if (pointed.value?.stage !== stage || pointed.value.cell !== cell) pointed.value = { stage, cell }
  }
  const open = (stage: number, cell: number): void => {
    const opening = look === null ? null : openCell(look, stage, cell, side.value)
    if (opening !== null) location.assign(addressOf(opening))
  }
  return (
    <div class="network" data-side={side.value}>
      <div class="tabs" role="group" aria-label="What the picture shows">
        {(Object.keys(sides) as Side[]).map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={side.value === name}
            onClick={() => (side.value = name)}
          >
            {sides[name](look)}
          </button>
        ))}
      </div>
      {shown.map((frame, i) => (
        <Layer
          key={i}
          frame={frame}
          stage={look?.stages[i] ?? null}
          side={side.value}
          chosen={at?.stage === i ? at.cell : null}
          reach={reach?.[i] ?? null}
          last={i === shown.length - 1}
          point={(cell) => point(i, cell)}
          open={(cell) => open(i, cell)}
        />
      ))}
      <div class="sheet" aria-live="polite">
        {look === null || at === null || reach === null ? (
          <p class="hint">
            {look === null
              ? 'Each frame is a plane of numbers; they fill when something passes.'
              : 'Point at a cell, or move over the planes with the arrow keys: what it is computed from is framed before it, and what reads it behind it.'}
          </p>
        ) : (
          <Told look={look} at={at} reach={reach} side={side.value} />
        )}
      </div>
    </div>
  )
}

interface ToldProps {
  look: Look
  at: At
  reach: ReturnType<typeof reachOf>
  side: Side
}

function Told({ look, at: { stage, cell }, reach, side }: ToldProps): JSX.Element {
  const openings = [
    openCell(look, stage, cell, side),
    ...(stage === look.stages.length - 1 && side === 'value' ? [openLoss(look)] : []),
  ].filter((opening) => opening !== null)
  const { value, gradient } = look.stages[stage]
  return (
    <>
      <p data-cell={`${stage}.${cell}`} data-value={value.data[cell]} data-gradient={gradient.data[cell]}>
        <strong>{cellSays(look, stage, cell)}</strong>
      </p>
      <p>{reachSays(look, stage, reach)}</p>
      <p>{gradientSays(look, stage, cell)}</p>
      <p>
        {openings.map((opening, i) => (
          <span key={opening.title}>
            {i > 0 && ' · '}
            <a href={addressOf(opening)}>{opening.title} with these numbers</a>
          </span>
        ))}
        {openings.length === 0 && <span class="hint">No page has a layer of these sizes.</span>}
      </p>
    </>
  )
}
