import type { OwnNetwork } from '@handgrad/trainer'

/** What `handgrad export` was asked for; paths are absolute. */
export interface ExportRequest {
  /** A run folder or a file. */
  readonly source: string
  /** A name, or a network of the user's own. */
  readonly model: string | OwnNetwork | undefined
  /** Undefined: beside what was read. */
  readonly out: string | undefined
  /** Tells the user something of what was read. */
  readonly note: (text: string) => void
}

/** What was written: `path`, and what else there is to say of it, by name. */
export interface Exported {
  readonly path: string
  readonly [detail: string]: string | number | null
}

/** What every file of `export/` that is a target exports as `target`. */
export interface ExportTarget {
  /** Writes it; whole, or nothing. */
  write(request: ExportRequest): Promise<Exported>
}
