import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Look, RecordedFrom, Stage } from '../../workers/protocol.ts'
import { Choice } from '../Choice.tsx'
import { short } from '../format.ts'
import { NetworkPicture } from '../picture/NetworkPicture.tsx'
import { Beside, GradientBeside } from './Beside.tsx'
import { session } from './session.ts'

const pages: Record<string, string> = {
  Conv2d: 'layers/conv2d/',
  ReLU: 'layers/relu/',
  MaxPool2d: 'layers/max-pool2d/',
  Flatten: 'layers/flatten/',
  Linear: 'layers/linear/',
  Dropout: 'layers/dropout/',
}

/** So many images of the recorded batch are kept whole. */
const RECORDED = 8

/** One image through the network, a layer at a time: forward, and then its gradient backward. */
export function Walk(): JSX.Element {
  const look = useSignal<Look | null>(null)
  const index = useSignal(0)
  const at = useSignal(0)
  const source = useSignal<'run' | 'recorded'>('run')
  const load = async (): Promise<void> => {
    const number = Math.min(index.value, count - 1)
    look.value = await session.look(source.value === 'run' ? { index: number } : { recorded: number })
    at.value = 0
  }
  const ready = session.ready.value
  const count = source.value === 'recorded' ? RECORDED : (ready?.images ?? 1)
  const missing = source.value === 'run' && ready === null
  return (
    <div class="widget not-content" data-widget="walk">
      <div class="controls">
        <Choice
          label="network"
          name="source"
          value={source.value}
          choices={{
            run: 'of the run above, as it is now',
            recorded: 'recorded in PyTorch, beside ours',
          }}
          choose={(to) => (source.value = to)}
        />
        <label>
          image
          <input
            type="number"
            min={0}
            max={count - 1}
            value={Math.min(index.value, count - 1)}
            onInput={({ currentTarget }) =>
              (index.value = Math.max(0, Math.min(count - 1, currentTarget.valueAsNumber || 0)))
            }
          />
        </label>
        <button type="button" class="primary" disabled={missing} onClick={load}>
          Pass it through
        </button>
        {missing && <span class="hint">Start a run above first: the network lives there.</span>}
      </div>
      {look.value?.recorded != null && <Source from={look.value.recorded} />}
      {look.value !== null && <Steps look={look.value} at={at.value} go={(to) => (at.value = to)} />}
      {look.value !== null && <Whole look={look.value} />}
    </div>
  )
}

/** The whole pass as a picture; drawn when it is asked for. */
function Whole({ look }: { look: Look }): JSX.Element {
  const open = useSignal(false)
  return (
    <details onToggle={({ currentTarget }) => (open.value = currentTarget.open)}>
      <summary>The whole pass as a picture: point at a cell</summary>
      {open.value && <NetworkPicture look={look} frames={[]} />}
    </details>
  )
}

function Source({ from: { torch, seed, step, batch } }: { from: RecordedFrom }): JSX.Element {
  return (
    <p>
      Step {step} of a run in PyTorch {torch} with seed {seed}, a batch of {batch} images of MNIST. This page
      has drawn the same weights from the same seed and passed the same batch through its own code.
      Activations and their gradients are of one image; gradients of weights, and the loss, are of the whole
      batch.
    </p>
  )
}

function Steps({ look, at, go }: { look: Look; at: number; go: (to: number) => void }): JSX.Element {
  const count = look.stages.length
  const last = 2 * count - 1
  const backward = at >= count
  const position = backward ? 2 * count - 1 - at : at
  return (
    <>
      <div class="controls">
        <button type="button" disabled={at === 0} onClick={() => go(at - 1)}>
          ← Back
        </button>
        <input
          type="range"
          min={0}
          max={last}
          value={at}
          aria-label="stage of the pass"
          aria-valuetext={`${backward ? 'backward' : 'forward'}, ${look.stages[position].name}`}
          onInput={({ currentTarget }) => go(currentTarget.valueAsNumber)}
        />
        <button type="button" class="primary" disabled={at === last} onClick={() => go(at + 1)}>
          Next →
        </button>
        <span class="hint">
          Stage {at + 1} of {last + 1}
        </span>
      </div>
      {backward ? <Backward look={look} position={position} /> : <Forward look={look} position={position} />}
    </>
  )
}

function name({ name: text, kind }: Stage): JSX.Element {
  const page = pages[kind]
  return page === undefined ? (
    <strong>{text}</strong>
  ) : (
    <a href={`${import.meta.env.BASE_URL}${page}`}>{text}</a>
  )
}

function Forward({ look, position }: { look: Look; position: number }): JSX.Element {
  const stage = look.stages[position]
  const end = position === look.stages.length - 1
  return (
    <div aria-live="polite">
      <p>
        <b>Forward</b>, {position === 0 ? 'the image, normalised' : <>out of {name(stage)}</>}.
        {end && look.loss !== null && (
          <>
            {' '}
            Its largest logit says <strong>{look.predicted}</strong>, the label says{' '}
            <strong>{look.label}</strong>; the loss is {short(look.loss)}
            {look.recorded === null ? '.' : ` here, ${short(look.recorded.loss)} in PyTorch.`}
          </>
        )}
      </p>
      <Beside title={position === 0 ? 'x' : 'y'} ours={stage.value} torch={stage.torch?.value ?? null} />
    </div>
  )
}

function Backward({ look, position }: { look: Look; position: number }): JSX.Element {
  const stage = look.stages[position]
  const next = look.stages[position + 1]
  return (
    <div aria-live="polite">
      <p>
        <b>Backward</b>,{' '}
        {next === undefined ? (
          <>out of the loss: softmax minus one-hot</>
        ) : (
          <>
            through {name(next)}: the gradient of what went into it
            {next.parameters.length > 0 && ', and of its parameters'}
          </>
        )}
        .
      </p>
      <Beside
        title={next === undefined ? 'dL/d logits' : 'dx'}
        ours={stage.gradient}
        torch={stage.torch?.gradient ?? null}
      />
      {next?.parameters.map((parameter) => (
        <GradientBeside key={parameter.name} parameter={parameter} />
      ))}
    </div>
  )
}
