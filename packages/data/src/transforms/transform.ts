/** Changes a batch in place: x holds samples of `sampleShape` one after the other. */
export type BatchTransform = (x: Float32Array, sampleShape: readonly number[]) => void
