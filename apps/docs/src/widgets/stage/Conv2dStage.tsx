import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import {
  extentOf,
  limits,
  type Mode,
  type Scene,
  type Settings,
  sceneOf,
  sumAt,
} from '../../stages/conv2d.ts'
import { followAddress, setAddress } from '../address.ts'
import { Take } from '../Take.tsx'
import { Conv2dSum } from './Conv2dSum.tsx'
import { pictureOf, WIDTH } from './conv2d-picture.tsx'
import { addressOfView, clampPlace, modes, start, type View, viewOfAddress } from './conv2d-view.ts'
import { SceneTables } from './SceneTables.tsx'
import { useNarrow, usePlay } from './use.ts'

const arrows: Record<string, readonly [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

/** A convolution under one's finger: forward, as columns, and back in three ways. */
export function Conv2dStage(): JSX.Element {
  const view = useSignal<View>(start)
  useEffect(() => {
    const stop = followAddress(() => (view.value = viewOfAddress()))
    const unsubscribe = view.subscribe((value) => setAddress(...addressOfView(value)))
    return () => {
      stop()
      unsubscribe()
    }
  }, [view])
  const { settings } = view.value
  const made = useMemo(() => attempt(settings), [settings])
  const change = (part: Partial<View>): void => {
    view.value = { ...view.value, ...part }
  }
  return (
    <div class="widget stage not-content" id="stage" data-widget="stage-conv2d" data-mode={view.value.mode}>
      <div class="tabs" role="group" aria-label="What to look at">
        {Object.entries(modes).map(([mode, title]) => (
          <button
            key={mode}
            type="button"
            aria-pressed={view.value.mode === mode}
            onClick={() => change({ mode: mode as Mode, place: [0, 0], turned: true })}
          >
            {title}
          </button>
        ))}
      </div>
      <Sliders settings={settings} change={(part) => change({ settings: { ...settings, ...part } })} />
      {typeof made === 'string' ? (
        <p role="alert">{made}</p>
      ) : (
        <Shown
          scene={made}
          view={{ ...view.value, place: clampPlace(made, view.value.mode, view.value.place) }}
          change={change}
        />
      )}
    </div>
  )
}

function attempt(settings: Settings): Scene | string {
  try {
    return sceneOf(settings)
  } catch (error) {
    return (error as Error).message
  }
}

function Sliders({
  settings,
  change,
}: {
  settings: Settings
  change: (part: Partial<Settings>) => void
}): JSX.Element {
  return (
    <div class="controls sliders">
      {(Object.keys(limits) as (keyof Settings)[]).map((name) => (
        <label key={name}>
          {limits[name].label}
          <input
            type="range"
            name={name}
            min={limits[name].min}
            max={limits[name].max}
            value={settings[name]}
            onInput={({ currentTarget }) => change({ [name]: currentTarget.valueAsNumber })}
          />
          <output>{settings[name]}</output>
        </label>
      ))}
    </div>
  )
}

interface ShownProps {
  scene: Scene
  view: View
  change: (part: Partial<View>) => void
}

function Shown({ scene, view, change }: ShownProps): JSX.Element {
  const { mode, place } = view
  const lit = useSignal<number | null>(null)
  const narrow = useNarrow()
  const canvas = useRef<SVGSVGElement>(null)
  const sum = sumAt(scene, mode, place)
  const { picture, height, grab } = pictureOf({ scene, view, sum, lit: lit.value }, narrow)
  const [rows, columns] = extentOf(scene, mode)
  const at = place[0] * columns + place[1]
  const go = (index: number): void => change({ place: [Math.floor(index / columns), index % columns] })
  const play = usePlay(() => (at + 1 < rows * columns ? (go(at + 1), true) : false))
  const drag = (event: PointerEvent): void => {
    const matrix = canvas.current!.getScreenCTM()!.inverse()
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix)
    const found = grab(x, y)
    if (found !== null && found.join() !== place.join()) change({ place: found })
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = arrows[event.key]
    if (step !== undefined)
      change({ place: clampPlace(scene, mode, [place[0] + step[0], place[1] + step[1]]) })
    else if (event.key === ' ') play.toggle(at === rows * columns - 1 ? () => go(0) : undefined)
    else return
    event.preventDefault()
  }
  return (
    <div class="shown">
      <div
        class="picture-frame"
        tabIndex={0}
        role="application"
        aria-label={`${modes[mode]}: arrow keys move, the space bar plays. ${sum.name} is explained below.`}
        onKeyDown={onKeyDown}
      >
        <svg
          ref={canvas}
          viewBox={`0 0 ${narrow ? WIDTH.narrow : WIDTH.wide} ${height}`}
          onPointerDown={(event) => {
            play.stop()
            event.currentTarget.setPointerCapture(event.pointerId)
            drag(event)
          }}
          onPointerMove={(event) => event.buttons > 0 && drag(event)}
          aria-hidden="true"
        >
          {picture}
        </svg>
      </div>
      <div class="controls transport">
        <button
          type="button"
          class="primary"
          onClick={() => play.toggle(at === rows * columns - 1 ? () => go(0) : undefined)}
        >
          {play.playing ? 'Pause' : 'Play'}
        </button>
        <input
          type="range"
          name="place"
          min={0}
          max={rows * columns - 1}
          value={at}
          aria-label="place"
          aria-valuetext={sum.name}
          onInput={({ currentTarget }) => {
            play.stop()
            go(currentTarget.valueAsNumber)
          }}
        />
        <output>{sum.name}</output>
        {mode === 'turned' && (
          <button type="button" onClick={() => change({ turned: !view.turned })}>
            {view.turned ? 'Turn the kernel back' : 'Turn the kernel by 180°'}
          </button>
        )}
      </div>
      <Conv2dSum scene={scene} view={view} sum={sum} light={(index) => (lit.value = index)} lit={lit.value} />
      <SceneTables scene={scene} mode={mode} />
      <Take of={canvas} />
    </div>
  )
}
