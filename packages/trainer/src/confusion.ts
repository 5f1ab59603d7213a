import { describeValue } from '@handgrad/tensor'

/** How often each class was taken for each: row = true class, column = predicted class. */
export class Confusion {
  readonly classes: number
  /** Row-major, [classes, classes]. */
  readonly counts: Int32Array

  /** @throws RangeError when `classes` is not a whole number of at least 1. */
  constructor(classes: number) {
    if (!Number.isSafeInteger(classes) || classes < 1)
      throw new RangeError(`Confusion: classes is ${classes}, expected a whole number ≥ 1`)
    this.classes = classes
    this.counts = new Int32Array(classes * classes)
  }

  /**
   * Counts one batch.
   * @throws TypeError for what is no list (a tensor has its numbers in `data`); RangeError when one of its numbers is not a class, or there are not as many of both; nothing is counted then.
   */
  add(truth: ArrayLike<number>, predicted: ArrayLike<number>): void {
    for (const [name, list] of Object.entries({ truth, predicted }))
      if (!Number.isSafeInteger((list as ArrayLike<number> | null | undefined)?.length))
        throw new TypeError(`Confusion.add: ${name} is ${describeValue(list)}, expected a list of classes`)
    if (truth.length !== predicted.length)
      throw new RangeError(`Confusion.add: ${predicted.length} predictions for ${truth.length} images`)
    for (let i = 0; i < truth.length; i++) {
      this.#check(truth[i], 'add: class', ` of image ${i}`)
      this.#check(predicted[i], 'add: prediction', ` of image ${i}`)
    }
    // mutant: comparison `<` → `<=` is equivalent because a typed array has no place NaN to count in
    for (let i = 0; i < truth.length; i++) this.counts[truth[i] * this.classes + predicted[i]] += 1
  }

  /**
   * How many images of class `truth` were taken for `predicted`.
   * @throws RangeError when one of them is not a class.
   */
  at(truth: number, predicted: number): number {
    this.#check(truth, 'at: class')
    this.#check(predicted, 'at: prediction')
    return this.counts[truth * this.classes + predicted]
  }

  /** One beyond the last would be counted in another row. */
  #check(index: number, what: string, where = ''): void {
    if (Number.isSafeInteger(index) && index >= 0 && index < this.classes) return
    throw new RangeError(
      `Confusion.${what} ${index}${where} is out of range, expected 0 to ${this.classes - 1}`,
    )
  }
}
